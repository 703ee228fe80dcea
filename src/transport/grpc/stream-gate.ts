import { constants, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { MAX_CALL_MS } from '../../operations/call.ts';
import type { WireError } from '../error-mapping.ts';
import { headerBytes, MAX_CONCURRENT_STREAMS, MAX_HEADER_BYTES, RESETS } from '../limits.ts';
import { crowdedError, type HeldBytes } from '../net/held-bytes.ts';
import { Port, type PortOptions } from '../net/port.ts';
import { isClosed, joinedValues } from '../net/streams.ts';
import { AuxiliaryStreams } from './auxiliary-streams.ts';
import { readGrpcTimeout } from './grpc-timeout.ts';
import type { StreamHandler } from './library-streams.ts';
import { allowOneMessage, refuseEncoding, refuseFlagged } from './message-framing.ts';
import { countRequestBytes } from './request-bytes.ts';
import { closeUnread, ignoreErrors, refuseCall, refuseStream, rewordRefusals } from './stream-refusal.ts';

/** How long after a call's own deadline grpc-js cuts it off, so that our answer with its reason comes first. */
export const DEADLINE_GRACE_MS = 1_000;

/** What a gate has to know of its port, and of the services that it leads to. */
export interface StreamGateOptions extends Pick<PortOptions, 'tls' | 'maxConnections' | 'onRefusedConnection'> {
  /** Paths of the calls; what comes by others is not waited for by a stop. */
  readonly callPaths: ReadonlySet<string>;
  /** The path whose streams may last as long as the caller likes. */
  readonly watchPath: string;
  /** Where requests are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** What a call is told that is refused before it is served, which is reported; `path` is its own. */
  tell(path: string, error: unknown): WireError;
  /** What serves the streams that were let in. */
  readonly library: Library;
  /** Called before a stream to a path that is no call's reaches grpc-js: adds health and reflection. Never rejected. */
  loadAuxiliaryServices(): Promise<void>;
}

/** grpc-js, which is loaded after the start. */
export interface Library {
  /** Null until it is loaded. */
  readonly handle: StreamHandler | null;
  /** Rejected when it cannot be read. Repeating it waits for the same end. */
  load(): Promise<unknown>;
}

const IDLE_TIMEOUT_MS = 5 * 60_000;
const RESOURCE_EXHAUSTED = 8;

/**
 * What a stream of health or reflection may send in all: a client of reflection asks for some dozens of names. A stream of
 * reflection takes any number of messages, the shortest of five bytes, and each is answered.
 */
const MAX_AUXILIARY_BYTES = 4_096;

/**
 * A port whose streams are served by grpc-js, which sees none of its connections: it has no option for most of what they must
 * keep to, nor for these limits, which are looked at before it sees a stream:
 *   - bytes of all requests that wait for their end; more is OVERLOADED;
 *   - metadata of at most 16 KiB; more is RESOURCE_EXHAUSTED;
 *   - deadlines: one that is absent, longer than 10 s or malformed is cut to 10 s. grpc-js alone lets a request that
 *     never ends wait for ever, answers INTERNAL to a malformed deadline, and takes 30 days for none at all (its
 *     milliseconds overflow 32 bits). Health/Watch alone has none, once it was asked for;
 *   - one message in a compressed stream: grpc-js inflates all messages of a data frame at once, each to the limit;
 *   - compressions that are unknown or not named, and what grpc-js would say of them.
 */
export function createGatedPort(options: StreamGateOptions): Port {
  const { tls, maxConnections, onRefusedConnection } = options;
  const http2 = createServer({ settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS }, ...RESETS });
  const others = new AuxiliaryStreams();
  const gate = new StreamGate(options, others);
  http2.on('stream', (stream, headers, _flags, rawHeaders) => gate.admit(stream, headers, rawHeaders));
  return new Port({
    tls,
    maxConnections,
    onRefusedConnection,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    http1: null,
    http2,
    lasting: others.open,
    untimed: others.watching,
  });
}

class StreamGate {
  readonly #options: StreamGateOptions;
  readonly #others: AuxiliaryStreams;

  constructor(options: StreamGateOptions, others: AuxiliaryStreams) {
    this.#options = options;
    this.#others = others;
  }

  admit(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    if (headerBytes(rawHeaders) > MAX_HEADER_BYTES) {
      refuseStream(stream, RESOURCE_EXHAUSTED, `The metadata is larger than ${MAX_HEADER_BYTES} bytes.`);
      return;
    }
    if (headers.authorization !== undefined) {
      // Of several Node keeps the first alone: a proxy in front may have looked at another.
      headers.authorization = joinedValues(rawHeaders, 'authorization');
    }
    const encoding = String(headers['grpc-encoding'] ?? 'identity');
    if (refuseEncoding(stream, encoding)) {
      return;
    }
    const path = headers[':path'] ?? '';
    const isPlain = encoding === 'identity';
    const isCall = this.#options.callPaths.has(path);
    countRequestBytes(stream, {
      headers,
      heldBytes: this.#options.heldBytes,
      mostBytes: isCall ? Number.POSITIVE_INFINITY : MAX_AUXILIARY_BYTES,
      mayBegin: isPlain ? refuseFlagged : null,
      refuseLong: () => refuseLong(stream),
      refuse: () => isClosed(stream) || refuseCall(stream, this.#options.tell(path, crowdedError())),
    });
    if (!isCall || !isPlain) {
      rewordRefusals(stream);
    }
    if (isCall) {
      headers['grpc-timeout'] = `${cutTimeout(headers) + DEADLINE_GRACE_MS}m`;
      stream.on('finish', closeUnread);
      this.#serve(stream, headers, isPlain);
    } else if (this.#admitAuxiliary(stream, headers)) {
      this.#options.loadAuxiliaryServices().then(() => this.#serve(stream, headers, isPlain));
    }
  }

  #admitAuxiliary(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const isWatch = headers[':path'] === this.#options.watchPath;
    if (!this.#others.admit(stream, isWatch)) {
      refuseStream(stream, RESOURCE_EXHAUSTED, 'There are too many streams of health and reflection.');
      return false;
    }
    ignoreErrors(stream);
    if (!isWatch) {
      // grpc-js answers then; what the peer leaves half open is cut after it.
      headers['grpc-timeout'] = `${cutTimeout(headers)}m`;
      return true;
    }
    // Only a deadline that grpc-js can count with is left to it.
    const timeoutMs = readGrpcTimeout(timeoutHeader(headers));
    if (timeoutMs === null || timeoutMs >= 2 ** 31) {
      delete headers['grpc-timeout'];
    }
    return true;
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isPlain: boolean): void {
    // Taken back meanwhile, even in the packet that brought it: grpc-js would answer, which throws on it.
    if (isClosed(stream)) {
      ignoreErrors(stream);
      return;
    }
    const { library, tell } = this.#options;
    if (library.handle === null) {
      ignoreErrors(stream);
      library.load().then(
        () => this.#serve(stream, headers, isPlain),
        (error: unknown) => refuseCall(stream, tell(headers[':path'] ?? '', error)),
      );
      return;
    }
    if (!isPlain) {
      allowOneMessage(stream);
    }
    library.handle(stream, headers);
  }
}

function refuseLong(stream: ServerHttp2Stream): void {
  if (isClosed(stream)) {
    return;
  }
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  } else {
    refuseStream(stream, RESOURCE_EXHAUSTED, `It may send ${MAX_AUXILIARY_BYTES} bytes in all.`);
  }
}

function cutTimeout(headers: IncomingHttpHeaders): number {
  return Math.min(readGrpcTimeout(timeoutHeader(headers)) ?? MAX_CALL_MS, MAX_CALL_MS);
}

function timeoutHeader(headers: IncomingHttpHeaders): string {
  return String(headers['grpc-timeout'] ?? '');
}

import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { WireError } from '../error-mapping.ts';
import { ACCEPTED_ENCODINGS, type Compression, isCompression } from '../inflation.ts';
import { headerBytes, MAX_CONCURRENT_STREAMS, MAX_HEADER_BYTES, RESETS } from '../limits.ts';
import { crowdedError, type HeldBytes } from '../net/held-bytes.ts';
import { Port, type PortOptions } from '../net/port.ts';
import { isClosed } from '../net/streams.ts';
import { AuxiliaryStreams } from './auxiliary-streams.ts';
import { GRPC_CODES } from './codes.ts';
import { cutGrpcTimeout, readGrpcTimeout } from './grpc-timeout.ts';
import { countLibraryBytes } from './library-bytes.ts';
import { allowOneMessage, refuseFlagged } from './library-messages.ts';
import type { StreamHandler } from './library-streams.ts';
import { ignoreErrors, refuseSeenStream, refuseStream, refuseStreamWith, rewordRefusals } from './stream-refusal.ts';
import type { UnaryEndpoint } from './unary-calls.ts';

/** What a gate has to know of its port, and of the services that it leads to. */
export interface StreamGateOptions
  extends Pick<PortOptions, 'tls' | 'maxConnections' | 'heldAnswers' | 'isProxy' | 'onRefusedConnection'> {
  /** What answers the calls, by their paths; what comes by others is not waited for by a stop. */
  readonly calls: ReadonlyMap<string, UnaryEndpoint>;
  /** The path whose streams may last as long as the caller likes. */
  readonly watchPath: string;
  /** Where requests are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** What the caller of another service is told that is refused before it is served, which is reported. */
  tell(error: unknown): WireError;
  /** What serves all other streams that were let in. */
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

/**
 * What a stream of health or reflection may send in all: a client of reflection asks for some dozens of names. A stream of
 * reflection takes any number of messages, the shortest of five bytes, and each is answered.
 */
const MAX_AUXILIARY_BYTES = 4_096;

/**
 * The port of gRPC. Calls are answered on their streams (`unary-calls.ts`); health, reflection and what does not exist by grpc-js, which
 * sees no connection, and no stream before it keeps to what the library has no option for:
 *   - metadata of at most 16 KiB; more is RESOURCE_EXHAUSTED;
 *   - bytes of all requests that wait for their end; more is OVERLOADED;
 *   - deadlines: one that is absent, longer than 10 s or malformed is cut to 10 s. grpc-js alone lets a request that
 *     never ends wait for ever, answers INTERNAL to a malformed deadline, and takes 30 days for none at all (its
 *     milliseconds overflow 32 bits). Health/Watch alone has none, once it was asked for;
 *   - one message in a compressed stream: grpc-js inflates all messages of a data frame at once, each to the limit;
 *   - compressions that are unknown or not named, and what grpc-js would say of them.
 */
export function createGatedPort(options: StreamGateOptions): Port {
  const { tls, maxConnections, heldAnswers, isProxy = () => false, onRefusedConnection } = options;
  const http2 = createServer({ settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS }, ...RESETS });
  const others = new AuxiliaryStreams();
  const gate = new StreamGate(options, others);
  http2.on('stream', (stream, headers, _flags, rawHeaders) => gate.admit(stream, headers, rawHeaders));
  return new Port({
    tls,
    maxConnections,
    heldAnswers,
    isProxy,
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
      const sentence = `The metadata is larger than ${MAX_HEADER_BYTES} bytes.`;
      refuseStream(stream, GRPC_CODES.resourceExhausted, sentence);
      return;
    }
    if (headers[':method'] !== 'POST') {
      refuseByStatus(stream, 405);
      return;
    }
    const compression = compressionOf(headers);
    if (compression === 'unknown') {
      const sentence = 'Messages may be compressed with gzip or deflate alone.';
      refuseStream(stream, GRPC_CODES.unimplemented, sentence, { 'grpc-accept-encoding': ACCEPTED_ENCODINGS });
      return;
    }
    const answer = this.#options.calls.get(headers[':path'] ?? '');
    if (answer === undefined) {
      this.#admitToLibrary(stream, headers, compression === null);
    } else if (!isGrpc(headers)) {
      refuseByStatus(stream, 415);
    } else if (isClosed(stream)) {
      // Taken back in the packet that brought it.
      ignoreErrors(stream);
    } else {
      answer({ stream, headers, rawHeaders, compression });
    }
  }

  #admitToLibrary(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isPlain: boolean): void {
    countLibraryBytes(stream, {
      headers,
      heldBytes: this.#options.heldBytes,
      mostBytes: MAX_AUXILIARY_BYTES,
      mayBegin: isPlain ? refuseFlagged : null,
      refuseLong: () => refuseLong(stream),
      refuse: () => this.#refuse(stream, crowdedError()),
    });
    rewordRefusals(stream);
    if (this.#admitAuxiliary(stream, headers)) {
      this.#options.loadAuxiliaryServices().then(() => this.#serve(stream, headers, isPlain));
    }
  }

  #admitAuxiliary(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const isWatch = headers[':path'] === this.#options.watchPath;
    if (!this.#others.admit(stream, isWatch)) {
      refuseStream(stream, GRPC_CODES.resourceExhausted, 'There are too many streams of health and reflection.');
      return false;
    }
    ignoreErrors(stream);
    if (!isWatch) {
      // grpc-js answers then; what the peer leaves half open is cut after it.
      headers['grpc-timeout'] = `${cutGrpcTimeout(timeoutHeader(headers))}m`;
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
    const { library } = this.#options;
    if (library.handle === null) {
      ignoreErrors(stream);
      library.load().then(
        () => this.#serve(stream, headers, isPlain),
        (error: unknown) => this.#refuse(stream, error),
      );
      return;
    }
    if (!isPlain) {
      allowOneMessage(stream);
    }
    library.handle(stream, headers);
  }

  #refuse(stream: ServerHttp2Stream, error: unknown): void {
    refuseSeenStream(stream, () => refuseStreamWith(stream, this.#options.tell(error)));
  }
}

function refuseLong(stream: ServerHttp2Stream): void {
  const sentence = `It may send ${MAX_AUXILIARY_BYTES} bytes in all.`;
  refuseSeenStream(stream, () => refuseStream(stream, GRPC_CODES.resourceExhausted, sentence));
}

/** How the message may be compressed; null where no compression is named. */
function compressionOf(headers: IncomingHttpHeaders): Compression | null | 'unknown' {
  const name = headers['grpc-encoding'];
  if (name === undefined || name === 'identity') {
    return null;
  }
  return typeof name === 'string' && isCompression(name) ? name : 'unknown';
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  return type === 'application/grpc' || /^application\/grpc(?:\+proto)?[ \t]*(?:;|$)/i.test(type ?? '');
}

/** As gRPC's protocol over HTTP/2 wants it ("Responses"): what asks so may be no client of gRPC. */
function refuseByStatus(stream: ServerHttp2Stream, status: 405 | 415): void {
  ignoreErrors(stream);
  if (!isClosed(stream)) {
    stream.respond({ ':status': status, ...(status === 405 ? { allow: 'POST' } : {}) }, { endStream: true });
    setImmediate(() => stream.close());
  }
}

function timeoutHeader(headers: IncomingHttpHeaders): string {
  return String(headers['grpc-timeout'] ?? '');
}

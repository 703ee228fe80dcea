import {
  constants,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import { MAX_CALL_MS } from '../call.ts';

/** The most that the metadata of a call may take (security.md W1), counted as HTTP/2 does (RFC 9113, 6.5.2). */
export const MAX_METADATA_BYTES = 16 * 1024;

/** How long behind a call's own deadline grpc-js cuts it off, so that our answer with its reason comes first. */
export const DEADLINE_GRACE_MS = 1_000;

/** What a gate has to know of the services behind it. */
export interface StreamGateOptions {
  /** Paths whose calls get a deadline and are waited for. */
  readonly callPaths: ReadonlySet<string>;
  /** Called before the first stream to any other path reaches grpc-js: adds services that are seldom used. Never rejected. */
  loadOtherServices(): Promise<void>;
}

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void;

/**
 * Sees every HTTP/2 stream before grpc-js does, for the limits that grpc-js has no option for:
 *   - metadata of at most 16 KiB; more is RESOURCE_EXHAUSTED;
 *   - deadlines: one that is absent, longer than 10 s or malformed is cut to 10 s. grpc-js alone lets a request that
 *     never ends wait for ever, answers INTERNAL to a malformed deadline, and takes 30 days for none at all (its
 *     milliseconds overflow 32 bits);
 *   - one message in a compressed stream: grpc-js inflates all messages of a data frame at once, each to the limit.
 * It also knows what is open, for a graceful stop.
 */
export class StreamGate {
  readonly #options: StreamGateOptions;
  readonly #servers: readonly Http2Server[];
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #otherStreams = new Set<ServerHttp2Stream>();
  #openCalls = 0;
  #isClosing = false;
  #otherServices: Promise<void> | null = null;
  #onChange = (): void => {};

  /** Stands before a server whose ports are bound and which has had no connection yet. */
  constructor(server: Server, options: StreamGateOptions) {
    this.#options = options;
    this.#servers = http2ServersOf(server);
    for (const http2Server of this.#servers) {
      this.#guard(http2Server);
    }
  }

  /**
   * Takes no more connections, asks callers on open ones to go elsewhere, and ends each connection when the calls
   * that are open have been answered; after `deadlineMs` all of them as they are. To be called once.
   */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    for (const server of this.#servers) {
      server.close();
    }
    for (const session of this.#sessions) {
      // The highest id: calls already on their way are still answered (RFC 9113, 6.8).
      if (!session.destroyed) session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
    }
    const timer = setTimeout(() => this.#destroyAll(), deadlineMs);
    await this.#until(() => this.#openCalls === 0);
    for (const stream of this.#otherStreams) {
      stream.close(constants.NGHTTP2_CANCEL);
    }
    for (const session of this.#sessions) {
      // Not destroy: the last answers may still wait to be written.
      session.close();
    }
    await this.#until(() => this.#sessions.size === 0);
    clearTimeout(timer);
    this.#destroyAll();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => holds() && resolve();
      this.#onChange();
    });
  }

  #destroyAll(): void {
    for (const closable of [...this.#sessions, ...this.#sockets]) {
      closable.destroy();
    }
  }

  #guard(server: Http2Server): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once('close', () => {
        this.#sessions.delete(session);
        this.#onChange();
      });
      if (this.#isClosing) {
        // Its TLS handshake began before the stop.
        session.close();
      }
    });
    const listeners = server.listeners('stream') as StreamListener[];
    server.removeAllListeners('stream');
    const admit: StreamListener = (stream, headers, flags, rawHeaders) => {
      this.#admit(stream, headers, rawHeaders, () => {
        for (const listener of listeners) {
          listener(stream, headers, flags, rawHeaders);
        }
      });
    };
    server.on('stream', admit);
  }

  #admit(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    proceed: () => void,
  ): void {
    if (metadataBytes(rawHeaders) > MAX_METADATA_BYTES) {
      refuseMetadata(stream);
      return;
    }
    if ((headers['grpc-encoding'] ?? 'identity') !== 'identity') {
      allowOneMessage(stream);
    }
    const timeout = timeoutMs(headers['grpc-timeout']);
    if (!this.#options.callPaths.has(headers[':path'] ?? '')) {
      // Streams of these may last: Watch, reflection. Only a deadline that grpc-js can count with is left to it.
      if (timeout === null || timeout >= 2 ** 31) {
        delete headers['grpc-timeout'];
      }
      this.#admitOther(stream, proceed);
      return;
    }
    headers['grpc-timeout'] = `${Math.min(timeout ?? MAX_CALL_MS, MAX_CALL_MS) + DEADLINE_GRACE_MS}m`;
    this.#openCalls += 1;
    // An answer before the end of the request (too large, too late) ends the stream, or it would stay half open.
    stream.once('finish', () => stream.readableEnded || stream.close(constants.NGHTTP2_NO_ERROR));
    stream.once('close', () => {
      this.#openCalls -= 1;
      this.#onChange();
    });
    proceed();
  }

  #admitOther(stream: ServerHttp2Stream, proceed: () => void): void {
    this.#otherStreams.add(stream);
    stream.once('close', () => this.#otherStreams.delete(stream));
    // Until grpc-js listens: a reset would otherwise be an error that nobody handles.
    stream.on('error', ignore);
    this.#otherServices ??= this.#options.loadOtherServices();
    this.#otherServices.then(() => {
      if (!stream.destroyed) {
        proceed();
      }
    });
  }
}

function ignore(): void {}

/** grpc-js keeps its HTTP/2 servers to itself; its version is pinned, and the first test of the gate guards this. */
function http2ServersOf(server: Server): Http2Server[] {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map) || servers.size === 0) {
    throw new Error('This version of @grpc/grpc-js does not show its HTTP/2 servers: install the pinned version.');
  }
  return [...servers.keys()];
}

function metadataBytes(rawHeaders: readonly string[]): number {
  let bytes = rawHeaders.length * 16;
  for (const text of rawHeaders) {
    bytes += text.length;
  }
  return bytes;
}

function refuseMetadata(stream: ServerHttp2Stream): void {
  stream.on('error', ignore);
  stream.respond(
    {
      'content-type': 'application/grpc+proto',
      'grpc-status': 8,
      'grpc-message': encodeURI(`The metadata is larger than ${MAX_METADATA_BYTES} bytes.`),
    },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Resets the stream when more than its first message arrives. Must be called before grpc-js listens for data. */
function allowOneMessage(stream: ServerHttp2Stream): void {
  const prefix = Buffer.alloc(5);
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    if (received < prefix.length) {
      chunk.copy(prefix, received);
    }
    received += chunk.length;
    if (received > prefix.length && received > prefix.length + prefix.readUInt32BE(1)) {
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  });
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** The deadline that a caller asks for; null for none, or for one that is malformed. */
function timeoutMs(header: string | string[] | undefined): number | null {
  const match = header === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(String(header));
  return match === null ? null : Math.ceil(Number(match[1]) * (MS_PER_UNIT[match[2] ?? ''] ?? 1));
}

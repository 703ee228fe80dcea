import {
  constants,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Server } from '@grpc/grpc-js';
import type { AuthError } from '../../domain/errors.ts';
import { MAX_CALL_MS } from '../../operations/call.ts';
import type { WireError } from '../error-mapping.ts';
import { HEADERS_TIMEOUT_MS, headerBytes, MAX_HEADER_BYTES, STREAM_TIMEOUT_MS } from '../limits.ts';
import { Handshakes } from '../net/handshakes.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import { keepHandles } from '../net/kept-handles.ts';
import { sendAway } from '../net/sent-away.ts';
import { endInSilence } from '../net/silence.ts';
import { isClosed } from '../net/streams.ts';
import { endStuckSessions } from '../net/stuck-sessions.ts';
import { type TlsRenewal, useCertificates } from '../net/tls.ts';
import { TlsGenerations } from '../net/tls-generations.ts';
import { takeWaiting } from '../net/waiting-connections.ts';
import { readGrpcTimeout } from './grpc-timeout.ts';
import { guardFraming, refuseEncoding } from './message-framing.ts';
import { OtherStreams } from './other-streams.ts';
import { keepEveryAuthorization } from './repeated-authorization.ts';
import { countRequestBytes } from './request-bytes.ts';
import { closeAnswered, ignoreErrors, refuseCall, refuseStream, rewordRefusals } from './stream-refusal.ts';

/** How long behind a call's own deadline grpc-js cuts it off, so that our answer with its reason comes first. */
export const DEADLINE_GRACE_MS = 1_000;

/** What a gate has to know of the services behind it. */
export interface StreamGateOptions {
  /** Paths whose calls are waited for by a stop. */
  readonly callPaths: ReadonlySet<string>;
  /** The path whose streams may last as long as the caller likes. */
  readonly watchPath: string;
  readonly maxConnections: number;
  /** Told of every connection beyond these. */
  onTurnedAway(): void;
  /** Where requests are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** What a call is told that may not wait for its end; `path` is its own. */
  tellCrowded(path: string, error: AuthError): WireError;
  /** Called before a stream to a path that is no call's reaches grpc-js: adds the other services. Never rejected. */
  loadOtherServices(): Promise<void>;
}

const RESOURCE_EXHAUSTED = 8;

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void;

/**
 * Sees every connection and stream before grpc-js does, for the limits that grpc-js has no option for:
 *   - bytes of all requests that wait for their end; more is OVERLOADED;
 *   - metadata of at most 16 KiB; more is RESOURCE_EXHAUSTED;
 *   - deadlines: one that is absent, longer than 10 s or malformed is cut to 10 s. grpc-js alone lets a request that
 *     never ends wait for ever, answers INTERNAL to a malformed deadline, and takes 30 days for none at all (its
 *     milliseconds overflow 32 bits). Health/Watch alone has none, once it was asked for;
 *   - one message in a compressed stream: grpc-js inflates all messages of a data frame at once, each to the limit;
 *   - compressions that are unknown or not named, and what grpc-js would say of them ({@link guardFraming},
 *     {@link rewordRefusals});
 *   - peers that are silent, or do not take their answer, are cut within 15 s (docs/security.md, W3).
 * It also knows what is open, for a graceful stop.
 */
export class StreamGate {
  readonly #options: StreamGateOptions;
  readonly #servers: readonly Http2Server[];
  readonly #handshakes: readonly Handshakes[];
  readonly #generations: readonly TlsGenerations[];
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Those that have had no stream yet. */
  readonly #unused = new Set<ServerHttp2Session>();
  readonly #others = new OtherStreams();
  #openCalls = 0;
  #isClosing = false;
  #sendAwayWithinMs = 0;
  #onChange = (): void => {};

  /** Stands before a server whose ports are bound and which has had no connection yet. */
  constructor(server: Server, options: StreamGateOptions) {
    this.#options = options;
    this.#servers = http2ServersOf(server);
    for (const http2Server of this.#servers) {
      this.#guard(http2Server);
    }
    const tlsServers = this.#servers.filter((http2Server) => http2Server instanceof TlsServer);
    this.#handshakes = tlsServers.map((tlsServer) => new Handshakes(tlsServer, () => this.#onChange()));
    this.#generations = tlsServers.map((tlsServer) => new TlsGenerations(tlsServer));
  }

  /** Takes the connections that wait in line; at most for so long. */
  async takeWaiting(timeoutMs: number): Promise<void> {
    await Promise.all(this.#servers.map((server) => takeWaiting(server as unknown as NetServer, timeoutMs)));
  }

  /** Puts other certificates to use, for connections that begin from now on. */
  renew({ certificates, sendAwayWithinMs }: TlsRenewal): void {
    for (const server of this.#servers) {
      if (server instanceof TlsServer) {
        useCertificates(server, certificates);
      }
    }
    if (sendAwayWithinMs !== null) {
      this.#sendAwayWithinMs = sendAwayWithinMs;
      this.#sendAway();
    }
  }

  #sendAway(): void {
    for (const generations of this.#generations) {
      generations.replace();
    }
    sendAway({ sessions: this.#sessions, sockets: this.#sockets }, this.#sendAwayWithinMs);
  }

  /**
   * Takes no more connections, asks callers on open ones to go elsewhere, and ends each connection once its open calls
   * have been answered; those that stay silent once nothing comes on any, and after `deadlineMs` all of them as they are. To be called once.
   */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    for (const server of this.#servers) {
      // Its own `close` closes the sessions too, but for those whose handshake is not done.
      NetServer.prototype.close.call(server);
    }
    for (const session of this.#sessions) {
      // Not GOAWAY with the highest id first: nghttp2 then says nothing at all to the streams that come after it. So they
      // are told at once that they were not taken, which every gRPC client repeats by itself (RFC 9113, section 8.7).
      session.close();
    }
    const stopLooking = endInSilence({ sockets: this.#sockets, endIdle: () => this.#endSilent() });
    const deadline = setTimeout(() => this.#destroyAll(), deadlineMs);
    await this.#until(() => this.#openCalls === 0);
    this.#others.close();
    // Until the peers have ended their side too: an answer that a peer has not read yet would be lost in a TCP reset.
    await this.#until(() => this.#sockets.size === 0 && this.#handshakes.every(({ size }) => size === 0));
    stopLooking();
    clearTimeout(deadline);
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => holds() && resolve();
      this.#onChange();
    });
  }

  /** Also what would not end by `close`: sessions that wait for their first frame. */
  #endSilent(): void {
    for (const session of this.#unused) {
      session.destroy();
    }
    for (const handshakes of this.#handshakes) {
      handshakes.destroy();
    }
  }

  #destroyAll(): void {
    for (const closable of [...this.#sessions, ...this.#sockets]) {
      closable.destroy();
    }
  }

  #guard(server: Http2Server): void {
    server.maxConnections = this.#options.maxConnections;
    server.on('drop', () => this.#options.onTurnedAway());
    for (const event of ['connection', 'secureConnection']) {
      server.on(event, (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => {
          this.#sockets.delete(socket);
          this.#onChange();
        });
      });
    }
    keepHandles(server);
    endStuckSessions(server, server instanceof TlsServer ? 'secureConnection' : 'connection');
    server.on('session', (session: ServerHttp2Session) => this.#keep(session));
    const listeners = server.listeners('stream') as StreamListener[];
    server.removeAllListeners('stream');
    const admit: StreamListener = (stream, headers, flags, rawHeaders) => {
      this.#admit(stream, headers, rawHeaders, () => {
        // Taken back meanwhile, even in the packet that brought it: grpc-js would answer, which throws on it.
        if (isClosed(stream)) {
          ignoreErrors(stream);
          return;
        }
        for (const listener of listeners) {
          listener(stream, headers, flags, rawHeaders);
        }
      });
    };
    server.on('stream', admit);
  }

  #keep(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    this.#unused.add(session);
    const firstStream = setTimeout(() => session.destroy(), HEADERS_TIMEOUT_MS);
    const use = (): void => {
      clearTimeout(firstStream);
      this.#unused.delete(session);
    };
    session.once('stream', use);
    session.once('close', () => {
      use();
      this.#sessions.delete(session);
      this.#onChange();
    });
    if (this.#isClosing) {
      // Its TLS handshake began before the stop.
      session.close();
    } else if (this.#generations.some((generations) => generations.isOutdated(session.socket))) {
      // The authority was replaced during its TLS handshake.
      sendAway({ sessions: [session], sockets: [] }, this.#sendAwayWithinMs);
    }
  }

  #admit(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    proceed: () => void,
  ): void {
    if (headerBytes(rawHeaders) > MAX_HEADER_BYTES) {
      refuseStream(stream, RESOURCE_EXHAUSTED, `The metadata is larger than ${MAX_HEADER_BYTES} bytes.`);
      return;
    }
    keepEveryAuthorization(headers, rawHeaders);
    const encoding = String(headers['grpc-encoding'] ?? 'identity');
    if (refuseEncoding(stream, encoding)) {
      return;
    }
    const path = headers[':path'] ?? '';
    countRequestBytes(stream, {
      heldBytes: this.#options.heldBytes,
      header: (name) => singleHeader(headers, name),
      refuse: (error) => refuseCall(stream, this.#options.tellCrowded(path, error)),
    });
    const isCall = this.#options.callPaths.has(path);
    if (!isCall || encoding !== 'identity') {
      rewordRefusals(stream);
    }
    if (isCall) {
      this.#admitCall(stream, headers);
      guardFraming(stream, encoding);
      proceed();
    } else {
      this.#admitOther(stream, headers, () => {
        guardFraming(stream, encoding);
        proceed();
      });
    }
  }

  #admitCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    headers['grpc-timeout'] = `${cutTimeout(headers) + DEADLINE_GRACE_MS}m`;
    this.#openCalls += 1;
    // An answer may come before the end of the request (too large, too late).
    stream.once('finish', () => stream.readableEnded || closeAnswered(stream));
    const cut = cutSlow(stream);
    stream.once('close', () => {
      clearTimeout(cut);
      this.#openCalls -= 1;
      this.#onChange();
    });
  }

  #admitOther(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, proceed: () => void): void {
    const isWatch = headers[':path'] === this.#options.watchPath;
    if (!this.#others.admit(stream, isWatch)) {
      refuseStream(stream, RESOURCE_EXHAUSTED, 'There are too many streams of health and reflection.');
      return;
    }
    const cut = cutSlow(stream);
    if (isWatch) {
      // It lasts from when it was asked for. Only a deadline that grpc-js can count with is left to it.
      stream.once('end', () => clearTimeout(cut));
      const timeoutMs = readGrpcTimeout(timeoutHeader(headers));
      if (timeoutMs === null || timeoutMs >= 2 ** 31) {
        delete headers['grpc-timeout'];
      }
    } else {
      // grpc-js answers then; what the peer leaves half open is cut behind it.
      headers['grpc-timeout'] = `${cutTimeout(headers)}m`;
    }
    stream.once('close', () => clearTimeout(cut));
    ignoreErrors(stream);
    this.#options.loadOtherServices().then(proceed);
  }
}

/** A stream that stalls, in either direction, behind every deadline. */
function cutSlow(stream: ServerHttp2Stream): NodeJS.Timeout {
  return setTimeout(() => {
    // One that was closed before waits for its last bytes to be read, which a slow peer never does.
    if (stream.closed) {
      stream.destroy();
    } else {
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }, STREAM_TIMEOUT_MS);
}

function cutTimeout(headers: IncomingHttpHeaders): number {
  return Math.min(readGrpcTimeout(timeoutHeader(headers)) ?? MAX_CALL_MS, MAX_CALL_MS);
}

function singleHeader(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return value === undefined ? null : String(value);
}

function timeoutHeader(headers: IncomingHttpHeaders): string {
  return String(headers['grpc-timeout'] ?? '');
}

/** grpc-js keeps its HTTP/2 servers to itself; its version is pinned, and the first test of the gate guards this. */
function http2ServersOf(server: Server): Http2Server[] {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map) || servers.size === 0) {
    throw new Error('This version of @grpc/grpc-js does not show its HTTP/2 servers: install the pinned version.');
  }
  return [...servers.keys()];
}

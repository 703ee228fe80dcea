import type { Server as Http1Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { sayFarewell } from '../farewell.ts';
import { Handshakes } from '../handshakes.ts';
import { keepHandles } from '../kept-handles.ts';
import {
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_CONCURRENT_STREAMS,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
} from '../limits.ts';
import { endInSilence } from '../silence.ts';
import { isClosed } from '../streams.ts';
import { endStuckSessions } from '../stuck-sessions.ts';
import type { TlsCertificates } from '../tls.ts';
import { takeWaiting } from '../waiting-connections.ts';
import type { HttpExchange } from './exchange.ts';
import { detectProtocol, type HttpProtocol } from './protocol-detection.ts';

// An import of node:http reads all of its names, one of which loads undici: a twentieth of the start.
const { createServer: createHttp1Server } = process.getBuiltinModule('node:http');

/** What the sockets of a port are made of. */
export interface ConnectionsOptions {
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once; more are closed as they come. */
  readonly maxConnections: number;
  /** Told of every connection beyond these. */
  onTurnedAway(): void;
  /** What becomes of every request. */
  receive(exchange: HttpExchange): void;
}

/**
 * The sockets of one port, which serves HTTP/1.1 and HTTP/2 side by side: two servers of Node that never listen
 * themselves are handed each connection once it is known which protocol it speaks. `Upgrade: h2c` is not honoured:
 * it would carry requests past the path rules of a proxy in front.
 */
export class Connections {
  readonly #listener: Server;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();
  readonly #undecided = new Set<Socket>();
  readonly #handshakes: Handshakes | null;
  readonly #http1Sockets = new Set<Socket>();
  readonly #openHttp1 = new Set<HttpExchange>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Those that have had no stream yet. */
  readonly #unused = new Set<ServerHttp2Session>();
  #isDraining = false;

  constructor({ tls, maxConnections, onTurnedAway, receive }: ConnectionsOptions) {
    this.#http1 = createHttp1((exchange) => {
      this.#openHttp1.add(exchange);
      exchange.response.once('close', () => this.#openHttp1.delete(exchange));
      receive(exchange);
    });
    this.#http2 = createHttp2(receive);
    keepHandles(this.#http2);
    endStuckSessions(this.#http2, 'connection');
    this.#http2.on('session', (session) => this.#keep(session));
    this.#listener = tls === null ? this.#clearListener() : this.#tlsListener(tls);
    this.#handshakes = tls === null ? null : new Handshakes(this.#listener);
    this.#listener.maxConnections = maxConnections;
    this.#listener.on('drop', onTurnedAway);
    for (const event of ['connection', 'secureConnection']) {
      this.#listener.on(event, (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
    }
  }

  /** Begins to take connections; the port. Rejected when it cannot. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(port, host, () => {
        this.#listener.off('error', reject);
        // EMFILE and its like end no server: the next connection may find room again.
        this.#listener.on('error', () => undefined);
        // Node begins to check the timeouts of HTTP/1.1 requests when their server listens, which this one never does.
        this.#http1.emit('listening');
        resolve((this.#listener.address() as AddressInfo).port);
      });
    });
  }

  /** Takes the connections that wait in line; at most for so long. */
  takeWaiting(timeoutMs: number): Promise<void> {
    return takeWaiting(this.#listener, timeoutMs);
  }

  /**
   * Takes no more connections and ends the open ones: those of HTTP/2 once their peers know, the others with their next
   * answer; those that are idle once nothing comes on any, all of them at the end.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const session of this.#sessions) {
      sayFarewell(session);
    }
    const stopLooking = endInSilence({ sockets: this.#sockets, endIdle: () => this.#closeIdle() });
    const deadline = setTimeout(() => this.#destroyAll(), deadlineMs);
    await closed;
    stopLooking();
    clearTimeout(deadline);
    // Ends its checking of timeouts; that it never listened is no matter.
    this.#http1.close(() => undefined);
  }

  #clearListener(): Server {
    return createTcpServer({ noDelay: true }, (socket) => {
      this.#undecided.add(socket);
      socket.once('close', () => this.#undecided.delete(socket));
      detectProtocol(socket, HEADERS_TIMEOUT_MS, (protocol) => {
        this.#undecided.delete(socket);
        this.#serve(protocol, socket);
      });
    });
  }

  #tlsListener({ cert, key, clientCa }: TlsCertificates): Server {
    return createTlsServer(
      {
        cert,
        key,
        ALPNProtocols: ['h2', 'http/1.1'],
        noDelay: true,
        ...(clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
      },
      (socket) => this.#serve(socket.alpnProtocol === 'h2' ? 'http2' : 'http1', socket),
    );
  }

  #serve(protocol: HttpProtocol, socket: Socket): void {
    if (protocol === 'http1') {
      this.#http1Sockets.add(socket);
      socket.once('close', () => this.#http1Sockets.delete(socket));
      this.#http1.emit('connection', socket);
    } else {
      this.#http2.emit('connection', socket);
    }
  }

  #keep(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    // A connection that asks for nothing is no better than one that sends its headers slowly.
    const firstStream = setTimeout(() => session.destroy(), HEADERS_TIMEOUT_MS);
    this.#unused.add(session);
    const use = (): void => {
      clearTimeout(firstStream);
      this.#unused.delete(session);
    };
    session.once('stream', use);
    session.once('close', () => {
      use();
      this.#sessions.delete(session);
    });
    // Not `close`, which would wait for a peer that does not end its side; no stream lives as long.
    session.setTimeout(IDLE_TIMEOUT_MS, () => session.destroy());
    if (this.#isDraining) {
      // Its first bytes came after the stop had begun.
      sayFarewell(session);
    }
  }

  #closeIdle(): void {
    for (const socket of this.#undecided) {
      socket.destroy();
    }
    this.#handshakes?.destroy();
    // Node's own `closeIdleConnections` leaves those that have sent no request, or a part of its headers.
    const busy = new Set(Array.from(this.#openHttp1, ({ request }) => request.socket));
    for (const socket of this.#http1Sockets) {
      if (!busy.has(socket)) {
        socket.destroy();
      }
    }
    for (const session of this.#unused) {
      // Where its first frame is still to come, `close` would wait for it.
      session.destroy();
    }
    for (const session of this.#sessions) {
      session.close();
    }
  }

  #destroyAll(): void {
    for (const session of this.#sessions) {
      session.destroy();
    }
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}

function createHttp1(receive: (exchange: HttpExchange) => void): Http1Server {
  const server = createHttp1Server(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      // Node would keep the first of several `authorization` headers and say nothing of the others.
      joinDuplicateHeaders: true,
    },
    (request, response) => receive({ request, response, stream: null }),
  );
  // A caller that does not read its reply.
  server.timeout = REQUEST_TIMEOUT_MS;
  return server;
}

function createHttp2(receive: (exchange: HttpExchange) => void): Http2Server {
  const server = createHttp2Server({
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
    // Beside these, Node's own limits hold: memory (10 MB), pings, invalid frames, resets (1,000, then 33 a second).
  });
  // A request can be taken back in the packet that brought it: Node tells of it when it has read the whole packet.
  const receiveOpen = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    if (!isClosed(request.stream)) {
      receive({ request, response, stream: request.stream } as unknown as HttpExchange);
    }
  };
  server.on('request', receiveOpen);
  // Without a listener Node itself tells the caller to continue, and throws where the stream has gone.
  server.on('checkContinue', (request, response) => {
    if (!isClosed(request.stream)) {
      response.writeContinue();
      receiveOpen(request, response);
    }
  });
  return server;
}

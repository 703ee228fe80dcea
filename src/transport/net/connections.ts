import type { Server as Http1Server } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import type { HttpExchange } from '../http/exchange.ts';
import { HEADERS_TIMEOUT_MS } from '../limits.ts';
import { Handshakes } from './handshakes.ts';
import { IdleConnections } from './idle-connections.ts';
import { keepHandles } from './kept-handles.ts';
import { createHttp1, createHttp2 } from './node-servers.ts';
import { detectProtocol, type HttpProtocol } from './protocol-detection.ts';
import { sendAway } from './sent-away.ts';
import { endInSilence } from './silence.ts';
import { endStuckSessions } from './stuck-sessions.ts';
import { type TlsCertificates, type TlsRenewal, useCertificates } from './tls.ts';
import { TlsGenerations } from './tls-generations.ts';
import { takeWaiting } from './waiting-connections.ts';

/** What the sockets of a port are made of. */
export interface ConnectionsOptions {
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once: near it the longest idle are ended for those that come; what comes beyond is closed. */
  readonly maxConnections: number;
  /** How long a connection may stay idle after an answer. */
  readonly idleTimeoutMs: number;
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
  readonly #idle: IdleConnections;
  readonly #idleTimeoutMs: number;
  readonly #generations: TlsGenerations | null;
  readonly #http1Sockets = new Set<Socket>();
  readonly #openHttp1 = new Set<HttpExchange>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Those that have had no stream yet. */
  readonly #unused = new Set<ServerHttp2Session>();
  #isDraining = false;
  #sendAwayWithinMs = 0;

  constructor({ tls, maxConnections, idleTimeoutMs, onTurnedAway, receive }: ConnectionsOptions) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#http1 = createHttp1(idleTimeoutMs, (exchange) => {
      const connection = this.#idle.of(exchange.request.socket);
      connection?.begin();
      this.#openHttp1.add(exchange);
      exchange.response.once('close', () => {
        this.#openHttp1.delete(exchange);
        connection?.finish();
      });
      if (this.#generations?.isOutdated(exchange.request.socket)) {
        exchange.response.setHeader('connection', 'close');
      }
      receive(exchange);
    });
    this.#http2 = createHttp2(receive);
    keepHandles(this.#http2);
    endStuckSessions(this.#http2, 'connection');
    this.#http2.on('session', (session) => this.#keep(session));
    this.#listener = tls === null ? this.#clearListener() : this.#tlsListener(tls);
    this.#handshakes = tls === null ? null : new Handshakes(this.#listener);
    this.#generations = tls === null ? null : new TlsGenerations(this.#listener);
    this.#listener.maxConnections = maxConnections;
    this.#idle = new IdleConnections(this.#listener, maxConnections);
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

  /** Puts other certificates to use, for connections that begin from now on. */
  renew({ certificates, sendAwayWithinMs }: TlsRenewal): void {
    if (!(this.#listener instanceof TlsServer)) {
      return;
    }
    useCertificates(this.#listener, certificates);
    if (sendAwayWithinMs !== null) {
      this.#sendAwayWithinMs = sendAwayWithinMs;
      this.#sendAway();
    }
  }

  /**
   * Takes no more connections and ends the open ones: those of HTTP/2 once their open streams have ended, the others with
   * their next answer; those that are idle once nothing comes on any, all of them at the end.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const session of this.#sessions) {
      // Not GOAWAY with the highest id first: nghttp2 then says nothing at all to the streams that come after it. So they
      // are told at once that they were not taken, which a client may repeat (RFC 9113, section 8.7).
      session.close();
    }
    const stopLooking = endInSilence({ sockets: this.#sockets, endIdle: () => this.#closeIdle() });
    const deadline = setTimeout(() => this.#destroyAll(), deadlineMs);
    await closed;
    stopLooking();
    clearTimeout(deadline);
    // Ends its checking of timeouts; that it never listened is no matter.
    this.#http1.close(() => undefined);
  }

  #sendAway(): void {
    this.#generations?.replace();
    for (const { response } of this.#openHttp1) {
      if (!response.headersSent) {
        response.setHeader('connection', 'close');
      }
    }
    sendAway({ sessions: this.#sessions, sockets: this.#sockets }, this.#sendAwayWithinMs);
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
      this.#http2.once('session', (session) => this.#countStreams(session, socket));
      this.#http2.emit('connection', socket);
    }
  }

  #countStreams(session: ServerHttp2Session, socket: Socket): void {
    const connection = this.#idle.of(socket);
    if (connection !== null) {
      connection.endBy(() => session.destroy());
      session.on('stream', (stream) => {
        connection.begin();
        stream.once('close', () => connection.finish());
      });
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
    session.setTimeout(this.#idleTimeoutMs, () => session.destroy());
    if (this.#isDraining) {
      // Its first bytes came after the stop had begun.
      session.close();
    } else if (this.#generations?.isOutdated(session.socket)) {
      // The authority was replaced during its TLS handshake.
      sendAway({ sessions: [session], sockets: [] }, this.#sendAwayWithinMs);
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

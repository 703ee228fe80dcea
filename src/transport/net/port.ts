import type { Server as Http1Server, ServerResponse } from 'node:http';
import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls';
import { MAX_CONCURRENT_STREAMS } from '../limits.ts';
import type { Connection } from './connection.ts';
import type { ConnectionSource } from './connection-source.ts';
import { type ConnectionBounds, Connections } from './connections.ts';
import type { HeldAnswers } from './held-answers.ts';
import { Http2Session } from './http2-sessions.ts';
import { detectProtocol, type HttpProtocol } from './protocol-detection.ts';
import { endInSilence } from './silence.ts';
import { type TlsCertificates, type TlsRenewal, useCertificates } from './tls.ts';
import { readLast, takeWaiting } from './waiting-connections.ts';

/** With the system's ten probes of a second each, peers that vanished without a word are noticed within two minutes. */
const SOCKETS = { keepAlive: true, keepAliveInitialDelay: 100_000, noDelay: true };

export interface PortOptions extends ConnectionBounds {
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** Told of every connection that is closed because there are too many. */
  onRefusedConnection(): void;
  /** Where answers of HTTP/2 are counted that wait to be taken. */
  readonly heldAnswers: HeldAnswers;
  /** Null where HTTP/2 alone is spoken. Neither server ever listens: they are handed their connections. */
  readonly http1: Http1Server | null;
  readonly http2: Http2Server;
  /** Open streams that a stop does not wait for: they are ended once no other is open. */
  readonly lasting?: ReadonlySet<ServerHttp2Stream>;
}

/**
 * The life cycle of the connections of one port, the same for both ports: they are taken by TLS or in clear text, handed to
 * Node's server of the protocol that they speak, looked after ({@link Connections}), and drained. By TLS the protocol is told
 * by ALPN, in clear text by the first bytes. `Upgrade: h2c` is not honoured: it would carry requests past the path rules of a
 * proxy in front.
 */
export class Port {
  readonly #options: PortOptions;
  readonly #listener: Server;
  readonly #connections: Connections;
  /** Those of HTTP/1.1, by the socket that a request names. */
  readonly #bySocket = new WeakMap<Socket, Connection>();
  /** Those whose TLS handshake is not done, by their two ends: Node does not tell which raw socket a TLS socket was made of. */
  readonly #handshaking = new Map<string, Connection>();
  /** The one that a session is being made over. */
  #arriving: Connection | null = null;
  #source: ConnectionSource | null = null;
  #isDraining = false;
  #endWithinMs = 0;

  constructor(options: PortOptions) {
    this.#options = options;
    const { tls, maxConnections, http1, http2 } = options;
    this.#connections = new Connections(options);
    this.#listener =
      tls === null ? createTcpServer(SOCKETS) : createTlsServer({ ...SOCKETS, ...tlsSettings(tls, http1 !== null) });
    this.#listener.maxConnections = maxConnections;
    this.#listener.on('drop', () => options.onRefusedConnection());
    this.#listener.on('connection', (socket: Socket) => this.#accept(socket));
    this.#listener.on('secureConnection', (socket: TLSSocket) => this.#secure(socket));
    http1?.prependListener('request', ({ socket }, response) => this.#countReply(socket, response));
    http2.on('session', (session) => this.#keep(session));
  }

  /** Begins to take connections; the port. Rejected when it cannot. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(port, host, () => {
        this.#listener.off('error', reject);
        // EMFILE and its like end no server: the next connection may find room again.
        this.#listener.on('error', () => undefined);
        this.#begin();
        resolve((this.#listener.address() as AddressInfo).port);
      });
    });
  }

  /** The same, where another process listens: takes the connections that it hands over. */
  takeFrom(source: ConnectionSource): number {
    this.#source = source;
    source.watchOpen(() => this.#connections.open.size);
    source.begin((socket) => this.#takeHanded(socket));
    this.#begin();
    return source.port;
  }

  /** Takes the connections that wait in line; at most for so long. */
  async takeWaiting(timeoutMs: number): Promise<void> {
    if (this.#source === null) {
      await takeWaiting(this.#listener, timeoutMs);
    } else {
      await this.#source.untilEnded(timeoutMs);
    }
    await readLast();
  }

  /** Puts other certificates to use, for connections that begin from now on. Nothing without TLS. */
  renew({ certificates, endWithinMs }: TlsRenewal): void {
    if (!(this.#listener instanceof TlsServer)) {
      return;
    }
    useCertificates(this.#listener, certificates);
    if (endWithinMs !== null) {
      this.#endWithinMs = endWithinMs;
      for (const connection of this.#connections.open) {
        // A handshake that has begun is finished under the old authorities, later.
        connection.isOutdated = true;
      }
      this.#connections.sendAway([...this.#connections.open], endWithinMs);
    }
  }

  /**
   * Takes no more connections and ends the open ones: those of HTTP/2 once their open streams have ended, the others with
   * their next answer; those that are idle once nothing comes on any, and after `deadlineMs` all of them as they are. To be
   * called once.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const { session } of this.#connections.open) {
      // Not GOAWAY with the highest id first: nghttp2 then says nothing at all to the streams that come after it. So they
      // are told at once that they were not taken, which a client may repeat (RFC 9113, section 8.7).
      session?.close();
    }
    this.#endLasting();
    const connections = this.#connections.open;
    const stopLooking = endInSilence({ connections, endIdle: () => this.#connections.endIdle() });
    const deadline = setTimeout(() => this.#connections.destroy(), deadlineMs);
    // Until the peers have ended their side too: an answer that a peer has not read yet would be lost in a TCP reset.
    await Promise.all([closed, this.#connections.untilNone()]);
    stopLooking();
    clearTimeout(deadline);
    this.#connections.stopLooking();
    // Ends its checking of timeouts; that it never listened is no matter.
    this.#options.http1?.close(() => undefined);
  }

  #begin(): void {
    // Node begins to check the timeouts of HTTP/1.1 requests when their server listens, which this one never does.
    this.#options.http1?.emit('listening');
    this.#connections.startLooking();
  }

  #takeHanded(socket: Socket): void {
    // As the listener does with its own.
    if (this.#connections.open.size >= this.#options.maxConnections) {
      socket.destroy();
      this.#options.onRefusedConnection();
      return;
    }
    socket.setNoDelay(SOCKETS.noDelay);
    socket.setKeepAlive(SOCKETS.keepAlive, SOCKETS.keepAliveInitialDelay);
    this.#listener.emit('connection', socket);
  }

  #accept(socket: Socket): void {
    // Asked for here Node keeps it, also once the peer has broken the connection off.
    if (socket.remoteAddress === undefined && this.#options.tls === null) {
      // The peer had gone before it was taken, as below.
      socket.destroy();
      return;
    }
    const connection = this.#connections.add(socket);
    if (connection === null) {
      this.#options.onRefusedConnection();
      return;
    }
    if (this.#options.tls !== null) {
      this.#awaitHandshake(connection);
      return;
    }
    if (this.#options.http1 === null) {
      this.#serve(connection, 'http2');
    } else {
      detectProtocol(socket, (protocol) => this.#serve(connection, protocol));
    }
  }

  #awaitHandshake(connection: Connection): void {
    const ends = endsOf(connection.socket);
    this.#handshaking.set(ends, connection);
    connection.socket.once('close', () => {
      if (this.#handshaking.get(ends) === connection) {
        this.#handshaking.delete(ends);
      }
    });
  }

  #secure(socket: TLSSocket): void {
    const ends = endsOf(socket);
    const connection = this.#handshaking.get(ends);
    this.#handshaking.delete(ends);
    if (connection === undefined) {
      // Its peer had gone before it was taken: it has no address.
      socket.destroy();
      return;
    }
    connection.socket = socket;
    const isHttp2 = this.#options.http1 === null || socket.alpnProtocol === 'h2';
    this.#serve(connection, isHttp2 ? 'http2' : 'http1');
  }

  #serve(connection: Connection, protocol: HttpProtocol): void {
    const { http1, http2 } = this.#options;
    if (protocol === 'http2') {
      this.#arriving = connection;
      http2.emit('connection', connection.socket);
      this.#arriving = null;
    } else {
      connection.isHttp1 = true;
      this.#bySocket.set(connection.socket, connection);
      http1?.emit('connection', connection.socket);
    }
  }

  #keep(session: ServerHttp2Session): void {
    const connection = this.#arriving;
    if (connection === null) {
      return;
    }
    connection.session = new Http2Session(session, {
      socket: connection.socket,
      carriesMany: connection.isProxy,
      heldAnswers: this.#options.heldAnswers,
      onFinish: () => this.#finish(connection),
    });
    if (this.#isDraining) {
      // Its first bytes came, or its handshake began, before the stop.
      session.close();
    } else if (connection.isOutdated) {
      this.#connections.sendAway([connection], this.#endWithinMs);
    }
  }

  #countReply(socket: Socket, response: ServerResponse): void {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) {
      return;
    }
    connection.openReplies.add(response);
    if (connection.openReplies.size > MAX_CONCURRENT_STREAMS) {
      // So many requests sent ahead, or answers not taken: over HTTP/2 the protocol itself has this bound.
      connection.destroy();
      return;
    }
    response.on('close', () => {
      connection.openReplies.delete(response);
      this.#finish(connection);
    });
    if (connection.isOutdated) {
      response.setHeader('connection', 'close');
    }
  }

  #finish(connection: Connection): void {
    if (!connection.isBusy) {
      this.#connections.rest(connection);
    }
    if (this.#isDraining) {
      this.#endLasting();
    }
  }

  #endLasting(): void {
    const { lasting } = this.#options;
    if (lasting === undefined || lasting.size === 0) {
      return;
    }
    let open = 0;
    for (const { session } of this.#connections.open) {
      open += session?.openStreams ?? 0;
    }
    if (open <= lasting.size) {
      for (const stream of lasting) {
        stream.close(constants.NGHTTP2_CANCEL);
      }
    }
  }
}

function tlsSettings({ cert, key, clientCa }: TlsCertificates, hasHttp1: boolean): TlsOptions {
  return {
    cert,
    key,
    ALPNProtocols: hasHttp1 ? ['h2', 'http/1.1'] : ['h2'],
    ...(clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}

function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
}

import type { Server as Http1Server } from 'node:http';
import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls';
import { HEADERS_TIMEOUT_MS } from '../limits.ts';
import { Connection } from './connection.ts';
import { Http2Session } from './http2-sessions.ts';
import { detectProtocol, type HttpProtocol } from './protocol-detection.ts';
import { endInSilence } from './silence.ts';
import { type TlsCertificates, type TlsRenewal, useCertificates } from './tls.ts';
import { takeWaiting } from './waiting-connections.ts';

/** How often connections are looked at, and how many looks there are from one at the sessions of HTTP/2 to the next. */
export const LOOK_INTERVAL_MS = 1_000;
export const LOOKS_PER_SESSION_LOOK = 5;

/** The part of the most connections that is kept free for those to come: so many may come before one has been ended. */
const FREE_PART = 1 / 32;

/** With the system's ten probes of a second each, peers that vanished without a word are noticed within two minutes. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 100_000 };

export interface PortOptions {
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once: near it the longest idle are ended for those that come; what comes beyond is closed. */
  readonly maxConnections: number;
  /** How long a connection of HTTP/2 may stay idle after an answer; HTTP/1.1 has Node's own limit. */
  readonly idleTimeoutMs: number;
  /** Told of every connection beyond the most. */
  onTurnedAway(): void;
  /** Null where HTTP/2 alone is spoken. Neither server ever listens: they are handed their connections. */
  readonly http1: Http1Server | null;
  readonly http2: Http2Server;
  /** Open streams that a stop does not wait for: they are ended once no other is open. */
  readonly lasting?: ReadonlySet<ServerHttp2Stream>;
}

/**
 * The life cycle of the connections of one port, the same for both ports: they are taken by TLS or in clear text, handed to
 * Node's server of the protocol that they speak, bounded, looked at every second, and drained. By TLS the protocol is told by
 * ALPN, in clear text by the first bytes. `Upgrade: h2c` is not honoured: it would carry requests past the path rules of a
 * proxy in front.
 *
 * Ended are those that show no request within {@link HEADERS_TIMEOUT_MS}, those of HTTP/2 that are idle for too long, and
 * those whose peers have gone; and near the bound the longest idle one for one that comes, for which nobody is turned away.
 * Those that have asked for nothing go first then, or a crowd that only connects would drive out the callers.
 */
export class Port {
  readonly #options: PortOptions;
  readonly #listener: Server;
  readonly #connections = new Set<Connection>();
  /** By what a request names: its socket, or its session. */
  readonly #byCarrier = new WeakMap<object, Connection>();
  /** Those whose TLS handshake is not done, by their two ends: Node does not tell which raw socket a TLS socket was made of. */
  readonly #handshaking = new Map<string, Connection>();
  /** The one that a session is being made over. */
  #arriving: Connection | null = null;
  #looks = 0;
  #timer: NodeJS.Timeout | null = null;
  #isDraining = false;
  #sendAwayWithinMs = 0;

  constructor(options: PortOptions) {
    this.#options = options;
    const { tls, maxConnections, http1, http2 } = options;
    const settings = { ...KEEP_ALIVE, noDelay: true };
    this.#listener =
      tls === null ? createTcpServer(settings) : createTlsServer({ ...settings, ...tlsSettings(tls, http1 !== null) });
    this.#listener.maxConnections = maxConnections;
    this.#listener.on('drop', () => options.onTurnedAway());
    this.#listener.on('connection', (socket: Socket) => this.#accept(socket));
    this.#listener.on('secureConnection', (socket: TLSSocket) => this.#secure(socket));
    http1?.prependListener('request', ({ socket }, response) => {
      const connection = this.#byCarrier.get(socket);
      if (connection !== undefined) {
        connection.openReplies.add(response);
        response.on('close', () => {
          connection.openReplies.delete(response);
          this.#finish(connection);
        });
        if (connection.isOutdated) {
          response.setHeader('connection', 'close');
        }
      }
    });
    http2.on('session', (session) => this.#keep(session));
    http2.prependListener('stream', (stream) => {
      const connection = stream.session && this.#byCarrier.get(stream.session);
      if (connection !== undefined) {
        connection.session?.begin(stream);
        stream.on('close', () => {
          connection.session?.finish(stream);
          this.#finish(connection);
        });
      }
    });
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
        this.#options.http1?.emit('listening');
        this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
        resolve((this.#listener.address() as AddressInfo).port);
      });
    });
  }

  /** Takes the connections that wait in line; at most for so long. */
  takeWaiting(timeoutMs: number): Promise<void> {
    return takeWaiting(this.#listener, timeoutMs);
  }

  /** Lets an open stream last as long as the caller likes; others are cut within 15 seconds. */
  letLast(stream: ServerHttp2Stream): void {
    if (stream.session !== undefined) {
      this.#byCarrier.get(stream.session)?.session?.letLast(stream);
    }
  }

  /** Puts other certificates to use, for connections that begin from now on. Nothing without TLS. */
  renew({ certificates, sendAwayWithinMs }: TlsRenewal): void {
    if (!(this.#listener instanceof TlsServer)) {
      return;
    }
    useCertificates(this.#listener, certificates);
    if (sendAwayWithinMs !== null) {
      this.#sendAwayWithinMs = sendAwayWithinMs;
      for (const connection of this.#connections) {
        // A handshake that has begun is finished under the old authorities, later.
        connection.isOutdated = true;
      }
      this.#sendAway([...this.#connections]);
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
    for (const { session } of this.#connections) {
      // Not GOAWAY with the highest id first: nghttp2 then says nothing at all to the streams that come after it. So they
      // are told at once that they were not taken, which a client may repeat (RFC 9113, section 8.7).
      session?.close();
    }
    this.#endLasting();
    const stopLooking = endInSilence({ connections: this.#connections, endIdle: () => this.#endIdle() });
    const deadline = setTimeout(() => this.#destroyAll(), deadlineMs);
    // Until the peers have ended their side too: an answer that a peer has not read yet would be lost in a TCP reset.
    await closed;
    stopLooking();
    clearTimeout(deadline);
    clearInterval(this.#timer ?? undefined);
    // Ends its checking of timeouts; that it never listened is no matter.
    this.#options.http1?.close(() => undefined);
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    this.#makeRoom(connection);
    if (this.#options.tls !== null) {
      this.#awaitHandshake(connection);
    } else if (this.#options.http1 === null) {
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
      this.#byCarrier.set(connection.socket, connection);
      http1?.emit('connection', connection.socket);
    }
  }

  #keep(session: ServerHttp2Session): void {
    const connection = this.#arriving;
    if (connection === null) {
      session.destroy();
      return;
    }
    connection.session = new Http2Session(session, connection.socket);
    this.#byCarrier.set(session, connection);
    if (this.#isDraining) {
      // Its first bytes came, or its handshake began, before the stop.
      session.close();
    } else if (connection.isOutdated) {
      this.#sendAway([connection]);
    }
  }

  #finish(connection: Connection): void {
    if (!connection.isBusy) {
      connection.idleSince = performance.now();
    }
    if (this.#isDraining) {
      this.#endLasting();
    }
  }

  #makeRoom(newest: Connection): void {
    const { maxConnections } = this.#options;
    const mostUsed = maxConnections - Math.min(maxConnections - 1, Math.ceil(maxConnections * FREE_PART));
    for (let excess = this.#connections.size - mostUsed; excess > 0; excess -= 1) {
      this.#longestIdle(newest)?.end();
    }
  }

  #longestIdle(newest: Connection): Connection | null {
    let longest: Connection | null = null;
    for (const connection of this.#connections) {
      if (connection === newest || !connection.isSpare) {
        continue;
      }
      if (connection.idleSince === null) {
        // In the order in which they came.
        return connection;
      }
      if (longest?.idleSince == null || connection.idleSince < longest.idleSince) {
        longest = connection;
      }
    }
    return longest;
  }

  #look(): void {
    const now = performance.now();
    this.#looks += 1;
    for (const connection of this.#connections) {
      const { session } = connection;
      if (!connection.isHttp1 && !connection.isBusy) {
        this.#endLate(connection, now);
      }
      session?.cutSlow(now);
      if (this.#looks % LOOKS_PER_SESSION_LOOK === 0) {
        session?.look();
      }
    }
  }

  #endLate(connection: Connection, now: number): void {
    const { session, begunAt, idleSince } = connection;
    if (idleSince === null && now - begunAt >= HEADERS_TIMEOUT_MS) {
      connection.end();
    } else if (idleSince !== null && now - idleSince >= this.#options.idleTimeoutMs) {
      session?.close();
    }
  }

  #endIdle(): void {
    for (const connection of this.#connections) {
      // Sessions that had a stream were closed. Where its first frame is still to come, that would wait for it.
      if (!connection.isBusy && (connection.session === null || connection.idleSince === null)) {
        connection.end();
      }
    }
  }

  #endLasting(): void {
    const { lasting } = this.#options;
    if (lasting === undefined || lasting.size === 0) {
      return;
    }
    let open = 0;
    for (const { session } of this.#connections) {
      open += session?.openStreams ?? 0;
    }
    if (open <= lasting.size) {
      for (const stream of lasting) {
        stream.close(constants.NGHTTP2_CANCEL);
      }
    }
  }

  #sendAway(connections: readonly Connection[]): void {
    for (const connection of connections) {
      connection.leave();
    }
    setTimeout(() => {
      for (const connection of connections) {
        connection.destroy();
      }
    }, this.#sendAwayWithinMs).unref();
  }

  #destroyAll(): void {
    for (const connection of this.#connections) {
      connection.destroy();
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

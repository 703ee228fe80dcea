import type { Server, Socket } from 'node:net';

/** The part of the most connections that is kept free for those to come: so many may come before one has been ended. */
const FREE_PART = 1 / 32;

/** One connection of a port, from its first byte on. */
export interface Connection {
  /** A request has come: the connection is not idle. */
  begin(): void;
  /** A request was answered or has gone. */
  finish(): void;
  /** Replaces how an idle connection is ended; by default its socket is destroyed. */
  endBy(end: () => void): void;
}

/**
 * The connections of a port, of which the longest idle is ended for one that comes when the port is nearly full: pools may keep
 * theirs for long, and nobody is turned away for it. Idle is a connection without an open request. Those that have asked for
 * nothing yet go first, or a crowd that only connects would drive out the callers.
 */
export class IdleConnections {
  readonly #mostUsed: number;
  readonly #all = new WeakMap<Socket, OpenConnection>();
  /** Those whose TLS handshake is not done, by their two ends: Node does not tell which raw socket a TLS socket was made of. */
  readonly #handshaking = new Map<string, OpenConnection>();
  /** Both in the order in which they came to be so. */
  readonly #unused = new Set<OpenConnection>();
  readonly #idle = new Set<OpenConnection>();
  #size = 0;

  /** Counts every connection of the listener, whose `maxConnections` this must be. To be made before it listens. */
  constructor(listener: Server, maxConnections: number) {
    this.#mostUsed = maxConnections - Math.min(maxConnections - 1, Math.ceil(maxConnections * FREE_PART));
    listener.prependListener('connection', (socket: Socket) => this.#add(socket));
    listener.prependListener('secureConnection', (socket: Socket) => this.#secure(socket));
  }

  /** The connection of a socket, of a TLS socket where it speaks TLS; null once it has gone. */
  of(socket: Socket): Connection | null {
    return this.#all.get(socket) ?? null;
  }

  #add(socket: Socket): void {
    const ends = endsOf(socket);
    const connection = new OpenConnection(this.#idle, this.#unused, socket);
    this.#all.set(socket, connection);
    this.#handshaking.set(ends, connection);
    this.#unused.add(connection);
    this.#size += 1;
    socket.once('close', () => {
      this.#size -= 1;
      connection.close();
      if (this.#handshaking.get(ends) === connection) {
        this.#handshaking.delete(ends);
      }
    });
    this.#makeRoom(connection);
  }

  #secure(socket: Socket): void {
    const ends = endsOf(socket);
    const connection = this.#handshaking.get(ends);
    this.#handshaking.delete(ends);
    if (connection !== undefined) {
      this.#all.set(socket, connection);
      connection.endBy(() => socket.destroy());
    }
  }

  #makeRoom(newest: OpenConnection): void {
    let excess = this.#size - this.#mostUsed;
    for (const connections of [this.#unused, this.#idle]) {
      for (const connection of connections) {
        if (excess <= 0 || connection === newest) {
          break;
        }
        excess -= 1;
        connection.end();
      }
    }
  }
}

class OpenConnection implements Connection {
  readonly #idle: Set<OpenConnection>;
  readonly #unused: Set<OpenConnection>;
  #end: () => void;
  #openRequests = 0;
  #isClosed = false;

  constructor(idle: Set<OpenConnection>, unused: Set<OpenConnection>, socket: Socket) {
    this.#idle = idle;
    this.#unused = unused;
    this.#end = () => socket.destroy();
  }

  begin(): void {
    this.#openRequests += 1;
    this.#unused.delete(this);
    this.#idle.delete(this);
  }

  finish(): void {
    this.#openRequests -= 1;
    if (this.#openRequests === 0 && !this.#isClosed) {
      this.#idle.add(this);
    }
  }

  endBy(end: () => void): void {
    this.#end = end;
  }

  end(): void {
    this.close();
    this.#end();
  }

  close(): void {
    this.#isClosed = true;
    this.#unused.delete(this);
    this.#idle.delete(this);
  }
}

function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
}

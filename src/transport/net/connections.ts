import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { Http2Session } from './http2-sessions.ts';

/** How often connections are looked at, and how many looks there are from one at the sessions of HTTP/2 to the next. */
export const LOOK_INTERVAL_MS = 1_000;
export const LOOKS_PER_SESSION_LOOK = 5;

/** The part of the most connections that is kept free for those to come: so many may come before one has been ended. */
const FREE_PART = 1 / 32;

/**
 * How long a new connection may take to ask for something before it goes ahead of those that have: a slow handshake, and more. Not
 * where this part of the most are such: that is a crowd that only connects.
 */
const FRESH_MS = 3_000;
const CROWD_PART = 1 / 4;

/** What the connections of a port may take. */
export interface ConnectionBounds {
  /** The most connections at once: near it the longest idle are ended for those that come; what comes beyond is closed. */
  readonly maxConnections: number;
  /** How long a connection of HTTP/2 may stay idle after an answer; HTTP/1.1 has Node's own limit. */
  readonly idleTimeoutMs: number;
  /** Open streams that may last as long as the caller likes; others are cut within 15 seconds. */
  readonly untimed?: ReadonlySet<ServerHttp2Stream>;
}

/** One connection of a port, from its first byte on. */
export class Connection {
  /** The one that speaks TLS, once the handshake is done. */
  socket: Socket;
  /** Null for HTTP/1.1, and before it is known what is spoken. */
  session: Http2Session | null = null;
  /** Whether it speaks HTTP/1.1, whose timeouts are Node's but for answers that are not taken. */
  isHttp1 = false;
  /** Whether it began under authorities that were replaced. */
  isOutdated = false;
  /** Answers of HTTP/1.1 that are not finished. */
  readonly openReplies = new Set<ServerResponse>();
  readonly begunAt = performance.now();
  /** When the last request was over; null where it has asked for nothing yet. */
  idleSince: number | null = null;
  /** Whether it is on its way out; its socket may take a while. */
  isEnded = false;
  /** Of what is to be written, what the system had taken when that was last found to have changed. */
  #taken = 0;
  /** When that was found; null where nothing waits. */
  #waitingSince: number | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get isBusy(): boolean {
    return this.openReplies.size > 0 || (this.session?.openStreams ?? 0) > 0;
  }

  /** Takes no more requests, and ends once the open ones are answered; of HTTP/1.1 only where its answer has not begun. */
  leave(): void {
    this.session?.close();
    for (const reply of this.openReplies) {
      if (!reply.headersSent) {
        reply.setHeader('connection', 'close');
      }
    }
  }

  /**
   * Of HTTP/1.1: ends it where its peer takes no answer. To be called at every look. Node's own timeout begins anew with the part that
   * fits into the system's buffers, and with each byte that is taken later.
   */
  cutSlow(now: number): void {
    const { bytesWritten, writableLength } = this.socket;
    if (writableLength === 0) {
      this.#waitingSince = null;
      return;
    }
    const taken = bytesWritten - writableLength;
    if (this.#waitingSince === null || taken !== this.#taken) {
      this.#waitingSince = now;
      this.#taken = taken;
    } else if (now - this.#waitingSince >= REQUEST_TIMEOUT_MS - LOOK_INTERVAL_MS) {
      // It may have begun to wait right after the look before that one.
      this.destroy();
    }
  }

  /** Ends it as it is. */
  end(): void {
    this.isEnded = true;
    if (this.session === null) {
      this.socket.destroy();
    } else {
      this.session.destroy();
    }
  }

  /** The same, without leaving the peer time to read that it is over. */
  destroy(): void {
    this.end();
    this.socket.destroy();
  }
}

/** A connection, and since when it was idle. */
interface IdleConnection {
  readonly connection: Connection;
  readonly since: number;
}

/**
 * The open connections of a port, and when they are ended: those that show no request within {@link HEADERS_TIMEOUT_MS}, those
 * of HTTP/2 that are idle for too long, those of HTTP/1.1 that take no answer, and those whose peers have gone; and near the
 * bound the longest idle one for one that comes, for which nobody is refused. Those that have asked for nothing for a while go
 * first then, or a crowd that only connects would drive out the callers.
 */
export class Connections {
  readonly #open = new Set<Connection>();
  /** Those that may have asked for nothing yet, in the order in which they came. */
  readonly #unused = new Set<Connection>();
  /** Those that were ended to make room, until their sockets are closed. */
  readonly #leaving = new Set<Connection>();
  /** Those that were idle when all were last looked through, the longest idle last. */
  #idle: IdleConnection[] = [];
  readonly #mostUsed: number;
  readonly #idleTimeoutMs: number;
  readonly #untimed: ReadonlySet<ServerHttp2Stream>;
  #looks = 0;
  #timer: NodeJS.Timeout | null = null;
  #onNone: (() => void) | null = null;

  constructor({ maxConnections, idleTimeoutMs, untimed = new Set() }: ConnectionBounds) {
    this.#untimed = untimed;
    this.#mostUsed = maxConnections - Math.min(maxConnections - 1, Math.ceil(maxConnections * FREE_PART));
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  get open(): ReadonlySet<Connection> {
    return this.#open;
  }

  /** A connection has come. */
  add(socket: Socket): Connection {
    const connection = new Connection(socket);
    this.#open.add(connection);
    this.#unused.add(connection);
    socket.once('close', () => {
      this.#open.delete(connection);
      this.#unused.delete(connection);
      this.#leaving.delete(connection);
      if (this.#open.size === 0) {
        this.#onNone?.();
      }
    });
    this.#makeRoom(connection);
    return connection;
  }

  /** Fulfilled once none is open. */
  untilNone(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNone = resolve;
      if (this.#open.size === 0) {
        resolve();
      }
    });
  }

  /** Looks at all of them every second, without holding the process open. To be called once. */
  startLooking(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  stopLooking(): void {
    clearInterval(this.#timer ?? undefined);
  }

  /** Ends those that nothing is owed to and that would not end by being closed. */
  endIdle(): void {
    for (const connection of this.#open) {
      // A session that waits for its first frame is not ended by `close`.
      if (!connection.isBusy && (connection.session === null || connection.idleSince === null)) {
        connection.end();
      }
    }
  }

  /** Sends these away: what is left of them after `withinMs` is cut off. */
  sendAway(connections: readonly Connection[], withinMs: number): void {
    for (const connection of connections) {
      connection.leave();
    }
    setTimeout(() => {
      for (const connection of connections) {
        connection.destroy();
      }
    }, withinMs).unref();
  }

  /** Destroys all of them. */
  destroy(): void {
    for (const connection of this.#open) {
      connection.destroy();
    }
  }

  /** It has been answered for the first time. */
  use(connection: Connection): void {
    this.#unused.delete(connection);
  }

  #makeRoom(newest: Connection): void {
    for (let excess = this.#open.size - this.#leaving.size - this.#mostUsed; excess > 0; excess -= 1) {
      const isCrowd = this.#unused.size > this.#mostUsed * CROWD_PART;
      const connection =
        this.#oldestUnused(newest, isCrowd ? Number.POSITIVE_INFINITY : performance.now() - FRESH_MS) ??
        this.#longestIdle() ??
        this.#oldestUnused(newest, Number.POSITIVE_INFINITY);
      if (connection === null) {
        return;
      }
      this.#leaving.add(connection);
      // Not only its session: one whose peer has said that it goes keeps its socket.
      connection.destroy();
    }
  }

  #oldestUnused(newest: Connection, begunBefore: number): Connection | null {
    for (const connection of this.#unused) {
      if (connection.begunAt > begunBefore) {
        return null;
      }
      if (connection === newest) {
        continue;
      }
      if (connection.idleSince === null && !connection.isBusy && !connection.isEnded) {
        return connection;
      }
      // It is in use, or has been: it is looked at once.
      this.#unused.delete(connection);
    }
    return null;
  }

  /** All are looked through once for many that come: a crowd near the bound must not cost that for each. */
  #longestIdle(): Connection | null {
    for (let isFresh = false; ; isFresh = true) {
      for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
        const { connection, since } = idle;
        if (connection.idleSince === since && !connection.isBusy && !connection.isEnded) {
          return connection;
        }
      }
      if (isFresh) {
        return null;
      }
      this.#idle = this.#lookForIdle();
    }
  }

  #lookForIdle(): IdleConnection[] {
    const idle: IdleConnection[] = [];
    for (const connection of this.#open) {
      if (connection.idleSince !== null && !connection.isBusy && !connection.isEnded) {
        idle.push({ connection, since: connection.idleSince });
      }
    }
    return idle.sort((one, other) => other.since - one.since).slice(-Math.ceil(idle.length * FREE_PART));
  }

  #look(): void {
    const now = performance.now();
    this.#looks += 1;
    for (const connection of this.#open) {
      if (connection.isHttp1) {
        connection.cutSlow(now);
        continue;
      }
      if (!connection.isBusy) {
        this.#endLate(connection, now);
      }
      connection.session?.cutSlow(now, this.#untimed);
      connection.session?.endWasteful(now);
      if (this.#looks % LOOKS_PER_SESSION_LOOK === 0) {
        connection.session?.look();
      }
    }
  }

  #endLate(connection: Connection, now: number): void {
    const { session, begunAt, idleSince } = connection;
    if (idleSince === null && now - begunAt >= HEADERS_TIMEOUT_MS) {
      connection.destroy();
    } else if (idleSince !== null && now - idleSince >= this.#idleTimeoutMs) {
      session?.close();
    }
  }
}

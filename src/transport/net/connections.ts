import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { networkOf } from '../../domain/network-of.ts';
import { HEADERS_TIMEOUT_MS } from '../limits.ts';
import { plainAddress } from '../trusted-proxies.ts';
import { Connection, LOOK_INTERVAL_MS } from './connection.ts';
import { Room } from './room.ts';

/** How many looks there are from one at the sessions of HTTP/2 to the next. */
export const LOOKS_PER_SESSION_LOOK = 5;

/** The part of the most connections that is kept free for those to come: so many may come before one has been ended. */
const FREE_PART = 1 / 32;

/** What the connections of a port may take. */
export interface ConnectionBounds {
  /** The most connections at once: near it others give way for those that come ({@link Room}); what comes beyond is closed. */
  readonly maxConnections: number;
  /** Whether an address is that of a listed proxy; none is where it is not told. */
  isProxy?(address: string | undefined): boolean;
  /** How long a connection of HTTP/2 may stay idle after an answer; HTTP/1.1 has Node's own limit. */
  readonly idleTimeoutMs: number;
  /** Open streams that may last as long as the caller likes; others are cut within 15 seconds. */
  readonly untimed?: ReadonlySet<ServerHttp2Stream>;
}

/**
 * The open connections of a port, and when they are ended: those that show no request within {@link HEADERS_TIMEOUT_MS}, those
 * of HTTP/2 that are idle for too long, those of HTTP/1.1 that take no answer, and those whose peers have gone; and near the
 * bound one for each that comes, or that itself ({@link Room}).
 */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #room: Room;
  /** Those that were ended to make room, until their sockets are closed. */
  readonly #leaving = new Set<Connection>();
  readonly #mostUsed: number;
  readonly #idleTimeoutMs: number;
  readonly #untimed: ReadonlySet<ServerHttp2Stream>;
  readonly #isProxy: (address: string | undefined) => boolean;
  #looks = 0;
  #timer: NodeJS.Timeout | null = null;
  #onNone: (() => void) | null = null;

  constructor({ maxConnections, idleTimeoutMs, untimed = new Set(), isProxy = () => false }: ConnectionBounds) {
    this.#untimed = untimed;
    this.#mostUsed = maxConnections - Math.min(maxConnections - 1, Math.ceil(maxConnections * FREE_PART));
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#isProxy = isProxy;
    this.#room = new Room(this.#mostUsed);
  }

  get open(): ReadonlySet<Connection> {
    return this.#open;
  }

  /** A connection has come. Null where there is no room for it: it is ended. */
  add(socket: Socket): Connection | null {
    const address = socket.remoteAddress;
    const connection = new Connection(socket, networkOf(plainAddress(address ?? '')), this.#isProxy(address));
    this.#open.add(connection);
    this.#room.add(connection);
    socket.once('close', () => {
      this.#open.delete(connection);
      this.#room.delete(connection);
      this.#leaving.delete(connection);
      if (this.#open.size === 0) {
        this.#onNone?.();
      }
    });
    if (this.#makeRoom(connection)) {
      return connection;
    }
    this.#end(connection);
    return null;
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

  /** Its last open call is over. */
  rest(connection: Connection): void {
    connection.idleSince = performance.now();
    this.#room.lookAgain();
  }

  /** False where the newest has to go itself. */
  #makeRoom(newest: Connection): boolean {
    for (let excess = this.#open.size - this.#leaving.size - this.#mostUsed; excess > 0; excess -= 1) {
      const connection = this.#room.giverFor(newest);
      if (connection === null) {
        return newest.isProxy;
      }
      this.#end(connection);
    }
    return true;
  }

  #end(connection: Connection): void {
    this.#room.delete(connection);
    this.#leaving.add(connection);
    // Not only its session: one whose peer has said that it goes keeps its socket.
    connection.destroy();
  }

  #look(): void {
    const now = performance.now();
    this.#looks += 1;
    this.#room.lookAgain();
    for (const connection of this.#open) {
      connection.lookForStall();
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

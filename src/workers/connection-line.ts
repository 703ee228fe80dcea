import type { Socket } from 'node:net';
import { type OpenConnections, PORT_NAMES, type PortName } from './messages.ts';

/**
 * How long a worker that was handed a connection may take to have it before the next goes to another that has more. One that is
 * busy takes a turn of its event loop; one that is frozen never does.
 */
const SLOW_AFTER_MS = 100;

/** A connection that was taken off a port's line. This process reads nothing of it. */
interface Arrival {
  readonly port: PortName;
  readonly socket: Socket;
}

/** A connection as it is handed to a worker. */
export interface Handed extends Arrival {
  /** Greater than that of every one that was handed before. */
  readonly id: number;
}

/** A worker, as connections are handed to it. */
export interface Taker {
  /** Gives it the connection, of which this process keeps a copy until the worker has it. `onFailed`: it never gets there. */
  hand(connection: Handed, onFailed: () => void): void;
}

interface Place {
  readonly taker: Taker;
  readonly open: Record<PortName, number>;
  /** What it was handed and has not said to have. */
  pending: Handed | null;
  handedAt: number;
}

/**
 * Hands connections to workers: each to the one that holds the fewest of its port, one at a time, of each port in turn. Until a worker
 * has said that it has a connection, of which it has read nothing by then, that is still here: of a worker that ends it goes to
 * another. A worker that does not answer holds up none but one. More on their way to a worker would be no faster: Node sends a
 * descriptor when the one before has arrived, and what is said after it waits for that.
 */
export class ConnectionLine {
  readonly #arrivals: Readonly<Record<PortName, Arrival[]>> = { http: [], grpc: [] };
  /** The one whose turn it is first. */
  #ports: readonly PortName[] = PORT_NAMES;
  /** Whose last connection is the longest ago first. */
  #places: Place[] = [];
  #lastId = 0;
  #timer: NodeJS.Timeout | null = null;
  #onEmpty: (() => void) | null = null;

  /** Of the connection that was handed over last. */
  get lastId(): number {
    return this.#lastId;
  }

  add(port: PortName, socket: Socket): void {
    this.#arrivals[port].push({ port, socket });
    this.#handNext();
  }

  /** A worker serves from now on. */
  join(taker: Taker): void {
    this.#places.unshift({ taker, open: { http: 0, grpc: 0 }, pending: null, handedAt: 0 });
    this.#handNext();
  }

  /** A worker serves no more: the connection that it did not come to is the next again. */
  leave(taker: Taker): void {
    const place = this.#placeOf(taker);
    this.#places = this.#places.filter((other) => other !== place);
    if (place?.pending) {
      this.#arrivals[place.pending.port].unshift(place.pending);
    }
    this.#handNext();
  }

  /** A worker has what it was handed. */
  taken(taker: Taker, id: number, open: OpenConnections): void {
    const place = this.#placeOf(taker);
    if (place !== undefined && place.pending?.id === id) {
      this.#free(place);
      this.count(taker, open);
      this.#handNext();
    }
  }

  /** A worker has come to all that it was told up to this connection: one that it has not taken by then never arrived. */
  passed(taker: Taker, id: number, open: OpenConnections): void {
    const place = this.#placeOf(taker);
    if (place?.pending && place.pending.id <= id) {
      this.#free(place);
    }
    this.count(taker, open);
    this.#handNext();
  }

  /** How many connections a worker holds now. */
  count(taker: Taker, open: OpenConnections): void {
    const place = this.#placeOf(taker);
    if (place !== undefined && place.pending === null) {
      Object.assign(place.open, open);
    }
  }

  /** Fulfilled once every connection is with a worker, or after so long; what is left then is cut off. */
  async end(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#tellEmpty();
    });
    for (const { socket } of PORT_NAMES.flatMap((port) => this.#arrivals[port].splice(0))) {
      socket.destroy();
    }
    clearTimeout(this.#timer ?? undefined);
  }

  #placeOf(taker: Taker): Place | undefined {
    return this.#places.find((place) => place.taker === taker);
  }

  #handNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const place = this.#placeFor(next.port);
      if (place === null) {
        this.#tryAgain();
        return;
      }
      this.#arrivals[next.port].shift();
      this.#ports = [...this.#ports.filter((port) => port !== next.port), next.port];
      if (isThere(next.socket)) {
        this.#hand(place, next);
      } else {
        next.socket.destroy();
      }
    }
    this.#tellEmpty();
  }

  #next(): Arrival | undefined {
    const port = this.#ports.find((name) => this.#arrivals[name].length > 0);
    return port && this.#arrivals[port][0];
  }

  #hand(place: Place, { port, socket }: Arrival): void {
    this.#places = [...this.#places.filter((other) => other !== place), place];
    this.#lastId += 1;
    const connection = { port, socket, id: this.#lastId };
    place.pending = connection;
    place.handedAt = performance.now();
    place.open[port] += 1;
    place.taker.hand(connection, () => this.passed(place.taker, connection.id, place.open));
  }

  /** What it was handed is done with here: its own descriptor keeps the connection, if it has one. */
  #free(place: Place): void {
    place.pending?.socket.destroy();
    place.pending = null;
  }

  /** Null: the one with the fewest is about to say that it has what it was handed. */
  #placeFor(port: PortName): Place | null {
    const slowSince = performance.now() - SLOW_AFTER_MS;
    let best: Place | null = null;
    for (const place of this.#places) {
      const isSlow = place.pending !== null && place.handedAt <= slowSince;
      if (!isSlow && (best === null || place.open[port] < best.open[port])) {
        best = place;
      }
    }
    return best?.pending === null ? best : null;
  }

  #tryAgain(): void {
    if (this.#places.length > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#handNext();
      }, SLOW_AFTER_MS);
    }
  }

  #tellEmpty(): void {
    if (this.#next() === undefined && this.#places.every(({ pending }) => pending === null)) {
      this.#onEmpty?.();
    }
  }
}

/** Whether its peer has not reset it meanwhile: the system knows no peer then. A flood of such takes no worker's time. */
function isThere(socket: Socket): boolean {
  return socket.remoteAddress !== undefined;
}

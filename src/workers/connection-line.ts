import type { Socket } from 'node:net';
import type { OpenConnections, PortName } from './messages.ts';

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

/** A worker, as connections are handed to it. */
export interface Taker {
  /** Gives it the connection, of which this process keeps a copy until the worker has it. */
  hand(port: PortName, socket: Socket): void;
}

interface Place {
  readonly taker: Taker;
  readonly open: Record<PortName, number>;
  /** What it was handed and has not said to have. */
  pending: Arrival | null;
  handedAt: number;
}

/**
 * Hands connections to workers: each to the one that holds the fewest of its port, one at a time. Until a worker has said that it
 * has a connection, of which it has read nothing by then, that is still here: of a worker that ends it goes to another. A worker
 * that does not answer holds up none but one.
 */
export class ConnectionLine {
  readonly #arrivals: Arrival[] = [];
  /** Whose last connection is the longest ago first. */
  #places: Place[] = [];
  #timer: NodeJS.Timeout | null = null;
  #onEmpty: (() => void) | null = null;

  add(port: PortName, socket: Socket): void {
    this.#arrivals.push({ port, socket });
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
      this.#arrivals.unshift(place.pending);
    }
    this.#handNext();
  }

  /** A worker has what it was handed last. */
  taken(taker: Taker, open: OpenConnections): void {
    const place = this.#placeOf(taker);
    if (place !== undefined) {
      // The worker's own descriptor keeps the connection.
      place.pending?.socket.destroy();
      place.pending = null;
      this.count(taker, open);
      this.#handNext();
    }
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
    for (const { socket } of this.#arrivals.splice(0)) {
      socket.destroy();
    }
    clearTimeout(this.#timer ?? undefined);
  }

  #placeOf(taker: Taker): Place | undefined {
    return this.#places.find((place) => place.taker === taker);
  }

  #handNext(): void {
    for (let next = this.#arrivals[0]; next !== undefined; next = this.#arrivals[0]) {
      const place = this.#placeFor(next.port);
      if (place === null) {
        this.#tryAgain();
        return;
      }
      this.#arrivals.shift();
      this.#hand(place, next);
    }
    this.#tellEmpty();
  }

  #hand(place: Place, arrival: Arrival): void {
    this.#places = [...this.#places.filter((other) => other !== place), place];
    place.pending = arrival;
    place.handedAt = performance.now();
    place.open[arrival.port] += 1;
    place.taker.hand(arrival.port, arrival.socket);
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
    if (this.#arrivals.length === 0 && this.#places.every(({ pending }) => pending === null)) {
      this.#onEmpty?.();
    }
  }
}

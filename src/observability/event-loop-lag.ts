import type { EventLoopUtilization } from 'node:perf_hooks';

/** How much of the time the loop was busy, in all or since an answer of this. */
type UtilizationOf = (since?: EventLoopUtilization) => EventLoopUtilization;

/** How often it is looked. */
const LOOK_EVERY_MS = 20;
/** Looks that all have to be late: one that is in time says that the event loop has caught up. */
const LOOKS = 10;

/**
 * A loop that is idle for more than the rest of this part of the time has no queue: that it is late all the same is the doing of
 * others on the machine, and to refuse calls would not help.
 */
const BUSY_FROM = 0.9;

/**
 * How late the event loop runs and does not catch up: the least delay of the last ten looks, 20 ms apart, while the loop is busy. A
 * single long turn, as of a collection of garbage or of code that is compiled, is no standing queue (after CoDel, RFC 8289, section
 * 3.1: the minimum over an interval tells a bad queue from a good one). Holds no process open.
 */
export class EventLoopLag {
  readonly #delaysMs = new Float64Array(LOOKS);
  readonly #timer: NodeJS.Timeout;
  readonly #onLook: (standingMs: number) => void;
  readonly #utilizationOf: UtilizationOf;
  #since: EventLoopUtilization;
  #isBusy = false;
  #looks = 0;
  #dueAt: number;

  /** `onLook` is told after every look. */
  constructor(onLook: (standingMs: number) => void, utilizationOf: UtilizationOf = performance.eventLoopUtilization) {
    this.#onLook = onLook;
    this.#utilizationOf = utilizationOf;
    this.#since = utilizationOf();
    this.#dueAt = performance.now() + LOOK_EVERY_MS;
    this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Milliseconds. */
  get standingMs(): number {
    return this.#isBusy ? Math.min(...this.#delaysMs) : 0;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#delaysMs[this.#looks % LOOKS] = Math.max(0, now - this.#dueAt);
    this.#looks += 1;
    if (this.#looks % LOOKS === 0) {
      this.#isBusy = this.#utilizationOf(this.#since).utilization >= BUSY_FROM;
      this.#since = this.#utilizationOf();
    }
    this.#dueAt = now + LOOK_EVERY_MS;
    this.#timer.refresh();
    this.#onLook(this.standingMs);
  }
}

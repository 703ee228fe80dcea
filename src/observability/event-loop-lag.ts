/** How often it is looked. */
const LOOK_EVERY_MS = 20;
/** Looks that all have to be late: one that is in time says that the event loop has caught up. */
const LOOKS = 10;

/**
 * How late the event loop runs and does not catch up: the least delay of the last ten looks, 20 ms apart. A single long turn, as of a
 * collection of garbage or of code that is compiled, is no standing queue (after CoDel, RFC 8289, section 3.1: the minimum over an
 * interval tells a bad queue from a good one). Holds no process open.
 */
export class EventLoopLag {
  readonly #delaysMs = new Float64Array(LOOKS);
  readonly #timer: NodeJS.Timeout;
  readonly #onLook: (standingMs: number) => void;
  #looks = 0;
  #dueAt: number;

  /** `onLook` is told after every look. */
  constructor(onLook: (standingMs: number) => void) {
    this.#onLook = onLook;
    this.#dueAt = performance.now() + LOOK_EVERY_MS;
    this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Milliseconds. */
  get standingMs(): number {
    return Math.min(...this.#delaysMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#delaysMs[this.#looks % LOOKS] = Math.max(0, now - this.#dueAt);
    this.#looks += 1;
    this.#dueAt = now + LOOK_EVERY_MS;
    this.#timer.refresh();
    this.#onLook(this.standingMs);
  }
}

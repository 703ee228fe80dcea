/** So many within so long, and a replacement is no help. */
export const MOST_DEATHS = 3;
export const DEATHS_WITHIN_MS = 10_000;

/** When workers ended on their own. */
export class Deaths {
  readonly #now: () => number;
  #recent: number[] = [];
  #total = 0;

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Since the start. */
  get total(): number {
    return this.#total;
  }

  /** Counts one; tells whether they are too many. */
  add(): boolean {
    const now = this.#now();
    this.#total += 1;
    this.#recent = [...this.#recent.filter((at) => now - at < DEATHS_WITHIN_MS), now];
    return this.#recent.length >= MOST_DEATHS;
  }
}

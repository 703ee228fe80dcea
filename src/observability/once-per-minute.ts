const MINUTE_MS = 60_000;
/** Some 100 bytes each. Of more names than these at once the oldest are told again before their minute is over. */
const MAX_NAMES = 1_000;

/** Lets what is told of many names be told of each once a minute. */
export class OncePerMinute {
  readonly #toldAt = new Map<string, number>();

  /** Whether it is to be told now; it then counts as told. */
  isDue(name: string): boolean {
    const now = performance.now();
    const toldAt = this.#toldAt.get(name);
    if (toldAt !== undefined && now - toldAt < MINUTE_MS) {
      return false;
    }
    // Deleted first, so that the names stay in the order in which they were told and the oldest goes.
    this.#toldAt.delete(name);
    const oldest = this.#toldAt.keys().next();
    if (this.#toldAt.size >= MAX_NAMES && !oldest.done) {
      this.#toldAt.delete(oldest.value);
    }
    this.#toldAt.set(name, now);
    return true;
  }
}

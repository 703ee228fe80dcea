/**
 * A bounded map that forgets what was not asked for lately, for what is dear to compute again. Entries are kept by the
 * whole text, a token or a key: two never share one.
 *
 * Two generations instead of a list in order of use: what is asked for moves to the young one, and when that holds half
 * of the limit it becomes the old one, whose rest is forgotten. So a hit on the young one, the rule by far, moves nothing.
 */
export class RecentlyUsed<T> {
  readonly #generationLimit: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** Holds at most `limit` entries: 2 or more. */
  constructor(limit: number) {
    this.#generationLimit = Math.floor(limit / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(text: string): T | undefined {
    const young = this.#young.get(text);
    if (young !== undefined) {
      return young;
    }
    const old = this.#old.get(text);
    if (old !== undefined) {
      this.#old.delete(text);
      this.set(text, old);
    }
    return old;
  }

  set(text: string, entry: T): void {
    if (this.#young.size >= this.#generationLimit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, entry);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

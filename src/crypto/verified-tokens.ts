/**
 * A bounded map that forgets what was not asked for lately, for what is dear to compute again. Entries are kept by the
 * whole token: two tokens never share one.
 *
 * Two generations instead of a list in order of use: what is asked for moves to the young one, and when that holds half
 * of the limit it becomes the old one, whose rest is forgotten. So a hit on the young one, the rule by far, moves nothing.
 */
export class VerifiedTokens<T> {
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

  get(token: string): T | undefined {
    const young = this.#young.get(token);
    if (young !== undefined) {
      return young;
    }
    const old = this.#old.get(token);
    if (old !== undefined) {
      this.#old.delete(token);
      this.set(token, old);
    }
    return old;
  }

  set(token: string, entry: T): void {
    if (this.#young.size >= this.#generationLimit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, entry);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

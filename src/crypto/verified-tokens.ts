/**
 * A bounded map that forgets what was not asked for the longest (LRU), for what is dear to compute again. Entries are
 * kept by the whole token: two tokens never share one.
 */
export class VerifiedTokens<T> {
  readonly #limit: number;
  readonly #entries = new Map<string, T>();

  /** Holds at most `limit` entries; 0 remembers nothing. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(token: string): T | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    // A Map keeps the order of insertion: behind the others is the one used last.
    this.#entries.delete(token);
    this.#entries.set(token, entry);
    return entry;
  }

  set(token: string, entry: T): void {
    this.#entries.delete(token);
    this.#entries.set(token, entry);
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

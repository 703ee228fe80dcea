/** How long a value is given to all who ask. */
export const HOLDS_MS = 500;

/**
 * What is made for who asks, and given to all others who ask meanwhile or within {@link HOLDS_MS} of it: it is made at most twice a second,
 * however many ask. What could not be made is tried again for who asks next.
 */
export class RecentValue<Value> {
  readonly #make: () => Promise<Value>;
  readonly #now: () => number;
  #value: Promise<Value> | null = null;
  #madeAt = 0;

  /** `now`: milliseconds that never go back. */
  constructor(make: () => Promise<Value>, now: () => number = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  get(): Promise<Value> {
    if (this.#value === null || this.#now() - this.#madeAt >= HOLDS_MS) {
      // Until it is there, nobody has it made again.
      this.#madeAt = Number.POSITIVE_INFINITY;
      this.#value = this.#newValue();
    }
    return this.#value;
  }

  async #newValue(): Promise<Value> {
    try {
      const value = await this.#make();
      this.#madeAt = this.#now();
      return value;
    } catch (error) {
      this.#madeAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }
}

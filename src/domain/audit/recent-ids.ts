/** The last ids of a stream, at most so many. */
export class RecentIds {
  readonly #most: number;
  readonly #ids = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether it is a new one. */
  add(id: string): boolean {
    if (this.#ids.has(id)) {
      return false;
    }
    this.#ids.add(id);
    if (this.#ids.size > this.#most) {
      const [oldest = ''] = this.#ids;
      this.#ids.delete(oldest);
    }
    return true;
  }
}

/** Lets through at most so many in one turn of the event loop, in the order in which they came, so that it goes on between them. */
export class Turns {
  readonly #most: number;
  #left: number;
  #waiting: (() => void)[] = [];
  #isScheduled = false;

  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** Null where one may go on at once; otherwise fulfilled when its turn has come. */
  take(): Promise<void> | null {
    this.#schedule();
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= 1;
      return null;
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #schedule(): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#begin());
    }
  }

  #begin(): void {
    this.#isScheduled = false;
    const next = this.#waiting.splice(0, this.#most);
    this.#left = this.#most - next.length;
    for (const goOn of next) {
      goOn();
    }
    if (next.length > 0) {
      this.#schedule();
    }
  }
}

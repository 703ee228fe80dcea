/** How long an answer holds: a flood of questions costs one write a second, and a recovery is told at once. */
const HOLDS_MS = 1_000;

/** What readiness is asked of. */
export interface ReadinessOptions {
  /** Rejected while the store cannot be written. */
  readonly ping: () => Promise<void>;
  /** Told once when it turns: null where the store can be written again, otherwise why it cannot. */
  readonly onTurn: (error: unknown) => void;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/** Whether the store can be written, asked for at most once a second, whoever wants to know. */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #now: () => number;
  #isReady = true;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Never rejected. Those who ask while an answer is on its way share it. */
  async isReady(): Promise<boolean> {
    if (this.#asking === null && this.#now() - this.#askedAt >= HOLDS_MS) {
      this.#asking = this.#ask();
    }
    await this.#asking;
    return this.#isReady;
  }

  async #ask(): Promise<void> {
    try {
      await this.#options.ping();
      this.#turn(true, null);
    } catch (error) {
      this.#turn(false, error);
    } finally {
      this.#askedAt = this.#now();
      this.#asking = null;
    }
  }

  #turn(isReady: boolean, error: unknown): void {
    if (isReady !== this.#isReady) {
      this.#isReady = isReady;
      this.#options.onTurn(error);
    }
  }
}

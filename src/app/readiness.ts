/** How long an answer holds: a flood of questions costs one write a second, and a recovery is told at once. */
const HOLDS_MS = 1_000;

/** So long no call waits (`MAX_CALL_MS`): a store that takes longer serves nobody. */
const PATIENCE_MS = 10_000;

/** What readiness is asked of. */
export interface ReadinessOptions {
  /** Rejected while the store cannot be written. */
  readonly ping: () => Promise<void>;
  /** Told once when it turns: null where the store can be written again, otherwise why it cannot. */
  readonly onTurn: (error: unknown) => void;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/**
 * Whether the store can be written, asked for at most once a second, whoever wants to know. A store that has not answered for ten
 * seconds cannot: it is asked for nothing more until it has.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #now: () => number;
  #isReady = true;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #pinging: Promise<void> | null = null;
  #pingedAt = 0;

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

  /** As it was found last. */
  get lastFound(): boolean {
    return this.#isReady;
  }

  /** Asks as {@link isReady} does, and waits for the answer no longer than that. Never rejected. */
  async look(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.isReady(), late]);
    clearTimeout(timer);
  }

  async #ask(): Promise<void> {
    try {
      await this.#ping();
      this.#turn(true, null);
    } catch (error) {
      this.#turn(false, error);
    } finally {
      this.#askedAt = this.#now();
      this.#asking = null;
    }
  }

  async #ping(): Promise<void> {
    if (this.#pinging === null) {
      this.#pingedAt = this.#now();
      this.#pinging = this.#options.ping().finally(() => {
        this.#pinging = null;
      });
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const leftMs = this.#pingedAt + PATIENCE_MS - this.#now();
      timer = setTimeout(reject, leftMs, new Error(`The store has not answered for ${PATIENCE_MS / 1000} s.`));
    });
    try {
      await Promise.race([this.#pinging, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #turn(isReady: boolean, error: unknown): void {
    if (isReady !== this.#isReady) {
      this.#isReady = isReady;
      this.#options.onTurn(error);
    }
  }
}

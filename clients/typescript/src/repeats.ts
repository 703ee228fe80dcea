import type { Deadline } from './deadline.ts';
import { AuthFlowError } from './errors.ts';

// The numbers are docs/clients.md's, alike in every language.
const MAX_ATTEMPTS = 3;
const BACKOFF_BASE_MS = 100;
const BACKOFF_MAX_MS = 1_000;
/** The budget is counted in tenths of a repeat: sums of 0.1 would never be a whole one. */
const BUDGET_TENTHS = 100;
const REPEAT_TENTHS = 10;
const SUCCESS_TENTHS = 1;

/** One attempt of a call: a nonce, where one is needed, and the call itself. */
export interface Attempt {
  /** Aborts when the call is over. */
  readonly signal: AbortSignal;
  /** What is left of the call's time, in milliseconds. */
  remainingMs(): number;
  /** To be said right before a request that must not be sent twice unless it was refused for sure. */
  doNotRepeatAfterLoss(): void;
}

/** Repeats attempts within a client's budget, which all its calls share. */
export class Repeats {
  #tenths = BUDGET_TENTHS;

  /** Makes attempts until one succeeds, must not be repeated, or the deadline, the attempts or the budget are used up. */
  async run<T>(deadline: Deadline, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts += 1) {
      let isRepeatedAfterLoss = true;
      try {
        const result = await deadline.race(
          attempt({
            signal: deadline.signal,
            remainingMs: deadline.remainingMs,
            doNotRepeatAfterLoss() {
              isRepeatedAfterLoss = false;
            },
          }),
        );
        this.#tenths = Math.min(BUDGET_TENTHS, this.#tenths + SUCCESS_TENTHS);
        return result;
      } catch (error) {
        const waitMs = waitBeforeRepeat(error, attempts, isRepeatedAfterLoss);
        if (waitMs === null || attempts === MAX_ATTEMPTS || waitMs >= deadline.remainingMs() || !this.#take()) {
          throw error;
        }
        await deadline.wait(waitMs);
      }
    }
  }

  #take(): boolean {
    if (this.#tenths < REPEAT_TENTHS) {
      return false;
    }
    this.#tenths -= REPEAT_TENTHS;
    return true;
  }
}

/** How long to wait before the n-th repeat; null where there must be none. */
function waitBeforeRepeat(error: unknown, repeat: number, isRepeatedAfterLoss: boolean): number | null {
  if (!(error instanceof AuthFlowError)) {
    return null;
  }
  const { code, reason, retryAfterMs } = error;
  // Only the server itself can promise that nothing was done.
  const wasRefused = reason !== '' && (code === 'UNAVAILABLE' || retryAfterMs !== null);
  const wasLost = reason === '' && code === 'UNAVAILABLE';
  if (!wasRefused && !(wasLost && isRepeatedAfterLoss)) {
    return null;
  }
  if (retryAfterMs !== null) {
    return retryAfterMs;
  }
  const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (repeat - 1));
  return (ceilingMs / 2) * (1 + Math.random());
}

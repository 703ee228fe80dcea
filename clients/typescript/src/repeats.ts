import type { AuthFlow } from './calls.ts';
import type { Deadline } from './deadline.ts';
import { AuthFlowError, type ErrorCode, type ErrorReason } from './errors.ts';
import { tell } from './hooks.ts';

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

/** What `onRetry` is told, before the wait. */
export interface Retry {
  /** The client's call: `login`, even where the nonce of a login failed. */
  readonly call: Exclude<keyof AuthFlow, 'close'>;
  /** Which attempt failed; the first is 1. */
  readonly attempt: number;
  /** Of the attempt's error. */
  readonly reason: ErrorReason;
  /** Of the attempt's error. */
  readonly code: ErrorCode;
  /** How long the client waits now, in milliseconds. */
  readonly waitMs: number;
}

/** Hears of each repeat, before its wait. Changes nothing, and what it throws is ignored. */
export type OnRetry = (retry: Retry) => unknown;

/** Repeats attempts within a client's budget, which all its calls share. */
export class Repeats {
  #tenths = BUDGET_TENTHS;
  readonly #onRetry: OnRetry | undefined;

  /** Tells a hook of each repeat. */
  constructor(onRetry: OnRetry | undefined) {
    this.#onRetry = onRetry;
  }

  /** Makes attempts until one succeeds, must not be repeated, or the deadline, the attempts or the budget are used up. */
  async run<T>(call: Retry['call'], deadline: Deadline, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
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
        if (!(error instanceof AuthFlowError) || attempts === MAX_ATTEMPTS) {
          throw error;
        }
        const waitMs = waitBeforeRepeat(error, attempts, isRepeatedAfterLoss);
        if (waitMs === null || waitMs >= deadline.remainingMs() || !this.#take()) {
          throw error;
        }
        tell(this.#onRetry, { call, attempt: attempts, reason: error.reason, code: error.code, waitMs });
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
function waitBeforeRepeat(
  { code, reason, retryAfterMs }: AuthFlowError,
  repeat: number,
  isRepeatedAfterLoss: boolean,
): number | null {
  // The user's to be told, however short the lock.
  if (reason === 'ACCOUNT_LOCKED') {
    return null;
  }
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

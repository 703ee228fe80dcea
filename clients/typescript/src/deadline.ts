import { AuthFlowError } from './errors.ts';

/** setTimeout fires at once for more (https://developer.mozilla.org/docs/Web/API/Window/setTimeout). */
const LONGEST_MS = 2 ** 31 - 1;

/** The time that a call has, for all its requests and waits together. */
export interface Deadline {
  /** Aborts when the time is over or the call is no longer wanted. */
  readonly signal: AbortSignal;
  /** What is left, in milliseconds; 0 when it is over. */
  remainingMs(): number;
  /** The work's outcome, or the deadline's or signal's end, whichever comes first. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Resolves after so many milliseconds; ends early as `race` does. */
  wait(ms: number): Promise<void>;
}

/** Checks a deadline that a caller gave. Throws RangeError. */
export function checkDeadlineMs(deadlineMs: number): number {
  if (!(deadlineMs > 0 && deadlineMs <= LONGEST_MS)) {
    throw new RangeError('deadlineMs must be between 0 and 2147483647');
  }
  return deadlineMs;
}

/**
 * Does work that ends no later than the deadline (with DEADLINE_EXCEEDED) or any of the signals (with its reason), even
 * where the work itself does not listen. Leaves no timer or listener behind.
 */
export async function withDeadline<T>(
  deadlineMs: number,
  signals: readonly AbortSignal[],
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  for (const signal of signals) {
    signal.throwIfAborted();
  }
  const endsAt = performance.now() + deadlineMs;
  const ending = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason), { once: true });
  });
  // Nobody may be racing when it happens.
  ended.catch(() => {});
  const timer = setTimeout(() => ending.abort(deadlineExceeded()), deadlineMs);
  const forwards = signals.map((signal) => {
    const forward = () => ending.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    return () => signal.removeEventListener('abort', forward);
  });
  const race = <R>(other: Promise<R>): Promise<R> => Promise.race([other, ended]);
  try {
    return await work({
      signal: ending.signal,
      remainingMs: () => Math.max(0, endsAt - performance.now()),
      race,
      wait: (ms) => waitFor(ms, race),
    });
  } finally {
    clearTimeout(timer);
    for (const stop of forwards) {
      stop();
    }
  }
}

async function waitFor(ms: number, race: (timer: Promise<void>) => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await race(
      new Promise((resolve) => {
        timer = setTimeout(resolve, ms);
      }),
    );
  } finally {
    clearTimeout(timer);
  }
}

function deadlineExceeded(): AuthFlowError {
  return new AuthFlowError({ code: 'DEADLINE_EXCEEDED', message: 'The deadline of the call is over.' });
}

import { setTimeout as delay } from 'node:timers/promises';
import { isLocked } from './errors.ts';

/**
 * Repeats an attempt that another process's lock stopped, for at most `waitMs`, without holding up the event
 * loop in between. Throws what the last attempt threw.
 */
export async function outlastLocks<T>(attempt: () => T, waitMs: number): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= deadline) {
        throw error;
      }
    }
    await pauseForLock();
  }
}

/** A pause of 1 to 10 ms: a commit takes about one, and waiters at random intervals do not meet again. */
export async function pauseForLock(): Promise<void> {
  await delay(1 + Math.random() * 9);
}

/** Callers at once: each sends its next call when the last one was answered. */
export const CALLERS = 32;

/** How long callers begin new calls in one round. */
export const ROUND_MS = 1_500;

/**
 * One caller's next call. False when there is nothing left to call.
 * @typedef {() => Promise<boolean>} Caller
 */

/**
 * Lets callers call for a while, and waits for the last answers.
 *
 * @param {readonly Caller[]} callers
 * @param {number} [roundMs]
 * @returns {Promise<{ calls: number, perSecond: number }>}
 */
export async function closedLoop(callers, roundMs = ROUND_MS) {
  let calls = 0;
  const startedAt = performance.now();
  await Promise.all(
    callers.map(async (call) => {
      while (performance.now() - startedAt < roundMs && (await call())) {
        calls += 1;
      }
    }),
  );
  return { calls, perSecond: (calls / (performance.now() - startedAt)) * 1000 };
}

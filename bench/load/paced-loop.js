import { setTimeout as pause } from 'node:timers/promises';
import { ROUND_MS } from './closed-loop.js';

/**
 * Lets callers call so many times a second as a whole, as evenly as a timer of a millisecond does, and waits for the last answers. A
 * call that is due while none of them is free is made when one is.
 *
 * @param {readonly import('./closed-loop.js').Caller[]} callers
 * @param {number} perSecond
 * @param {number} [roundMs]
 * @returns {Promise<{ calls: number, perSecond: number }>} the calls that were made, and made a second
 */
export async function pacedLoop(callers, perSecond, roundMs = ROUND_MS) {
  const idle = [...callers];
  /** @type {Set<Promise<void>>} */
  const underWay = new Set();
  let calls = 0;
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < roundMs; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((elapsedMs * perSecond) / 1_000);
    while (calls < due) {
      // The one that was free first: they are shared out among the processes.
      const call = idle.shift();
      if (call === undefined) {
        break;
      }
      calls += 1;
      const made = call().then(() => {
        idle.push(call);
        underWay.delete(made);
      });
      underWay.add(made);
    }
    await pause(1);
  }
  await Promise.all(underWay);
  return { calls, perSecond: (calls / (performance.now() - startedAt)) * 1_000 };
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** In these the event loop reads whatever came in while the process was held up. */
const LAST_TURNS = 50;

/**
 * Whether something comes about before a timer of this process would. Not a matter of the wall clock: where the server
 * runs in the same process, a busy machine holds up both, and their order stays. Rejects as the promise does.
 */
export async function settlesBefore(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settled = promise.then(() => {
    isSettled = true;
  });
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    settled,
    new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
    }),
  ]);
  clearTimeout(timer);
  for (let turns = 0; !isSettled && turns < LAST_TURNS; turns += 1) {
    await nextTurn();
  }
  return isSettled;
}

import { setImmediate as nextTurn } from 'node:timers/promises';

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
  await seeWhatCameIn();
  return isSettled;
}

/** Lets the event loop read whatever came in while the process was held up, and act on it. */
export async function seeWhatCameIn(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) {
    await nextTurn();
  }
}

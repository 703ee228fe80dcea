// A hash thread that obeys its input: it dies, dies once (a file remembers), or answers. For hash-pool.test.ts.
import { closeSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (/** @type {{ input: string }} */ { input }) => {
  const [order, path] = input.split(' ');
  if (order === 'exit') {
    process.exit(1);
  }
  if (order === 'throw') {
    throw new Error('a fault of the thread');
  }
  if (order === 'exit-once' && path !== undefined && isFirst(path)) {
    process.exit(1);
  }
  parentPort?.postMessage(order === 'fail' ? { ok: false, error: 'Error' } : { ok: true, value: input });
});

/** @param {string} path */
function isFirst(path) {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
}

// The product's hash thread, but for passwords that tell it to die. For faults.test.ts.
import { parentPort } from 'node:worker_threads';

if (parentPort === null) {
  throw new Error('This is the script of a thread.');
}
const on = parentPort.on.bind(parentPort);
parentPort.on = (/** @type {any} */ event, /** @type {any} */ listener) =>
  on(event, (/** @type {{ input: string }} */ job) => {
    obey(job.input);
    listener(job);
  });
await import('../../src/crypto/hash-worker.js');

/** @param {string} input */
function obey(input) {
  if (input.startsWith('Exit-')) {
    process.exit(1);
  }
  if (input.startsWith('Throw-')) {
    throw new Error(`a fault of the thread at ${input}`);
  }
  if (input.startsWith('Memory-')) {
    // Until the thread's own bound ends it.
    for (const ballast = []; ; ) {
      ballast.push(new Array(100_000).fill(input));
    }
  }
}

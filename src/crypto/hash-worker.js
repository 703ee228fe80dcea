// A thread that computes bcrypt and nothing else, so that hashing never holds up the event loop. Plain JavaScript:
// a thread starts faster without types to strip. Started by `hash-threads.ts`.
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * @typedef {{ hashSync(input: string, cost: number): string, verifySync(input: string, hash: string): boolean }} Bcrypt
 * @typedef {import('./hash-threads.ts').HashJob} HashJob
 * @typedef {import('./hash-threads.ts').HashReply} HashReply
 */

/**
 * Nice value: hashing takes only what requests leave of a core. At 19 the event loop would wait half as long beside it, but on a
 * machine that is busy with other work a hash of cost 10 took longer than a call may (docs/performance.md, B3): this leaves it 3 %.
 */
const PRIORITY = 15;

lowerPriority();

const bcrypt = workerData.native ? ((await loadNative()) ?? (await loadPortable())) : await loadPortable();

parentPort?.on('message', (/** @type {HashJob} */ job) => {
  parentPort?.postMessage(run(job));
});

/** On Linux a nice value belongs to the thread; elsewhere it would slow the whole process. */
function lowerPriority() {
  if (os.platform() !== 'linux') {
    return;
  }
  try {
    // A process that was started at a lower one may not raise it.
    if (os.getPriority() < PRIORITY) {
      os.setPriority(PRIORITY);
    }
  } catch {
    // A sandbox may forbid it: hashing at full priority is better than none.
  }
}

/**
 * @param {HashJob} job
 * @returns {HashReply}
 */
function run(job) {
  try {
    if (job.kind === 'hash') {
      return { ok: true, value: bcrypt.hashSync(job.input, job.cost) };
    }
    return { ok: true, value: bcrypt.verifySync(job.input, job.bcryptHash) };
  } catch (error) {
    // The library's text is not passed on: it might quote what it was given.
    return { ok: false, error: error instanceof Error ? error.name : 'unknown' };
  }
}

/**
 * The optional dependency: a quarter faster, where its binary fits the platform.
 * @returns {Promise<Bcrypt | null>}
 */
async function loadNative() {
  try {
    const { default: bcrypt } = await import('bcrypt');
    return { hashSync: bcrypt.hashSync, verifySync: bcrypt.compareSync };
  } catch {
    return null;
  }
}

/** @returns {Promise<Bcrypt>} */
async function loadPortable() {
  const { hashSync, compareSync } = await import('bcryptjs');
  return { hashSync, verifySync: compareSync };
}

// A thread that hashes passwords and nothing else, so that hashing never holds up the event loop. Plain JavaScript:
// a thread starts faster without types to strip. Started by `hash-threads.ts`.
import { argon2Sync, createCipheriv, pbkdf2Sync, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * @typedef {(input: string, saltOrCost: string | number) => string} HashByBcrypt
 * @typedef {import('./hash-threads.ts').HashJob} HashJob
 * @typedef {import('./hash-threads.ts').HashReply} HashReply
 * @typedef {import('./hashes/computation.ts').Computation} Computation
 * @typedef {import('./hashes/computation.ts').ScryptComputation} ScryptComputation
 * @typedef {import('./hashes/hash-parameters.ts').HashParameters} HashParameters
 */

/**
 * Nice value: hashing takes only what requests leave of a core. At 19 the event loop would wait half as long beside it, but on a
 * machine that is busy with other work a hash of cost 10 took longer than a call may (docs/performance.md, B3): this leaves it 3 %.
 */
const PRIORITY = 15;

/** RFC 9106, 3.1: 16 bytes of salt are recommended for passwords; section 4 recommends a tag of 256 bits. */
const SALT_BYTES = 16;
const DIGEST_BYTES = 32;

/** Above what a job may ask for (80 MiB and some blocks, `hashes/stored-hash.ts`): Node's own bound is 32 MiB. */
const SCRYPT_MAX_BYTES = 128 * 2 ** 20;

/** RFC 8018, 5.2: no block of a derived key depends on another, so that the first tells the password as well as all of them. */
const PBKDF2_BLOCK_BYTES = { sha1: 20, sha256: 32, sha512: 64 };

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
    return {
      ok: true,
      value: job.kind === 'hash' ? hash(job.input, job.parameters) : verify(job.input, job.computation),
    };
  } catch (error) {
    // The library's text is not passed on: it might quote what it was given.
    return { ok: false, error: error instanceof Error ? error.name : 'unknown' };
  }
}

/**
 * @param {string} input
 * @param {HashParameters} parameters
 * @returns {string}
 */
function hash(input, parameters) {
  if (parameters.algorithm === 'bcrypt') {
    return bcrypt(input, parameters.cost);
  }
  const { memoryKiB, passes, parallelism } = parameters;
  const salt = randomBytes(SALT_BYTES);
  const digest = argon2Sync('argon2id', {
    message: input,
    nonce: salt,
    memory: memoryKiB,
    passes,
    parallelism,
    tagLength: DIGEST_BYTES,
  });
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${base64(salt)}$${base64(digest)}`;
}

/**
 * @param {string} input
 * @param {Computation} computation
 * @returns {boolean}
 */
function verify(input, computation) {
  if (computation.algorithm === 'bcrypt') {
    const { cost, salt, digest } = computation;
    const made = bcrypt(input, `$2b$${String(cost).padStart(2, '0')}$${salt}`).slice(-digest.length);
    return timingSafeEqual(Buffer.from(made), Buffer.from(digest));
  }
  const expected = Buffer.from(computation.digest, 'base64');
  const made = derive(input, computation, expected.length);
  // Of equal lengths: the one that was made is cut to whole blocks.
  return timingSafeEqual(made, expected.subarray(0, made.length));
}

/**
 * @param {string} input
 * @param {Exclude<Computation, { algorithm: 'bcrypt' }>} computation
 * @param {number} length
 * @returns {Buffer}
 */
function derive(input, computation, length) {
  const salt = Buffer.from(computation.salt, 'base64');
  switch (computation.algorithm) {
    case 'scrypt':
      return scrypt(input, salt, computation, length);
    case 'firebase-scrypt': {
      const stream = createCipheriv('aes-256-ctr', scrypt(input, salt, computation, 32), Buffer.alloc(16));
      return stream.update(Buffer.alloc(length));
    }
    case 'pbkdf2': {
      const { hash: name, iterations } = computation;
      return pbkdf2Sync(input, salt, iterations, Math.min(length, PBKDF2_BLOCK_BYTES[name]), name);
    }
    default: {
      const { algorithm, memoryKiB: memory, passes, parallelism } = computation;
      return argon2Sync(algorithm, { message: input, nonce: salt, memory, passes, parallelism, tagLength: length });
    }
  }
}

/**
 * @param {string} input
 * @param {Buffer} salt
 * @param {ScryptComputation} computation
 * @param {number} length
 * @returns {Buffer}
 */
function scrypt(input, salt, { logN, r, p }, length) {
  return scryptSync(input, salt, length, { N: 2 ** logN, r, p, maxmem: SCRYPT_MAX_BYTES });
}

/**
 * As the PHC string format writes bytes.
 * @param {Buffer} bytes
 */
function base64(bytes) {
  return bytes.toString('base64').replace(/=+$/, '');
}

/**
 * The optional dependency: a quarter faster, where its binary fits the platform.
 * @returns {Promise<HashByBcrypt | null>}
 */
async function loadNative() {
  try {
    return (await import('bcrypt')).default.hashSync;
  } catch {
    return null;
  }
}

/** @returns {Promise<HashByBcrypt>} */
async function loadPortable() {
  return (await import('bcryptjs')).hashSync;
}

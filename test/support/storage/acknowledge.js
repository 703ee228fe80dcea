import { writeSync } from 'node:fs';

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Tells the parent, as a line of JSON, before anything else happens: what was written before a kill arrives. Waits where the
 * parent has not read what was told before.
 *
 * @param {unknown} message
 */
export function acknowledge(message) {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`);
  while (rest.length > 0) {
    rest = rest.subarray(written(rest));
  }
}

/** @param {Buffer} bytes */
function written(bytes) {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
      Atomics.wait(NEVER, 0, 0, 1);
      return 0;
    }
    throw error;
  }
}

import { writeSync } from 'node:fs';

/**
 * Tells the parent process, by one write(2) that is done when this returns: a stream would hold it back.
 * @param {unknown} message
 */
export function acknowledge(message) {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

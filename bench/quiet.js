import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const SAMPLE_MS = 1_000;

/** What others may use of the processors in a run that counts. */
const MOST_BUSY = 0.1;

/**
 * A sentence where others use the processors while nothing of the benchmark runs; null on a quiet machine, and where the system
 * does not tell. Takes a second.
 *
 * @param {string} when such as "before the run"
 * @returns {Promise<string | null>}
 */
export async function unquiet(when) {
  const before = processorTimes();
  await pause(SAMPLE_MS);
  const after = processorTimes();
  if (before === null || after === null) {
    return null;
  }
  const busy = 1 - (after.idle - before.idle) / (after.total - before.total);
  return busy <= MOST_BUSY
    ? null
    : `NOT QUIET: ${when} ${(100 * busy).toFixed(0)} % of the processors were in use. Bars of this run do not count: run it again.`;
}

/** Time of all processors so far, what a host took of it counted as busy (proc_stat(5)). */
function processorTimes() {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
    const [, , , idle = 0, waiting = 0] = times;
    return { idle: idle + waiting, total: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return null;
  }
}

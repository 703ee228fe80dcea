import { spawnSync } from 'node:child_process';
import os from 'node:os';

/**
 * A processor for those who call and the others for the server, as where callers have machines of their own; null where there is but
 * one, or no `taskset` (util-linux).
 *
 * @returns {{ server: string, callers: string } | null} lists as `taskset` reads them
 */
export function separateProcessors() {
  const count = os.availableParallelism() - 1;
  if (count === 0 || spawnSync('taskset', ['--version']).status !== 0) {
    return null;
  }
  return { server: `0-${count - 1}`, callers: String(count) };
}

/**
 * Keeps the main thread of a process, and threads that it starts from now on, on these processors.
 *
 * @param {number} pid
 * @param {string} list
 */
export function keepMainThreadOn(pid, list) {
  spawnSync('taskset', ['--cpu-list', '--pid', list, String(pid)]);
}

/**
 * Keeps this process, and those that it starts from now on, on these processors.
 *
 * @param {string} list
 */
export function stayOnProcessors(list) {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, String(process.pid)]);
}

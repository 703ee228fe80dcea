import { spawnSync } from 'node:child_process';
import os from 'node:os';

/**
 * Processors for an event loop and for those who call it, as where callers have machines of their own; nulls where there is but one,
 * or no `taskset` (util-linux).
 *
 * @returns {{ eventLoop: number | null, callers: number | null }}
 */
export function separateProcessors() {
  const last = os.availableParallelism() - 1;
  const isPossible = last > 0 && spawnSync('taskset', ['--version']).status === 0;
  return isPossible ? { eventLoop: 0, callers: last } : { eventLoop: null, callers: null };
}

/**
 * Keeps the main thread of a process on a processor; its other threads go on as before.
 *
 * @param {number} pid
 * @param {number | null} processor null: on every one
 */
export function keepMainThreadOn(pid, processor) {
  const list = processor === null ? `0-${os.availableParallelism() - 1}` : String(processor);
  spawnSync('taskset', ['--cpu-list', '--pid', list, String(pid)]);
}

/**
 * What a command is to begin with so that all of its process stays on a processor.
 *
 * @param {number | null} processor null: on every one
 * @returns {readonly string[]}
 */
export function onProcessor(processor) {
  return processor === null ? [] : ['taskset', '--cpu-list', String(processor)];
}

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config/environment.ts';
import type { LineWriter } from '../observability/logger.ts';
import { handOnLines } from '../workers/whole-lines.ts';

/** As the program was started itself: on this Node, with the same flags. */
const ENTRY = fileURLToPath(new URL('./authflow.js', import.meta.url));

/** Starts `authflow serve` as a worker of this process. What it writes to its standard error goes on in whole lines. */
export function forkWorker(env: Environment, standardError: LineWriter): ChildProcess {
  const worker = fork(ENTRY, ['serve', '--worker'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    // Bytes pass as they are.
    serialization: 'advanced',
  });
  if (worker.stderr !== null) {
    handOnLines(worker.stderr, standardError);
  }
  return worker;
}

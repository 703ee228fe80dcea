import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { onTestFinished } from 'vitest';

/** No loop outlives this, whatever becomes of the test. */
const LONGEST_MS = 900_000;
const LOOP = `const end = Date.now() + ${LONGEST_MS}; console.log('busy'); while (Date.now() < end);`;

/** Takes every processor of the machine until the test has finished: as many loops as processors, and two. */
export async function takeProcessors(): Promise<void> {
  const loops = Array.from({ length: availableParallelism() + 2 }, () =>
    spawn(process.execPath, ['-e', LOOP], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  onTestFinished(() => {
    for (const loop of loops) {
      loop.kill('SIGKILL');
    }
  });
  await Promise.all(loops.map((loop) => once(loop.stdout, 'data')));
}

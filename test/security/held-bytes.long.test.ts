import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storeOfTest } from '../support/stores.ts';
import { send } from './backend.ts';
import { sendHalves } from './half-sent.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const MIB = 1_048_576;

test.runIf(process.platform === 'linux')(
  'W10: 8,000 half-sent bodies of 65 kB on 80 connections, 520 MB, add at most 256 MiB; others are served meanwhile',
  { timeout: 300_000 },
  async () => {
    const server = await startServerProcess(await storeOfTest());
    await warmUp(server);
    const before = memoryOf(server, 'VmRSS');
    resetPeak(server);
    const sending = sendHalves(server, 80);
    let isSent = false;
    sending.finally(() => {
      isSent = true;
    });
    let served = 0;
    while (!isSent) {
      const body = { identity: 'ada@example.com' };
      expect((await send(server.httpAddress, '/auth/fooBar', { body })).outcome).toBe('OK');
      served += 1;
    }
    const { refused } = await sending;
    await expect.poll(refused).toBeGreaterThan(5_000);
    expect(served).toBeGreaterThan(0);
    const added = memoryOf(server, 'VmHWM') - before;
    // 16 MiB of it are held; unbounded it was 579. A bare server of Node that refuses each stream at once adds 112.
    expect(added).toBeLessThanOrEqual(256 * MIB);
  },
);

/** What is loaded after the start, and by the first connections, is no part of it. */
async function warmUp(server: ServerProcess): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await send(server.httpAddress, '/auth/fooBar', { body: { identity: 'ada@example.com' } });
  }
  const { leave } = await sendHalves(server, 2);
  await leave();
}

/** From here on the peak counts anew (proc(5), clear_refs). */
function resetPeak({ child }: ServerProcess): void {
  writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
}

function memoryOf({ child }: ServerProcess, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

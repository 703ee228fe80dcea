import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { Backend, send } from './backend.ts';
import { startServerProcess } from './server-process.ts';

/** Of util-linux. */
const PRLIMIT = '/usr/bin/prlimit';
const EMAIL = 'user@example.com';

test.for([1, 2])(
  'R3: while nothing can be written readiness says so and Validate answers; both are back without a restart (workers: %i)',
  async (workers, { skip }) => {
    skip(!existsSync(PRLIMIT), `needs ${PRLIMIT} of util-linux`);
    const server = await startServerProcess(await storeOfTest(), { workers });
    const made = await send(server.httpAddress, '/organizations', {
      body: { name: 'Acme' },
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    const backend = new Backend(server.httpAddress, made.field('api_key'));
    await backend.signUp(EMAIL);
    const session = (await backend.login(EMAIL)).field('token');
    const readyz = async () => (await send(server.httpAddress, '/readyz', { method: 'GET' })).status;
    const page = async () => (await send(server.httpAddress, '/metrics', { method: 'GET' })).text;
    expect(await readyz()).toBe(200);
    expect(await page()).toContain('\nauthflow_ready 1\n');

    // To the system's calls a file that may not grow is a full disk.
    limitFiles(server.child.pid, '0');
    await expect.poll(readyz).toBe(503);
    await expect.poll(page).toContain('\nauthflow_ready 0\n');
    expect((await backend.login(EMAIL)).outcome).toBe('UNAVAILABLE');
    expect((await backend.validate(EMAIL, session)).outcome).toBe('OK');

    limitFiles(server.child.pid, 'unlimited');
    // Who scrapes alone is told as well.
    await expect.poll(page).toContain('\nauthflow_ready 1\n');
    expect(await readyz()).toBe(200);
    expect((await backend.login(EMAIL)).outcome).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  },
);

function limitFiles(pid: number | undefined, bytes: string): void {
  execFileSync(PRLIMIT, ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

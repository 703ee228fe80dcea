import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.ts';
import { runCli } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { NO_LIMITS_ENVIRONMENT } from '../support/limits.ts';
import { send, tally } from './backend.ts';
import { argumentsOf, filesUnder, leakSearch } from './leak-search.ts';
import { markedBackend, sendFactors, sendMarkedPasswords } from './leak-traffic.ts';

const ENTRY = fileURLToPath(new URL('../support/serve.js', import.meta.url));
const PRELOAD = fileURLToPath(new URL('../support/failing-aloud.js', import.meta.url));

/** Users with a second factor, beside those with passwords. */
const FACTORS = 10;

/** Files that hold a secret of the server's own, by design. */
const OWN = ['secret', 'admin-token'];

/**
 * Runs a server over SQLite whose callers send and are given secrets, backs it up, makes it throw and end by that, and expects
 * docs/security.md, W5: no secret is in the files of the store, in those of the backup, in its folder of temporary files or
 * the one that it runs in, in its arguments, in what it wrote at any level, in its metrics or in a refusal.
 */
export async function expectNoLeak({
  rounds,
  workers,
}: {
  readonly rounds: number;
  readonly workers: number;
}): Promise<void> {
  const folder = temporaryFolder();
  const [data, temporary, cwd, backups] = ['data', 'temporary', 'cwd', 'backups'].map((name) => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  }) as [string, string, string, string];
  const environment = { AUTHFLOW_DATA_DIR: data, TMPDIR: temporary };
  const child = spawn(process.execPath, ['--import', PRELOAD, ENTRY], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      ...environment,
      ...NO_LIMITS_ENVIRONMENT,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
      AUTHFLOW_LOG_LEVEL: 'debug',
      AUTHFLOW_WORKERS: String(workers),
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written: Buffer[] = [];
  child.stderr.on('data', (chunk) => written.push(chunk));
  const address = await listening(createInterface(child.stdout));

  const backend = await markedBackend(address);
  const sent = await sendMarkedPasswords(backend, { rounds, name: 'user' });
  const factors = await sendFactors(backend, { rounds: FACTORS, name: 'factor' });
  expect(Object.keys(tally(factors.outcomes)).toSorted()).toEqual(['CODE_INVALID', 'OK']);
  expect(Object.keys(tally(sent.outcomes))).toEqual(
    expect.arrayContaining(['OK', 'CREDENTIALS_INVALID', 'USER_EXISTS', 'SESSION_INVALID']),
  );
  const search = leakSearch([...sent.made, ...factors.made]);
  const refusals = [...sent.refusals, ...factors.refusals];
  const places: [string, string | Uint8Array][] = refusals.map((text) => ['a refusal', text]);
  places.push(['/metrics', (await send(address, '/metrics', { method: 'GET' })).text]);
  places.push(['arguments', argumentsOf(child.pid ?? 0)]);
  places.push(...filesUnder(data), ...filesUnder(temporary), ...filesUnder(cwd));
  const backup = await runCli(['backup', join(backups, 'backup.db')], { folder: cwd, env: environment });
  expect(backup.code, backup.stderr).toBe(0);
  places.push(['backup', backup.stdout + backup.stderr], ...filesUnder(backups));

  child.kill('SIGUSR2');
  await expect.poll(() => Buffer.concat(written).toString()).toContain('unhandled_rejection');
  const closed = once(child, 'close');
  child.kill('SIGWINCH');
  expect((await closed)[0]).toBe(EXIT.internal);
  places.push(
    ['what it wrote', Buffer.concat(written)],
    ...filesUnder(data),
    ...filesUnder(temporary),
    ...filesUnder(cwd),
  );

  expect(places.some(([name, bytes]) => name === 'authflow.db' && bytes.length > 10_000)).toBe(true);
  const found = places
    .filter(([name]) => !OWN.includes(name))
    .flatMap(([name, bytes]) => search.in(bytes).map((secret) => `${secret} in ${name}`));
  expect(found).toEqual([]);
  // Nothing is left behind by who ended so.
  expect([...filesUnder(temporary).keys(), ...filesUnder(cwd).keys()]).toEqual([]);
}

async function listening(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const { httpAddress }: { httpAddress?: string } = JSON.parse(line);
    if (httpAddress !== undefined) {
      return httpAddress;
    }
  }
  throw new Error('the server ended before it listened');
}

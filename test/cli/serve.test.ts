import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { type CliPlace, jsonOf, runCli, startCli } from './spawned-cli.ts';

const FREE_PORTS = { AUTHFLOW_HTTP_PORT: '0', AUTHFLOW_GRPC_PORT: '0' };
const SECRETS = /\b(af_|afadm_)[A-Za-z0-9_-]{43}/g;

test('a first start tells where everything is and what to type, and no secret where nobody sees it', async () => {
  const place = newPlace();
  const server = await startServing([], place);
  expect(server.stdout()).toContain(join(place.folder, 'data', 'authflow.db'));
  expect(server.stdout()).toContain(join(place.folder, 'data', 'admin-token'));
  expect(server.stdout()).toContain('authflow org create');
  const { code, stdout, stderr } = await server.stop('SIGTERM');
  expect(code).toBe(0);
  expect((stdout + stderr).match(SECRETS)).toBeNull();
  expectLogLines(stderr);
});

test('A3: what others could open is named at every start, with the command that closes it', async () => {
  const place = newPlace();
  await jsonOf(['migrate'], place);
  const data = join(place.folder, 'data');
  chmodSync(join(data, 'secret'), 0o644);
  chmodSync(join(data, 'admin-token'), 0o640);
  chmodSync(data, 0o755);
  const { code, stderr } = await (await startServing([], place)).stop('SIGTERM');
  expect(code).toBe(0);
  expect(warningsIn(stderr)).toMatchObject([
    { event: 'open_to_others', path: data, mode: '755', command: `chmod 700 '${data}'` },
    {
      event: 'open_to_others',
      path: join(data, 'secret'),
      mode: '644',
      command: `chmod 600 '${join(data, 'secret')}'`,
    },
    { event: 'open_to_others', path: join(data, 'admin-token'), mode: '640' },
  ]);

  chmodSync(data, 0o700);
  chmodSync(join(data, 'secret'), 0o600);
  chmodSync(join(data, 'admin-token'), 0o400);
  expect(warningsIn((await (await startServing([], place)).stop('SIGTERM')).stderr)).toEqual([]);
});

test('that tokens hold the API key is told in one warning with its remedy, and by doctor, until it was chosen', async () => {
  const place = newPlace({ AUTHFLOW_API_KEY_CLAIM: undefined });
  const detailOf = async (env: Record<string, string>) => {
    const checks = await jsonOf<{ check: string; ok: boolean; detail: string }[]>(['doctor'], { ...place, env });
    return checks.find(({ check }) => check === 'API key in tokens')?.detail;
  };
  const { stderr } = await (await startServing([], place)).stop('SIGTERM');
  const remedy = expect.stringContaining('AUTHFLOW_API_KEY_CLAIM=id');
  expect(warningsIn(stderr)).toEqual([expect.objectContaining({ event: 'api_key_in_tokens', remedy })]);
  expect(await detailOf({})).toEqual(remedy);
  for (const AUTHFLOW_API_KEY_CLAIM of ['key', 'id']) {
    const chosen = { ...place, env: { ...place.env, AUTHFLOW_API_KEY_CLAIM } };
    expect(warningsIn((await (await startServing([], chosen)).stop('SIGTERM')).stderr)).toEqual([]);
    expect(await detailOf({ AUTHFLOW_API_KEY_CLAIM })).not.toContain('set ');
  }
});

test('an admin token file that was deleted is told at the start, with what makes another, and by doctor', async () => {
  const place = newPlace();
  await jsonOf(['migrate'], place);
  const file = join(place.folder, 'data', 'admin-token');
  rmSync(file);
  const { stderr } = await (await startServing([], place)).stop('SIGTERM');
  const told = stderr.split('\n').filter((line) => line.includes('"level":"error"'));
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    {
      event: 'admin_token_unusable',
      fault: `${file} is missing`,
      remedy: expect.stringContaining('admin-token rotate'),
    },
  ]);
  const { code, stdout } = await runCli(['doctor', '--json'], place);
  expect([code, stdout]).toEqual([1, expect.stringContaining('admin-token rotate')]);
  await jsonOf(['admin-token', 'rotate'], place);
  expect((await runCli(['doctor', '--json'], place)).code).toBe(0);
});

test('an admin token file that goes while the server runs is named by the log, with what makes another', async () => {
  const place = newPlace();
  const server = await startServing([], place);
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0] ?? '';
  const file = join(place.folder, 'data', 'admin-token');
  const token = readFileSync(file, 'utf8').trim();
  rmSync(file);
  const reply = await fetch(`${address}/organizations`, { headers: { authorization: `Bearer ${token}` } });
  expect(reply.status).toBe(503);
  const { stderr } = await server.stop('SIGTERM');
  const told = stderr.split('\n').filter((line) => line.includes('"event":"call_failed"'));
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { fault: `${file} is missing`, remedy: expect.stringContaining('authflow admin-token rotate') },
  ]);
  expect(stderr).not.toContain(token);
});

test('--org makes the organization once and prints its key once', async () => {
  const place = newPlace();
  const first = await (await startServing(['--org', 'Acme, Inc.'], place)).stop('SIGINT');
  expect(first.code).toBe(0);
  expect(first.stdout.match(SECRETS)).toHaveLength(1);
  expect(first.stderr.match(SECRETS)).toBeNull();
  const organizations = await jsonOf<{ name: string; org_id: string }[]>(['org', 'list'], place);
  expect(organizations.map(({ name }) => name)).toEqual(['Acme, Inc.']);
  expect(first.stdout).toContain(organizations[0]?.org_id);

  const second = await (await startServing(['--org', 'Acme, Inc.'], place)).stop('SIGTERM');
  expect((second.stdout + second.stderr).match(SECRETS)).toBeNull();
  expect(second.stdout).toContain(organizations[0]?.org_id);
});

test('--org with an impossible name stops the start with 1', async () => {
  const { code, stderr } = await runCli(['serve', '--org', 'a\nb'], newPlace());
  expect([code, stderr]).toEqual([1, expect.stringContaining('INVALID_ARGUMENT')]);
});

test('commands work beside a running server', async () => {
  const place = newPlace();
  const server = await startServing([], place);
  const created = await jsonOf<{ api_key: string; org_id: string }>(['org', 'create', 'Acme'], place);
  const { api_key } = created;
  const reply = await fetch(`${server.httpAddress}/auth/fooBar?identity=ada@example.com&api_key=${api_key}`);
  expect(reply.status).toBe(200);
  await jsonOf(['org', 'close', 'Acme'], place);
  const refused = await fetch(`${server.httpAddress}/auth/fooBar?identity=ada@example.com&api_key=${api_key}`);
  expect(await refused.json()).toMatchObject({ error: 'API_KEY_INVALID' });
  await server.stop('SIGTERM');
});

test('a second signal ends a stop that waits for work in flight, with 1', async () => {
  // A hash of about two seconds.
  const server = await startServing(['--org', 'Acme'], newPlace({ AUTHFLOW_BCRYPT_COST: '15' }));
  const [apiKey = ''] = server.stdout().match(SECRETS) ?? [];
  const email = 'ada@example.com';
  const { token } = await jsonAt<{ token: string }>(`${server.httpAddress}/auth/fooBar?identity=${email}`);
  const body = { foobar: token, api_key: apiKey, email, password: 'Analytical-1', fullname: 'Ada', disclaimed: 'true' };
  const cutOff = fetch(`${server.httpAddress}/auth/signUp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => 'cut off');
  await untilHashing(server.httpAddress);

  server.child.kill('SIGTERM');
  await until(() => server.stderr().includes('"stopping"'));
  const { code } = await server.stop('SIGINT');
  expect(code).toBe(1);
  expect(await cutOff).toBe('cut off');
});

test.each(['AUTHFLOW_HTTP_PORT', 'AUTHFLOW_GRPC_PORT'])('a port in use is told by %s alone, with 3', async (name) => {
  const port = await occupiedPort();
  const { code, stderr } = await runCli(['serve'], newPlace({ [name]: String(port) }));
  expect(code).toBe(3);
  expect(stderr.split('\n')).toEqual([expect.stringMatching(new RegExp(`^authflow: ${name} .*${port}`)), '']);
});

test('a secret that is missing beside a store, or is another one, stops the start with 3', async () => {
  const place = newPlace();
  await jsonOf(['migrate'], place);
  const other = await runCli(['serve'], { ...place, env: { ...place.env, AUTHFLOW_SECRET: 'x'.repeat(32) } });
  expect([other.code, other.stdout]).toEqual([3, '']);
  expect(other.stderr).toMatch(/^authflow: .*secret/m);
});

test('a reader of the greeting that goes away does not stop the server', async () => {
  const place = newPlace();
  await jsonOf(['migrate'], place);
  const child = startCli(['serve'], place);
  child.stdout.destroy();
  const log = collect(child, 'stderr');
  await until(() => log().includes('"greeting_not_printed"'));
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});

test('R11: a rejection that nobody waited for is logged without its message and survived; an exception ends with 70', async () => {
  const failures = `process.on('SIGUSR2', () => Promise.reject(new TypeError('hunter2')));
    process.on('SIGHUP', () => { throw new RangeError('hunter2'); });`;
  // In base64: stack frames show the module's address.
  const place = newPlace({
    NODE_OPTIONS: `--import data:text/javascript;base64,${Buffer.from(failures).toString('base64')}`,
  });
  const server = await startServing([], place);
  server.child.kill('SIGUSR2');
  await until(() => server.stderr().includes('"unhandled_rejection"'));
  expect((await fetch(`${server.httpAddress}/healthz`)).status).toBe(200);

  const { code, stdout, stderr } = await server.stop('SIGHUP');
  expect(code).toBe(70);
  expect(stdout + stderr).not.toContain('hunter2');
  expectLogLines(stderr);
  expect(stderr).toContain('"uncaught_exception"');
});

test('the admin token that was made is in its file', async () => {
  const place = newPlace();
  await (await startServing([], place)).stop('SIGTERM');
  expect(readFileSync(join(place.folder, 'data', 'admin-token'), 'utf8')).toMatch(/^afadm_[A-Za-z0-9_-]{43}\n$/);
});

/** Where what tokens hold was chosen, unless `env` takes that back. */
function newPlace(env: Record<string, string | undefined> = {}): CliPlace {
  const all = { ...FREE_PORTS, AUTHFLOW_API_KEY_CLAIM: 'key', ...env };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { folder: temporaryFolder(), env: Object.fromEntries(given) };
}

async function startServing(args: readonly string[], place: CliPlace) {
  const child = startCli(['serve', ...args], place);
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  // The greeting is written at once.
  const isGreeted = () => /^ {2}store /m.test(stdout());
  await until(() => isGreeted() || child.exitCode !== null);
  if (child.exitCode !== null) {
    throw new Error(`serve ended with ${child.exitCode}: ${stderr()}`);
  }
  return {
    child,
    stderr,
    httpAddress: /http:\/\/127\.0\.0\.1:\d+/.exec(stdout())?.[0] ?? '',
    stdout,
    stop: async (signal: NodeJS.Signals) => {
      child.kill(signal);
      const [code] = await once(child, 'close');
      return { code, stdout: stdout(), stderr: stderr() };
    },
  };
}

function collect(child: ChildProcessWithoutNullStreams, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name].setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** Polls a condition outside this process. */
async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition).toBe(true);
}

async function jsonAt<T>(url: string): Promise<T> {
  const reply: unknown = await (await fetch(url)).json();
  return reply as T;
}

async function untilHashing(httpAddress: string): Promise<void> {
  const metrics = async () => (await fetch(`${httpAddress}/metrics`)).text();
  await expect.poll(metrics).toContain('authflow_password_hashes_total 1');
}

async function occupiedPort(): Promise<number> {
  const listener = createServer();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

function expectLogLines(stderr: string): void {
  for (const line of stderr.split('\n').filter((text) => text !== '')) {
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), event: expect.any(String) });
  }
}

function warningsIn(stderr: string): unknown[] {
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn');
}

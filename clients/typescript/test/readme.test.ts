import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { AuthFlowClient } from '@authflow/client';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ADMIN, newOrganization, newSession, organizations, PASSWORD } from './support/organization.ts';
import { GRPC, HTTP } from './support/stand.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const BLOCKS = README.match(/(?<=^```ts\n).*?(?=^```$)/gms) ?? [];
/** In the README's order. */
const FILES = [
  'ten-lines',
  'organizations',
  'users',
  'errors',
  'second-step',
  'tracing',
  'express',
  'fastify',
  'nest',
  'hono',
  'web',
  'fetch',
  'fake',
];

let apiKey: string;

beforeEach(async () => {
  ({ apiKey } = await newOrganization());
  vi.stubEnv('AUTHFLOW_ADDRESS', GRPC);
  vi.stubEnv('AUTHFLOW_URL', HTTP);
  vi.stubEnv('AUTHFLOW_API_KEY', apiKey);
  vi.stubEnv('PORT', String(await freePort()));
});
afterEach(() => vi.unstubAllEnvs());

test('every block is a file that the type checker sees', () => {
  expect(BLOCKS).toEqual(FILES.map((name) => readFileSync(fileOf(name), 'utf8')));
});

test('the ten lines are ten', () => {
  expect(BLOCKS[0]?.split('\n').filter((line) => line !== '')).toHaveLength(10);
});

describe('a program runs:', () => {
  test('the ten lines', async () => {
    expect(await printedBy('ten-lines')).toMatch(/^Ada Lovelace is user [0-9a-f-]{36}\n$/);
  });

  test('the raw stubs', async () => {
    expect(await printedBy('organizations')).toBe('ADMIN_TOKEN_INVALID\n');
  });

  test('UserService', async () => {
    const { orgId } = await newOrganization();
    const stub = organizations();
    const kinds = [{ kind: 'api' }, { kind: 'management' }];
    const [key, managementKey] = await Promise.all(kinds.map(({ kind }) => stub.createApiKey({ orgId, kind }, ADMIN)));
    vi.stubEnv('AUTHFLOW_API_KEY', key?.apiKey);
    vi.stubEnv('AUTHFLOW_MANAGEMENT_KEY', managementKey?.apiKey);
    expect(await printedBy('users')).toBe("[ 'editor' ]\n");
  });

  test('errors', async () => {
    const [first = '', second = ''] = (await printedBy('errors')).split('\n');
    expect(first).toBe("400 INVALID_ARGUMENT [ 'email', 'fullname' ]");
    expect(JSON.parse(second)).toMatchObject({ statusCode: 400, violations: expect.any(Array) });
  });

  test('the client by fetch', async () => {
    const client = new AuthFlowClient({ address: GRPC, apiKey });
    const email = 'ada@example.com';
    const { userId } = await client.signUp({ email, password: PASSWORD, fullname: 'Ada', disclaimed: true });
    expect(JSON.parse(await printedBy('fetch'))).toMatchObject({ user_id: userId, email });
    client.close();
  });

  test('the fake', async () => {
    vi.stubEnv('AUTHFLOW_ADDRESS', undefined);
    expect(await printedBy('fake')).toBe('');
  });
});

describe('a backend serves:', () => {
  test.each(['express', 'fastify'])('%s', async (name) => {
    const program = run(name);
    onTestFinished(() => {
      program.kill();
    });
    await serves((path, init) => fetch(`http://127.0.0.1:${process.env.PORT}${path}`, init));
  });

  test('nest', async () => {
    // Node strips types and no decorators.
    const { app } = await import('./readme/nest.ts');
    onTestFinished(() => app.close());
    await serves((path, init) => fetch(`http://127.0.0.1:${process.env.PORT}${path}`, init));
  });

  test('hono', async () => {
    const { app } = await import('./readme/hono.ts');
    await serves(async (path, init) => app.request(path, init));
  });

  test('a web-standard handler, from a cookie', async () => {
    const { GET, PUT, DELETE } = await import('./readme/web.ts');
    const client = new AuthFlowClient({ address: GRPC, apiKey });
    const { email, sessionToken } = await newSession(client);
    const request = () => new Request('http://localhost/session', { headers: { cookie: `session=${sessionToken}` } });
    expect(await (await GET(request())).json()).toMatchObject({ email });
    expect((await PUT(request())).status).toBe(403);
    expect((await DELETE(request())).status).toBe(204);
    expect((await GET(request())).status).toBe(401);
    client.close();
  });
});

test('the client with tracing makes calls', async () => {
  const { auth } = await import('./readme/tracing.ts');
  expect(await newSession(auth)).toMatchObject({ sessionToken: expect.any(String) });
  auth.close();
});

test('the second step is none where none is needed', async () => {
  const { auth, logIn } = await import('./readme/second-step.ts');
  const { email } = await newSession(auth);
  expect(await logIn(email, PASSWORD, () => expect.fail())).toMatchObject({ email });
  auth.close();
});

/** Drives /me and /logout with a session, until the program answers at all. */
async function serves(send: (path: string, init: RequestInit) => Promise<Response>): Promise<void> {
  const client = new AuthFlowClient({ address: GRPC, apiKey });
  const { email, sessionToken } = await newSession(client);
  const headers = { authorization: `Bearer ${sessionToken}` };
  await vi.waitFor(() => send('/', {}), { timeout: 60_000 });
  const me = await send('/me', { headers });
  expect(me.status).toBe(200);
  expect(await me.json()).toMatchObject({ user_id: expect.any(String), email });
  expect((await send('/reports', { headers })).status).toBe(403);
  expect((await send('/logout', { method: 'POST', headers })).status).toBe(204);
  const after = await send('/me', { headers });
  expect(after.status).toBe(401);
  expect(await after.json()).toMatchObject({ error: 'SESSION_REVOKED' });
  client.close();
}

async function printedBy(name: string): Promise<string> {
  const program = run(name);
  const printed = await program.stdout.setEncoding('utf8').toArray();
  if (program.exitCode === null) {
    await once(program, 'exit');
  }
  expect(program.exitCode).toBe(0);
  return printed.join('');
}

function run(name: string) {
  return spawn(process.execPath, [fileURLToPath(fileOf(name))], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function fileOf(name: string): URL {
  return new URL(`readme/${name}.ts`, import.meta.url);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

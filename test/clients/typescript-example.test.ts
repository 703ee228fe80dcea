import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { totp } from '../../clients/typescript/test/support/totp.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { startTestServer } from '../support/running-server.ts';
import { build } from './typescript-client.ts';

const ADA = { email: 'ada@example.com', password: 'Analytical-1843', fullname: 'Ada Lovelace' };

test('the example in TypeScript asks for a code, and keeps the challenge from the page', async () => {
  await build();
  await using server = await startTestServer();
  const { apiKey } = await server.createOrganization();
  const send = await startExample({ AUTHFLOW_ADDRESS: server.grpcAddress, AUTHFLOW_API_KEY: apiKey });
  await send('/register', ADA);
  const { token } = await fieldsOf(send('/login', ADA));
  const authorization = `Bearer ${token}`;
  const { secret } = await fieldsOf(send('/second-factor', {}, { authorization }));
  const confirmation = { code: totp(secret, Date.now()) };
  const { recovery_codes: recoveryCodes } = await fieldsOf(
    send('/second-factor/confirm', confirmation, { authorization }),
  );
  expect(recoveryCodes).toHaveLength(10);

  const asked = await send('/login', ADA);
  expect([asked.status, await asked.json()]).toEqual([
    401,
    { statusCode: 401, error: 'SECOND_FACTOR_REQUIRED', message: expect.any(String), methods: ['totp', 'recovery'] },
  ]);
  const [cookie = ''] = asked.headers.getSetCookie();
  expect(cookie).toMatch(/^login-challenge=[\w-]+; .*HttpOnly; SameSite=Strict$/);
  const headers = { cookie: cookie.replace(/;.*/, '') };
  const wrong = await send('/login/code', { method: 'recovery', code: 'AAAA-AAAA-AAAA-AAAA' }, headers);
  expect([wrong.status, await wrong.json()]).toEqual([401, expect.objectContaining({ error: 'CODE_INVALID' })]);
  // The one of now was taken.
  const right = await send('/login/code', { method: 'totp', code: totp(secret, Date.now() + 30_000) }, headers);
  expect([right.status, await right.json()]).toEqual([200, expect.objectContaining({ email: ADA.email })]);
  const again = await send('/login/code', { method: 'recovery', code: recoveryCodes[0] }, headers);
  expect([again.status, await again.json()]).toEqual([401, expect.objectContaining({ error: 'CHALLENGE_INVALID' })]);
  const lost = await send('/login/code', { method: 'recovery', code: recoveryCodes[0] });
  expect([lost.status, await lost.json()]).toEqual([400, expect.objectContaining({ error: 'INVALID_ARGUMENT' })]);
});

// biome-ignore lint/suspicious/noExplicitAny: fields of JSON, which the test goes on with
async function fieldsOf(reply: Promise<Response>): Promise<any> {
  return (await reply).json();
}

/** On what the repository has installed: `examples.test.ts` does it by the README. Gives what sends JSON there. */
async function startExample(env: Readonly<Record<string, string>>) {
  const port = await freePort();
  const child = spawn(process.execPath, ['server.ts'], {
    cwd: `${ROOT}examples/typescript`,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  return (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

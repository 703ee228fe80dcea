import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { LogLevel } from '../../src/observability/logger.ts';
import { Backend, inParallel, PASSWORD, send, serverOfTest } from '../security/backend.ts';
import { createApiKey } from '../support/asked.ts';
import { ask, authClient } from '../transport/grpc/test-server.ts';

const EMAIL = 'ada@example.com';

/** A server with a user, the key that is in its tokens, and one that never was. */
async function serverWithUser(logLevel: LogLevel) {
  const server = await serverOfTest({ settings: { logLevel } });
  const { orgId, apiKey: tokenKey } = await server.createOrganization();
  const { key, apiKey: ownKey } = await createApiKey(server.ports, { orgId, label: 'backend', inTokens: false });
  const backend = new Backend(server.httpAddress, ownKey);
  await backend.signUp(EMAIL);
  const lines = (event: string): Record<string, unknown>[] =>
    server.logLines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
  return { server, orgId, keyId: key.keyId, tokenKey, ownKey, backend, lines };
}

test('a failed login is one line at info: who, from where, what and why, and nothing that was sent', async () => {
  const { server, orgId, keyId, backend, lines } = await serverWithUser('info');
  await backend.login(EMAIL, 'Wrong-Horse-7');
  const { time: _time, pid: _pid, ...told } = lines('call_refused')[0] ?? {};
  expect(told).toEqual({
    level: 'info',
    event: 'call_refused',
    method: 'Login',
    entrance: 'http',
    reason: 'CREDENTIALS_INVALID',
    caller: 'private_key',
    org_id: orgId,
    key_id: keyId,
    address: '127.0.0.1',
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(server.logLines.join()).not.toContain(EMAIL);
  expect(lines('call')).toEqual([]);
});

test('who was refused before it was known who calls has an address and no name', async () => {
  const { server, lines } = await serverWithUser('info');
  await new Backend(server.httpAddress, `af_${'x'.repeat(43)}`).nonce(EMAIL);
  await send(server.httpAddress, '/organizations', { method: 'GET', headers: { authorization: 'Bearer afadm_x' } });
  await send(server.httpAddress, '/auth/fooBar', { body: { identity: EMAIL }, headers: { cookie: 'a=b' } });
  const refused = lines('call_refused').map(({ reason, caller, address, key_id }) => [reason, caller, address, key_id]);
  expect(refused).toEqual([
    ['API_KEY_INVALID', null, '127.0.0.1', undefined],
    ['ADMIN_TOKEN_INVALID', null, '127.0.0.1', undefined],
    ['ORIGIN_REFUSED', null, '127.0.0.1', undefined],
  ]);
});

test('what people mistype, and what ended in its time, is no line at info', async () => {
  const { backend, lines } = await serverWithUser('info');
  const sessionToken = (await backend.login(EMAIL)).field('token');
  await backend.logout(EMAIL, sessionToken);
  const replies = [await backend.validate(EMAIL, sessionToken), await backend.signUp(EMAIL), await backend.login('')];
  expect(replies.map(({ outcome }) => outcome)).toEqual(['SESSION_REVOKED', 'USER_EXISTS', 'INVALID_ARGUMENT']);
  expect(lines('call_refused')).toEqual([]);
});

test('the person behind a backend is told where its key was never in tokens and the text is an address', async () => {
  const { server, orgId, ownKey, tokenKey, lines } = await serverWithUser('info');
  const told = async (fields: Record<string, unknown>) => {
    // Nobody fails often enough to be locked.
    const email = `nobody-${randomUUID()}@example.com`;
    const foobar = await new Backend(server.httpAddress, ownKey).nonce(email);
    const body = { foobar, email, password: 'Wrong-Horse-7', ...fields };
    expect((await send(server.httpAddress, '/auth/login', { body })).outcome).toBe('USER_NOT_FOUND');
    return lines('call_refused').at(-1)?.client_ip;
  };
  expect(await told({ api_key: ownKey, client_ip: '203.0.113.9' })).toBe('203.0.113.9');
  expect(await told({ api_key: ownKey, client_ip: '2001:db8::9' })).toBe('2001:db8::9');
  expect(await told({ api_key: tokenKey, client_ip: '203.0.113.9' })).toBeUndefined();
  expect(await told({ org_id: orgId, client_ip: '203.0.113.9' })).toBeUndefined();
  for (const client_ip of ['203.0.113.999', 'somewhere', 'fe80::1%eth0', '203.0.113.9\n{"level":"info"}']) {
    expect(await told({ api_key: ownKey, client_ip })).toBeUndefined();
  }
});

test('a flood of failed calls is few lines, and one that counts the others by their reasons', async () => {
  const { server, lines } = await serverWithUser('info');
  const stranger = new Backend(server.httpAddress, `af_${'x'.repeat(43)}`);
  await inParallel(300, 10, () => stranger.nonce(EMAIL));
  await vi.waitUntil(() => lines('call_refused_untold').length > 0, { timeout: 120_000 });
  await server.stop();
  const untold = lines('call_refused_untold').map((line) => [line.untold, line.API_KEY_INVALID]);
  expect(untold).toEqual(untold.map(([count]) => [count, count]));
  expect(untold.reduce((sum, [count]) => sum + Number(count), lines('call_refused').length)).toBe(300);
});

test('at debug every call is one line, at each entrance, refused or not', async () => {
  const { server, orgId, keyId, ownKey, backend, lines } = await serverWithUser('debug');
  const before = lines('call').length;
  await backend.login(EMAIL, PASSWORD);
  await send(server.httpAddress, '/authflow.v1.AuthService/FooBar', { body: { identity: '' } });
  await ask(authClient(server.grpcAddress), 'fooBar', { identity: EMAIL, apiKey: ownKey });
  const calls = lines('call').slice(before);
  expect(calls.map(({ method, entrance, reason, caller }) => [method, entrance, reason, caller])).toEqual([
    ['FooBar', 'http', null, 'private_key'],
    ['Login', 'http', null, 'private_key'],
    ['FooBar', 'connect', 'INVALID_ARGUMENT', null],
    ['FooBar', 'grpc', null, 'private_key'],
  ]);
  const expected = { level: 'debug', org_id: orgId, key_id: keyId, duration_ms: expect.any(Number) };
  expect(calls[1]).toMatchObject({ ...expected, address: '127.0.0.1' });
  expect(calls[3]).toMatchObject({ ...expected, address: '127.0.0.1' });
});

test('at warn calls are not told at all', async () => {
  const { backend, server } = await serverWithUser('warn');
  await backend.login(EMAIL, 'Wrong-Horse-7');
  expect(server.logLines).toEqual([]);
});

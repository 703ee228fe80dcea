import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack, durationMs } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { FooBarRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { readSettings } from '../../src/config/settings.ts';
import { createApiKey } from '../support/asked.ts';
import { freshPage } from '../support/fresh-page.ts';
import { Backend, inParallel, PASSWORD, patiently, send, serverOfTest, tally } from './backend.ts';
import { EMAIL, flood, newOrganization } from './flood.ts';

const DAY_MS = 86_400_000;

/** The limits that an operator sets so; those that are not named have their defaults. */
function limitsOf(env: Readonly<Record<string, string>>) {
  return readSettings(Object.fromEntries(Object.entries(env).map(([limit, rate]) => [`AUTHFLOW_LIMIT_${limit}`, rate])))
    .limits;
}

test('the wait is told by Retry-After in whole seconds and by RetryInfo exactly', async () => {
  const server = await serverOfTest({ settings: { limits: limitsOf({ FOOBAR_KEYLESS: '1/d' }) } });
  const ask = () =>
    fetch(`${server.httpAddress}/auth/fooBar`, { method: 'POST', body: new URLSearchParams({ identity: EMAIL }) });
  expect((await ask()).status).toBe(200);
  const began = performance.now();
  const refused = await ask();
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { statusCode: 429, error: 'RATE_LIMITED', message: expect.stringMatching(/./) },
  ]);
  const retryAfterMs = Number(refused.headers.get('retry-after')) * 1000;
  const waitMs = await grpcWaitMs(server.grpcAddress);
  expect(waitMs).toBeLessThan(DAY_MS);
  expect(retryAfterMs).toBeGreaterThanOrEqual(waitMs);
  // A day after the first call, whenever it is asked, but for what lies between two answers.
  expect(retryAfterMs - waitMs).toBeLessThan(1_000 + performance.now() - began);
});

test('off is off', async () => {
  const off = Object.fromEntries(['FOOBAR_KEYLESS', 'FOOBAR_KEYLESS_TOTAL', 'LOGIN'].map((name) => [name, 'off']));
  const server = await serverOfTest({ settings: { limits: limitsOf({ ...off, FOOBAR: '1/d' }) } });
  const { orgId, apiKey } = await server.createOrganization();
  const body = { foobar: 'x', email: EMAIL, password: PASSWORD, org_id: orgId };
  const keyless = () => patiently(() => send(server.httpAddress, '/auth/fooBar', { body: { identity: EMAIL } }));
  const outcomes = await inParallel(100, 8, async () => (await keyless()).outcome);
  expect(tally(outcomes)).toEqual({ OK: 100 });
  const login = () => patiently(() => send(server.httpAddress, '/auth/login', { body }));
  expect(tally(await inParallel(100, 8, async () => (await login()).outcome))).toEqual({ NONCE_INVALID: 100 });
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.nonce(EMAIL);
  expect((await backend.call('fooBar', { identity: EMAIL })).outcome).toBe('RATE_LIMITED');
});

test('L1: who invents x-forwarded-for or client_ip has no more buckets by it, and takes from nobody else', async () => {
  const limits = limitsOf({ FOOBAR_KEYLESS: '1/d burst 3', PERSON: '1/d burst 2' });
  const server = await serverOfTest({ settings: { limits } });
  const { orgId, tokenKey, privateKey } = await newOrganization(server);
  const fooBar = async (forged: number) => {
    const headers = { 'x-forwarded-for': `203.0.113.${forged}` };
    return (await send(server.httpAddress, '/auth/fooBar', { body: { identity: `u${forged}@example.com` }, headers }))
      .outcome;
  };
  const outcomes: string[] = [];
  for (let forged = 0; forged < 10; forged += 1) {
    outcomes.push(await fooBar(forged));
  }
  expect(outcomes).toEqual([...Array(3).fill('OK'), ...Array(7).fill('RATE_LIMITED')]);

  const login = async (credentials: Readonly<Record<string, string>>, client_ip: string) => {
    const foobar = await new Backend(server.httpAddress, privateKey).nonce(EMAIL);
    const body = { foobar, email: EMAIL, password: PASSWORD, client_ip, ...credentials };
    const headers = { 'x-forwarded-for': client_ip };
    return (await send(server.httpAddress, '/auth/login', { body, headers })).outcome;
  };
  for (const lower of [{ api_key: tokenKey }, { org_id: orgId }]) {
    expect(tally(await inParallel(5, 1, () => login(lower, '203.0.113.9')))).toEqual({ OK: 5 });
  }
  const own = { api_key: privateKey };
  expect(tally(await inParallel(5, 1, () => login(own, '203.0.113.9')))).toEqual({ OK: 2, RATE_LIMITED: 3 });
  expect(await login(own, '203.0.113.10')).toBe('OK');
});

test('behind a listed proxy keyless callers are told apart by what it says', async () => {
  const limits = limitsOf({ FOOBAR_KEYLESS: '1/d burst 2', PERSON: '1/d burst 1' });
  const server = await serverOfTest({ settings: { limits, trustedProxies: ['127.0.0.1'] } });
  const { orgId, privateKey } = await newOrganization(server);
  const from = (address: string) => ({ 'x-forwarded-for': `198.51.100.1, ${address}` });
  const fooBar = async (address: string) =>
    (await send(server.httpAddress, '/auth/fooBar', { body: { identity: EMAIL }, headers: from(address) })).outcome;
  expect(tally(await inParallel(4, 1, () => fooBar('203.0.113.1')))).toEqual({ OK: 2, RATE_LIMITED: 2 });
  expect(tally(await inParallel(4, 1, (index) => fooBar(`2001:db8::${index}`)))).toEqual({ OK: 2, RATE_LIMITED: 2 });
  const login = async (address: string) => {
    const foobar = await new Backend(server.httpAddress, privateKey).nonce(EMAIL);
    const body = { foobar, email: EMAIL, password: PASSWORD, org_id: orgId };
    return (await send(server.httpAddress, '/auth/login', { body, headers: from(address) })).outcome;
  };
  expect([await login('203.0.113.1'), await login('203.0.113.1')]).toEqual(['OK', 'RATE_LIMITED']);
  expect(await login('203.0.113.2')).toBe('OK');
});

test('L2: failures, a flood and forged addresses with the key out of a token leave the private key all of its logins', async () => {
  // With a limit that the flood meets beside its share of the queue.
  const server = await serverOfTest({ settings: { limits: limitsOf({ LOGIN: '1/h burst 400' }) } });
  const { tokenKey, privateKey } = await newOrganization(server);
  const stranger = new Backend(server.httpAddress, tokenKey);
  const failures = await inParallel(1_000, 8, async (index) => {
    const foobar = await stranger.nonce(EMAIL);
    const client_ip = `203.0.113.${index % 250}`;
    return (await stranger.call('login', { foobar, email: EMAIL, password: `${PASSWORD}x`, client_ip })).outcome;
  });
  const { RATE_LIMITED, OK = 0 } = tally(failures);
  expect({ RATE_LIMITED, OK }).toEqual({ RATE_LIMITED: 600, OK: 0 });
  const strangers = flood(server, { api_key: tokenKey });
  await expect.poll(() => strangers.outcomes.length).toBeGreaterThan(60);
  const backend = new Backend(server.httpAddress, privateKey);
  const logins = await inParallel(100, 4, async (index) => {
    const foobar = await backend.nonce(EMAIL);
    const client_ip = `203.0.113.${index}`;
    return (await backend.call('login', { foobar, email: EMAIL, password: PASSWORD, client_ip })).outcome;
  });
  expect(tally(logins)).toEqual({ OK: 100 });
  await strangers.end();
});

test('nodes over one store have a budget each', async () => {
  const limits = limitsOf({ LOGIN: '1/d burst 3' });
  const first = await serverOfTest({ settings: { limits } });
  const second = await serverOfTest({ settings: { limits }, testStore: first.testStore });
  const { orgId } = await first.createOrganization();
  const body = { foobar: 'x', email: EMAIL, password: PASSWORD, org_id: orgId };
  for (const { httpAddress } of [first, second]) {
    const outcomes = await inParallel(5, 5, async () => (await send(httpAddress, '/auth/login', { body })).outcome);
    expect(tally(outcomes)).toEqual({ NONCE_INVALID: 3, RATE_LIMITED: 2 });
  }
});

test('the metrics count refusals by call, limit and class, and name no key, organization or address', async () => {
  const server = await serverOfTest({ settings: { limits: limitsOf({ LOGIN: '1/d', FOOBAR_KEYLESS: '1/d' }) } });
  const { orgId, apiKey } = await server.createOrganization();
  const { key, apiKey: privateKey } = await createApiKey(server.ports, { orgId, label: '', inTokens: false });
  const body = { foobar: 'x', email: EMAIL, password: PASSWORD };
  for (const api_key of [apiKey, privateKey]) {
    await inParallel(4, 1, () => send(server.httpAddress, '/auth/login', { body: { ...body, api_key } }));
  }
  await inParallel(3, 1, () => send(server.httpAddress, '/auth/fooBar', { body: { identity: EMAIL } }));
  const text = await freshPage(async () => (await send(server.httpAddress, '/metrics', { method: 'GET' })).text);
  const lines = text.split('\n').filter((line) => line.startsWith('authflow_rate_limit_'));
  expect(lines.filter((line) => line.includes('refusals'))).toEqual([
    'authflow_rate_limit_refusals_total{call="Login",limit="login",caller_class="token_key"} 3',
    'authflow_rate_limit_refusals_total{call="Login",limit="login",caller_class="private_key"} 3',
    'authflow_rate_limit_refusals_total{call="FooBar",limit="foobar_keyless",caller_class="no_key"} 2',
  ]);
  expect(lines).toContain('authflow_rate_limit_buckets{limit="login"} 2');
  expect(lines).toContain('authflow_rate_limit_buckets{limit="foobar_keyless"} 1');
  for (const secret of [apiKey, privateKey, orgId, key.keyId, '127.0.0.1']) {
    expect(lines.join('\n')).not.toContain(secret);
  }
});

/** What RetryInfo tells a FooBar without a key, in milliseconds. */
async function grpcWaitMs(address: string): Promise<number> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const request = toBinary(FooBarRequestSchema, create(FooBarRequestSchema, { identity: EMAIL }));
  const error = await new Promise<ServiceError | null>((resolve) => {
    const path = '/authflow.v1.AuthService/FooBar';
    client.makeUnaryRequest(
      path,
      Buffer.from,
      (bytes) => bytes,
      request,
      new Metadata(),
      (failure) => resolve(failure),
    );
  });
  const [status] = error?.metadata.get('grpc-status-details-bin') ?? [];
  const { details } = fromBinary(StatusSchema, Buffer.from(status ?? ''));
  const waits = details.flatMap((detail) => anyUnpack(detail, RetryInfoSchema)?.retryDelay ?? []);
  return waits.map(durationMs)[0] ?? Number.NaN;
}

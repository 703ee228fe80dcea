import { create, type Message } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  FooBarRequestSchema,
  LoginRequestSchema,
  SignUpRequestSchema,
  ValidateRequestSchema,
} from '#gen/authflow/v1/auth_service_pb.js';
import { CreateOrganizationRequestSchema } from '#gen/authflow/v1/organization_service_pb.js';
import { Budgets } from '../../src/domain/limits/budgets.ts';
import type { RateLimits } from '../../src/domain/limits/rate-limit.ts';
import type { Ports } from '../../src/domain/ports.ts';
import type { IncomingCall } from '../../src/operations/call.ts';
import { Limiter } from '../../src/operations/limiter.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { Operations } from '../../src/operations/pipeline.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { PASSWORD, rulesStand, type SignedUp } from '../domain/rules.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { NO_LIMITS } from '../support/limits.ts';

const stand = rulesStand();
const TWICE_A_SECOND = { count: 2, periodMs: 1_000, burst: 2 };
const ONCE_A_MINUTE = { count: 1, periodMs: 60_000, burst: 1 };

/** From where a call comes. */
type From = Partial<Pick<IncomingCall, 'peerAddress' | 'forwardedAddress' | 'header'>>;

/** All operations over the stand's ports, with these limits alone and a clock that is moved. */
function limitedBy(limits: Partial<RateLimits>, ports: Ports = stand.ports) {
  const clock = { now: 5_000 };
  const limiter = new Limiter(new Budgets({ ...NO_LIMITS, ...limits }, () => clock.now));
  const observer = { answered() {}, failed() {}, refusedConnection() {} };
  const table = new Operations({ services: SERVICES, ports, observer, limiter });
  const ask = async (name: string, message: Message, from: From = {}): Promise<string> => {
    const operation = SERVICES.flatMap(({ operations }) => operations).find(({ method }) => method.name === name);
    const answer = await table.answer(operation as Operation, {
      entrance: 'http',
      arrivedAt: performance.now(),
      timeoutMs: null,
      header: () => null,
      peerAddress: () => '192.0.2.1',
      forwardedAddress: () => null,
      isGone: () => false,
      read: () => ({ message, faults: [] }),
      ...from,
    });
    if (!('failure' in answer)) {
      return 'OK';
    }
    const { reason, retryAfterMs } = answer.failure;
    return retryAfterMs === null ? reason : `${reason} ${retryAfterMs}`;
  };
  const fooBar = (identity: string, apiKey = '', from: From = {}) =>
    ask('FooBar', create(FooBarRequestSchema, { identity, apiKey }), from);
  return { clock, limiter, ask, fooBar };
}

/** A login with a fresh nonce. */
async function loginOf(
  { email }: SignedUp,
  fields: { readonly apiKey?: string; readonly orgId?: string; readonly clientIp?: string },
) {
  return create(LoginRequestSchema, { foobar: await stand.nonce(email), email, password: PASSWORD, ...fields });
}

async function repeated(times: number, ask: () => Promise<string>): Promise<string[]> {
  const outcomes: string[] = [];
  for (let time = 0; time < times; time += 1) {
    outcomes.push(await ask());
  }
  return outcomes;
}

test('the wait is exact: a millisecond before it is over the call is refused, and then it is answered', async () => {
  const { clock, fooBar } = limitedBy({ foobar_keyless: TWICE_A_SECOND });
  expect(await repeated(3, () => fooBar('a@example.com'))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  clock.now += 499;
  expect(await fooBar('a@example.com')).toBe('RATE_LIMITED 1');
  clock.now += 1;
  expect(await repeated(2, () => fooBar('a@example.com'))).toEqual(['OK', 'RATE_LIMITED 500']);
});

test('FooBar without a key is limited by address, whomever it asks for, and IPv6 by its /64', async () => {
  const { fooBar } = limitedBy({ foobar_keyless: TWICE_A_SECOND });
  let asked = 0;
  const from = (address: string) => () => {
    asked += 1;
    return fooBar(`user${asked}@example.com`, '', { peerAddress: () => address });
  };
  expect(await repeated(3, from('198.51.100.7'))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  expect(await repeated(3, from('198.51.100.8'))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  expect(await from('2001:db8:1:2::1')()).toBe('OK');
  expect(await from('2001:db8:1:2:ffff::9')()).toBe('OK');
  expect(await from('2001:db8:1:2:abcd::')()).toBe('RATE_LIMITED 500');
  expect(await from('2001:db8:1:3::1')()).toBe('OK');
  // A victim's identity is not what ran out.
  expect(await fooBar('user1@example.com')).toBe('OK');
});

test('far above it FooBar without a key is limited as a whole; that refuses nobody who shows a key', async () => {
  const { fooBar } = limitedBy({
    foobar_keyless: TWICE_A_SECOND,
    foobar_keyless_total: { ...TWICE_A_SECOND, burst: 4 },
  });
  const outcomes: string[] = [];
  for (let address = 1; address <= 4; address += 1) {
    outcomes.push(...(await repeated(2, () => fooBar('a@b.example', '', { peerAddress: () => `192.0.2.${address}` }))));
  }
  expect(outcomes).toEqual(['OK', 'OK', 'OK', 'OK', ...Array(4).fill('RATE_LIMITED 500')]);
  expect(await fooBar('a@b.example', (await stand.newTenant()).apiKey)).toBe('OK');
});

test('each key has its own bucket, and a lower class takes nothing from a higher one', async () => {
  const { ask, fooBar } = limitedBy({ foobar: TWICE_A_SECOND, login: TWICE_A_SECOND });
  const user = await stand.newUser();
  const { apiKey: privateKey } = await stand.newKey(user);
  const login = async (fields: { readonly apiKey?: string; readonly orgId?: string }) =>
    ask('Login', await loginOf(user, fields));
  const refused = 'RATE_LIMITED 500';
  expect(await repeated(3, () => login({ orgId: user.orgId }))).toEqual(['OK', 'OK', refused]);
  expect(await repeated(3, () => login({ apiKey: user.apiKey }))).toEqual(['OK', 'OK', refused]);
  expect(await repeated(3, () => login({ apiKey: privateKey }))).toEqual(['OK', 'OK', refused]);
  expect(await repeated(3, () => fooBar(user.email, user.apiKey))).toEqual(['OK', 'OK', refused]);
  expect(await repeated(3, () => fooBar(user.email, privateKey))).toEqual(['OK', 'OK', refused]);
  const other = await stand.newUser();
  expect(await ask('Login', await loginOf(other, { orgId: other.orgId }))).toBe('OK');
});

test('client_ip counts from a key that was never in tokens, and from nobody else', async () => {
  const { ask } = limitedBy({ person: ONCE_A_MINUTE });
  const user = await stand.newUser();
  const { apiKey: privateKey } = await stand.newKey(user);
  const login = async (apiKey: string, clientIp: string) => ask('Login', await loginOf(user, { apiKey, clientIp }));
  // Forged with the key that anybody reads in a token, or without one: neither counted nor taken from who is named.
  expect(await repeated(3, () => login(user.apiKey, '203.0.113.9'))).toEqual(['OK', 'OK', 'OK']);
  const keyless = { orgId: user.orgId, clientIp: '203.0.113.9' };
  expect(await repeated(3, async () => ask('Login', await loginOf(user, keyless)))).toEqual(['OK', 'OK', 'OK']);
  expect(await repeated(2, () => login(privateKey, '203.0.113.9'))).toEqual(['OK', 'RATE_LIMITED 60000']);
  expect(await login(privateKey, '::ffff:203.0.113.9')).toBe('RATE_LIMITED 60000');
  expect(await login(privateKey, '203.0.113.10')).toBe('OK');
  expect(await login(privateKey, '2001:db8::1')).toBe('OK');
  expect(await login(privateKey, '2001:DB8:0:0:1::')).toBe('RATE_LIMITED 60000');
  for (const malformed of ['', '203.0.113', 'fe80::1%eth0', '203.0.113.9, 203.0.113.9', 'x'.repeat(1_000)]) {
    expect(await repeated(2, () => login(privateKey, malformed)), malformed).toEqual(['OK', 'OK']);
  }
});

test('of a call without a key the address counts where a listed proxy tells it, by organization', async () => {
  const { ask } = limitedBy({ person: ONCE_A_MINUTE });
  const [user, other] = [await stand.newUser(), await stand.newUser()];
  const login = async (who: SignedUp, address: string | null) =>
    ask('Login', await loginOf(who, { orgId: who.orgId }), { forwardedAddress: () => address });
  expect(await repeated(2, () => login(user, '198.51.100.7'))).toEqual(['OK', 'RATE_LIMITED 60000']);
  expect(await login(other, '198.51.100.7')).toBe('OK');
  expect(await repeated(3, () => login(user, null))).toEqual(['OK', 'OK', 'OK']);
  const withKey = async () => ask('Login', await loginOf(user, user), { forwardedAddress: () => '198.51.100.7' });
  expect(await repeated(3, withKey)).toEqual(['OK', 'OK', 'OK']);
});

test('a sign-up is charged to the person too, and where that is refused takes nothing of its key', async () => {
  const { ask } = limitedBy({ person: ONCE_A_MINUTE, signup: TWICE_A_SECOND });
  const tenant = await stand.newTenant();
  const { apiKey } = await stand.newKey(tenant);
  const signUp = async (clientIp: string) =>
    ask('SignUp', create(SignUpRequestSchema, { ...(await stand.signUpInput({ ...tenant, apiKey })), clientIp }));
  expect(await repeated(4, () => signUp('203.0.113.9'))).toEqual(['OK', ...Array(3).fill('RATE_LIMITED 60000')]);
  expect(await repeated(2, () => signUp(''))).toEqual(['OK', 'RATE_LIMITED 500']);
});

test('what is refused before is charged to nobody', async () => {
  const { ask, fooBar } = limitedBy({ foobar: TWICE_A_SECOND, foobar_keyless: TWICE_A_SECOND, login: TWICE_A_SECOND });
  const user = await stand.newUser();
  expect(await repeated(3, () => fooBar('nobody'))).toEqual(Array(3).fill('INVALID_ARGUMENT'));
  expect(await repeated(3, () => fooBar(user.email, `${user.apiKey.slice(0, -2)}AA`))).toEqual(
    Array(3).fill('API_KEY_INVALID'),
  );
  const stranger = { apiKey: `${user.apiKey.slice(0, -2)}AA`, orgId: user.orgId };
  expect(await repeated(3, async () => ask('Login', await loginOf(user, stranger)))).toEqual(
    Array(3).fill('API_KEY_INVALID'),
  );
  expect(await repeated(3, () => fooBar(user.email))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  expect(await repeated(3, () => fooBar(user.email, user.apiKey))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  const login = async () => ask('Login', await loginOf(user, { orgId: user.orgId }));
  expect(await repeated(3, login)).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
});

test('a refused login has spent no nonce: after the wait the same one logs in', async () => {
  const { ask, clock } = limitedBy({ login: TWICE_A_SECOND });
  const user = await stand.newUser();
  await repeated(2, async () => ask('Login', await loginOf(user, user)));
  const message = await loginOf(user, user);
  expect(await ask('Login', message)).toBe('RATE_LIMITED 500');
  clock.now += 500;
  expect(await ask('Login', message)).toBe('OK');
  clock.now += 500;
  expect(await ask('Login', message)).toBe('NONCE_USED');
});

test('where organizations sign up freely the administrator is not limited, and who shows a wrong token is', async () => {
  const open = { ...stand.ports, rules: { ...stand.ports.rules, openSignup: true } };
  const { ask } = limitedBy(
    { organizations: TWICE_A_SECOND, organizations_total: { ...TWICE_A_SECOND, burst: 3 } },
    open,
  );
  let count = 0;
  const create1 = (from: From) => {
    count += 1;
    return ask('CreateOrganization', create(CreateOrganizationRequestSchema, { name: `Open ${count}` }), from);
  };
  const bearing = (token: string): From => ({
    header: (name) => (name === 'authorization' ? `Bearer ${token}` : null),
  });
  expect(await repeated(3, () => create1(bearing('afadm_wrong')))).toEqual(['OK', 'OK', 'RATE_LIMITED 500']);
  const elsewhere: From = { peerAddress: () => '192.0.2.2' };
  expect(await repeated(2, () => create1(elsewhere))).toEqual(['OK', 'RATE_LIMITED 500']);
  expect(await repeated(5, () => create1(bearing(ADMIN_TOKEN)))).toEqual(Array(5).fill('OK'));
});

test('Validate is charged nothing, however often it is asked', async () => {
  const everything = Object.fromEntries(Object.keys(NO_LIMITS).map((limit) => [limit, ONCE_A_MINUTE]));
  const { ask, limiter } = limitedBy(everything);
  const { sessionToken, email, apiKey } = await stand.newSession(await stand.newUser());
  const message = create(ValidateRequestSchema, { sessionToken, email, apiKey });
  expect(await repeated(200, () => ask('Validate', message))).toEqual(Array(200).fill('OK'));
  expect(limiter.refused()).toEqual([]);
});

test('refusals are counted by call, limit and class of caller', async () => {
  const { ask, fooBar, limiter } = limitedBy({
    foobar_keyless: ONCE_A_MINUTE,
    login: ONCE_A_MINUTE,
    person: ONCE_A_MINUTE,
  });
  const user = await stand.newUser();
  const { apiKey: privateKey } = await stand.newKey(user);
  await repeated(3, () => fooBar(user.email));
  await repeated(3, async () => ask('Login', await loginOf(user, user)));
  await repeated(2, async () => ask('Login', await loginOf(user, { apiKey: privateKey, clientIp: '192.0.2.5' })));
  expect(limiter.refused()).toEqual([
    { method: 'FooBar', limit: 'foobar_keyless', callerClass: 'no_key', calls: 2 },
    { method: 'Login', limit: 'login', callerClass: 'token_key', calls: 2 },
    { method: 'Login', limit: 'login', callerClass: 'private_key', calls: 1 },
  ]);
});

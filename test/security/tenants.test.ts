import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeOrganization } from '../support/asked.ts';
import { Authenticator } from '../support/authenticator.ts';
import { putEmailCode } from '../support/email-code.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import {
  Backend,
  type Call,
  inParallel,
  PASSWORD,
  type Reply,
  SESSION_CALLS,
  SIX_CALLS,
  send,
  tally,
} from './backend.ts';
import {
  challengeOf,
  type EnrolledUser,
  enrolledUser,
  FACTOR_CHALLENGE_CALLS,
  FACTOR_SESSION_CALLS,
  proveAddress,
} from './factor-user.ts';
import { Random } from './random.ts';

const EMAIL = 'same@example.com';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

interface Tenant {
  readonly orgId: string;
  readonly apiKey: string;
  readonly userId: string;
  readonly session: string;
}

let server: TestServer;
let own: Tenant;
let other: Tenant;
let closed: Tenant;

/** The same e-mail with the same password in each. */
async function newTenant(): Promise<Tenant> {
  const { orgId, apiKey } = await server.createOrganization();
  await server.ports.storage.updateOrganization(orgId, { settings: { login_by_email: 'true' } }, null);
  const key = { api_key: apiKey };
  const signUp = { email: EMAIL, password: PASSWORD, fullname: 'Ada', disclaimed: 'true' };
  const user = await call('signUp', { ...key, ...signUp, foobar: await nonceOf(key) });
  const login = await call('login', { ...key, email: EMAIL, password: PASSWORD, foobar: await nonceOf(key) });
  return { orgId, apiKey, userId: user.field('user_id'), session: login.field('token') };
}

function call(name: Call, fields: Readonly<Record<string, string>>): Promise<Reply> {
  return send(server.httpAddress, `/auth/${name}`, { body: fields });
}

async function nonceOf(credentials: Readonly<Record<string, string>>): Promise<string> {
  return (await call('fooBar', { identity: EMAIL, ...credentials })).field('token');
}

beforeAll(async () => {
  server = await startTestServer();
  own = await newTenant();
  other = await newTenant();
  closed = await newTenant();
  await closeOrganization(server.ports, { orgId: closed.orgId });
});

afterAll(() => server[Symbol.asyncDispose]());

/** What a call needs beside what names the organization; its session and its nonce are of `own`. */
async function fieldsOf(name: Call, nonceKey: string): Promise<Record<string, string>> {
  const session = { email: EMAIL, sessionToken: own.session };
  const attempt = { email: EMAIL, password: PASSWORD };
  switch (name) {
    case 'fooBar':
      return { identity: EMAIL };
    case 'signUp':
      return { ...attempt, foobar: await nonceOf({ api_key: nonceKey }), fullname: 'Ada', disclaimed: 'true' };
    case 'login':
      return { ...attempt, foobar: await nonceOf({ api_key: nonceKey }) };
    case 'changePassword':
      return { ...session, newPassword: PASSWORD };
    case 'update-profile':
      return { ...session, fullname: 'Ada' };
    case 'change-email':
      return { ...(await sessionOfSomebody()), newEmail: 'moved@example.com' };
    case 'forgot-password':
    case 'resend-verify-email':
    case 'login-code':
      return { email: EMAIL };
    case 'deleteUser':
    case '2fa/enable':
      return sessionOfSomebody();
    case '2fa/verify-setup': {
      const session = await sessionOfSomebody();
      const enabled = await call('2fa/enable', { ...session, api_key: own.apiKey });
      return { ...session, code: new Authenticator(enabled.field('secret')).next() };
    }
    case '2fa/disable':
    case '2fa/recovery-codes': {
      const { email, session: sessionToken, app } = await enrolledSomebody();
      return { email, sessionToken, code: app.next() };
    }
    case '2fa/verify-2fa': {
      const { email, app } = await enrolledSomebody();
      return { challenge: await challengeOf(ownBackend(), email), code: app.next() };
    }
    case '2fa/verify-recovery': {
      const { email, recoveryCodes } = await enrolledSomebody();
      return { challenge: await challengeOf(ownBackend(), email), recovery_code: recoveryCodes[0] ?? '' };
    }
    case '2fa/backup/email':
    case '2fa/verify-email-otp': {
      const { email, userId } = await enrolledSomebody();
      await proveAddress(server, own.orgId, userId);
      const challenge = await challengeOf(ownBackend(), email);
      const isAnswer = name === '2fa/verify-email-otp';
      return {
        challenge,
        ...(isAnswer ? { code: await putEmailCode(server.ports, server.testStore, challenge) } : {}),
      };
    }
    default:
      return session;
  }
}

let somebodies = 0;

/** A session in `own` of a user who may be deleted, and whose login is a fresh proof. */
async function sessionOfSomebody(): Promise<Record<string, string>> {
  somebodies += 1;
  const email = `gone${somebodies}@example.com`;
  const backend = new Backend(server.httpAddress, own.apiKey);
  expect((await backend.signUp(email)).outcome).toBe('OK');
  return { email, sessionToken: (await backend.login(email)).field('token') };
}

const ownBackend = () => new Backend(server.httpAddress, own.apiKey);

async function enrolledSomebody(): Promise<EnrolledUser> {
  somebodies += 1;
  return enrolledUser(ownBackend(), `enrolled${somebodies}@example.com`);
}

const ORGANIZATIONS = ['none', 'own', 'other', 'closed', 'unknown', 'malformed'] as const;
type Which = (typeof ORGANIZATIONS)[number];

const orgIdOf = (which: Which): string =>
  ({ none: '', own: own.orgId, other: other.orgId, closed: closed.orgId, unknown: UNKNOWN, malformed: 'org' })[which];
const apiKeyOf = (which: Which): string =>
  ({
    none: '',
    own: own.apiKey,
    other: other.apiKey,
    closed: closed.apiKey,
    unknown: `af_${'A'.repeat(43)}`,
    malformed: 'af_short',
  })[which];

const PROVEN_CALLS = ['change-email', 'deleteUser'] as const;
const ASKING_CALLS = ['forgot-password', 'resend-verify-email', 'login-code'] as const;
const NEED_KEY: ReadonlySet<Call> = new Set(['signUp', ...ASKING_CALLS]);
/** But for those that need a key. */
const NEED_TENANT: ReadonlySet<Call> = new Set([
  'login',
  ...SESSION_CALLS.filter((name) => name !== 'me'),
  ...PROVEN_CALLS,
  ...FACTOR_SESSION_CALLS,
]);
/** A key is all that names their organization. */
const TAKE_NO_ORG_ID: ReadonlySet<Call> = new Set(['fooBar', ...NEED_KEY]);

/** What the contract says of a call of `own`'s session or nonce with this key and this `org_id`. */
function expected(name: Call, key: Which, org: Which): string {
  const named = TAKE_NO_ORG_ID.has(name) ? 'none' : org;
  if (named === 'malformed') {
    return 'INVALID_ARGUMENT';
  }
  const isUnnamed = key === 'none' && named === 'none';
  if ((NEED_KEY.has(name) && key === 'none') || (isUnnamed && NEED_TENANT.has(name))) {
    return 'INVALID_ARGUMENT';
  }
  if (key !== 'none' && key !== 'own' && key !== 'other') {
    return 'API_KEY_INVALID';
  }
  if (key !== 'none' && named !== 'none' && named !== key) {
    return 'API_KEY_INVALID';
  }
  if (key === 'none' && (named === 'closed' || named === 'unknown')) {
    return 'ORGANIZATION_NOT_FOUND';
  }
  const tenant = key === 'none' ? named : key;
  // Whose the address is in that organization is told to nobody.
  if (name === 'fooBar' || ASKING_CALLS.some((asking) => asking === name)) {
    return 'OK';
  }
  if (tenant === 'other') {
    if (FACTOR_CHALLENGE_CALLS.some((answering) => answering === name)) {
      return 'CHALLENGE_INVALID';
    }
    return name === 'signUp' || name === 'login' ? 'NONCE_INVALID' : 'SESSION_INVALID';
  }
  return name === 'signUp' ? 'USER_EXISTS' : 'OK';
}

/** Those that are made ready by many other calls: what was not taken is taken again. */
const COSTLY: ReadonlySet<Call> = new Set([...FACTOR_SESSION_CALLS, ...FACTOR_CHALLENGE_CALLS]);

describe.each([
  ...SIX_CALLS,
  ...SESSION_CALLS,
  ...PROVEN_CALLS,
  ...ASKING_CALLS,
  ...FACTOR_SESSION_CALLS,
  ...FACTOR_CHALLENGE_CALLS,
])('K1: %s', (name) => {
  test('with every key and every org_id does what the contract says', async () => {
    const shown: string[] = [];
    const wanted: string[] = [];
    let untaken: Record<string, string> | null = null;
    for (const key of ORGANIZATIONS) {
      for (const org of ORGANIZATIONS) {
        // A session that was ended here would hide what follows: Logout takes a fresh one.
        if (name === 'logout') {
          const foobar = await nonceOf({ api_key: own.apiKey });
          const login = await call('login', { api_key: own.apiKey, email: EMAIL, password: PASSWORD, foobar });
          own = { ...own, session: login.field('token') };
        }
        const fields: Record<string, string> = untaken ?? (await fieldsOf(name, own.apiKey));
        const reply = await call(name, { ...fields, api_key: apiKeyOf(key), org_id: orgIdOf(org) });
        untaken = COSTLY.has(name) && reply.outcome !== 'OK' ? fields : null;
        shown.push(`key ${key}, org_id ${org}: ${reply.outcome}`);
        wanted.push(`key ${key}, org_id ${org}: ${expected(name, key, org)}`);
        // Whatever succeeded is of the session's own organization.
        if (reply.outcome === 'OK' && reply.field('org_id') !== '') {
          expect(reply.field('org_id')).toBe(own.orgId);
        }
      }
    }
    expect(shown).toEqual(wanted);
  });
});

test('K1: the same e-mail in two organizations is two users, each with its own sessions', async () => {
  expect(own.userId).not.toBe(other.userId);
  for (const tenant of [own, other]) {
    const foobar = await nonceOf({ api_key: tenant.apiKey });
    const login = await call('login', { email: EMAIL, password: PASSWORD, foobar, org_id: tenant.orgId });
    expect([login.outcome, login.field('user_id')]).toEqual(['OK', tenant.userId]);
  }
});

test('K1: no organization call is opened by an API key or a session', async () => {
  const routes = [
    ['GET', '/organizations'],
    ['POST', '/organizations'],
    ['GET', `/organizations/${own.orgId}`],
    ['POST', `/organizations/${own.orgId}/close`],
    ['POST', `/organizations/${own.orgId}/reopen`],
    ['GET', `/organizations/${own.orgId}/keys`],
    ['POST', `/organizations/${own.orgId}/keys`],
    ['DELETE', `/organizations/${own.orgId}/keys/${UNKNOWN}`],
  ] as const;
  for (const [method, path] of routes) {
    for (const bearer of [own.apiKey, own.session, '', `afadm_${'B'.repeat(43)}`]) {
      const headers = { authorization: `Bearer ${bearer}`, 'x-api-key': own.apiKey };
      expect((await send(server.httpAddress, path, { method, headers })).outcome).toBe('ADMIN_TOKEN_INVALID');
    }
  }
});

test('K1: 2,000 random calls with foreign credentials never succeed for a foreign organization', async () => {
  const random = new Random(20_261_123);
  const pick = <T>(items: readonly T[]): T => random.pick(items);
  const nonces = new Map<string, string>();
  for (const key of ['none', 'own', 'other'] as const) {
    nonces.set(key, await nonceOf({ api_key: apiKeyOf(key) }));
  }
  const otherBackend = new Backend(server.httpAddress, other.apiKey);
  const foreign = await enrolledUser(otherBackend, 'enrolled@example.com');
  const otherChallenge = await challengeOf(otherBackend, foreign.email);
  const plans = Array.from({ length: 2_000 }, () => ({
    name: pick([...SIX_CALLS.filter((name) => name !== 'fooBar'), ...FACTOR_SESSION_CALLS, ...FACTOR_CHALLENGE_CALLS]),
    key: pick(ORGANIZATIONS),
    org: pick(ORGANIZATIONS),
    // The nonce and the session are always of a foreign organization or of nobody.
    nonce: pick(['other', 'garbage'] as const),
    session: pick(['other', 'garbage'] as const),
  }));
  const outcomes = await inParallel(plans.length, 32, async (index) => {
    const plan = plans[index];
    if (plan === undefined) {
      throw new Error('no such plan');
    }
    // Only those that speak for `own`.
    const key = plan.key === 'other' ? 'own' : plan.key;
    const org = plan.org === 'other' ? 'own' : plan.org;
    const speaksForNobody = key === 'none' && org === 'none';
    const reply = await call(plan.name, {
      email: EMAIL,
      password: 'Wrong-Password-1',
      newPassword: PASSWORD,
      fullname: 'Ada',
      disclaimed: 'true',
      challenge: plan.session === 'garbage' ? 'x'.repeat(96) : otherChallenge,
      code: foreign.app.wrong(),
      recovery_code: foreign.recoveryCodes[0] ?? '',
      foobar: plan.nonce === 'garbage' ? 'x'.repeat(75) : (nonces.get('other') ?? ''),
      sessionToken: plan.session === 'garbage' ? 'x.y.z' : other.session,
      api_key: apiKeyOf(key),
      org_id: speaksForNobody ? own.orgId : orgIdOf(org),
    });
    return reply.outcome;
  });
  const { OK = 0, INTERNAL = 0 } = tally(outcomes);
  expect({ OK, INTERNAL, seed: random.seed }).toEqual({ OK: 0, INTERNAL: 0, seed: random.seed });
  const alive = await call('validate', { email: EMAIL, sessionToken: other.session, api_key: other.apiKey });
  expect(alive.outcome).toBe('OK');
  // Nobody's tries were used up by those.
  const answered = await call('2fa/verify-2fa', { challenge: otherChallenge, code: foreign.app.next() });
  expect(answered.outcome).toBe('OK');
});

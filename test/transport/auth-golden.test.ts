import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { type CallByMail, goodMailParams } from './matrix/accounts-by-mail.ts';
import { CALLS_BY_SESSION, type CallBySession, goodSessionParams } from './matrix/accounts-by-session.ts';
import { authPathOf, type CallName, type Fields, type SecondFactorCallName } from './matrix/entrance.ts';
import type { UserTraits } from './matrix/factors.ts';
import { PASSWORD } from './matrix/makers.ts';
import { goodParams } from './matrix/refusals.ts';
import { goodFactorParams, sessionOf } from './matrix/second-factors.ts';
import { createWorld, type World } from './matrix/world.ts';

/** The headers that are part of the contract. */
const HEADERS = ['content-type', 'cache-control', 'www-authenticate', 'retry-after'];

/** One reply of each shape: `test/golden` shows them as callers get them, values that differ masked. */
const REPLIES: readonly (readonly [
  file: string,
  call: CallName | CallBySession,
  spoil: (world: World) => Promise<Fields> | Fields,
])[] = [
  ['foo-bar', 'fooBar', () => ({})],
  ['sign-up', 'signUp', () => ({})],
  ['login', 'login', () => ({})],
  ['validate', 'validate', () => ({})],
  ['change-password', 'changePassword', () => ({})],
  ['logout', 'logout', ({ expiredSession, ada }) => ({ sessionToken: expiredSession(ada) })],
  ['me', 'me', () => ({})],
  ['update-profile', 'updateProfile', () => ({})],
  ['renew-session', 'renewSession', () => ({})],
  ['sessions', 'listMySessions', ownSession],
  ['end-sessions', 'endMySessions', ownSession],
  ['access-denied', 'renewSession', impersonatedSession],
  ['invalid-argument', 'signUp', () => ({ email: 'no e-mail', password: '', fullname: 'x'.repeat(201) })],
  ['password-policy', 'signUp', () => ({ password: 'Short-1' })],
  ['disclaimer-required', 'signUp', () => ({ disclaimed: 'yes' })],
  ['api-key-invalid', 'validate', () => ({ api_key: 'af_unknown' })],
  ['organization-not-found', 'validate', () => ({ org_id: '00000000-0000-4000-8000-000000000000' })],
  ['nonce-invalid', 'login', () => ({ foobar: 'malformed' })],
  ['nonce-expired', 'login', ({ expiredNonce, ada }) => ({ foobar: expiredNonce(ada.email) })],
  ['nonce-used', 'login', async ({ usedNonce, ada }) => ({ foobar: await usedNonce(ada.email) })],
  ['user-exists', 'signUp', async ({ ada: { email }, nonce }) => ({ email, foobar: await nonce(email) })],
  ['user-disabled', 'login', async ({ disabled: { email }, nonce }) => ({ email, foobar: await nonce(email) })],
  ['credentials-invalid', 'login', () => ({ password: 'wrong' })],
  ['user-not-found', 'login', ({ globex }) => ({ api_key: globex.apiKey })],
  ['session-invalid', 'validate', () => ({ sessionToken: 'malformed' })],
  ['session-expired', 'validate', ({ expiredSession, ada }) => ({ sessionToken: expiredSession(ada) })],
  ['session-revoked', 'validate', ({ lostSession, ada }) => ({ sessionToken: lostSession(ada) })],
];

/** The same of the calls that mails have to do with. */
const REPLIES_BY_MAIL: readonly (readonly [
  file: string,
  call: CallByMail,
  spoil: (world: World) => Promise<Fields> | Fields,
])[] = [
  ['send-verification-email', 'sendVerificationEmail', () => ({ email: 'nobody@example.com' })],
  ['verify-email', 'verifyEmail', () => ({})],
  ['forgot-password', 'forgotPassword', () => ({ email: 'nobody@example.com' })],
  ['login-code', 'sendLoginCode', () => ({ email: 'nobody@example.com' })],
  ['reset-password', 'resetPassword', () => ({})],
  ['change-email', 'changeEmail', () => ({})],
  ['delete-account', 'deleteAccount', () => ({})],
  ['token-invalid', 'resetPassword', () => ({ token: 'malformed' })],
  [
    'token-expired',
    'verifyEmail',
    async ({ ada, mailToken }) => ({ token: await mailToken(ada, 'verify_email', { ageMs: 86_400_000 }) }),
  ],
  [
    'reauthentication-required',
    'deleteAccount',
    async ({ ada, oldLogin }) => ({ email: ada.email, sessionToken: await oldLogin(ada) }),
  ],
];

/** The same of second factors, and of the logins that need more than a password. */
const REPLIES_OF_FACTORS: readonly (readonly [
  file: string,
  call: SecondFactorCallName | 'login',
  spoil: (world: World) => Promise<Fields> | Fields,
])[] = [
  ['enable-totp', 'enableTotp', () => ({})],
  ['confirm-totp', 'confirmTotp', () => ({})],
  ['confirm-totp-by-challenge', 'confirmTotp', setUpByChallenge],
  ['disable-totp', 'disableTotp', () => ({})],
  ['recovery-codes', 'regenerateRecoveryCodes', () => ({})],
  ['verify-totp', 'verifyTotp', () => ({})],
  ['email-code', 'sendEmailCode', () => ({})],
  ['verify-email-code', 'verifyEmailCode', () => ({})],
  ['verify-recovery-code', 'verifyRecoveryCode', () => ({})],
  ['email-not-verified', 'login', loginOf({ of: 'verifying' })],
  ['second-factor-required', 'login', loginOf({ hasFactor: true, isVerified: true })],
  ['second-factor-setup-required', 'login', loginOf({ of: 'demanding', isVerified: true })],
  ['password-change-required', 'login', loginOf({ mustChange: true })],
  ['challenge-invalid', 'verifyTotp', () => ({ challenge: 'malformed' })],
  ['code-invalid', 'verifyRecoveryCode', () => ({ recovery_code: 'ABCD-EFGH-JKMN-PQRS' })],
  ['second-factor-already-enabled', 'enableTotp', async (world) => ofFactorUser(world)],
  ['second-factor-not-enabled', 'disableTotp', async ({ factors }) => sessionOf(await factors.user())],
];

describe('a reply of /auth is, to the byte but for what differs each time', () => {
  let server: TestServer;
  let world: World;

  beforeAll(async () => {
    server = await startTestServer();
    world = await createWorld(server);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test.each(REPLIES)('golden/%s.json', async (file, call, spoil) => {
    await expectGolden(file, call, { ...(await paramsOf(call, world)), ...(await spoil(world)) });
  });

  test.each(REPLIES_BY_MAIL)('golden/%s.json', async (file, call, spoil) => {
    await expectGolden(file, call, { ...(await goodMailParams(call, world)), ...(await spoil(world)) });
  });

  test.each(REPLIES_OF_FACTORS)('golden/%s.json', async (file, call, spoil) => {
    const good = call === 'login' ? {} : await goodFactorParams(call, world);
    await expectGolden(file, call, { ...good, ...(await spoil(world)) });
  });

  async function expectGolden(
    file: string,
    call: CallName | CallBySession | CallByMail | SecondFactorCallName,
    params: Fields,
  ): Promise<void> {
    const response = await fetch(`${server.httpAddress}${authPathOf(call)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    const headers = Object.fromEntries(
      HEADERS.flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name)]] : [])),
    );
    const text = await response.text();
    // The body has no space to spare, and its members come in this order.
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    const shown = JSON.stringify({ status: response.status, headers, body: JSON.parse(masked(text)) }, null, 2);
    await expect(`${shown}\n`).toMatchFileSnapshot(`../golden/${file}.json`);
  }
});

/** Of a user whose sessions no other test lists or ends. */
async function ownSession({ newUser, session }: World): Promise<Fields> {
  const user = await newUser();
  return { sessionToken: await session(user), email: user.email };
}

async function setUpByChallenge({ factors }: World): Promise<Fields> {
  const challenge = await factors.challenge(await factors.user({ of: 'demanding' }));
  return { challenge, code: (await factors.pendingApp({ challenge })).next(), api_key: '' };
}

async function ofFactorUser({ factors }: World): Promise<Fields> {
  return sessionOf(await factors.user({ hasFactor: true }));
}

function loginOf(traits: UserTraits): (world: World) => Promise<Fields> {
  return async ({ factors, nonce }) => {
    const { email, tenant } = await factors.user(traits);
    return { foobar: await nonce(email, ''), email, password: PASSWORD, api_key: tenant.apiKey };
  };
}

async function impersonatedSession(world: World): Promise<Fields> {
  const user = await world.newUser();
  return { sessionToken: await world.impersonatedSession(user), email: user.email };
}

async function paramsOf(call: CallName | CallBySession, world: World): Promise<Fields> {
  return isBySession(call) ? goodSessionParams(call, world) : goodParams(call, world);
}

function isBySession(call: string): call is CallBySession {
  return CALLS_BY_SESSION.some((name) => name === call);
}

function masked(body: string): string {
  return body
    .replaceAll(/"ey[\w-]+\.[\w-]+\.[\w-]+"/g, '"<session token>"')
    .replaceAll(/"token":"[\w-]{75}"/g, '"token":"<nonce>"')
    .replaceAll(/"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"<id>"')
    .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"<instant>"')
    .replaceAll(/"challenge":"[\w-]{96}"/g, '"challenge":"<challenge>"')
    .replaceAll(/"secret":"[A-Z2-7]{32}"/g, '"secret":"<secret>"')
    .replaceAll(/"otpauth:[^"]+"/g, '"<link>"')
    .replaceAll(/"data:image[^"]+"/g, '"<image>"')
    .replaceAll(/"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}"/g, '"<recovery code>"')
    .replaceAll(/"[a-z-]+-\d+@example\.com"/g, '"<e-mail>"');
}

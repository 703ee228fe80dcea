import { SECOND_FACTOR_CALLS } from './entrance.ts';
import type { LoginUser } from './factors.ts';
import { PASSWORD } from './makers.ts';
import { tampered } from './refusals.ts';
import {
  FACTOR_CALLS_BY_CHALLENGE,
  FACTOR_CALLS_BY_SESSION,
  type FactorCallBySession,
  type FactorScenario,
  factorRefusal,
  goodFactorParams,
  type Spoil,
  sessionOf,
} from './second-factors.ts';
import type { World } from './world.ts';

const UNKNOWN_KEY = `af_${'A'.repeat(43)}`;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const NEED_PROOF = ['enableTotp', 'disableTotp', 'regenerateRecoveryCodes'] as const;
const CHANGE_FACTOR = ['disableTotp', 'regenerateRecoveryCodes'] as const;
const TRIED_BY_SESSION = { codes: 1, currentPasswords: 1 };

function faulty(
  call: FactorScenario['call'],
  violations: readonly string[],
  title: string,
  params: Readonly<Record<string, string>>,
): FactorScenario {
  return { title, call, reason: 'INVALID_ARGUMENT', violations, request: () => ({ params }) };
}

function disagreeing(call: FactorScenario['call'], field: string, headers: (world: World) => Record<string, string>) {
  return {
    title: `a ${field} that a header disagrees with`,
    call,
    reason: 'INVALID_ARGUMENT' as const,
    violations: [field],
    request: async (world: World) => {
      const params = { ...(await goodFactorParams(call, world)), api_key: world.acme.apiKey };
      return { params, headers: headers(world) };
    },
  };
}

const BAD_SESSION = { sessionToken: 'x', email: 'ada@', org_id: 'no-uuid', currentPassword: 'x'.repeat(1025) };

const FAULTS: readonly FactorScenario[] = [
  faulty('enableTotp', ['api_key', 'email', 'sessionToken'], 'nothing', {}),
  faulty('enableTotp', ['currentPassword', 'email', 'org_id'], 'malformed parameters', BAD_SESSION),
  faulty('enableTotp', ['org_id'], 'a challenge beside a malformed org_id', { challenge: 'x', org_id: 'no-uuid' }),
  faulty('confirmTotp', ['api_key', 'code', 'email', 'sessionToken'], 'nothing', {}),
  faulty('confirmTotp', ['code', 'email', 'org_id'], 'malformed parameters', { ...BAD_SESSION, code: '12345' }),
  faulty('confirmTotp', ['code'], 'a challenge without a code', { challenge: 'x' }),
  ...CHANGE_FACTOR.flatMap((call) => [
    faulty(call, ['api_key', 'code', 'email', 'sessionToken'], 'nothing', {}),
    faulty(call, ['code', 'currentPassword', 'email', 'org_id'], 'malformed parameters', {
      ...BAD_SESSION,
      code: 'ABCD-EFGH-JKMN-PQR',
    }),
  ]),
  ...(['verifyTotp', 'verifyEmailCode'] as const).flatMap((call) => [
    faulty(call, ['challenge', 'code'], 'nothing', {}),
    ...['1234567', '12345', 'abcdef', '１２３４５６', '-12345', 'ABCD-EFGH-JKMN-PQRS'].map((code) =>
      faulty(call, ['code', 'org_id'], `the code ${code} and a malformed org_id`, {
        ...{ challenge: 'x', code, org_id: 'no-uuid' },
      }),
    ),
  ]),
  faulty('sendEmailCode', ['challenge'], 'nothing', {}),
  faulty('sendEmailCode', ['org_id'], 'a malformed org_id', { challenge: 'x', org_id: 'no-uuid' }),
  faulty('verifyRecoveryCode', ['challenge', 'recovery_code'], 'nothing', {}),
  faulty('verifyRecoveryCode', ['org_id', 'recovery_code'], 'a code of an app and a malformed org_id', {
    ...{ challenge: 'x', recovery_code: '123456', org_id: 'no-uuid' },
  }),
  ...SECOND_FACTOR_CALLS.map((call) => disagreeing(call, 'api_key', ({ globex }) => ({ 'x-api-key': globex.apiKey }))),
  ...FACTOR_CALLS_BY_SESSION.map((call) =>
    disagreeing(call, 'sessionToken', () => ({ authorization: 'Bearer other.to.ken' })),
  ),
];

const TENANTS: readonly FactorScenario[] = SECOND_FACTOR_CALLS.flatMap((call) => {
  const refused = (title: string, spoil: Spoil) => factorRefusal(call, 'API_KEY_INVALID', title, spoil);
  return [
    refused('a malformed key', () => ({ api_key: 'af_short' })),
    refused('an unknown key', () => ({ api_key: UNKNOWN_KEY })),
    refused('a revoked key', ({ revokedKey }) => ({ api_key: revokedKey })),
    refused('a key of a closed organization', ({ closed }) => ({ api_key: closed.apiKey })),
    refused("another organization's org_id beside the key", ({ acme, globex }) => ({
      ...{ api_key: acme.apiKey, org_id: globex.orgId },
    })),
    ...(['afm_', 'afadm_'] as const).map((prefix) => ({
      title: `a bearer ${prefix}`,
      call,
      reason: 'API_KEY_INVALID' as const,
      request: async (world: World) => ({
        params: { ...(await goodFactorParams(call, world)), api_key: '' },
        headers: { authorization: `Bearer ${prefix}${'A'.repeat(43)}` },
      }),
    })),
    factorRefusal(call, 'ORGANIZATION_NOT_FOUND', 'an unknown org_id', () => ({ api_key: '', org_id: UNKNOWN_ID })),
    factorRefusal(call, 'ORGANIZATION_NOT_FOUND', 'the org_id of a closed organization', ({ closed }) => ({
      ...{ api_key: '', org_id: closed.orgId },
    })),
  ];
});

/** Of a user of its own who never had a factor. */
function withSession(
  call: FactorCallBySession,
  reason: FactorScenario['reason'],
  title: string,
  session: (world: World, user: LoginUser) => Promise<string> | string,
): FactorScenario {
  return factorRefusal(call, reason, title, async (world) => {
    const user = await world.factors.user();
    return { email: user.email, sessionToken: await session(world, user) };
  });
}

const SESSIONS: readonly FactorScenario[] = FACTOR_CALLS_BY_SESSION.flatMap((call) => [
  withSession(call, 'SESSION_INVALID', 'a malformed session token', () => 'not.a.token'),
  withSession(call, 'SESSION_INVALID', 'a forged session token', (_, { session }) => tampered(session)),
  withSession(call, 'SESSION_INVALID', 'a nonce for a session token', ({ nonce }, { email }) => nonce(email)),
  withSession(call, 'SESSION_INVALID', 'a challenge for a session token', ({ factors, acme }) =>
    factors.signedChallenge(acme),
  ),
  factorRefusal(call, 'SESSION_INVALID', 'a session of another e-mail', () => ({ email: 'nobody@example.com' })),
  factorRefusal(call, 'SESSION_INVALID', "another organization's key", ({ globex }) => ({ api_key: globex.apiKey })),
  factorRefusal(call, 'SESSION_INVALID', "another organization's org_id", ({ globex }) => ({
    ...{ api_key: '', org_id: globex.orgId },
  })),
  withSession(call, 'SESSION_EXPIRED', 'a session that is too old', ({ expiredSession }, user) => expiredSession(user)),
  withSession(call, 'SESSION_REVOKED', 'a session that was ended', ({ endedSession }, user) => endedSession(user)),
  withSession(call, 'SESSION_REVOKED', 'a session whose row is gone', ({ lostSession }, user) => lostSession(user)),
  ...(['disable', 'delete', 'change password'] as const).map((end) =>
    factorRefusal(
      call,
      'SESSION_REVOKED',
      `a session that ended with this done to its user: ${end}`,
      ({ endedBy }) => endedBy[end],
    ),
  ),
  withSession(
    call,
    'ACCESS_DENIED',
    'a session that somebody opened in the place of the user',
    ({ impersonatedSession }, user) => impersonatedSession(user),
  ),
]);

/** The user whose call would succeed but for what `spoil` gives. */
const ofOwner =
  (spoil: (world: World, user: LoginUser) => Promise<object> | object, hasFactor: boolean): Spoil =>
  async (world) => {
    const user = await world.factors.user({ hasFactor });
    const code = hasFactor ? { code: user.app.next() } : {};
    return { ...sessionOf(user), ...code, ...(await spoil(world, user)) };
  };

const PROOFS: readonly FactorScenario[] = NEED_PROOF.flatMap((call) => {
  const hasFactor = call !== 'enableTotp';
  const oldLogin = async (world: World, user: LoginUser) => ({ sessionToken: await world.oldLogin(user) });
  return [
    factorRefusal(call, 'REAUTHENTICATION_REQUIRED', 'a login of long ago', ofOwner(oldLogin, hasFactor)),
    factorRefusal(call, 'CREDENTIALS_INVALID', 'a wrong present password', () => ({ currentPassword: 'wrong' })),
    factorRefusal(
      call,
      'CREDENTIALS_INVALID',
      'a wrong present password, of an old login',
      ofOwner(async (...of) => ({ ...(await oldLogin(...of)), currentPassword: 'wrong' }), hasFactor),
    ),
    factorRefusal(call, 'OVERLOADED', 'a full queue', () => ({ currentPassword: PASSWORD }), { overloaded: true }),
  ];
});

const CODES: readonly FactorScenario[] = CHANGE_FACTOR.flatMap((call) => {
  const wrong = (title: string, code: (user: LoginUser, world: World) => Promise<string> | string, failed: object) =>
    factorRefusal(
      call,
      'CODE_INVALID',
      title,
      ofOwner(async (world, user) => ({ code: await code(user, world) }), true),
      { failed },
    );
  const locked = (title: string, spoil: Parameters<typeof ofOwner>[0]) =>
    factorRefusal(call, 'ACCOUNT_LOCKED', title, ofOwner(spoil, true), { failed: { currentPasswords: 1 } });
  const tried = { recoveryCodes: 1, currentPasswords: 1 };
  return [
    wrong('a wrong code', ({ app }) => app.wrong(), TRIED_BY_SESSION),
    wrong(
      "another user's code",
      async (_, { factors }) => (await factors.user({ hasFactor: true })).app.wrong(),
      TRIED_BY_SESSION,
    ),
    wrong('a recovery code that is none', () => 'ABCD-EFGH-JKMN-PQRS', tried),
    wrong(
      "another user's recovery code",
      async (_, { factors }) => (await factors.user({ hasFactor: true })).recoveryCodes[0] ?? '',
      tried,
    ),
    locked('a right code after too many wrong ones', async ({ factors }, user) => {
      await factors.lockCodes(user);
      return {};
    }),
    locked('a recovery code after too many wrong ones', async ({ factors }, user) => {
      await factors.lockRecoveryCodes(user);
      return { code: user.recoveryCodes[0] };
    }),
    factorRefusal(call, 'SECOND_FACTOR_NOT_ENABLED', 'a user without one', async ({ factors }) => ({
      ...sessionOf(await factors.user()),
    })),
  ];
});

const SETTING_UP: readonly FactorScenario[] = [
  ...(['enableTotp', 'confirmTotp'] as const).map((call) =>
    factorRefusal(
      call,
      'SECOND_FACTOR_ALREADY_ENABLED',
      'a user who has one',
      ofOwner(() => ({}), true),
    ),
  ),
  factorRefusal('enableTotp', 'SECOND_FACTOR_NOT_ENABLED', 'an organization that takes none', async ({ factors }) => ({
    ...sessionOf(await factors.user({ of: 'refusing' })),
  })),
  factorRefusal('confirmTotp', 'SECOND_FACTOR_NOT_ENABLED', 'without a secret that waits', async ({ factors }) => ({
    ...sessionOf(await factors.user()),
  })),
  factorRefusal(
    'confirmTotp',
    'CODE_INVALID',
    'a wrong code',
    async ({ factors }) => {
      const user = await factors.user();
      return { ...sessionOf(user), code: (await factors.pendingApp(user)).wrong() };
    },
    { failed: TRIED_BY_SESSION },
  ),
  factorRefusal(
    'confirmTotp',
    'CODE_INVALID',
    'a code of the secret before',
    async ({ factors }) => {
      const user = await factors.user();
      const before = await factors.pendingApp(user);
      await factors.pendingApp(user);
      return { ...sessionOf(user), code: before.next() };
    },
    { failed: TRIED_BY_SESSION },
  ),
  factorRefusal(
    'confirmTotp',
    'ACCOUNT_LOCKED',
    'a right code after too many wrong ones',
    async ({ factors }) => {
      const user = await factors.user();
      const app = await factors.pendingApp(user);
      await factors.lockCodes(user);
      return { ...sessionOf(user), code: app.next() };
    },
    { failed: { currentPasswords: 1 } },
  ),
];

const ORDER: readonly FactorScenario[] = [
  ...SECOND_FACTOR_CALLS.map((call) =>
    factorRefusal(
      call,
      'INVALID_ARGUMENT',
      'parameter before key',
      () => ({ org_id: 'no-uuid', api_key: 'af_unknown' }),
      { violations: ['org_id'] },
    ),
  ),
  ...FACTOR_CALLS_BY_SESSION.flatMap((call) => [
    factorRefusal(call, 'API_KEY_INVALID', 'key before session', () => ({ api_key: UNKNOWN_KEY, sessionToken: 'x' })),
    factorRefusal(call, 'ORGANIZATION_NOT_FOUND', 'organization before session', () => ({
      ...{ api_key: '', org_id: UNKNOWN_ID, sessionToken: 'x' },
    })),
    factorRefusal(call, 'SESSION_INVALID', 'session before proof and code', () => ({
      ...{ sessionToken: 'x', currentPassword: 'wrong', code: '000000' },
    })),
  ]),
  ...FACTOR_CALLS_BY_CHALLENGE.flatMap((call) => [
    factorRefusal(call, 'API_KEY_INVALID', 'key before challenge', () => ({ api_key: UNKNOWN_KEY, challenge: 'x' })),
    factorRefusal(call, 'ORGANIZATION_NOT_FOUND', 'organization before challenge', () => ({
      ...{ org_id: UNKNOWN_ID, challenge: 'x' },
    })),
  ]),
  factorRefusal(
    'enableTotp',
    'SECOND_FACTOR_ALREADY_ENABLED',
    'the factor before the proof',
    ofOwner(() => ({ currentPassword: 'wrong' }), true),
  ),
  ...CHANGE_FACTOR.flatMap((call) => [
    factorRefusal(call, 'SECOND_FACTOR_NOT_ENABLED', 'the factor before the proof', async ({ factors }) => ({
      ...{ ...sessionOf(await factors.user()), currentPassword: 'wrong' },
    })),
    factorRefusal(
      call,
      'CREDENTIALS_INVALID',
      'password before code',
      ofOwner((_, { app }) => ({ currentPassword: 'wrong', code: app.wrong() }), true),
    ),
    factorRefusal(
      call,
      'REAUTHENTICATION_REQUIRED',
      'proof before code',
      ofOwner(async (world, user) => ({ sessionToken: await world.oldLogin(user), code: user.app.wrong() }), true),
    ),
    factorRefusal(
      call,
      'REAUTHENTICATION_REQUIRED',
      'a login of long ago before queue',
      ofOwner(async (world, user) => ({ sessionToken: await world.oldLogin(user) }), true),
      { overloaded: true },
    ),
  ]),
];

const BROWSERS: readonly FactorScenario[] = SECOND_FACTOR_CALLS.flatMap((call) =>
  [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-origin' }, { cookie: 'a=b' }].map((headers) => ({
    title: `a browser, by ${Object.keys(headers)}`,
    call,
    reason: 'ORIGIN_REFUSED' as const,
    only: 'http port' as const,
    request: async (world: World) => ({ params: await goodFactorParams(call, world), headers }),
  })),
);

/** Every refusal of SecondFactorService but those of challenges, played at every entrance. */
export const FACTOR_REFUSALS: readonly FactorScenario[] = [
  ...FAULTS,
  ...TENANTS,
  ...SESSIONS,
  ...PROOFS,
  ...CODES,
  ...SETTING_UP,
  ...ORDER,
  ...BROWSERS,
];

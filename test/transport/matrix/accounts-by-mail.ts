import type { AccountCallName, Fields } from './entrance.ts';
import { ACCOUNT_PROOFS } from './login-steps.ts';
import { PASSWORD } from './makers.ts';
import { tampered } from './refusals.ts';
import type { RefusalScenario, Request } from './scenario.ts';
import type { TestUser, World } from './world.ts';

/** The calls that tokens of mails belong to, and those that need more than a session. */
export const CALLS_BY_MAIL = [
  'sendVerificationEmail',
  'verifyEmail',
  'forgotPassword',
  'sendLoginCode',
  'resetPassword',
  'changeEmail',
  'deleteAccount',
] as const satisfies readonly AccountCallName[];

export type CallByMail = (typeof CALLS_BY_MAIL)[number];

type Scenario = RefusalScenario<AccountCallName>;
type Spoil = (world: World, user: TestUser) => Promise<Fields> | Fields;

const NEW_PASSWORD = 'Another-one-2';
const HOUR_MS = 3_600_000;
const UNKNOWN_KEY = `af_${'A'.repeat(43)}`;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

/** Parameters with which a call would succeed, for a user of its own. */
export async function goodMailParams(call: CallByMail, world: World, user?: TestUser): Promise<Fields> {
  const { acme, newUser, newEmail, session, mailToken } = world;
  const own = user ?? (await newUser());
  switch (call) {
    case 'sendVerificationEmail':
    case 'forgotPassword':
    case 'sendLoginCode':
      return { email: own.email, api_key: acme.apiKey };
    case 'verifyEmail':
      return { token: await mailToken(own, 'verify_email') };
    case 'resetPassword':
      return { token: await mailToken(own, 'reset_password'), newPassword: NEW_PASSWORD };
    case 'changeEmail':
      return {
        sessionToken: await session(own),
        email: own.email,
        newEmail: newEmail(),
        api_key: acme.apiKey,
      };
    case 'deleteAccount':
      return { sessionToken: await session(own), email: own.email, api_key: acme.apiKey };
  }
}

function spoiled(call: CallByMail, spoil: Spoil): (world: World) => Promise<Request> {
  return async (world) => {
    const user = await world.newUser();
    return { params: { ...(await goodMailParams(call, world, user)), ...(await spoil(world, user)) } };
  };
}

const scenario = (call: CallByMail, reason: Scenario['reason'], title: string, spoil: Spoil): Scenario => ({
  title,
  call,
  reason,
  request: spoiled(call, spoil),
});

function faulty(call: CallByMail, violations: readonly string[], title: string, params: Fields): Scenario {
  return { title, call, reason: 'INVALID_ARGUMENT', violations, request: () => ({ params }) };
}

const WITH_KEY = ['sendVerificationEmail', 'forgotPassword', 'sendLoginCode', 'changeEmail', 'deleteAccount'] as const;
const ASKING = ['sendVerificationEmail', 'forgotPassword', 'sendLoginCode'] as const;
const SPENDING = ['verifyEmail', 'resetPassword'] as const;
const PROVEN = ['changeEmail', 'deleteAccount'] as const;

const FAULTS: readonly Scenario[] = [
  ...ASKING.flatMap((call) => [
    faulty(call, ['api_key', 'email'], 'nothing', {}),
    faulty(call, ['api_key', 'email'], 'an org_id in the place of a key', { email: 'ada@', org_id: UNKNOWN_ID }),
  ]),
  faulty('verifyEmail', ['token'], 'nothing', {}),
  faulty('resetPassword', ['newPassword', 'token'], 'nothing', {}),
  faulty('resetPassword', ['newPassword'], 'a password of more than 1,024 bytes', {
    token: 'x',
    newPassword: 'x'.repeat(1025),
  }),
  faulty('changeEmail', ['api_key', 'email', 'newEmail', 'sessionToken'], 'nothing', {}),
  faulty('changeEmail', ['currentPassword', 'email', 'newEmail', 'org_id'], 'malformed parameters', {
    sessionToken: 'x',
    email: 'ada@',
    newEmail: '@',
    org_id: 'no-uuid',
    currentPassword: 'x'.repeat(1025),
  }),
  faulty('changeEmail', ['newEmail'], 'the address that the user has', {
    sessionToken: 'x',
    email: 'ada@example.com',
    newEmail: 'ADA@example.com',
    api_key: 'x',
  }),
  faulty('deleteAccount', ['api_key', 'email', 'sessionToken'], 'nothing', {}),
  faulty('deleteAccount', ['api_key'], 'a session alone', { sessionToken: 'x', email: 'ada@example.com' }),
  ...['Short-1', 'no-upper-case-1', 'Password-2024'].map((newPassword) =>
    scenario('resetPassword', 'PASSWORD_POLICY', `the new password ${newPassword}`, () => ({ newPassword })),
  ),
  scenario('resetPassword', 'PASSWORD_POLICY', 'policy before token', () => ({ token: 'x', newPassword: 'weak' })),
];

const API_KEYS: readonly Scenario[] = [
  ...WITH_KEY.flatMap((call) => [
    scenario(call, 'API_KEY_INVALID', 'a malformed key', () => ({ api_key: 'af_short' })),
    scenario(call, 'API_KEY_INVALID', 'an unknown key', () => ({ api_key: UNKNOWN_KEY })),
    scenario(call, 'API_KEY_INVALID', 'a revoked key', ({ revokedKey }) => ({ api_key: revokedKey })),
    scenario(call, 'API_KEY_INVALID', 'a key of a closed organization', ({ closed }) => ({ api_key: closed.apiKey })),
  ]),
  ...PROVEN.flatMap((call) => [
    scenario(call, 'API_KEY_INVALID', "another organization's org_id beside the key", ({ globex }) => ({
      org_id: globex.orgId,
    })),
    scenario(call, 'API_KEY_INVALID', 'key before session', () => ({ api_key: UNKNOWN_KEY, sessionToken: 'x' })),
    scenario(call, 'ORGANIZATION_NOT_FOUND', 'an unknown org_id', () => ({ api_key: '', org_id: UNKNOWN_ID })),
    scenario(call, 'ORGANIZATION_NOT_FOUND', 'the org_id of a closed organization', ({ closed }) => ({
      api_key: '',
      org_id: closed.orgId,
    })),
  ]),
];

/** What opens something else. */
const OTHER_TOKENS: Readonly<Record<string, (world: World, user: TestUser) => Promise<string> | string>> = {
  'a malformed token': () => 'not-a-token',
  'a nonce': ({ nonce, ada }) => nonce(ada.email),
  'a session token': ({ adaSession }) => adaSession,
  'an API key': ({ acme }) => acme.apiKey,
  'the token of a warning': ({ mailToken }, user) => mailToken(user, 'email_change_warning'),
  'a token with space around it': async ({ mailToken }, user) => ` ${await mailToken(user, 'verify_email')} `,
};

const TOKENS: readonly Scenario[] = SPENDING.flatMap((call) => {
  const own = call === 'verifyEmail' ? 'verify_email' : 'reset_password';
  const foreign =
    call === 'verifyEmail' ? (['reset_password', 'invite'] as const) : (['verify_email', 'change_email'] as const);
  return [
    ...Object.entries(OTHER_TOKENS).map(([title, token]) =>
      scenario(call, 'TOKEN_INVALID', title, async (world, user) => ({ token: await token(world, user) })),
    ),
    ...foreign.map((kind) =>
      scenario(call, 'TOKEN_INVALID', `a token of the kind ${kind}`, async ({ mailToken }, user) => ({
        token: await mailToken(user, kind),
      })),
    ),
    scenario(call, 'TOKEN_INVALID', 'a forged token', async ({ mailToken }, user) => ({
      token: tampered(await mailToken(user, own)),
    })),
    scenario(call, 'TOKEN_INVALID', 'a token of a disabled user', async ({ mailToken, disabled }) => ({
      token: await mailToken(disabled, own),
    })),
    scenario(call, 'TOKEN_INVALID', 'a forged token before how old it is', async ({ mailToken }, user) => ({
      token: tampered(await mailToken(user, own, { ageMs: 24 * HOUR_MS })),
    })),
    scenario(call, 'TOKEN_EXPIRED', 'a token that is too old', async ({ mailToken }, user) => ({
      token: await mailToken(user, own, { ageMs: 24 * HOUR_MS }),
    })),
  ];
});

const TAKEN: Scenario = scenario(
  'verifyEmail',
  'USER_EXISTS',
  'the token of a change to an address that somebody has',
  async ({ mailToken, ada }, user) => ({ token: await mailToken(user, 'change_email', { newEmail: ada.email }) }),
);

const SESSIONS: readonly Scenario[] = PROVEN.flatMap((call) => [
  scenario(call, 'SESSION_INVALID', 'a malformed session token', () => ({ sessionToken: 'not.a.token' })),
  scenario(call, 'SESSION_INVALID', 'a session of another e-mail', () => ({ email: 'nobody@example.com' })),
  scenario(call, 'SESSION_INVALID', "another organization's key", ({ globex }) => ({ api_key: globex.apiKey })),
  scenario(call, 'SESSION_INVALID', "another organization's org_id", ({ globex }) => ({
    api_key: '',
    org_id: globex.orgId,
  })),
  scenario(call, 'SESSION_INVALID', 'session before present password', () => ({
    sessionToken: 'not.a.token',
    currentPassword: 'wrong',
  })),
  scenario(call, 'SESSION_EXPIRED', 'a session that is too old', (world, user) => ({
    sessionToken: world.expiredSession(user),
  })),
  scenario(call, 'SESSION_REVOKED', 'a session that was ended', async (world, user) => ({
    sessionToken: await world.endedSession(user),
  })),
  scenario(call, 'SESSION_REVOKED', 'a session whose row is gone', (world, user) => ({
    sessionToken: world.lostSession(user),
  })),
  ...(['disable', 'delete', 'change password'] as const).map((end) =>
    scenario(
      call,
      'SESSION_REVOKED',
      `a session that ended with this done to its user: ${end}`,
      ({ endedBy }) => endedBy[end],
    ),
  ),
  scenario(call, 'CREDENTIALS_INVALID', 'a wrong present password', () => ({ currentPassword: 'wrong' })),
  scenario(call, 'CREDENTIALS_INVALID', 'a wrong present password, of an old login', async (world, user) => ({
    sessionToken: await world.oldLogin(user),
    currentPassword: 'wrong',
  })),
  scenario(call, 'REAUTHENTICATION_REQUIRED', 'a login of long ago', async (world, user) => ({
    sessionToken: await world.oldLogin(user),
  })),
]);

const OVERLOADED: readonly Scenario[] = [
  { ...scenario('resetPassword', 'OVERLOADED', 'a full queue', () => ({})), overloaded: true },
  { ...scenario('resetPassword', 'TOKEN_INVALID', 'token before queue', () => ({ token: 'x' })), overloaded: true },
  ...PROVEN.map((call) => ({
    ...scenario(call, 'OVERLOADED', 'a full queue', () => ({ currentPassword: PASSWORD })),
    overloaded: true,
  })),
  ...PROVEN.map((call) => ({
    ...scenario(
      call,
      'REAUTHENTICATION_REQUIRED',
      'a login of long ago before queue',
      async (world: World, user: TestUser) => ({
        sessionToken: await world.oldLogin(user),
      }),
    ),
    overloaded: true,
  })),
];

const BROWSERS: readonly Scenario[] = CALLS_BY_MAIL.flatMap((call) =>
  [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-origin' }, { cookie: 'a=b' }].map((headers) => ({
    title: `a browser, by ${Object.keys(headers)}`,
    call,
    reason: 'ORIGIN_REFUSED' as const,
    only: 'http port' as const,
    request: async (world: World) => ({ params: await goodMailParams(call, world), headers }),
  })),
);

const IMPERSONATED: readonly Scenario[] = (['changeEmail', 'deleteAccount'] as const).map((call) =>
  scenario(call, 'ACCESS_DENIED', 'a session that somebody opened in the place of the user', async (world, user) => ({
    sessionToken: await world.impersonatedSession(user),
  })),
);

const NO_LOGINS_BY_MAIL: Scenario = scenario(
  'sendLoginCode',
  'ACCESS_DENIED',
  'an organization that takes no logins by mail',
  ({ globex }) => ({ api_key: globex.apiKey }),
);

/** Every refusal of the calls by mail, played at every entrance. */
export const BY_MAIL_REFUSALS: readonly Scenario[] = [
  ...FAULTS,
  ...API_KEYS,
  ...TOKENS,
  TAKEN,
  ...SESSIONS,
  ...IMPERSONATED,
  NO_LOGINS_BY_MAIL,
  ...ACCOUNT_PROOFS,
  ...OVERLOADED,
  ...BROWSERS,
];

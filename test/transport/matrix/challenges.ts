import type { Fields } from './entrance.ts';
import type { CredentialChange, LoginUser, UserTraits } from './factors.ts';
import { tampered } from './refusals.ts';
import { FACTOR_CALLS_BY_CHALLENGE, type FactorScenario, factorRefusal } from './second-factors.ts';
import type { World } from './world.ts';

/** Every call that a challenge opens. */
const TAKE_CHALLENGE = ['enableTotp', 'confirmTotp', ...FACTOR_CALLS_BY_CHALLENGE] as const;

type Call = (typeof TAKE_CHALLENGE)[number];

/** A challenge that a call would take, with whose it is. */
interface Challenged {
  readonly user: LoginUser;
  readonly challenge: string;
  /** What would answer it. */
  readonly answer: Fields;
}

/** Of whom each call takes a challenge. */
const OWNERS: Readonly<Record<Call, UserTraits>> = {
  enableTotp: { of: 'demanding' },
  confirmTotp: { of: 'demanding' },
  verifyTotp: { hasFactor: true },
  sendEmailCode: { hasFactor: true, isVerified: true },
  verifyEmailCode: { hasFactor: true, isVerified: true },
  verifyRecoveryCode: { hasFactor: true },
};

async function challenged(call: Call, { factors }: World, traits = OWNERS[call]): Promise<Challenged> {
  const user = await factors.user(traits);
  const challenge = await factors.challenge(user);
  const answers: Readonly<Record<Call, () => Promise<Fields> | Fields>> = {
    enableTotp: () => ({}),
    confirmTotp: async () => ({ code: (await factors.pendingApp({ challenge })).next() }),
    verifyTotp: () => ({ code: user.app.next() }),
    sendEmailCode: () => ({}),
    verifyEmailCode: async () => ({ code: await factors.emailCode(challenge) }),
    verifyRecoveryCode: () => ({ recovery_code: user.recoveryCodes[0] ?? '' }),
  };
  return { user, challenge, answer: await answers[call]() };
}

type Spoil = (world: World, made: Challenged) => Promise<Fields> | Fields;

function refused(
  call: Call,
  reason: FactorScenario['reason'],
  title: string,
  spoil: Spoil,
  more: Partial<FactorScenario> & { readonly of?: UserTraits } = {},
): FactorScenario {
  const { of, ...scenario } = more;
  return {
    title,
    call,
    reason,
    ...scenario,
    async request(world) {
      const made = await challenged(call, world, of);
      const { challenge, answer } = made;
      return { params: { challenge, ...answer, ...(await spoil(world, made)) } };
    },
  };
}

const VOIDING: readonly CredentialChange[] = [
  'disabled',
  'disabled and enabled',
  'given a password',
  'reset of the factor',
];

/** What opens something else, or nothing. */
const OTHER_TOKENS: Readonly<Record<string, Spoil>> = {
  'a malformed challenge': () => ({ challenge: 'not-a-challenge' }),
  'a challenge with space around it': (_, { challenge }) => ({ challenge: ` ${challenge} ` }),
  'a forged challenge': (_, { challenge }) => ({ challenge: tampered(challenge) }),
  'a challenge that is too old': ({ factors }, { user }) => ({
    challenge: factors.signedChallenge(user.tenant, 600_001),
  }),
  'a challenge whose row is gone': ({ factors }, { user }) => ({ challenge: factors.signedChallenge(user.tenant) }),
  'the token of a mail': async ({ mailToken, newUser }) => ({
    challenge: await mailToken(await newUser(), 'verify_email'),
  }),
  'a nonce': async ({ nonce }, { user }) => ({ challenge: await nonce(user.email) }),
  'a session token': ({ adaSession }) => ({ challenge: adaSession }),
  "another organization's key": ({ globex }) => ({ api_key: globex.apiKey }),
  "another organization's org_id": ({ globex }) => ({ org_id: globex.orgId }),
  'the challenge of a password that must be changed': async ({ factors }) => ({
    challenge: await factors.challenge(await factors.user({ mustChange: true })),
  }),
};

const CHALLENGES: readonly FactorScenario[] = TAKE_CHALLENGE.flatMap((call) => [
  ...Object.entries(OTHER_TOKENS).map(([title, spoil]) => refused(call, 'CHALLENGE_INVALID', title, spoil)),
  ...VOIDING.map((how) =>
    refused(call, 'CHALLENGE_INVALID', `a challenge of a user who was since: ${how}`, async ({ factors }, { user }) => {
      await factors.change(user, how);
      return {};
    }),
  ),
  ...(call === 'verifyEmailCode'
    ? []
    : [
        refused(
          call,
          'CHALLENGE_INVALID',
          'the challenge of a code that a mail brings',
          async ({ factors }, { user }) => ({
            challenge: (await factors.loginCode(user)).challenge,
          }),
        ),
      ]),
]);

/** A challenge that takes other methods. */
const METHODS: readonly FactorScenario[] = [
  ...(['enableTotp', 'confirmTotp'] as const).flatMap((call) => [
    factorRefusal(call, 'CHALLENGE_INVALID', 'a challenge of a user with a factor', async ({ factors }) => ({
      ...{ challenge: await factors.challenge(await factors.user({ hasFactor: true })), code: '123456' },
    })),
    factorRefusal(call, 'CHALLENGE_INVALID', 'a proven address, before the code of a mail', async ({ factors }) => ({
      ...{ challenge: await factors.challenge(await factors.user({ of: 'demanding', isVerified: true })) },
      ...{ code: '123456', api_key: '' },
    })),
  ]),
  ...(['verifyTotp', 'verifyRecoveryCode'] as const).map((call) =>
    refused(call, 'CHALLENGE_INVALID', 'a user without a factor', async ({ factors }) => ({
      challenge: await factors.challenge(await factors.user({ of: 'demanding' })),
    })),
  ),
  ...(['sendEmailCode', 'verifyEmailCode'] as const).map((call) =>
    refused(call, 'CHALLENGE_INVALID', 'an address that is not proven', async ({ factors }) => ({
      challenge: await factors.challenge(await factors.user({ hasFactor: true })),
    })),
  ),
];

const TRIED = { codes: 1, challengeTries: 1 };

const CODES: readonly FactorScenario[] = [
  refused(
    'confirmTotp',
    'CODE_INVALID',
    'a wrong code, by a challenge',
    async ({ factors }, { challenge }) => ({
      code: (await factors.pendingApp({ challenge })).wrong(),
    }),
    { failed: TRIED },
  ),
  factorRefusal(
    'confirmTotp',
    'SECOND_FACTOR_NOT_ENABLED',
    'without a secret that waits, by a challenge',
    async ({ factors }) => ({
      ...{ challenge: await factors.challenge(await factors.user({ of: 'demanding' })), code: '123456', api_key: '' },
    }),
  ),
  refused('verifyTotp', 'CODE_INVALID', 'a wrong code', (_, { user }) => ({ code: user.app.wrong() }), {
    failed: TRIED,
  }),
  factorRefusal(
    'verifyTotp',
    'CODE_INVALID',
    'a code that was used before',
    async ({ factors }) => {
      const user = await factors.user({ hasFactor: true });
      return { challenge: await factors.challenge(user), code: user.app.again() };
    },
    { failed: TRIED },
  ),
  refused(
    'verifyEmailCode',
    'CODE_INVALID',
    'a wrong code',
    (_, { answer: { code } }) => ({
      code: String((Number(code) + 1) % 1_000_000).padStart(6, '0'),
    }),
    { failed: TRIED },
  ),
  factorRefusal(
    'verifyEmailCode',
    'CODE_INVALID',
    'a code of the app',
    async ({ factors }) => {
      const user = await factors.user({ hasFactor: true, isVerified: true });
      return { challenge: await factors.challenge(user), code: user.app.next() };
    },
    { failed: TRIED },
  ),
  refused(
    'verifyEmailCode',
    'CODE_INVALID',
    'the code of another challenge of the user',
    async ({ factors }, { user }) => ({
      challenge: await factors.challenge(user),
    }),
    { failed: TRIED },
  ),
  refused(
    'verifyEmailCode',
    'CODE_INVALID',
    'the code of the mail before',
    async ({ factors }, { challenge }) => {
      await factors.emailCode(challenge);
      return {};
    },
    { failed: TRIED },
  ),
  refused(
    'verifyRecoveryCode',
    'CODE_INVALID',
    'a code that is none',
    () => ({ recovery_code: 'ABCD-EFGH-JKMN-PQRS' }),
    {
      failed: { recoveryCodes: 1, challengeTries: 1 },
    },
  ),
  refused(
    'verifyRecoveryCode',
    'CODE_INVALID',
    "another user's code",
    async ({ factors }) => ({
      recovery_code: (await factors.user({ hasFactor: true })).recoveryCodes[0] ?? '',
    }),
    { failed: { recoveryCodes: 1, challengeTries: 1 } },
  ),
  ...(['confirmTotp', 'verifyTotp', 'verifyEmailCode', 'verifyRecoveryCode'] as const).map((call) =>
    refused(
      call,
      'ACCOUNT_LOCKED',
      'a right code after too many wrong ones',
      async ({ factors }, { user }) => {
        await (call === 'verifyRecoveryCode' ? factors.lockRecoveryCodes(user) : factors.lockCodes(user));
        return {};
      },
      { failed: { challengeTries: 1 } },
    ),
  ),
];

const LOGINS_BY_MAIL: readonly FactorScenario[] = [
  factorRefusal(
    'verifyEmailCode',
    'CODE_INVALID',
    'a wrong code of a login by mail',
    async ({ factors }) => {
      const { challenge, code } = await factors.loginCode(await factors.user());
      return { challenge, code: String((Number(code) + 1) % 1_000_000).padStart(6, '0') };
    },
    { failed: { loginCodes: 1, challengeTries: 1 } },
  ),
  factorRefusal(
    'verifyEmailCode',
    'CODE_INVALID',
    'a login by mail of nobody',
    ({ factors }) => ({
      challenge: factors.loginCodeOfNobody(),
    }),
    { failed: { challengeTries: 1 }, makesChallenge: true },
  ),
  factorRefusal(
    'verifyEmailCode',
    'CODE_INVALID',
    'a right code of a login by mail after too many wrong ones',
    async ({ factors }) => {
      const user = await factors.user();
      await factors.lockLoginCodes(user);
      return { ...(await factors.loginCode(user)) };
    },
    { failed: { challengeTries: 1 } },
  ),
  ...(['disabled', 'disabled and enabled', 'given a password', 'moved'] as const).map((how) =>
    factorRefusal(
      'verifyEmailCode',
      'CODE_INVALID',
      `a right code of a login by mail of a user who was since: ${how}`,
      async ({ factors }) => {
        const user = await factors.user();
        const made = await factors.loginCode(user);
        await factors.change(user, how);
        return { ...made };
      },
      { failed: { challengeTries: 1 } },
    ),
  ),
];

const NEXT: readonly FactorScenario[] = [
  refused('verifyEmailCode', 'SECOND_FACTOR_REQUIRED', 'the code that comes before a factor is set up', () => ({}), {
    ...{ of: { of: 'demanding', isVerified: true }, methods: ['setup'], proves: true },
  }),
  factorRefusal(
    'verifyEmailCode',
    'SECOND_FACTOR_REQUIRED',
    'a login by mail of a user with a factor',
    async ({ factors }) => ({
      ...(await factors.loginCode(await factors.user({ hasFactor: true, isVerified: true }))),
    }),
    { methods: ['totp', 'recovery'], proves: true },
  ),
  factorRefusal(
    'verifyEmailCode',
    'PASSWORD_CHANGE_REQUIRED',
    'a login by mail of a user who must change the password',
    async ({ factors }) => ({ ...(await factors.loginCode(await factors.user({ mustChange: true }))) }),
    { methods: ['change_password'], proves: true },
  ),
  ...(['verifyTotp', 'verifyEmailCode', 'verifyRecoveryCode'] as const).map((call) =>
    refused(call, 'PASSWORD_CHANGE_REQUIRED', 'a user who must change the password', () => ({}), {
      ...{ of: { ...OWNERS[call], mustChange: true }, methods: ['change_password'], proves: true },
    }),
  ),
];

/** A user has at most ten. */
const OLDEST: FactorScenario = refused(
  'verifyTotp',
  'CHALLENGE_INVALID',
  'the oldest of eleven challenges',
  async ({ factors }, { user }) => {
    for (let more = 0; more < 10; more += 1) {
      await factors.challenge(user);
    }
    return {};
  },
);

const ORDER: readonly FactorScenario[] = [
  refused('verifyTotp', 'CHALLENGE_INVALID', 'challenge before code', ({ factors }, { user }) => ({
    ...{ challenge: factors.signedChallenge(user.tenant), code: user.app.wrong() },
  })),
  refused(
    'verifyTotp',
    'ACCOUNT_LOCKED',
    'lock before code',
    async ({ factors }, { user }) => {
      await factors.lockCodes(user);
      return { code: user.app.wrong() };
    },
    { failed: { challengeTries: 1 } },
  ),
];

/** Every refusal that challenges and their codes have to do with, played at every entrance. */
export const CHALLENGE_REFUSALS: readonly FactorScenario[] = [
  ...CHALLENGES,
  OLDEST,
  ...METHODS,
  ...CODES,
  ...LOGINS_BY_MAIL,
  ...NEXT,
  ...ORDER,
];

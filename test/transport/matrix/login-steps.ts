import type { AccountCallName, Fields } from './entrance.ts';
import type { LoginUser, UserTraits } from './factors.ts';
import { PASSWORD } from './makers.ts';
import type { RefusalScenario } from './scenario.ts';
import { sessionOf } from './second-factors.ts';
import type { World } from './world.ts';

const NEW_PASSWORD = 'Another-one-2';

/** A login with the right password, of a user of its own. */
function login(
  reason: RefusalScenario['reason'],
  title: string,
  traits: UserTraits,
  more: Partial<RefusalScenario> & { readonly password?: string; readonly isDisabled?: boolean } = {},
): RefusalScenario {
  const { password = PASSWORD, isDisabled = false, ...scenario } = more;
  return {
    ...{ title, call: 'login', reason, ...scenario },
    async request({ factors, nonce }) {
      const user = await factors.user(traits);
      if (isDisabled) {
        await factors.change(user, 'disabled');
      }
      const { email, tenant } = user;
      return { params: { foobar: await nonce(email, ''), email, password, api_key: tenant.apiKey } };
    },
  };
}

/** What a login needs beside its password, in the order of the contract: each of these would also be refused what comes after it. */
export const LOGIN_STEPS: readonly RefusalScenario[] = [
  login('CREDENTIALS_INVALID', 'a wrong password of a user with a factor', { hasFactor: true }, { password: 'wrong' }),
  login('USER_DISABLED', 'before what is not verified', { of: 'verifying', mustChange: true }, { isDisabled: true }),
  login('EMAIL_NOT_VERIFIED', 'before a second factor and the password', { of: 'verifying', mustChange: true }),
  login(
    'SECOND_FACTOR_REQUIRED',
    'a factor that is demanded, once the address is verified',
    { of: 'verifying', isVerified: true, mustChange: true },
    { methods: ['email', 'setup'] },
  ),
  login('SECOND_FACTOR_REQUIRED', 'to be set up', { of: 'demanding' }, { methods: ['setup'] }),
  login('SECOND_FACTOR_REQUIRED', 'an app', { hasFactor: true }, { methods: ['totp', 'recovery'] }),
  login(
    'SECOND_FACTOR_REQUIRED',
    'an app and a proven address, before the password',
    { hasFactor: true, isVerified: true, mustChange: true },
    { methods: ['totp', 'email', 'recovery'] },
  ),
  login(
    'PASSWORD_CHANGE_REQUIRED',
    'a password that an administrator gave',
    { mustChange: true },
    { methods: ['change_password'] },
  ),
];

interface Owned {
  readonly user: LoginUser;
  /** With which the call would succeed. */
  readonly good: Fields;
}

/** A user with a factor, and what a session of theirs asks for. */
async function owned(
  call: 'changePassword' | 'changeEmail' | 'deleteAccount',
  { factors, newEmail }: World,
): Promise<Owned> {
  const user = await factors.user({ hasFactor: true });
  const asked = {
    changePassword: { newPassword: NEW_PASSWORD },
    changeEmail: { newEmail: newEmail() },
    deleteAccount: {},
  };
  return { user, good: { ...sessionOf(user), code: user.app.next(), ...asked[call] } };
}

function proofs<Call extends 'changePassword' | 'changeEmail' | 'deleteAccount'>(
  call: Call,
): readonly (RefusalScenario<Call> & { readonly call: Call })[] {
  const refused = (
    reason: RefusalScenario['reason'],
    title: string,
    spoil: (world: World, owned: Owned) => Promise<Fields> | Fields,
    more: Partial<RefusalScenario<Call>> = {},
  ) => ({
    ...{ title, call, reason, ...more },
    async request(world: World) {
      const made = await owned(call, world);
      return { params: { ...made.good, ...(await spoil(world, made)) } };
    },
  });
  const tried = { codes: 1, currentPasswords: 1 };
  return [
    refused('INVALID_ARGUMENT', 'a code of neither form', () => ({ code: '12345' }), { violations: ['code'] }),
    refused('REAUTHENTICATION_REQUIRED', 'a user with a factor, without a code', () => ({ code: '' })),
    refused('REAUTHENTICATION_REQUIRED', 'a user with a factor, of an old login', async ({ oldLogin }, { user }) => ({
      sessionToken: await oldLogin(user),
    })),
    refused('CODE_INVALID', 'a wrong code', (_, { user }) => ({ code: user.app.wrong() }), { failed: tried }),
    refused('CODE_INVALID', 'a recovery code that is none', () => ({ code: 'ABCD-EFGH-JKMN-PQRS' }), {
      failed: { recoveryCodes: 1, currentPasswords: 1 },
    }),
    refused(
      'ACCOUNT_LOCKED',
      'a right code after too many wrong ones',
      async ({ factors }, { user }) => {
        await factors.lockCodes(user);
        return {};
      },
      { failed: { currentPasswords: 1 } },
    ),
    refused('CREDENTIALS_INVALID', 'a wrong present password, before the code', (_, { user }) => ({
      ...{ currentPassword: 'wrong', code: user.app.wrong() },
    })),
  ];
}

/** What ChangePassword asks of users with a second factor. */
export const CHANGE_PASSWORD_PROOFS: readonly RefusalScenario[] = proofs('changePassword');

/** ResetPassword by the challenge of a login. */
function reset(
  reason: RefusalScenario['reason'],
  title: string,
  spoil: (world: World, challenge: string) => Promise<Fields> | Fields,
  more: Partial<RefusalScenario<AccountCallName>> = {},
): RefusalScenario<AccountCallName> {
  return {
    ...{ title, call: 'resetPassword', reason, ...more },
    async request(world) {
      const challenge = await world.factors.challenge(await world.factors.user({ mustChange: true }));
      const good = { token: challenge, newPassword: NEW_PASSWORD, currentPassword: PASSWORD };
      return { params: { ...good, ...(await spoil(world, challenge)) } };
    },
  };
}

const RESETS: readonly RefusalScenario<AccountCallName>[] = [
  reset('INVALID_ARGUMENT', 'a challenge without the present password', () => ({ currentPassword: '' }), {
    violations: ['currentPassword'],
  }),
  reset('PASSWORD_POLICY', 'the present password as the new one', () => ({ newPassword: PASSWORD })),
  reset('PASSWORD_POLICY', 'a weak password, by a challenge', () => ({ newPassword: 'weak' })),
  reset('CHALLENGE_INVALID', 'the challenge of a second factor', async ({ factors }) => ({
    token: await factors.challenge(await factors.user({ hasFactor: true })),
  })),
  reset('CHALLENGE_INVALID', 'the challenge of a login by mail', async ({ factors }) => ({
    token: (await factors.loginCode(await factors.user())).challenge,
  })),
  reset('CHALLENGE_INVALID', 'a challenge that is too old', ({ factors, acme }) => ({
    token: factors.signedChallenge(acme, 600_001),
  })),
  reset('CREDENTIALS_INVALID', 'a wrong present password', () => ({ currentPassword: 'wrong' }), {
    failed: { challengeTries: 1 },
  }),
  reset('OVERLOADED', 'a full queue, by a challenge', () => ({}), { overloaded: true }),
];

/** What the calls of AccountService ask that have to do with second factors. */
export const ACCOUNT_PROOFS: readonly RefusalScenario<AccountCallName>[] = [
  ...proofs('changeEmail'),
  ...proofs('deleteAccount'),
  ...RESETS,
];

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administration, openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import { type KeyManager, requireManagementKey } from '../../src/domain/management-key.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { createMailToken, readMailTokenRequest } from '../../src/domain/users/create-mail-token.ts';
import { createUser, readNewUser } from '../../src/domain/users/create-user.ts';
import { endUserSessions, readSessionsEnding } from '../../src/domain/users/end-user-sessions.ts';
import { givePassword, readGivenPassword } from '../../src/domain/users/give-password.ts';
import { impersonate, readImpersonation } from '../../src/domain/users/impersonate.ts';
import { manageUser, readManagedUser } from '../../src/domain/users/manage-user.ts';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import { readUserUpdate, updateUser } from '../../src/domain/users/update-user.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import {
  changeEmail,
  changePassword,
  closeOrganization,
  createApiKey,
  deleteAccount,
  deleteUser,
  disableUser,
  endMySessions,
  logout,
  renewSession,
  resetPassword,
  revokeApiKey,
  undoEmailChange,
  updateProfile,
  validate,
  verifyEmail,
} from '../support/asked.ts';
import { newStore, type TestStore } from '../support/stores.ts';
import { aroundWrite, CALL, outcomeOf, PASSWORD, RulesStand, type SignedUp, sessionInput } from './rules.ts';

/*
 * A call has proven all that it stands on when another process takes that away, and is answered: docs/security.md, S4. This is the
 * instant before its write, where a look of before is worth nothing, and the one after it, where what is handed out must be dead.
 */

const NEW_PASSWORD = 'Difference-1822';
const PROTECTED = 'owner';

const stand = new RulesStand();
/** Another process of the same store. */
let elsewhere: Administration;
let store: TestStore;

beforeAll(async () => {
  store = await newStore();
  const environment = { ...store.environment, AUTHFLOW_PROTECTED_ROLES: PROTECTED };
  await stand.open({ ...store, environment });
  elsewhere = await openAdministration(readSettings({ ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN }));
});

afterAll(async () => {
  await elsewhere.close();
  await stand.close();
  await store.remove();
});

/** A user with a session, and who manages them by a key. */
interface Scene {
  readonly user: SignedUp;
  readonly token: string;
  readonly manager: KeyManager;
  /** Of the API key that the calls of the session are made with. */
  readonly apiKeyId: string;
}

async function newScene(): Promise<Scene> {
  const home = await stand.newTenant();
  const { orgId } = home;
  const racing = await stand.newKey(home);
  const user = { ...(await stand.newUser(home)), apiKey: racing.apiKey };
  const { token } = await stand.logIn(user);
  const made = { orgId, label: '', inTokens: false, kind: 'management', impersonate: true };
  const manager = await requireManagementKey(stand.ports, (await createApiKey(stand.ports, made)).apiKey);
  return { user, token, manager, apiKeyId: racing.keyId };
}

type EndingName =
  | 'its key is revoked'
  | 'its organization is closed'
  | 'its user is disabled'
  | 'its user gets another password'
  | 'its user is deleted'
  | 'its user gets a protected role'
  | 'its session is logged out'
  | 'every signing key is retired';

const ENDINGS: Readonly<Record<EndingName, (ports: Ports, scene: Scene) => Promise<unknown>>> = {
  async 'its key is revoked'(ports, { manager, apiKeyId }) {
    for (const keyId of [manager.keyId, apiKeyId]) {
      await revokeApiKey(ports, { orgId: manager.orgId, keyId, endSessions: false });
    }
  },
  'its organization is closed': (ports, { user: { orgId } }) => closeOrganization(ports, { orgId }),
  'its user is disabled': (ports, { user: { orgId, userId } }) => disableUser(ports, { orgId, user: userId }),
  'its user gets another password': (ports, { user: { orgId, userId } }) =>
    setPassword(ports, readNewPassword({ orgId, user: userId, newPassword: `${PASSWORD}-2` }, ports.rules)),
  'its user is deleted': (ports, { user: { orgId, userId } }) => deleteUser(ports, { orgId, user: userId }),
  'its user gets a protected role': (ports, { user }) => updateUser(ports, roles(user, [PROTECTED]), null),
  'its session is logged out': (ports, { user, token }) => logout(ports, sessionInput(user, token)),
  'every signing key is retired': () => elsewhere.rotateSigningKey({ compromised: true }),
};

const roles = (named: SignedUp, given: readonly string[]) =>
  readUserUpdate({ ...named, updateMask: ['roles'], ...NOTHING, roles: given });
const NOTHING = { email: '', fullname: '', emailVerified: false, roles: [], publicMetadata: '', privateMetadata: '' };

type Expected = Readonly<Partial<Record<EndingName, string>>>;

interface OvertakenCall {
  readonly name: string;
  /** The step of the store that does it. */
  readonly write: keyof Ports['storage'];
  /** Whatever is not named is none of its business. */
  readonly expected: Expected;
  ask(ports: Ports, scene: Scene): Promise<unknown>;
}

const OF_MANAGERS: Expected = {
  'its key is revoked': 'API_KEY_INVALID',
  'its organization is closed': 'API_KEY_INVALID',
};
const OF_MANAGED_USERS: Expected = {
  ...OF_MANAGERS,
  'its user is deleted': 'USER_NOT_FOUND',
  'its user gets a protected role': 'ACCESS_DENIED',
};
const OF_SESSIONS: Expected = {
  'its key is revoked': 'API_KEY_INVALID',
  'its organization is closed': 'API_KEY_INVALID',
  'its user is disabled': 'SESSION_REVOKED',
  'its user gets another password': 'SESSION_REVOKED',
  'its user is deleted': 'SESSION_REVOKED',
  'its session is logged out': 'SESSION_REVOKED',
  'every signing key is retired': 'SESSION_INVALID',
};
const OF_ADDRESSES: Expected = {
  'its organization is closed': 'TOKEN_INVALID',
  'its user is disabled': 'TOKEN_INVALID',
  'its user is deleted': 'TOKEN_INVALID',
};
const OF_CREDENTIALS: Expected = { ...OF_ADDRESSES, 'its user gets another password': 'TOKEN_INVALID' };

const call = (
  name: string,
  write: keyof Ports['storage'],
  expected: Expected,
  ask: OvertakenCall['ask'],
): OvertakenCall => ({ name, write, expected, ask });

async function mailTokenOf({ user: { orgId, userId } }: Scene, kind: MailTokenKind): Promise<string> {
  const user = await stand.ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return stand.ports.mailTokens.sign(kind, { ...user, newEmail: stand.newEmail() }, stand.now).token;
}

const ask = (ports: Ports, { user, manager }: Scene, kind: string) =>
  createMailToken(ports, readMailTokenRequest({ ...user, kind, newEmail: stand.newEmail() }), manager);

/** Takes a token that {@link ask} gave, as its user does. */
const use = (kind: string, token: string) =>
  kind === 'change_email'
    ? verifyEmail(stand.ports, { token })
    : resetPassword(stand.ports, { token, newPassword: NEW_PASSWORD }, CALL);

const openInPlace = (ports: Ports, { user, manager }: Scene) =>
  impersonate(ports, readImpersonation({ ...user, reason: 'A ticket', ttlSeconds: 0 }), manager, CALL);

const CALLS: readonly OvertakenCall[] = [
  call('CreateUser', 'addUser', OF_MANAGERS, (ports, { user: { orgId }, manager }) => {
    const user = { ...NOTHING, orgId, email: stand.newEmail(), fullname: 'Ada', password: NEW_PASSWORD };
    return createUser(ports, readNewUser({ ...user, passwordHash: '', invite: false }, ports.rules), manager, CALL);
  }),
  call('CreateUser with an invitation', 'addUser', OF_MANAGERS, (ports, { user: { orgId }, manager }) => {
    const user = { ...NOTHING, orgId, email: stand.newEmail(), fullname: 'Ada', password: '', passwordHash: '' };
    return createUser(ports, readNewUser({ ...user, invite: true }, ports.rules), manager, CALL);
  }),
  call('UpdateUser', 'manageUser', OF_MANAGED_USERS, (ports, { user, manager }) =>
    updateUser(ports, roles(user, ['editor']), manager),
  ),
  call('SetPassword', 'manageUser', OF_MANAGED_USERS, (ports, { user, manager }) => {
    const given = { ...user, newPassword: NEW_PASSWORD, mustChange: false };
    return givePassword(ports, readGivenPassword(given, ports.rules), manager, CALL);
  }),
  ...(['disable', 'enable', 'unlock', 'delete', 'reset_second_factor'] as const).map((kind) =>
    call(`UserService, ${kind}`, 'manageUser', OF_MANAGED_USERS, (ports, { user, manager }) =>
      manageUser(ports, manager, readManagedUser(user), { kind }),
    ),
  ),
  call('EndUserSessions', 'manageUser', OF_MANAGED_USERS, (ports, { user, manager }) =>
    endUserSessions(ports, readSessionsEnding({ ...user, sessionId: '' }), manager),
  ),
  ...['verify', 'reset', 'change_email', 'invite'].map((kind) =>
    call(`CreateMailToken, ${kind}`, 'recordMailToken', OF_MANAGED_USERS, (ports, scene) => ask(ports, scene, kind)),
  ),
  call(
    'Impersonate',
    'impersonate',
    {
      ...OF_MANAGED_USERS,
      'its user is disabled': 'USER_DISABLED',
      // Nothing was done, and a repeat meets the user as they are now.
      'its user gets another password': 'UNAVAILABLE',
    },
    openInPlace,
  ),
  call('RenewSession', 'renewSession', OF_SESSIONS, (ports, { user, token }) =>
    renewSession(ports, sessionInput(user, token)),
  ),
  call('EndMySessions', 'endMySessions', OF_SESSIONS, (ports, { user, token }) =>
    endMySessions(ports, sessionInput(user, token)),
  ),
  call('UpdateProfile', 'updateProfile', OF_SESSIONS, (ports, { user, token }) =>
    updateProfile(ports, { ...sessionInput(user, token), fullname: 'Eve' }),
  ),
  ...['', PASSWORD].flatMap((currentPassword) => {
    const how = currentPassword === '' ? 'by a young login' : 'by the present password';
    return [
      call(`ChangePassword ${how}`, 'changePassword', OF_SESSIONS, (ports, { user, token }) =>
        changePassword(ports, { ...sessionInput(user, token), newPassword: NEW_PASSWORD, currentPassword }, CALL),
      ),
      call(`ChangeEmail ${how}`, 'requestEmailChange', OF_SESSIONS, (ports, { user, token }) =>
        changeEmail(ports, { ...sessionInput(user, token), newEmail: stand.newEmail(), currentPassword }, CALL),
      ),
      call(`DeleteAccount ${how}`, 'deleteAccount', OF_SESSIONS, (ports, { user, token }) =>
        deleteAccount(ports, { ...sessionInput(user, token), currentPassword }, CALL),
      ),
    ];
  }),
  ...(['reset_password', 'invite'] as const).map((kind) =>
    call(`ResetPassword by ${kind}`, 'resetPassword', OF_CREDENTIALS, async (ports, scene) =>
      resetPassword(ports, { token: await mailTokenOf(scene, kind), newPassword: NEW_PASSWORD }, CALL),
    ),
  ),
  call('VerifyEmail', 'verifyEmail', OF_ADDRESSES, async (ports, scene) =>
    verifyEmail(ports, { token: await mailTokenOf(scene, 'verify_email') }),
  ),
  call('VerifyEmail that changes the address', 'changeEmail', OF_CREDENTIALS, async (ports, scene) =>
    verifyEmail(ports, { token: await mailTokenOf(scene, 'change_email') }),
  ),
  call('a link that takes an address back', 'takeEmailBack', OF_ADDRESSES, async (ports, scene) =>
    undoEmailChange(ports, { token: await mailTokenOf(scene, 'email_change_warning') }),
  ),
];

/** All that a call could have changed. */
async function stateOf({ user: { orgId, userId } }: Scene) {
  const { storage } = stand.ports;
  return {
    users: await storage.listUsers(orgId, { limit: 10, after: null }),
    credentials: await storage.findUserCredentials(orgId, userId),
    sessions: await storage.listSessions(orgId, userId, { limit: 10, after: null }),
    mails: await storage.listMails(orgId, { limit: 10, after: null }),
  };
}

describe.each(CALLS)('S4: $name', ({ write, expected, ask: asked }) => {
  test.each(Object.entries(expected) as [EndingName, string][])(
    'does nothing where %s before its write',
    async (ending, refused) => {
      const scene = await newScene();
      let ended: unknown = null;
      const ports = aroundWrite(stand.ports, write, {
        async before() {
          await ENDINGS[ending](elsewhere.ports, scene);
          ended = await stateOf(scene);
        },
      });
      expect(await outcomeOf(asked(ports, scene))).toBe(refused);
      expect(ended).not.toBeNull();
      expect(await stateOf(scene)).toEqual(ended);
    },
  );
});

describe('S4: what was handed out', () => {
  const HANDED = CALLS.filter(({ name }) => ['Impersonate', 'RenewSession'].includes(name));

  test.each(
    HANDED.flatMap(({ name, write, ask: asked }) =>
      (['its user is disabled', 'its user gets another password', 'its user is deleted'] as const).map((ending) => ({
        name,
        write,
        asked,
        ending,
      })),
    ),
  )('by $name is dead where $ending before the answer', async ({ write, asked, ending }) => {
    const scene = await newScene();
    const ports = aroundWrite(stand.ports, write, { after: () => ENDINGS[ending](elsewhere.ports, scene) });
    const { token } = (await asked(ports, scene)) as { readonly token: string };
    expect(await outcomeOf(validate(stand.ports, sessionInput(scene.user, token)))).toBe('SESSION_REVOKED');
  });

  test('by Impersonate is of the present key where every signing key is retired before its write', async () => {
    const scene = await newScene();
    const before = () => ENDINGS['every signing key is retired'](elsewhere.ports, scene);
    const { token } = await openInPlace(aroundWrite(stand.ports, 'impersonate', { before }), scene);
    expect(await outcomeOf(validate(stand.ports, sessionInput(scene.user, token)))).toBe('OK');
  });

  test.each(
    (['reset', 'change_email', 'invite'] as const).flatMap((kind) =>
      (['its user is disabled', 'its user gets another password', 'its user is deleted'] as const).map((ending) => ({
        kind,
        ending,
      })),
    ),
  )('by CreateMailToken, $kind, is void where $ending before the answer', async ({ kind, ending }) => {
    const scene = await newScene();
    const after = () => ENDINGS[ending](elsewhere.ports, scene);
    const ports = aroundWrite(stand.ports, 'recordMailToken', { after });
    const { token } = await ask(ports, scene, kind);
    if (ending === 'its user is disabled') {
      await stand.ports.storage.enableUser(scene.user.orgId, scene.user.userId);
    }
    expect(await outcomeOf(use(kind, token))).toBe('TOKEN_INVALID');
  });

  test.each(['reset', 'change_email', 'invite'])(
    'by CreateMailToken, %s, is good where its user gets another password before its write',
    async (kind) => {
      const scene = await newScene();
      const before = () => ENDINGS['its user gets another password'](elsewhere.ports, scene);
      const { token } = await ask(aroundWrite(stand.ports, 'recordMailToken', { before }), scene, kind);
      expect(await outcomeOf(use(kind, token))).toBe('OK');
    },
  );
});

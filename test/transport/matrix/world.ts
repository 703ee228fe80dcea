import type { MailTokenKind } from '../../../src/domain/accounts/mail-token.ts';
import { readNonce } from '../../../src/domain/auth/nonce.ts';
import { HARD_LOCK_AT } from '../../../src/domain/auth/tries.ts';
import type { Ports } from '../../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../../src/domain/sessions/device.ts';
import {
  changePassword,
  closeOrganization,
  deleteUser,
  disableUser,
  fooBar,
  login,
  logout,
  revokeApiKey,
  signUp,
} from '../../support/asked.ts';
import { NO_STANDING } from '../../support/no-standing.ts';
import type { TestServer } from '../../support/running-server.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';

/** An organization with a live key, unless its name says otherwise. */
export interface Tenant {
  readonly orgId: string;
  readonly apiKey: string;
}

/** A user of `acme`. */
export interface TestUser {
  readonly email: string;
  readonly userId: string;
}

/** What is special about the token of a mail. */
export interface TokenMail {
  readonly newEmail?: string;
  readonly ageMs?: number;
}

/** The password of every user here. */
export const PASSWORD = 'Correct-horse-1';

/** What is done to a user and ends the user's sessions. */
export type SessionEnd = 'disable' | 'delete' | 'change password';

/** What scenarios stand on: tenants and users that no scenario changes, and makers of what it may use up. */
export interface World {
  readonly acme: Tenant;
  readonly globex: Tenant;
  /** Closed: neither its key nor its id opens anything. */
  readonly closed: Tenant;
  /** A key that `acme` had. */
  readonly revokedKey: string;
  readonly ada: TestUser;
  readonly disabled: TestUser;
  /** Failed so often that the longest wait has begun. */
  readonly waiting: TestUser;
  /** Failed so often that only an administrator opens it. */
  readonly locked: TestUser;
  /** A live session of Ada's. */
  readonly adaSession: string;
  /** A session of a user of `closed`. */
  readonly closedSession: { readonly token: string; readonly email: string };
  /** Sessions that ended with what was done to their users. */
  readonly endedBy: Readonly<Record<SessionEnd, { readonly sessionToken: string; readonly email: string }>>;
  newEmail(): string;
  newUser(): Promise<TestUser>;
  nonce(email: string, apiKey?: string): Promise<string>;
  expiredNonce(email: string): string;
  usedNonce(email: string): Promise<string>;
  session(user: TestUser): Promise<string>;
  endedSession(user: TestUser): Promise<string>;
  /** Well signed and too old; it has no row. */
  expiredSession(user: TestUser): string;
  /** Well signed; its row is gone. */
  lostSession(user: TestUser): string;
  /** Live, opened by somebody in the place of its user. */
  impersonatedSession(user: TestUser): Promise<string>;
  /** Ended, and its token is too old. */
  endedOldSession(user: TestUser): Promise<string>;
  /** Its row is too old and ended, though its token would still do. */
  endedOldRow(user: TestUser): Promise<string>;
  /** Live, of a login that is longer ago than a fresh proof may be. */
  oldLogin(user: TestUser): Promise<string>;
  /** A token as a mail would bring it, that was sent so long ago. */
  mailToken(user: Pick<TestUser, 'userId'>, kind: MailTokenKind, mail?: TokenMail): Promise<string>;
}

/** Longer than a fresh proof may be ago. */
const OLD_LOGIN_MS = 16 * 60_000;

const CALL = { isAbandoned: () => false };

/** Makes the world straight through the rules, past every entrance. */
export async function createWorld({ ports, createOrganization }: TestServer): Promise<World> {
  const acme = await createOrganization();
  const globex = await createOrganization();
  const closed = await createOrganization();
  const makers = makersOf(ports, acme);
  const ada = await makers.newUser();
  const disabled = await makers.newUser();
  await disableUser(ports, { orgId: acme.orgId, user: disabled.userId });
  const [waiting, locked] = [await makers.newUser(), await makers.newUser()];
  await failLogins(ports, acme, { email: waiting.email, failures: 18 });
  await failLogins(ports, acme, { email: locked.email, failures: HARD_LOCK_AT.token_key });

  const closedMakers = makersOf(ports, closed);
  const closedUser = await closedMakers.newUser();
  const closedSession = { token: await closedMakers.session(closedUser), email: closedUser.email };
  await closeOrganization(ports, { orgId: closed.orgId });

  return {
    acme,
    globex,
    closed,
    revokedKey: await revokedKey(ports, acme),
    ada,
    disabled,
    waiting,
    locked,
    adaSession: await makers.session(ada),
    closedSession,
    endedBy: {
      disable: await sessionEndedBy('disable', ports, acme),
      delete: await sessionEndedBy('delete', ports, acme),
      'change password': await sessionEndedBy('change password', ports, acme),
    },
    ...makers,
  };
}

/** Lets logins with the token key fail, past the waits between them. */
async function failLogins(
  { storage, rules, ids, clock }: Ports,
  { orgId }: Tenant,
  { email, failures }: { readonly email: string; readonly failures: number },
): Promise<void> {
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const userId = (await storage.findUserByEmail(orgId, email))?.userId ?? null;
  for (let failed = 1; failed <= failures; failed += 1) {
    const at = clock.now();
    const lock = { ...rules.lock, lockMaxMs: failed < failures ? 0 : rules.lock.lockMaxMs };
    const nonce = { nonceId: ids.uuidV4(), keepUntil: at, epoch };
    const tenant = { orgId, keyId: null };
    const said = { callerClass: 'token_key', device: null, hidesUsers: false, part: 0, lock, at } as const;
    await storage.beginLogin({ tenant, email, nonce, ...said });
    const endId = ids.uuidV4();
    await storage.endTry({
      orgId,
      email,
      countedAs: 'token_key',
      userId,
      lock,
      endId,
      sessionId: null,
      end: 'failed',
      at,
    });
  }
}

async function revokedKey(ports: Ports, { orgId }: Tenant): Promise<string> {
  const { apiKey, apiKeyHash } = ports.apiKeys.create('api');
  const createdAt = ports.clock.now();
  const keyId = ports.ids.uuidV7(createdAt);
  const key = { keyId, orgId, label: '', apiKeyHash, sealedApiKey: null, inTokens: false };
  const rights = { kind: 'api', impersonate: false } as const;
  await ports.storage.createApiKey({ ...key, ...rights, createdAt });
  await revokeApiKey(ports, { orgId, keyId, endSessions: false });
  return apiKey;
}

async function sessionEndedBy(end: SessionEnd, ports: Ports, acme: Tenant): Promise<World['endedBy'][SessionEnd]> {
  const { newUser, session } = makersOf(ports, acme, end.replace(' ', '-'));
  const { userId: user, email } = await newUser();
  const held = { sessionToken: await session({ userId: user, email }), email };
  const { orgId, apiKey } = acme;
  switch (end) {
    case 'disable':
      await disableUser(ports, { orgId, user });
      break;
    case 'delete':
      await deleteUser(ports, { orgId, user });
      break;
    case 'change password': {
      const sessionToken = await session({ userId: user, email });
      const change = { sessionToken, email, newPassword: PASSWORD, currentPassword: '', orgId, apiKey };
      await changePassword(ports, change, CALL);
    }
  }
  return held;
}

function makersOf(ports: Ports, { orgId, apiKey }: Tenant, prefix = 'user') {
  let users = 0;
  function newEmail(): string {
    users += 1;
    return `${prefix}-${users}@example.com`;
  }
  async function nonce(identity: string, key = apiKey): Promise<string> {
    return (await fooBar(ports, { identity, apiKey: key })).token;
  }
  async function newUser(): Promise<TestUser> {
    const email = newEmail();
    const user = { email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true };
    return signUp(ports, { ...user, foobar: await nonce(email), apiKey }, CALL);
  }
  async function session({ email }: TestUser): Promise<string> {
    const foobar = await nonce(email);
    return (await login(ports, { foobar, email, password: PASSWORD, orgId, apiKey }, CALL)).token;
  }
  function signSession({ email, userId }: TestUser, ageSeconds: number, sessionId = newSessionId()): string {
    const now = ports.clock.now();
    const issuedAtSeconds = Math.floor(now / 1000) - ageSeconds;
    const expiresAtSeconds = issuedAtSeconds + 60;
    const claims = { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds, credentialVersion: 1 };
    return ports.sessionTokens.sign(ports.sessionTokens.currentKeyId(now), { ...claims, ...NO_STANDING }, null);
  }
  function newSessionId(): string {
    return ports.ids.uuidV7(ports.clock.now());
  }
  /** A row that has ended, and lives in time until this instant. */
  async function endedRow(user: TestUser, expiresAt: number): Promise<string> {
    const now = ports.clock.now();
    const sessionId = await row(user, { createdAt: now - 120_000, expiresAt });
    await ports.storage.endSession({ orgId, ...user, sessionId }, now);
    return sessionId;
  }
  async function row(
    { userId, email }: TestUser,
    times: { readonly createdAt: number; readonly expiresAt: number },
  ): Promise<string> {
    const now = ports.clock.now();
    const sessionId = newSessionId();
    const user = await ports.storage.findUserCredentials(orgId, userId);
    if (user === null) {
      throw new Error(`There is no user ${email}.`);
    }
    const { credentialVersion } = user;
    const made = { sessionId, userId, credentialVersion, rehash: null, ...times };
    const kid = ports.sessionTokens.currentKeyId(now);
    await ports.storage.createSession({
      ...made,
      tenant: { orgId, keyId: null },
      maxAgeSeconds: 2_592_000,
      actor: null,
      device: UNKNOWN_DEVICE,
      maxLiveSessions: 100,
      kid,
      attempt: null,
    });
    return sessionId;
  }
  return {
    newEmail,
    newUser,
    nonce,
    session,
    expiredNonce(email: string): string {
      const now = ports.clock.now();
      return ports.nonces.sign(
        { nonceId: ports.ids.uuidV7(now), expiresAt: Math.floor(now / 1000) * 1000 },
        { email, orgId: null },
      );
    },
    async usedNonce(email: string): Promise<string> {
      const foobar = await nonce(email);
      const spent = readNonce(ports, foobar, { email, orgId });
      // Of nobody: no failure counts for who holds the nonce.
      const tenant = { orgId, keyId: null };
      await ports.storage.beginLogin({ tenant, email: 'nobody@example.com', nonce: spent, ...UNCOUNTED });
      return foobar;
    },
    async endedSession(user: TestUser): Promise<string> {
      const sessionToken = await session(user);
      await logout(ports, { sessionToken, email: user.email, orgId: '', apiKey: '' });
      return sessionToken;
    },
    expiredSession: (user: TestUser): string => signSession(user, 60),
    lostSession: (user: TestUser): string => signSession(user, 0),
    async impersonatedSession({ email, userId }: TestUser): Promise<string> {
      const now = ports.clock.now();
      const sessionId = newSessionId();
      const kid = ports.sessionTokens.currentKeyId(now);
      const issuedAtSeconds = Math.floor(now / 1000);
      const expiresAtSeconds = issuedAtSeconds + 3_600;
      const times = { createdAt: now, expiresAt: expiresAtSeconds * 1000, maxAgeSeconds: 3_600 };
      await ports.storage.createSession({
        sessionId,
        userId,
        credentialVersion: 1,
        rehash: null,
        ...times,
        tenant: { orgId, keyId: null },
        maxLiveSessions: 100,
        actor: 'support',
        device: UNKNOWN_DEVICE,
        kid,
        attempt: null,
      });
      const claims = { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds, credentialVersion: 1 };
      return ports.sessionTokens.sign(kid, { ...claims, ...NO_STANDING, actor: 'support' }, null);
    },
    async endedOldSession(user: TestUser): Promise<string> {
      return signSession(user, 60, await endedRow(user, ports.clock.now() + 60_000));
    },
    async oldLogin(user: TestUser): Promise<string> {
      const now = ports.clock.now();
      return signSession(user, 0, await row(user, { createdAt: now - OLD_LOGIN_MS, expiresAt: now + OLD_LOGIN_MS }));
    },
    async mailToken(
      { userId }: Pick<TestUser, 'userId'>,
      kind: MailTokenKind,
      { newEmail: next = newEmail(), ageMs = 0 }: TokenMail = {},
    ): Promise<string> {
      const user = await ports.storage.findUserCredentials(orgId, userId);
      if (user === null) {
        throw new Error('There is no such user.');
      }
      return ports.mailTokens.sign(kind, { ...user, newEmail: next }, ports.clock.now() - ageMs).token;
    },
    async endedOldRow(user: TestUser): Promise<string> {
      return signSession(user, 0, await endedRow(user, ports.clock.now() - 60_000));
    },
  };
}

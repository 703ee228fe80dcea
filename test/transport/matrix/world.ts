import type { MailTokenKind } from '../../../src/domain/accounts/mail-token.ts';
import { HARD_LOCK_AT } from '../../../src/domain/auth/tries.ts';
import type { Ports } from '../../../src/domain/ports.ts';
import { changePassword, closeOrganization, deleteUser, disableUser, revokeApiKey } from '../../support/asked.ts';
import type { TestServer } from '../../support/running-server.ts';
import { createFactors, type Factors, MAILING } from './factors.ts';
import { CALL, makersOf, PASSWORD } from './makers.ts';

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

/** What is done to a user and ends the user's sessions. */
export type SessionEnd = 'disable' | 'delete' | 'change password';

/** What scenarios stand on: tenants and users that no scenario changes, and makers of what it may use up. */
export interface World {
  /** Takes logins by codes of mails. */
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
  /** Users with second factors, and organizations that demand one. */
  readonly factors: Factors;
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

/** Makes the world straight through the rules, past every entrance. */
export async function createWorld(server: TestServer): Promise<World> {
  const { ports, createOrganization } = server;
  const acme = await createOrganization();
  await ports.storage.updateOrganization(acme.orgId, { settings: MAILING }, null);
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
    factors: await createFactors(server, acme),
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
    const nonce = { nonceId: ids.uuidV4(), keepUntil: at + 3_600_000, epoch };
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

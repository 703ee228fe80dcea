import type { MailTokenKind } from '../../../src/domain/accounts/mail-token.ts';
import { readNonce } from '../../../src/domain/auth/nonce.ts';
import type { Ports } from '../../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../../src/domain/sessions/device.ts';
import { fooBar, login, logout, signUp } from '../../support/asked.ts';
import { NO_STANDING } from '../../support/no-standing.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';
import type { Tenant, TestUser, TokenMail } from './world.ts';

/** The password of every user here. */
export const PASSWORD = 'Correct-horse-1';

/** Longer than a fresh proof may be ago. */
const OLD_LOGIN_MS = 16 * 60_000;

/** Whoever asks waits for the end. */
export const CALL = { isAbandoned: () => false };

/** Makers of what scenarios may use up in an organization. */
export function makersOf(ports: Ports, { orgId, apiKey }: Tenant, prefix = 'user') {
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
      challenge: null,
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
        challenge: null,
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

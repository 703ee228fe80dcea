import { describe, expect, test } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  apiKey,
  DAY,
  HOUR,
  KID,
  liveSessions,
  loginAttempt,
  MINUTE,
  NOW,
  newSession,
  newUser,
  nonce,
  type Org,
  page,
  populate,
  signingKey,
} from '../fixtures.ts';
import { freshStorage, type StorageHarness } from './harness.ts';

/** Every way in which a tenant is not open, with the reason that a fresh call would get. */
const CLOSED_TENANTS = [
  {
    name: 'a revoked key',
    outcome: 'api_key_invalid',
    async close(storage: Storage, org: Org) {
      await storage.revokeApiKey({ orgId: org.orgId, keyId: org.keyId, at: NOW, endSessions: false });
      return { orgId: org.orgId, keyId: org.keyId };
    },
  },
  {
    name: 'the key of a closed organization',
    outcome: 'api_key_invalid',
    async close(storage: Storage, org: Org) {
      await storage.closeOrganization(org.orgId, NOW);
      return { orgId: org.orgId, keyId: org.keyId };
    },
  },
  {
    name: 'the key of another organization',
    outcome: 'api_key_invalid',
    async close(storage: Storage, org: Org) {
      return { orgId: org.orgId, keyId: (await addOrganization(storage)).keyId };
    },
  },
  {
    name: 'an unknown key',
    outcome: 'api_key_invalid',
    close: async (_storage: Storage, org: Org) => ({ orgId: org.orgId, keyId: 'none' }),
  },
] as const;

const CLOSED_ORGANIZATIONS = [
  {
    name: 'a closed organization',
    outcome: 'organization_not_found',
    async close(storage: Storage, org: Org) {
      await storage.closeOrganization(org.orgId, NOW);
      return { orgId: org.orgId, keyId: null };
    },
  },
  {
    name: 'an unknown organization',
    outcome: 'organization_not_found',
    close: async () => ({ orgId: 'none', keyId: null }),
  },
] as const;

export function accountContract(harness: StorageHarness): void {
  describe('sign-up', () => {
    test('begins with an unspent nonce and a free e-mail', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const attempt = { orgId: org.orgId, keyId: org.keyId, email: 'new@example.com', nonce: nonce() };
      expect(await storage.beginSignUp(attempt)).toBe('begun');
      expect(await storage.beginSignUp(attempt)).toBe('nonce_used');
      const taken = { ...attempt, email: user.email, nonce: nonce() };
      expect(await storage.beginSignUp(taken)).toBe('user_exists');
      expect(await storage.beginSignUp(taken)).toBe('nonce_used');
    });

    test.each(CLOSED_TENANTS)('$name begins no sign-up, spends nothing and creates nobody', async (tenant) => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const spare = apiKey(org.orgId);
      await storage.createApiKey(spare);
      const closed = await tenant.close(storage, org);
      const attempt = { ...closed, email: 'new@example.com', nonce: nonce() };
      expect(await storage.beginSignUp(attempt)).toBe('api_key_invalid');
      expect(await storage.createUser(newUser(closed))).toBe('api_key_invalid');
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(1);
      await storage.reopenOrganization(org.orgId);
      expect(await storage.beginSignUp({ ...attempt, keyId: spare.keyId })).toBe('begun');
    });

    test('one e-mail is one user of an organization, and another one of the next', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const again = newUser(org, { email: user.email, fullname: 'Somebody Else' });
      expect(await storage.createUser(again)).toBe('user_exists');
      expect(await storage.findUser(org.orgId, again.userId)).toBeNull();
      expect(await storage.findUserByEmail(org.orgId, user.email)).toMatchObject({ fullname: user.fullname });
      const other = await addOrganization(storage);
      const twin = await addUser(storage, other, { email: user.email });
      expect(await storage.findUserByEmail(other.orgId, user.email)).toMatchObject({ userId: twin.userId });
    });

    test('a new user is as it was given', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toEqual({
        userId: user.userId,
        orgId: org.orgId,
        email: user.email,
        fullname: user.fullname,
        passwordHash: user.passwordHash,
        credentialVersion: 1,
        disabledAt: null,
        emailVerifiedAt: null,
        roles: [],
        passwordUnprovenSince: null,
        addressVersion: 0,
        hasSecondFactor: false,
        mustChangePassword: false,
      });
      expect(await storage.findUserCredentials(org.orgId, 'none')).toBeNull();
    });
  });

  describe('login', () => {
    test('begins with an unspent nonce and gives the credentials', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const attempt = loginAttempt(org, user);
      expect(await storage.beginLogin(attempt)).toEqual({
        outcome: 'begun',
        user: await storage.findUserCredentials(org.orgId, user.userId),
        countedAs: 'private_key',
      });
      expect(await storage.beginLogin(attempt)).toEqual({ outcome: 'nonce_used' });
      const unknown = { ...attempt, email: 'nobody@example.com', nonce: nonce() };
      expect(await storage.beginLogin(unknown)).toEqual({ outcome: 'user_not_found', isHardLocked: false });
      expect(await storage.beginLogin(unknown)).toEqual({ outcome: 'nonce_used' });
    });

    test('a nonce is spent in every organization at once, and in sign-up too', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      const spent = nonce();
      await storage.beginLogin(loginAttempt(org, user, { nonce: spent }));
      expect(await storage.beginLogin(loginAttempt(other, user, { nonce: spent }))).toEqual({
        outcome: 'nonce_used',
      });
      const signUp = { orgId: other.orgId, keyId: other.keyId, email: user.email, nonce: spent };
      expect(await storage.beginSignUp(signUp)).toBe('nonce_used');
    });

    test.each([...CLOSED_TENANTS, ...CLOSED_ORGANIZATIONS])(
      '$name begins no login and spends nothing',
      async (tenant) => {
        const storage = await freshStorage(harness);
        const { org, user } = await populate(storage);
        const closed = await tenant.close(storage, org);
        const attempt = loginAttempt(closed, user);
        expect(await storage.beginLogin(attempt)).toEqual({ outcome: tenant.outcome });
        expect(await storage.createSession(newSession(closed, user))).toEqual({ outcome: tenant.outcome });
        expect(await liveSessions(storage, org.orgId)).toHaveLength(0);
        await storage.reopenOrganization(org.orgId);
        const open = { orgId: org.orgId, keyId: null };
        expect(await storage.beginLogin({ ...attempt, tenant: open })).toMatchObject({ outcome: 'begun' });
      },
    );

    test('creates a session and tells the token key', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const created = await storage.createSession(newSession(org, user));
      expect(created).toMatchObject({ outcome: 'created', session: { tokenKey: { keyId: org.keyId } } });
      expect(created.outcome === 'created' && Buffer.from(created.session.tokenKey?.sealedApiKey ?? [])).toEqual(
        org.key.sealedApiKey,
      );
    });

    test('creates no session for a user who is gone, disabled or has changed the password', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const attempt = (changes = {}) => storage.createSession(newSession(org, user, changes));
      const refused = { rehash: { from: user.passwordHash, to: '$2b$new' } };
      expect(await attempt({ ...refused, userId: 'none' })).toEqual({ outcome: 'user_not_found' });
      expect(await attempt({ ...refused, credentialVersion: 2 })).toEqual({ outcome: 'credentials_changed' });
      await storage.disableUser(org.orgId, user.userId, NOW);
      expect(await attempt(refused)).toEqual({ outcome: 'user_disabled' });
      // A fresh call with the old password would be told that it is wrong, not that the user is disabled.
      expect(await attempt({ ...refused, credentialVersion: 2 })).toEqual({ outcome: 'credentials_changed' });
      await storage.enableUser(org.orgId, user.userId);
      expect(await liveSessions(storage, org.orgId)).toHaveLength(0);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: user.passwordHash,
      });
      await storage.deleteUser(org.orgId, user.userId, NOW);
      expect(await attempt(refused)).toEqual({ outcome: 'user_not_found' });
    });

    test('creates no session for a signing key that was retired, or is unknown (S4)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const rehash = { from: user.passwordHash, to: '$2b$new' };
      const refused = { outcome: 'signing_key_retired' };
      expect(await storage.createSession(newSession(org, user, { rehash, kid: 'none' }))).toEqual(refused);
      const next = signingKey();
      await storage.addSigningKey(next, NOW);
      expect(await storage.createSession(newSession(org, user, { rehash }))).toEqual(refused);
      // Of the user a fresh call is told what it was told before.
      const old = newSession(org, user, { credentialVersion: 2 });
      expect(await storage.createSession(old)).toEqual({ outcome: 'credentials_changed' });
      expect(await liveSessions(storage, org.orgId)).toEqual([]);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: user.passwordHash,
      });
      await addSession(storage, org, user, { kid: next.kid });
    });

    test('a user of another organization gets no session', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const other = await addOrganization(storage);
      expect(await storage.createSession(newSession(other, user))).toEqual({ outcome: 'user_not_found' });
    });

    test('upgrades the hash it was checked against, and only that, without raising the version', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user, { rehash: { from: user.passwordHash, to: '$2b$new' } });
      await addSession(storage, org, user, { rehash: { from: user.passwordHash, to: '$2b$late' } });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: '$2b$new',
        credentialVersion: 1,
      });
    });

    test('ends the oldest live sessions beyond the bound, never the new one (S2)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const another = await addSession(storage, org, await addUser(storage, org));
      const sessions = [];
      for (let i = 0; i < 6; i += 1) {
        const changes = { maxLiveSessions: 3, createdAt: NOW + i, expiresAt: NOW + DAY };
        sessions.push((await addSession(storage, org, user, changes)).sessionId);
      }
      expect(await liveSessions(storage, org.orgId, user.userId)).toEqual(sessions.slice(3));
      // Behind all others by its clock, and yet the one that was asked for.
      const behind = await addSession(storage, org, user, { maxLiveSessions: 3, createdAt: NOW - HOUR });
      expect(await liveSessions(storage, org.orgId, user.userId)).toEqual([behind.sessionId, ...sessions.slice(4)]);
      expect(await storage.findSession(org.orgId, another.sessionId)).toMatchObject({ revokedAt: null });
    });

    test('ends those first that a wrong clock has dated ahead: they push out none that can be used', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const add = async (createdAt: number) =>
        (await addSession(storage, org, user, { maxLiveSessions: 3, createdAt, expiresAt: NOW + 40 * DAY })).sessionId;
      const ahead = [await add(NOW + 30 * DAY), await add(NOW + 31 * DAY), await add(NOW + 32 * DAY)];
      const [first, second] = [await add(NOW), await add(NOW + 1)];
      expect(await liveSessions(storage, org.orgId)).toEqual([first, second, ahead[2]]);
      // The clock of another process, which is ahead by a moment, is none that is wrong.
      const [beside, third] = [await add(NOW + MINUTE), await add(NOW + 2)];
      expect(await liveSessions(storage, org.orgId)).toEqual([second, third, beside]);
    });

    test('ended and expired sessions do not count towards the bound', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const first = await addSession(storage, org, user, { maxLiveSessions: 2 });
      await addSession(storage, org, user, { maxLiveSessions: 2, expiresAt: NOW + 1 });
      const changes = { maxLiveSessions: 2, createdAt: NOW + 1 };
      const second = await addSession(storage, org, user, changes);
      expect(await storage.findSession(org.orgId, first.sessionId)).toMatchObject({ revokedAt: null });
      await storage.endSession(second, NOW + 1);
      await addSession(storage, org, user, changes);
      expect(await storage.findSession(org.orgId, first.sessionId)).toMatchObject({ revokedAt: null });
    });

    test('keeps the signing key verifying until its sessions expire, in whole hours', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await storage.addSigningKey(signingKey({ kid: 'kid-second', activatesAt: NOW + 1 }), null);
      const ends = async () => (await storage.listSigningKeys()).map((key) => key.verifiesUntil);
      await addSession(storage, org, user, { expiresAt: NOW + HOUR + 1, kid: KID });
      expect(await ends()).toEqual([NOW + 2 * HOUR, 0]);
      await addSession(storage, org, user, { expiresAt: NOW + HOUR, kid: KID });
      expect(await ends()).toEqual([NOW + 2 * HOUR, 0]);
      await addSession(storage, org, user, { expiresAt: NOW + 3 * HOUR, kid: KID });
      await addSession(storage, org, user, { expiresAt: NOW + 1, kid: 'kid-second' });
      expect(await ends()).toEqual([NOW + 3 * HOUR, NOW + HOUR]);
    });
  });

  describe('changing the password', () => {
    test('replaces the hash, raises the version and ends the other live sessions', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const own = await addSession(storage, org, user);
      const gone = await addSession(storage, org, user);
      await storage.endSession(gone, NOW);
      await addSession(storage, org, user, { expiresAt: NOW + 1 });
      await addSession(storage, org, user);
      await addSession(storage, org, user);
      const bystander = await addSession(storage, org, await addUser(storage, org));
      const change = {
        ...own,
        kid: KID,
        tenant: org,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: false,
        at: NOW + 2,
      };
      expect(await storage.changePassword(change)).toEqual({ outcome: 'changed', endedSessions: 2 });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: '$2b$new',
        credentialVersion: 2,
      });
      expect((await liveSessions(storage, org.orgId)).toSorted()).toEqual(
        [own.sessionId, bystander.sessionId].toSorted(),
      );
      expect(await storage.changePassword(change)).toEqual({ outcome: 'credentials_changed' });
    });

    test('is refused once the session has ended, expired or is another user’s', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addUser(storage, org);
      const session = await addSession(storage, org, user);
      const change = {
        ...session,
        kid: KID,
        tenant: org,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: false,
        at: NOW + 1,
      };
      const ended = { outcome: 'session_ended' };
      expect(await storage.changePassword({ ...change, userId: other.userId })).toEqual(ended);
      expect(await storage.changePassword({ ...change, sessionId: 'none' })).toEqual(ended);
      expect(await storage.changePassword({ ...change, at: NOW + 7 * DAY })).toEqual(ended);
      await storage.endSession(session, NOW);
      expect(await storage.changePassword(change)).toEqual(ended);
      const second = await addSession(storage, org, user);
      await storage.disableUser(org.orgId, user.userId, NOW);
      expect(await storage.changePassword({ ...change, sessionId: second.sessionId })).toEqual(ended);
      await storage.deleteUser(org.orgId, user.userId, NOW);
      expect(await storage.changePassword({ ...change, sessionId: second.sessionId })).toEqual(ended);
      expect(await storage.findUserCredentials(org.orgId, other.userId)).toMatchObject({ credentialVersion: 1 });
    });

    test('is refused once the signing key of the session’s token was retired (S4)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      await storage.addSigningKey(signingKey(), NOW);
      const change = {
        ...session,
        kid: KID,
        tenant: org,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: false,
        at: NOW + 1,
      };
      expect(await storage.changePassword(change)).toEqual({ outcome: 'signing_key_retired' });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ credentialVersion: 1 });
    });

    test.each([...CLOSED_TENANTS, ...CLOSED_ORGANIZATIONS])('$name changes nothing', async (tenant) => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const change = {
        ...session,
        kid: KID,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: false,
        at: NOW + 1,
      };
      const closed = await tenant.close(storage, org);
      expect(await storage.changePassword({ ...change, tenant: closed })).toEqual({ outcome: tenant.outcome });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: user.passwordHash,
        credentialVersion: 1,
      });
    });
  });
}

import { describe, expect, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { OwnSession, SessionSubject } from '../../../src/domain/sessions/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  HOUR,
  KID,
  liveSessions,
  MINUTE,
  NOW,
  newSession,
  type Org,
  page,
  populate,
  raceOf,
  signingKey,
  tally,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

/** A week, renewed up to a month after the login. */
const LIFETIME = { ttlSeconds: (7 * DAY) / 1000, maxAgeSeconds: (30 * DAY) / 1000 };

/** What ends sessions, as it races with their renewal. */
const ENDINGS: readonly {
  readonly name: string;
  end(storage: Storage, org: Org, session: SessionSubject): Promise<unknown>;
}[] = [
  { name: 'a logout', end: (storage, _, session) => storage.endSession(session, NOW + 2 * DAY) },
  {
    name: 'the end of all sessions of a user',
    end: (storage, { orgId }, { userId }) => storage.endUserSessions(orgId, userId, NOW + 2 * DAY),
  },
  {
    name: 'a password that an administrator sets',
    end: (storage, { orgId }, { userId }) => storage.setUserPassword(orgId, userId, '$2b$set', NOW + 2 * DAY),
  },
  {
    name: 'disabling and enabling',
    async end(storage, { orgId }, { userId }) {
      await storage.disableUser(orgId, userId, NOW + 2 * DAY);
      await storage.enableUser(orgId, userId);
    },
  },
  {
    name: 'closing and reopening',
    async end(storage, { orgId }) {
      await storage.closeOrganization(orgId, NOW + 2 * DAY);
      await storage.reopenOrganization(orgId);
    },
  },
];

/** A session that asks. */
function own(org: Org, session: SessionSubject, changes: Partial<OwnSession> = {}): OwnSession {
  return { tenant: org, ...session, kid: KID, ...changes };
}

function renewal(org: Org, session: SessionSubject, at: number, changes: Partial<OwnSession> = {}) {
  return { ...own(org, session, changes), signingKid: KID, lifetime: LIFETIME, at };
}

export function ownSessionContract(harness: StorageHarness): void {
  const { races = 250 } = harness;

  async function openSession(user?: Partial<NewUser>) {
    const storage = await freshStorage(harness);
    const { org, user: first } = await populate(storage);
    const owner = user === undefined ? first : await addUser(storage, org, user);
    return { storage, org, user: owner, session: await addSession(storage, org, owner) };
  }

  describe('sessions that renew', () => {
    test('move their end to a lifetime from now, keep their key verifying till then, and tell what the token says', async () => {
      const { storage, org, user, session } = await openSession();
      const at = NOW + 2 * DAY + 1;
      expect(await storage.renewSession(renewal(org, session, at))).toEqual({
        outcome: 'renewed',
        session: {
          expiresAt: NOW + 9 * DAY,
          fullname: user.fullname,
          roles: [],
          emailVerified: false,
          tokenKey: { keyId: org.keyId, sealedApiKey: expect.anything() },
        },
      });
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ expiresAt: NOW + 9 * DAY });
      const keys = await storage.listSigningKeys();
      expect(keys.map(({ verifiesUntil }) => verifiesUntil)).toEqual([NOW + 9 * DAY]);
    });

    test('keep their end for an eighth of a lifetime, are moved no further than their longest age, and never back', async () => {
      const { storage, org, session } = await openSession();
      const endAt = async (at: number, lifetime = LIFETIME) => {
        const renewed = await storage.renewSession({ ...renewal(org, session, at), lifetime });
        return renewed.outcome === 'renewed' ? renewed.session.expiresAt - NOW : renewed.outcome;
      };
      expect(await endAt(NOW + 21 * HOUR - 1)).toBe(7 * DAY);
      expect(await endAt(NOW + 21 * HOUR)).toBe(7 * DAY + 21 * HOUR);
      expect(await endAt(NOW + 22 * HOUR)).toBe(7 * DAY + 21 * HOUR);
      expect(await endAt(NOW + 3 * DAY, { ...LIFETIME, maxAgeSeconds: (9 * DAY) / 1000 })).toBe(9 * DAY);
      expect(await endAt(NOW + 5 * DAY, { ...LIFETIME, maxAgeSeconds: (9 * DAY) / 1000 })).toBe(9 * DAY);
      expect(await endAt(NOW + 5 * DAY, { ttlSeconds: 60, maxAgeSeconds: 60 })).toBe(9 * DAY);
      expect(await endAt(NOW + 9 * DAY)).toBe('session_ended');
    });

    test('live as long as their organization says, within the longest age, from the login on', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const org = await addOrganization(storage, { sessionTtlSeconds: HOUR / 1000 });
      const user = await addUser(storage, org);
      const end = async (changes = {}) => {
        const created = await storage.createSession(newSession(org, user, changes));
        return created.outcome === 'created' ? created.session.expiresAt - NOW : created.outcome;
      };
      expect(await end()).toBe(HOUR);
      expect(await end({ maxAgeSeconds: 60 })).toBe(MINUTE);
      expect(await end({ actor: 'support', expiresAt: NOW + 2 * HOUR })).toBe(2 * HOUR);
      const session = await addSession(storage, org, user);
      const renewed = await storage.renewSession(renewal(org, session, NOW + 30 * MINUTE));
      expect(renewed).toMatchObject({ outcome: 'renewed', session: { expiresAt: NOW + 90 * MINUTE } });
    });

    test('are renewed only while all that they lean on holds', async () => {
      const { storage, org, user, session } = await openSession();
      const at = NOW + 2 * DAY;
      const outcome = async (changes: Partial<OwnSession> = {}) =>
        (await storage.renewSession(renewal(org, session, at, changes))).outcome;
      expect(await outcome({ kid: 'none' })).toBe('signing_key_retired');
      expect(await outcome({ tenant: { orgId: org.orgId, keyId: 'none' } })).toBe('api_key_invalid');
      expect(await outcome({ tenant: { orgId: 'none', keyId: null } })).toBe('organization_not_found');
      expect(await outcome({ sessionId: 'none' })).toBe('session_ended');
      expect(await outcome({ email: 'other@example.com' })).toBe('session_ended');
      const other = await addUser(storage, org);
      expect(await outcome({ userId: other.userId, email: other.email })).toBe('session_ended');
      const unsigned = { ...renewal(org, session, at), signingKid: 'none' };
      expect(await storage.renewSession(unsigned)).toEqual({ outcome: 'next_signing_key_retired' });
      const impersonated = await addSession(storage, org, user, { actor: 'support' });
      expect((await storage.renewSession(renewal(org, impersonated, at))).outcome).toBe('session_ended');
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ expiresAt: NOW + 7 * DAY });
      await storage.endSession(session, at);
      expect(await outcome()).toBe('session_ended');
    });

    test('a token key and a signing key that came meanwhile are those of the new token', async () => {
      const { storage, org, session } = await openSession();
      const next = signingKey();
      await storage.addSigningKey(next, null);
      const renewed = await storage.renewSession({ ...renewal(org, session, NOW + 2 * DAY), signingKid: next.kid });
      expect(renewed.outcome).toBe('renewed');
      const keys = await storage.listSigningKeys();
      expect(keys.map(({ verifiesUntil }) => verifiesUntil)).toEqual([NOW + 7 * DAY, NOW + 9 * DAY]);
    });

    test.each(ENDINGS)('one that races with $name has ended after both (S5)', async ({ end }) => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      const outcomes: string[] = [];
      for (let race = 0; race < races; race += 1) {
        const org = await addOrganization(handles[0]);
        const session = await addSession(handles[0], org, await addUser(handles[0], org));
        const calls: (() => Promise<unknown>)[] = Array.from({ length: 3 }, (_, i) => async () => {
          const renewed = await handles[(race + i) % 2 === 0 ? 0 : 1].renewSession(
            renewal(org, session, NOW + 2 * DAY),
          );
          outcomes.push(renewed.outcome);
        });
        calls.splice(race % 4, 0, () => end(handles[0], org, session));
        await raceOf(race, calls);
        expect(await liveSessions(handles[1], org.orgId)).toEqual([]);
        const after = await handles[1].renewSession(renewal(org, session, NOW + 2 * DAY + 1));
        expect(after.outcome).toBe('session_ended');
      }
      expect(Object.keys(tally(outcomes)).length).toBeGreaterThan(1);
    });
  });

  describe('sessions of a user, by the user', () => {
    test('are listed while they live, newest first, but for those that somebody opened in the place of the user', async () => {
      const { storage, org, user, session } = await openSession();
      const device = { clientIp: '203.0.113.9', userAgent: 'Firefox' };
      const second = await addSession(storage, org, user, { createdAt: NOW + 1, device });
      await addSession(storage, org, user, { createdAt: NOW + 2, actor: 'support' });
      await addSession(storage, org, await addUser(storage, org));
      await addSession(storage, org, user, { createdAt: NOW + 3, expiresAt: NOW + MINUTE });
      const ended = await addSession(storage, org, user, { createdAt: NOW + 4 });
      await storage.endSession(ended, NOW + 5);
      const listed = await storage.listLiveSessions(org.orgId, user.userId, NOW + MINUTE);
      expect(listed).toMatchObject([
        { sessionId: second.sessionId, ...device, lastUsedAt: null, revokedAt: null, email: user.email },
        { sessionId: session.sessionId, clientIp: '', userAgent: '', actor: null },
      ]);
      await storage.closeOrganization(org.orgId, NOW + MINUTE);
      expect(await storage.listLiveSessions(org.orgId, user.userId, NOW + MINUTE)).toEqual([]);
    });

    test('end one by one or all but the one that asks, those too that somebody else opened, counted by those that lived', async () => {
      const { storage, org, user, session } = await openSession();
      const [second, third] = [await addSession(storage, org, user), await addSession(storage, org, user)];
      const impersonated = await addSession(storage, org, user, { actor: 'support' });
      const stranger = await addSession(storage, org, await addUser(storage, org));
      const end = (endedId: string | null, changes: Partial<OwnSession> = {}) =>
        storage.endMySessions({ ...own(org, session, changes), endedId, at: NOW + 1 });
      expect(await end(second.sessionId)).toEqual({ outcome: 'ended', endedSessions: 1 });
      expect(await end(second.sessionId)).toEqual({ outcome: 'ended', endedSessions: 0 });
      expect(await end(stranger.sessionId)).toEqual({ outcome: 'ended', endedSessions: 0 });
      expect(await end(null, { kid: 'none' })).toEqual({ outcome: 'signing_key_retired' });
      expect(await end(null)).toEqual({ outcome: 'ended', endedSessions: 2 });
      expect(await end(null)).toEqual({ outcome: 'ended', endedSessions: 0 });
      expect((await liveSessions(storage, org.orgId)).toSorted()).toEqual(
        [session.sessionId, stranger.sessionId].toSorted(),
      );
      expect(await end(null, { ...third })).toEqual({ outcome: 'session_ended' });
      expect(await end(null, { ...impersonated })).toEqual({ outcome: 'session_ended' });
      expect(await end(session.sessionId)).toEqual({ outcome: 'ended', endedSessions: 1 });
      expect(await end(null)).toEqual({ outcome: 'session_ended' });
    });

    test('one that somebody opened in the place of the user is none of the 100, and ends none of them', async () => {
      const { storage, org, user, session } = await openSession();
      const few = { maxLiveSessions: 2 };
      const support = await addSession(storage, org, user, { ...few, createdAt: NOW - DAY, actor: 'support' });
      const second = await addSession(storage, org, user, { ...few, createdAt: NOW + 1 });
      await addSession(storage, org, user, { ...few, createdAt: NOW + 2, actor: 'support' });
      expect(await liveSessions(storage, org.orgId)).toHaveLength(4);
      const third = await addSession(storage, org, user, { ...few, createdAt: NOW + 3 });
      const live = await liveSessions(storage, org.orgId);
      expect(live).toHaveLength(4);
      expect(live).toEqual(expect.arrayContaining([support.sessionId, second.sessionId, third.sessionId]));
      expect(live).not.toContain(session.sessionId);
      expect(await storage.findSession(org.orgId, support.sessionId)).toMatchObject({ actor: 'support' });
    });

    test('change the name of their user, while they live', async () => {
      const { storage, org, user, session } = await openSession();
      const update = (changes: Partial<OwnSession> = {}) =>
        storage.updateProfile({ ...own(org, session, changes), fullname: 'Ada King', at: NOW + 1 });
      expect(await update({ email: 'other@example.com' })).toEqual({ outcome: 'session_ended' });
      expect(await storage.findUser(org.orgId, user.userId)).toMatchObject({ fullname: user.fullname });
      expect(await update()).toEqual({ outcome: 'updated' });
      expect(await storage.findUser(org.orgId, user.userId)).toMatchObject({ fullname: 'Ada King' });
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ fullname: 'Ada King' });
      await storage.endSession(session, NOW + 1);
      expect(await update()).toEqual({ outcome: 'session_ended' });
    });
  });

  describe('the last use of a session', () => {
    test('is written once an hour, with the device that was told last', async () => {
      const { storage, org, session } = await openSession();
      const { orgId, sessionId } = session;
      const use = async (usedAt: number, clientIp = '', userAgent = '') => {
        await storage.recordSessionUses([
          { orgId, sessionId: 'none', usedAt, clientIp, userAgent },
          { orgId, sessionId, usedAt, clientIp, userAgent },
        ]);
        const [row] = await storage.listSessions(org.orgId, null, page(1));
        return [row?.lastUsedAt, row?.clientIp, row?.userAgent];
      };
      expect(await use(NOW + HOUR - 1, '203.0.113.9')).toEqual([null, '', '']);
      expect(await use(NOW + HOUR, '203.0.113.9', 'Firefox')).toEqual([NOW + HOUR, '203.0.113.9', 'Firefox']);
      expect(await use(NOW + 2 * HOUR - 1, '203.0.113.10')).toEqual([NOW + HOUR, '203.0.113.9', 'Firefox']);
      expect(await use(NOW + 2 * HOUR)).toEqual([NOW + 2 * HOUR, '203.0.113.9', 'Firefox']);
      expect(await use(NOW + 3 * HOUR, '203.0.113.10')).toEqual([NOW + 3 * HOUR, '203.0.113.10', 'Firefox']);
      expect(await storage.findSession(orgId, sessionId)).toMatchObject({ lastUsedAt: NOW + 3 * HOUR });
      await storage.recordSessionUses([]);
    });

    test('of many at once, by two processes, is written of each session, and holds up no ending', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      const sessions = await Promise.all(Array.from({ length: 50 }, () => addSession(handles[0], org, user)));
      const uses = sessions.map(({ orgId, sessionId }) => ({ orgId, sessionId, clientIp: '', userAgent: '' }));
      await Promise.all([
        handles[0].recordSessionUses(uses.map((use) => ({ ...use, usedAt: NOW + HOUR }))),
        handles[1].recordSessionUses(uses.toReversed().map((use) => ({ ...use, usedAt: NOW + HOUR + 1 }))),
        handles[1].endUserSessions(org.orgId, user.userId, NOW + HOUR),
      ]);
      // What another held then is left for the next use.
      await handles[0].recordSessionUses(uses.map((use) => ({ ...use, usedAt: NOW + 2 * HOUR })));
      const rows = await handles[1].listSessions(org.orgId, null, page(100));
      expect(rows.filter(({ lastUsedAt }) => lastUsedAt === null)).toEqual([]);
      expect(await liveSessions(handles[1], org.orgId)).toEqual([]);
    });
  });
}

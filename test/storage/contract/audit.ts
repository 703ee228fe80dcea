import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AuditEvent, AuditOrigin } from '../../../src/domain/audit/audit-event.ts';
import type { AuditFilter, AuditQuery } from '../../../src/domain/audit/storage.ts';
import { HARD_LOCK_AT } from '../../../src/domain/auth/tries.ts';
import type { PagePosition } from '../../../src/domain/page.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  apiKey,
  auditEvent,
  DAY,
  HOUR,
  inSlices,
  KID,
  loginAttempt,
  NOW,
  newSession,
  newUser,
  organization,
  populate,
  signingKey,
  tally,
  tokenKey,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const ALL: AuditFilter = { orgId: null, userId: null, type: null, from: null, to: null };

const ORIGIN: AuditOrigin = {
  at: NOW + 5,
  actor: 'private_key',
  keyId: 'the key that asks',
  requestId: 'the request',
  address: '192.0.2.7',
  claimedClientIp: '203.0.113.9',
  claimedUserAgent: 'a browser, as they say',
};

/** Every event of a filter, and how many slices it took. */
async function readEvents(storage: Storage, changes: Partial<AuditQuery> = {}) {
  const events: AuditEvent[] = [];
  let slices = 0;
  for (let after: PagePosition | null = null, more = true; more; slices += 1) {
    const slice = await storage.listAuditEvents({ ...ALL, limit: 100, after, ...changes });
    events.push(...slice.events);
    after = slice.next;
    more = after !== null;
  }
  return { events, slices };
}

const typesOf = async (storage: Storage, changes: Partial<AuditQuery> = {}) =>
  (await readEvents(storage, changes)).events.map(({ type }) => type);

export function auditContract(harness: StorageHarness): void {
  describe('the audit log', () => {
    test('a handle tells where its writes come from, as of now', async () => {
      const storage = await freshStorage(harness);
      expect(storage.origin()).toMatchObject({ actor: 'system' });
      expect(storage.causedBy(() => ORIGIN).origin()).toEqual(ORIGIN);
    });

    test('an event is there as it was told, with where it comes from', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await storage.causedBy(() => ORIGIN).disableUser(org.orgId, user.userId, NOW);
      const { events } = await readEvents(storage, { type: 'user.disabled' });
      const { at, ...origin } = ORIGIN;
      expect(events).toEqual([
        {
          eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
          createdAt: at,
          ...origin,
          type: 'user.disabled',
          orgId: org.orgId,
          userId: user.userId,
          targetId: null,
          reason: null,
          count: 1,
          details: { ended_sessions: 0 },
        },
      ]);
    });

    test('each change leaves its events, and what was refused or changed nothing leaves none', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const { userId } = user;
      const session = await addSession(storage, org, user);
      const at = NOW + 1;
      const of = async (work: (caused: Storage) => Promise<unknown>) => {
        const requestId = randomUUID();
        await work(storage.causedBy(() => ({ ...ORIGIN, requestId })));
        const { events } = await readEvents(storage);
        return events.filter((event) => event.requestId === requestId).map(({ type }) => type);
      };
      const created = organization();
      const extra = apiKey(orgId);
      const change = {
        tenant: org,
        userId,
        sessionId: session.sessionId,
        kid: KID,
        passwordHash: '$2b$new',
        isProven: false,
        at,
      };

      expect(await of((s) => s.createOrganization(created, tokenKey(created.orgId)))).toEqual(['organization.created']);
      expect(await of((s) => s.createOrganization(created, tokenKey(created.orgId)))).toEqual([]);
      expect(await of((s) => s.createApiKey(extra))).toEqual(['api_key.created']);
      expect(await of((s) => s.createApiKey(apiKey(randomUUID())))).toEqual([]);
      expect(await of((s) => s.updateOrganization(orgId, { mailApproved: false }))).toEqual(['organization.updated']);
      expect(await of((s) => s.updateOrganization('none', {}))).toEqual([]);
      expect(await of((s) => s.revokeApiKey({ orgId, keyId: extra.keyId, at, endSessions: false }))).toEqual([
        'api_key.revoked',
      ]);
      expect(await of((s) => s.revokeApiKey({ orgId, keyId: 'none', at, endSessions: true }))).toEqual([]);
      expect(await of((s) => s.createUser(newUser(org)))).toEqual(['user.signed_up']);
      expect(await of((s) => s.createUser(newUser(org, { email: user.email })))).toEqual([]);
      expect(await of((s) => s.beginLogin(loginAttempt(org, user)))).toEqual([]);
      expect(await of((s) => s.createSession(newSession(org, user)))).toEqual(['login.succeeded']);
      expect(await of((s) => s.createSession(newSession(org, user, { kid: 'none' })))).toEqual([]);
      expect(await of((s) => s.changePassword({ ...change, credentialVersion: 1 }))).toEqual(['user.password_changed']);
      expect(await of((s) => s.changePassword({ ...change, credentialVersion: 1 }))).toEqual([]);
      const own = { tenant: org, ...session, kid: KID, at: NOW + 2 * DAY };
      const lifetime = { ttlSeconds: (7 * DAY) / 1000, maxAgeSeconds: (30 * DAY) / 1000 };
      const renewal = { ...own, signingKid: KID, lifetime };
      expect(await of((s) => s.renewSession(renewal))).toEqual(['session.renewed']);
      expect(await of((s) => s.renewSession(renewal))).toEqual([]);
      expect(await of((s) => s.updateProfile({ ...own, fullname: 'Ada King' }))).toEqual(['user.profile_changed']);
      expect(await of((s) => s.updateProfile({ ...own, fullname: 'Ada King' }))).toEqual([]);
      const beside = await addSession(storage, org, user, { credentialVersion: 2 });
      const { sessionId } = await addSession(storage, org, user, { credentialVersion: 2 });
      expect(await of((s) => s.endMySessions({ ...own, endedId: sessionId }))).toEqual(['session.ended']);
      expect(await of((s) => s.endMySessions({ ...own, endedId: sessionId }))).toEqual([]);
      expect(await of((s) => s.endMySessions({ ...own, endedId: null }))).toEqual(['user.sessions_ended']);
      expect(await of((s) => s.endMySessions({ ...own, endedId: null }))).toEqual([]);
      const used = { orgId, sessionId: beside.sessionId, usedAt: NOW + DAY, clientIp: '', userAgent: '' };
      expect(await of((s) => s.recordSessionUses([used]))).toEqual([]);
      expect(await of((s) => s.endSession(session, at))).toEqual(['session.ended']);
      expect(await of((s) => s.endSession(session, at))).toEqual([]);
      expect(await of((s) => s.endUserSessions(orgId, userId, at))).toEqual(['user.sessions_ended']);
      expect(await of((s) => s.disableUser(orgId, userId, at))).toEqual(['user.disabled']);
      expect(await of((s) => s.enableUser(orgId, userId))).toEqual(['user.enabled']);
      expect(await of((s) => s.enableUser(orgId, 'nobody'))).toEqual([]);
      expect(await of((s) => s.setUserPassword(orgId, userId, '$2b$set', at))).toEqual(['user.password_set']);
      expect(await of((s) => s.deleteUser(orgId, userId, at))).toEqual(['user.deleted']);
      expect(await of((s) => s.deleteUser(orgId, userId, at))).toEqual([]);
      expect(await of((s) => s.revokeApiKey({ orgId, keyId: org.keyId, at, endSessions: true }))).toEqual(
        expect.arrayContaining(['api_key.revoked', 'organization.sessions_ended']),
      );
      expect(await of((s) => s.closeOrganization(orgId, at))).toEqual(['organization.closed']);
      expect(await of((s) => s.reopenOrganization(orgId))).toEqual(['organization.reopened']);
      expect(await of((s) => s.addSigningKey(signingKey(), null))).toEqual(['signing_key.added']);
      expect((await of((s) => s.addSigningKey(signingKey(), at))).toSorted()).toEqual([
        'signing_key.added',
        'signing_key.retired',
        'signing_key.retired',
      ]);
      const { secretCheck } = (await storage.readStoreIdentity()) ?? { secretCheck: new Uint8Array() };
      const replacement = { from: secretCheck, to: Buffer.from('new'), compromised: null };
      const rotated = { secretId: 'newid', previousSecretId: 'oldid' };
      expect(await of((s) => s.replaceSecretCheck({ ...replacement, rotated }))).toEqual(['secret.rotated']);
      expect(await of((s) => s.replaceSecretCheck({ ...replacement, rotated }))).toEqual([]);
      const ended = { ...replacement, from: replacement.to, rotated: null };
      expect(await of((s) => s.replaceSecretCheck(ended))).toEqual([]);
      expect((await readEvents(storage, { type: 'secret.rotated' })).events).toMatchObject([
        { orgId: null, targetId: 'newid', details: { previous_secret_id: 'oldid', compromised: false } },
      ]);
      expect(await of((s) => s.renewEpoch(randomUUID()))).toEqual(['store.writes_lost']);
      expect(await of((s) => s.beginEpoch(randomUUID(), signingKey(), at))).toContain('store.restored');
      expect(await of((s) => s.ping())).toEqual([]);
      expect(await of((s) => s.sweep(NOW, 10))).toEqual([]);
      expect(await typesOf(storage)).toContain('store.created');
    });

    test("locks of users are events, each wait of theirs, and locks of e-mails that are nobody's are none", async () => {
      const opened = await freshStorage(harness);
      const instants = Array.from({ length: 30 }, (_, index) => NOW + index);
      const storage = opened.causedBy(() => ({ ...ORIGIN, at: instants.shift() ?? 0 }));
      const { org, user } = await populate(storage);
      const lock = { lockAfter: 2, lockMaxMs: 1_000, hardLockAt: { ...HARD_LOCK_AT, private_key: 4 } };
      const fail = async (email: string, userId: string | null) => {
        for (let failed = 0; failed < 4; failed += 1) {
          const at = NOW + failed * 10_000;
          const begun = await storage.beginLogin(loginAttempt(org, { email }, { lock, at, hidesUsers: true }));
          expect(begun).toMatchObject({ outcome: 'begun' });
          const ending = { orgId: org.orgId, email, countedAs: 'private_key', userId, lock } as const;
          const endId = randomUUID();
          const { isHardLocked } = await storage.endTry({ ...ending, endId, sessionId: null, end: 'failed', at });
          expect(isHardLocked).toBe(failed === 3);
        }
      };
      await fail('nobody@example.com', null);
      await fail(user.email, user.userId);
      await storage.unlockUser(user, NOW);
      await storage.unlockUser(user, NOW);
      const { events } = await readEvents(storage);
      const locks = events.filter(({ type }) => /locked$/.test(type));
      expect(locks.map(({ type, userId, details }) => ({ type, userId, details }))).toEqual([
        { type: 'user.locked', userId: user.userId, details: { counted_as: 'private_key', failures: 2 } },
        { type: 'user.locked', userId: user.userId, details: { counted_as: 'private_key', failures: 3 } },
        { type: 'user.hard_locked', userId: user.userId, details: { counted_as: 'private_key', failures: 4 } },
        { type: 'user.unlocked', userId: user.userId, details: {} },
      ]);
    });

    test('a lock that comes of a process that died is an event of whoever tries next, once; of nobody it is none', async () => {
      const opened = await freshStorage(harness);
      const instants = Array.from({ length: 20 }, (_, index) => NOW + index);
      const storage = opened.causedBy(() => ({ ...ORIGIN, at: instants.shift() ?? 0 }));
      const { org, user } = await populate(storage);
      const lock = { lockAfter: 1, lockMaxMs: 60_000, hardLockAt: { ...HARD_LOCK_AT, private_key: 2 } };
      for (const email of ['nobody@example.com', user.email]) {
        const begin = (at: number) =>
          storage.beginLogin(loginAttempt(org, { email }, { lock, at: NOW + at, hidesUsers: true }));
        const outcomes = [
          await begin(0),
          await begin(30_000),
          await begin(31_000),
          await begin(61_000),
          await begin(61_000),
        ];
        expect(outcomes).toMatchObject([
          { outcome: 'begun' },
          { outcome: 'locked', retryAfterMs: 1_000 },
          { outcome: 'begun' },
          { outcome: 'locked', retryAfterMs: null },
          { outcome: 'locked', retryAfterMs: null },
        ]);
      }
      const { events } = await readEvents(storage);
      const locks = events.filter(({ type }) => /locked$/.test(type));
      const { userId } = user;
      const { keyId, requestId } = ORIGIN;
      expect(locks).toMatchObject([
        { type: 'user.locked', userId, keyId, requestId, details: { counted_as: 'private_key', failures: 1 } },
        { type: 'user.hard_locked', userId, keyId, requestId, details: { counted_as: 'private_key', failures: 2 } },
      ]);
    });

    test('a session that ends by wrong passwords says so', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { sessionId } = await addSession(storage, org, user);
      const attempt = { orgId: org.orgId, userId: user.userId, sessionId, most: 2, at: NOW };
      for (const outcome of ['counted', 'counted', 'session_ended', 'session_ended']) {
        expect(await storage.countCurrentPassword(attempt)).toMatchObject({ outcome });
      }
      const { events } = await readEvents(storage, { type: 'session.ended_by_failures' });
      expect(events).toMatchObject([{ userId: user.userId, targetId: sessionId }]);
    });

    test('a write that fails leaves no event of itself, and takes none of the writes beside it away', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const beside = Array.from({ length: 10 }, () => newUser(org));
      const clash = newUser(org, { userId: user.userId });
      await Promise.allSettled([...beside, clash].map((each) => storage.createUser(each)));
      const { events } = await readEvents(storage, { type: 'user.signed_up' });
      const told = events.map(({ userId }) => userId);
      expect(told.toSorted()).toEqual([user, ...beside].map(({ userId }) => userId).toSorted());
    });

    test('events that no write causes are added once, however often they are told', async () => {
      const storage = await freshStorage(harness);
      const events = [auditEvent({ count: 12 }), auditEvent({ details: { by_ms: -3, sudden: true, kind: 'x' } })];
      await storage.recordAuditEvents(events);
      await storage.recordAuditEvents([...events, auditEvent()]);
      const found = (await readEvents(storage)).events;
      expect(found).toHaveLength(3);
      expect(found).toEqual(expect.arrayContaining(events));
    });

    test('pages hold each event once, oldest first, whatever the size of a page', async () => {
      const storage = await freshStorage(harness);
      const events = Array.from({ length: 25 }, (_, n) => auditEvent({ createdAt: NOW + (n % 4) }));
      await storage.recordAuditEvents(events);
      const ids = events
        .toSorted((a, b) => a.createdAt - b.createdAt || (a.eventId < b.eventId ? -1 : 1))
        .map(({ eventId }) => eventId);
      for (const limit of [1, 7, 25, 100]) {
        expect((await readEvents(storage, { limit })).events.map(({ eventId }) => eventId)).toEqual(ids);
      }
    });

    test('filters by organization, user, type and time', async () => {
      const storage = await freshStorage(harness);
      const orgIds = [randomUUID(), randomUUID()];
      const userIds = [randomUUID(), randomUUID()];
      const types = ['login.failed', 'login.succeeded'] as const;
      const events = Array.from({ length: 16 }, (_, n) =>
        auditEvent({
          createdAt: NOW + n,
          orgId: orgIds[n % 2] ?? null,
          userId: userIds[(n >> 1) % 2] ?? null,
          type: types[(n >> 2) % 2] ?? 'login.failed',
        }),
      );
      await storage.recordAuditEvents([...events, auditEvent({ createdAt: NOW - 1 })]);
      const found = async (filter: Partial<AuditFilter>) =>
        (await readEvents(storage, filter)).events.map(({ createdAt }) => createdAt - NOW);
      const [orgId = null] = orgIds;
      const [userId = null] = userIds;
      expect(await found({ orgId })).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
      expect(await found({ orgId, userId })).toEqual([0, 4, 8, 12]);
      expect(await found({ orgId, userId, type: 'login.failed' })).toEqual([0, 8]);
      expect(await found({ userId, type: 'login.succeeded' })).toEqual([4, 5, 12, 13]);
      expect(await found({ orgId, from: NOW + 4, to: NOW + 10 })).toEqual([4, 6, 8]);
      expect(await found({ from: NOW + 15 })).toEqual([15]);
      expect(await found({ to: NOW })).toEqual([-1]);
    });

    test('looks at some thousands at once and goes on from there, where few match', async () => {
      const storage = await freshStorage(harness);
      const rare = auditEvent({ type: 'user.hard_locked', createdAt: NOW + 10 });
      await inSlices(50, (n) =>
        storage.recordAuditEvents(Array.from({ length: 100 }, () => auditEvent({ createdAt: NOW + n }))),
      );
      await storage.recordAuditEvents([rare]);
      const { events, slices } = await readEvents(storage, { type: 'user.hard_locked' });
      expect(events).toEqual([rare]);
      expect(slices).toBeGreaterThan(1);
    });

    test('removes what is older than an instant, in steps of the asked-for size, and nothing else', async () => {
      const storage = await freshStorage(harness);
      await storage.recordAuditEvents(Array.from({ length: 10 }, (_, n) => auditEvent({ createdAt: NOW + n })));
      const removal = { at: NOW + 8 + HOUR, keptMs: HOUR, limit: 5 };
      expect(await storage.removeAuditEvents(removal)).toEqual({ removed: 5, more: true });
      expect(await storage.removeAuditEvents(removal)).toEqual({ removed: 3, more: false });
      expect((await readEvents(storage)).events.map(({ createdAt }) => createdAt - NOW)).toEqual([8, 9]);
    });

    test('positions never go back, though all that may be removed was', async () => {
      const storage = await freshStorage(harness);
      await storage.recordAuditEvents(Array.from({ length: 5 }, () => auditEvent()));
      const before = await storage.lastAuditPosition();
      await storage.removeAuditEvents({ at: NOW + 1, keptMs: 0, limit: 100 });
      await storage.recordAuditEvents([auditEvent()]);
      expect(await storage.lastAuditPosition()).toBeGreaterThan(before);
    });

    test('the first position since an instant is the least, though others were written before older ones', async () => {
      const storage = await freshStorage(harness);
      const before = await storage.lastAuditPosition();
      for (const createdAt of [NOW + 5, NOW - 1, NOW + 9, NOW]) {
        await storage.recordAuditEvents([auditEvent({ createdAt })]);
      }
      const [first, , third] = await storage.readAuditFeed({ after: before, missing: [], limit: 10 });
      expect(await storage.firstAuditPosition(NOW)).toBe(first?.position);
      expect(await storage.firstAuditPosition(NOW + 6)).toBe(third?.position);
      expect(await storage.firstAuditPosition(NOW + DAY * 10_000)).toBeNull();
    });

    test('of a long log no more than the first thousands since an instant are looked at for it', async () => {
      const storage = await freshStorage(harness);
      await storage.recordAuditEvents([auditEvent({ createdAt: NOW + 1 })]);
      const early = await storage.lastAuditPosition();
      for (let n = 0; n < 50; n += 1) {
        await storage.recordAuditEvents(Array.from({ length: 200 }, () => auditEvent({ createdAt: NOW })));
      }
      expect(await storage.firstAuditPosition(NOW + 1)).toBe(early);
      expect(await storage.firstAuditPosition(NOW)).toBeGreaterThan(early);
    });

    test('the feed gives what came after a position, and what was missing before it', async () => {
      const store = await freshStore(harness);
      const [storage, other] = [await store.open(), await store.open()];
      await storage.recordAuditEvents([auditEvent()]);
      const after = await storage.lastAuditPosition();
      const told = Array.from({ length: 7 }, () => auditEvent());
      for (const event of told) {
        await (event.eventId < '8' ? storage : other).recordAuditEvents([event]);
      }
      const fed = await storage.readAuditFeed({ after, missing: [], limit: 5 });
      expect(fed.map(({ eventId }) => eventId)).toEqual(told.slice(0, 5).map(({ eventId }) => eventId));
      expect(fed.map(({ position }) => position)).toEqual(
        fed.map(({ position }) => position).toSorted((a, b) => a - b),
      );
      const [first, second] = fed;
      const missing = [first?.position ?? 0, second?.position ?? 0, 10 ** 9];
      const rest = await storage.readAuditFeed({ after: fed.at(-1)?.position ?? 0, missing, limit: 100 });
      const expected = [told[0], told[1], told[5], told[6]];
      expect(rest.map(({ eventId }) => eventId)).toEqual(expected.map((event) => event?.eventId));
    });

    test('several writers lose no event, and each has a position of its own', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()];
      const [first] = handles;
      const before = (await first?.lastAuditPosition()) ?? 0;
      await inSlices(100, (n) => handles[n % 2]?.recordAuditEvents([auditEvent()]) ?? Promise.resolve());
      const fed = (await first?.readAuditFeed({ after: before, missing: [], limit: 1_000 })) ?? [];
      expect(new Set(fed.map(({ position }) => position)).size).toBe(100);
      expect(tally(fed.map(({ type }) => type))).toEqual({ 'login.failed': 100 });
    });

    test('of an organization that is closed the events stay', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const org = await addOrganization(storage);
      await storage.closeOrganization(org.orgId, NOW);
      expect((await typesOf(storage, { orgId: org.orgId })).toSorted()).toEqual([
        'organization.closed',
        'organization.created',
      ]);
    });
  });
}

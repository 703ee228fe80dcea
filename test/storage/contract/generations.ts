import { describe, expect, test } from 'vitest';
import {
  addOrganization,
  addSession,
  addUser,
  countingEnded,
  DAY,
  inSlices,
  KID,
  liveSessions,
  NOW,
  newSession,
  page,
  populate,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

export function generationContract(harness: StorageHarness): void {
  describe('all sessions of an organization (S3)', () => {
    test('have ended for every operation, each at the instant of its own ending', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const endAll = (at: number) =>
        countingEnded(storage, storage.revokeApiKey({ orgId: org.orgId, keyId: org.keyId, at, endSessions: true }));
      const byOrgId = { orgId: org.orgId, keyId: null };
      const loggedOut = await addSession(storage, org, user);
      await storage.endSession(loggedOut, NOW + 1);
      const first = await addSession(storage, org, user);
      expect(await endAll(NOW + 2)).toMatchObject({ endedSessions: 1 });
      const second = await addSession(storage, byOrgId, user);
      expect(await storage.findSession(org.orgId, second.sessionId)).toMatchObject({ revokedAt: null });
      expect(await endAll(NOW + 3)).toMatchObject({ endedSessions: 1 });
      const third = await addSession(storage, byOrgId, user);

      const rows = await storage.listSessions(org.orgId, null, page());
      const instants = new Map(rows.map(({ sessionId, revokedAt }) => [sessionId, revokedAt]));
      expect([loggedOut, first, second, third].map(({ sessionId }) => instants.get(sessionId))).toEqual([
        NOW + 1,
        NOW + 2,
        NOW + 3,
        null,
      ]);
      for (const session of [first, second]) {
        expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({
          revokedAt: instants.get(session.sessionId),
        });
        expect(await storage.endSession(session, NOW + 4)).toBe('already_ended');
        const change = {
          ...session,
          kid: KID,
          tenant: byOrgId,
          credentialVersion: 1,
          passwordHash: '$2b$new',
          isProven: false,
          at: NOW + 4,
        };
        expect(await storage.changePassword(change)).toEqual({ outcome: 'session_ended' });
      }
      expect(await storage.endUserSessions(org.orgId, user.userId, NOW + 5)).toBe(1);
      expect(await storage.deleteUser(org.orgId, user.userId, NOW + 6)).toEqual({ endedSessions: 0 });
    });

    test('do not count towards the bound of a user', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      for (let i = 0; i < 3; i += 1) {
        await addSession(storage, org, user, { maxLiveSessions: 3 });
      }
      await storage.closeOrganization(org.orgId, NOW + 1);
      await storage.reopenOrganization(org.orgId);
      const sessions = [];
      for (let i = 0; i < 4; i += 1) {
        sessions.push((await addSession(storage, org, user, { createdAt: NOW + 2 + i, maxLiveSessions: 3 })).sessionId);
      }
      expect(await liveSessions(storage, org.orgId)).toEqual(sessions.slice(1));
    });

    test('an ending that ends none keeps the instants of the last', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      await storage.closeOrganization(org.orgId, NOW + 1);
      expect(await storage.closeOrganization(org.orgId, NOW + 2)).toMatchObject({ ended: null });
      expect((await storage.listSessions(org.orgId, null, page())).map(({ revokedAt }) => revokedAt)).toEqual([
        NOW + 1,
      ]);
    });

    test('are swept when they have expired', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      await storage.closeOrganization(org.orgId, NOW + 1);
      expect(await storage.sweep(NOW + 8 * DAY, 10)).toEqual({ removed: 1, more: false });
      expect(await storage.listSessions(org.orgId, null, page())).toEqual([]);
    });

    test('are counted exactly, however many they are and whatever begins and ends meanwhile', async () => {
      const store = await freshStore(harness);
      const [storage, other] = [await store.open(), await store.open()];
      const { org, user } = await populate(storage);
      const users = await Promise.all(Array.from({ length: 50 }, () => addUser(storage, org)));
      const changes = { maxLiveSessions: 1_000 };
      const sessions = await inSlices(2_500, (i) => addSession(storage, org, users[i % 50] ?? user, changes));
      await Promise.all(sessions.slice(0, 100).map((session) => storage.endSession(session, NOW)));
      await Promise.all(
        Array.from({ length: 100 }, () => addSession(storage, org, user, { ...changes, expiresAt: NOW + 1 })),
      );
      const bystander = await addOrganization(storage);
      await addSession(storage, bystander, await addUser(storage, bystander));
      const revocation = { orgId: org.orgId, keyId: org.keyId, at: NOW + 1, endSessions: true };
      const counting = countingEnded(storage, storage.revokeApiKey(revocation));
      const meanwhile = Array.from({ length: 200 }, (_, i) => {
        const handle = i % 2 === 0 ? storage : other;
        const ended = sessions[100 + i];
        return i % 4 < 2 || ended === undefined
          ? handle.createSession(newSession({ orgId: org.orgId, keyId: null }, user, changes))
          : handle.endSession(ended, NOW + 2);
      });
      const outcomes = await Promise.all(meanwhile);
      const counted = await counting;
      // Some may have come first: those are counted where they began, and are not where they ended.
      const before = (await storage.listSessions(org.orgId, null, page(10_000))).filter(
        ({ revokedAt, expiresAt }) => revokedAt === NOW + 1 && expiresAt > NOW + 1,
      );
      expect(outcomes).toHaveLength(200);
      expect(counted).toMatchObject({ endedSessions: before.length });
      expect(before.length).toBeGreaterThan(2_200);
      expect(await liveSessions(storage, bystander.orgId)).toHaveLength(1);
    });
  });
}

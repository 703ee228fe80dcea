import { describe, expect, test } from 'vitest';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  inSlices,
  KID,
  liveSessions,
  NOW,
  page,
  populate,
  readPages,
} from '../fixtures.ts';
import { freshStorage, type StorageHarness } from './harness.ts';

export function sessionContract(harness: StorageHarness): void {
  describe('sessions', () => {
    test('a session is found with its user, in its own organization alone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      const session = await addSession(storage, org, user);
      expect(await storage.findSession(org.orgId, session.sessionId)).toEqual({
        ...session,
        email: user.email,
        fullname: user.fullname,
        createdAt: NOW,
        expiresAt: NOW + 7 * DAY,
        revokedAt: null,
        roles: [],
        emailVerified: false,
        actor: null,
        lastUsedAt: null,
      });
      expect(await storage.findSession(other.orgId, session.sessionId)).toBeNull();
      expect(await storage.findSession(org.orgId, 'none')).toBeNull();
    });

    test('ends once, at its first instant, and stays to be read', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const beside = await addSession(storage, org, user);
      expect(await storage.endSession(session, NOW + 1)).toBe('ended');
      expect(await storage.endSession(session, NOW + 2)).toBe('already_ended');
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
      expect(await storage.findSession(org.orgId, beside.sessionId)).toMatchObject({ revokedAt: null });
    });

    test('is not ended by the name of another user or organization', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const stranger = await addUser(storage, org);
      const elsewhere = await addOrganization(storage);
      expect(await storage.endSession({ ...session, userId: stranger.userId }, NOW)).toBe('other_subject');
      expect(await storage.endSession({ ...session, email: stranger.email }, NOW)).toBe('other_subject');
      expect(await storage.endSession({ ...session, orgId: elsewhere.orgId }, NOW)).toBe('not_found');
      expect(await storage.endSession({ ...session, sessionId: 'none' }, NOW)).toBe('not_found');
      expect(await liveSessions(storage, org.orgId)).toEqual([session.sessionId]);
    });

    test('one that has expired has ended already', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user, { expiresAt: NOW + 1 });
      expect(await storage.endSession(session, NOW + 1)).toBe('already_ended');
    });

    test('of many endings of one session exactly one ends it', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => storage.endSession(session, NOW + i)));
      expect(outcomes.filter((outcome) => outcome === 'ended')).toHaveLength(1);
    });

    test('the sessions of one user end together, counted by those that lived', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addSession(storage, org, await addUser(storage, org));
      await addSession(storage, org, user, { expiresAt: NOW + 1 });
      for (let i = 0; i < 3; i += 1) {
        await addSession(storage, org, user);
      }
      expect(await storage.endUserSessions(org.orgId, user.userId, NOW + 1)).toBe(3);
      expect(await storage.endUserSessions(org.orgId, user.userId, NOW + 2)).toBe(0);
      expect(await storage.endUserSessions(org.orgId, 'none', NOW)).toBe(0);
      expect(await liveSessions(storage, org.orgId)).toEqual([other.sessionId]);
    });

    test('0 of 1,000 sessions live after a password change (A4)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const sessions = await inSlices(1_001, () => addSession(storage, org, user, { maxLiveSessions: 2_000 }));
      const own = sessions[0];
      expect(own).toBeDefined();
      if (own === undefined) {
        return;
      }
      const change = {
        ...own,
        kid: KID,
        tenant: org,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: false,
        at: NOW + 1,
      };
      expect(await storage.changePassword(change)).toEqual({ outcome: 'changed', endedSessions: 1_000 });
      expect(await liveSessions(storage, org.orgId)).toEqual([own.sessionId]);
    });

    test('are listed for a user and for the organization, oldest first, ended ones included, page by page', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addUser(storage, org);
      for (let i = 0; i < 8; i += 1) {
        const session = await addSession(storage, org, i % 2 === 0 ? user : other, {
          createdAt: NOW + Math.floor(i / 3),
        });
        if (i < 2) {
          await storage.endSession(session, NOW + 9);
        }
      }
      const all = await storage.listSessions(org.orgId, null, page());
      expect(all).toHaveLength(8);
      expect(all).toEqual(all.toSorted((a, b) => a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1)));
      expect(all.filter((session) => session.revokedAt !== null)).toHaveLength(2);
      for (const userId of [null, user.userId]) {
        const expected = all.filter((session) => userId === null || session.userId === userId);
        const seen = await readPages(
          (request) => storage.listSessions(org.orgId, userId, request),
          (session) => session.sessionId,
        );
        expect(seen).toEqual(expected);
      }
    });
  });
}

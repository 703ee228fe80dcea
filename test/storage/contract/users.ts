import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  importedUser,
  liveSessions,
  NOW,
  page,
  populate,
  readPages,
} from '../fixtures.ts';
import { freshStorage, type StorageHarness } from './harness.ts';

export function userContract(harness: StorageHarness): void {
  describe('users', () => {
    test('a user is found by id and by e-mail, in the own organization alone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const record = {
        userId: user.userId,
        orgId: org.orgId,
        email: user.email,
        fullname: user.fullname,
        createdAt: NOW,
        disabledAt: null,
        emailVerifiedAt: null,
        roles: [],
        publicMetadata: '',
        privateMetadata: '',
        hasPassword: true,
        hasSecondFactor: false,
      };
      expect(await storage.findUser(org.orgId, user.userId)).toEqual(record);
      expect(await storage.findUserByEmail(org.orgId, user.email)).toEqual(record);
      const other = await addOrganization(storage);
      expect(await storage.findUser(other.orgId, user.userId)).toBeNull();
      expect(await storage.findUserByEmail(other.orgId, user.email)).toBeNull();
    });

    test('e-mails are compared as they are given, byte by byte', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      await addUser(storage, org, { email: 'ada@example.com' });
      await addUser(storage, org, { email: 'ADA@example.com' });
      await addUser(storage, org, { email: 'ada@example.com ' });
      expect(await storage.findUserByEmail(org.orgId, 'Ada@example.com')).toBeNull();
    });

    test('a password that is set raises the version of the credentials and ends the sessions of its user alone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const neighbour = await addUser(storage, org);
      await addSession(storage, org, user);
      await addSession(storage, org, user);
      const other = await addSession(storage, org, neighbour);
      const before = await storage.findUserCredentials(org.orgId, user.userId);
      expect(await storage.setUserPassword(org.orgId, user.userId, 'another hash', NOW + 1)).toEqual({
        endedSessions: 2,
      });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toEqual({
        ...before,
        passwordHash: 'another hash',
        credentialVersion: Number(before?.credentialVersion) + 1,
      });
      expect(await liveSessions(storage, org.orgId)).toEqual([other.sessionId]);
      expect(await storage.setUserPassword(org.orgId, neighbour.userId, 'its hash', NOW + 1)).toEqual({
        endedSessions: 1,
      });
      expect(await storage.setUserPassword(org.orgId, 'nobody', 'a hash', NOW + 1)).toBeNull();
    });

    test('text comes back as it was stored', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      for (const fullname of [
        'Zoë Ünïcødé',
        '李小龍',
        '👩‍👩‍👧‍👦',
        "Robert'); DROP TABLE users;--",
        'a%b_c"d\\e',
        'e\u0301',
      ]) {
        const user = await addUser(storage, org, { fullname });
        expect(await storage.findUser(org.orgId, user.userId)).toMatchObject({ fullname });
      }
    });

    test('are listed oldest first, page by page, for one organization', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const other = await addOrganization(storage);
      await addUser(storage, other);
      for (let i = 0; i < 7; i += 1) {
        await addUser(storage, org, { createdAt: NOW + (i % 3) });
      }
      const all = await storage.listUsers(org.orgId, page());
      expect(all).toHaveLength(8);
      expect(all).toEqual(all.toSorted((a, b) => a.createdAt - b.createdAt || (a.userId < b.userId ? -1 : 1)));
      const seen = await readPages(
        (request) => storage.listUsers(org.orgId, request),
        (user) => user.userId,
        // Removing a row that was given already moves nothing.
        (last) => storage.deleteUser(org.orgId, last.userId, NOW),
      );
      expect(seen).toEqual(all);
    });

    test('disabling keeps the first instant and ends the live sessions; enabling revives none', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addSession(storage, org, await addUser(storage, org));
      await addSession(storage, org, user);
      await addSession(storage, org, user);
      const disable = (at: number) => storage.disableUser(org.orgId, user.userId, at);
      expect(await disable(NOW + 1)).toMatchObject({ user: { disabledAt: NOW + 1 }, endedSessions: 2 });
      expect(await disable(NOW + 2)).toMatchObject({ user: { disabledAt: NOW + 1 }, endedSessions: 0 });
      expect(await storage.disableUser(org.orgId, 'none', NOW)).toBeNull();
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ disabledAt: NOW + 1 });
      expect(await storage.enableUser(org.orgId, user.userId)).toMatchObject({
        userId: user.userId,
        disabledAt: null,
      });
      expect(await storage.enableUser(org.orgId, 'none')).toBeNull();
      expect(await liveSessions(storage, org.orgId)).toEqual([other.sessionId]);
    });

    test('deleting ends the live sessions and frees the e-mail; the old sessions stay gone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      expect(await storage.deleteUser(org.orgId, user.userId, NOW + 1)).toEqual({ endedSessions: 1 });
      expect(await storage.deleteUser(org.orgId, user.userId, NOW + 1)).toBeNull();
      expect(await storage.findUser(org.orgId, user.userId)).toBeNull();
      expect(await storage.findSession(org.orgId, session.sessionId)).toBeNull();
      expect(await storage.endSession(session, NOW + 2)).toBe('not_found');

      await addUser(storage, org, { email: user.email });
      expect(await storage.findSession(org.orgId, session.sessionId)).toBeNull();
      // Even under the old id the row has ended.
      await storage.deleteUser(org.orgId, (await storage.findUserByEmail(org.orgId, user.email))?.userId ?? '', NOW);
      await addUser(storage, org, { userId: user.userId });
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
    });

    test('a user is changed in the own organization alone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      const other = await addOrganization(storage);
      expect(await storage.disableUser(other.orgId, user.userId, NOW)).toBeNull();
      expect(await storage.enableUser(other.orgId, user.userId)).toBeNull();
      expect(await storage.deleteUser(other.orgId, user.userId, NOW)).toBeNull();
      expect(await storage.endUserSessions(other.orgId, user.userId, NOW)).toBe(0);
      expect(await liveSessions(storage, org.orgId)).toHaveLength(1);
    });

    test('imported users are there with all that they bring, and one event tells how many', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const whole = importedUser({
        createdAt: NOW - DAY,
        disabledAt: NOW,
        emailVerifiedAt: NOW - 1,
        roles: ['admin', 'billing:read'],
        publicMetadata: '{"plan":"pro"}',
        privateMetadata: '{"id":7}',
      });
      const bare = importedUser({ fullname: '', passwordHash: null });
      const outcome = await storage.importUsers(org.orgId, [whole, bare]);
      expect(outcome).toEqual({ outcome: 'imported', added: [true, true] });
      const { passwordHash, ...record } = whole;
      expect(await storage.findUser(org.orgId, whole.userId)).toEqual({
        ...record,
        orgId: org.orgId,
        hasPassword: true,
        hasSecondFactor: false,
      });
      expect(await storage.findUserCredentials(org.orgId, whole.userId)).toMatchObject({
        passwordHash,
        credentialVersion: 1,
        roles: whole.roles,
        passwordUnprovenSince: null,
      });
      expect(await storage.findUser(org.orgId, bare.userId)).toMatchObject({ fullname: '', hasPassword: false });
      const { events } = await storage.listAuditEvents({
        ...{ orgId: org.orgId, userId: null, type: 'user.imported', from: null, to: null, after: null, limit: 10 },
      });
      expect(events).toMatchObject([{ type: 'user.imported', userId: null, count: 2 }]);
    });

    test('an import leaves those who are there as they are, and of two with one e-mail adds the first', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const before = await storage.findUserCredentials(org.orgId, user.userId);
      const batch = [
        importedUser({ email: 'z@example.com', fullname: 'First' }),
        importedUser({ email: user.email }),
        importedUser({ email: 'z@example.com', fullname: 'Second' }),
        importedUser({ email: 'a@example.com' }),
      ];
      const added = [true, false, false, true];
      expect(await storage.importUsers(org.orgId, batch)).toEqual({ outcome: 'imported', added });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toEqual(before);
      expect(await storage.findUserByEmail(org.orgId, 'z@example.com')).toMatchObject({ fullname: 'First' });
      const again = batch.map(({ email }) => importedUser({ email }));
      const none = [false, false, false, false];
      expect(await storage.importUsers(org.orgId, again)).toEqual({ outcome: 'imported', added: none });
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(3);
    });

    test('a batch with one user who cannot be added adds none', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const batch = [importedUser(), importedUser({ userId: user.userId }), importedUser()];
      await expect(storage.importUsers(org.orgId, batch)).rejects.toThrow();
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(1);
    });

    test('nobody is imported into an organization that is closed, or is not there', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const refused = { outcome: 'organization_not_found' };
      expect(await storage.importUsers(randomUUID(), [importedUser()])).toEqual(refused);
      await storage.closeOrganization(org.orgId, NOW);
      expect(await storage.importUsers(org.orgId, [importedUser()])).toEqual(refused);
    });

    test('imports that race for the same e-mails add each once, in whatever order they name them', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const emails = Array.from({ length: 20 }, (_, n) => `user${n}@example.com`);
      const batches = [emails, emails.toReversed(), emails.toSorted()].map((each) =>
        each.map((email) => importedUser({ email })),
      );
      const outcomes = await Promise.all(batches.map((batch) => storage.importUsers(org.orgId, batch)));
      const added = outcomes.flatMap((each) => (each.outcome === 'imported' ? each.added : []));
      expect(added.filter(Boolean)).toHaveLength(20);
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(21);
    });

    test('users are listed with the hashes of their passwords as they are without', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      await storage.importUsers(org.orgId, [
        importedUser({ passwordHash: null, createdAt: NOW + 1, roles: ['admin'] }),
      ]);
      await addUser(storage, await addOrganization(storage));
      const hashed = await storage.listHashedUsers(org.orgId, page());
      expect(hashed.map(({ passwordHash: _, ...user }) => user)).toEqual(await storage.listUsers(org.orgId, page()));
      expect(hashed.map(({ passwordHash }) => passwordHash)).toEqual([expect.stringContaining('$2b$'), null]);
      const after = { createdAt: NOW, id: hashed[0]?.userId ?? '' };
      expect(await storage.listHashedUsers(org.orgId, { limit: 1, after })).toEqual(hashed.slice(1));
    });
  });
}

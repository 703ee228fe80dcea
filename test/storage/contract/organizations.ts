import { describe, expect, test } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  apiKey,
  countingEnded,
  liveSessions,
  NOW,
  organization,
  page,
  populate,
  readPages,
  tokenKey,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

export function organizationContract(harness: StorageHarness): void {
  describe('organizations', () => {
    test('an organization is found by its id and by its name key', async () => {
      const storage = await freshStorage(harness);
      const { organization: created } = await addOrganization(storage);
      expect(await storage.findOrganization(created.orgId)).toEqual(created);
      expect(await storage.findOrganizationByNameKey(created.nameKey)).toEqual(created);
      expect(await storage.findOrganization('none')).toBeNull();
      expect(await storage.findOrganizationByNameKey('none')).toBeNull();
    });

    test('a taken name creates neither organization nor key', async () => {
      const storage = await freshStorage(harness);
      const taken = await addOrganization(storage);
      const second = organization({ nameKey: taken.organization.nameKey });
      const key = tokenKey(second.orgId);
      expect(await storage.createOrganization(second, key)).toBe('already_exists');
      expect(await storage.findOrganization(second.orgId)).toBeNull();
      expect(await storage.findApiKey(key.apiKeyHash)).toBeNull();
    });

    test('a closed organization keeps its name', async () => {
      const storage = await freshStorage(harness);
      const closed = await addOrganization(storage);
      await storage.closeOrganization(closed.orgId, NOW);
      const second = organization({ nameKey: closed.organization.nameKey });
      expect(await storage.createOrganization(second, tokenKey(second.orgId))).toBe('already_exists');
    });

    test('of many creations of one name one wins, through two handles', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()];
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, (_, i) => {
          const one = organization({ nameKey: 'acme' });
          return handles[i % 2]?.createOrganization(one, tokenKey(one.orgId));
        }),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'already_exists')).toHaveLength(31);
    });

    test('an update changes what it names, and a setting that is at its default is none', async () => {
      const storage = await freshStorage(harness);
      const { orgId, organization: before } = await addOrganization(storage);
      const changes = { sessionTtlSeconds: 60, mailApproved: false, settings: { locale: 'de', verify_url: 'x' } };
      const changed = { ...before, sessionTtlSeconds: 60, mailApproved: false };
      const kept = '{"locale":"de","verify_url":"x"}';
      expect(await storage.updateOrganization(orgId, changes)).toEqual({ ...changed, settings: kept });
      expect(await storage.findOrganization(orgId)).toEqual({ ...changed, settings: kept });
      const again = await storage.updateOrganization(orgId, { settings: { locale: 'en', verify_url: '' } });
      expect(again).toEqual({ ...changed, settings: '{}' });
      expect(await storage.updateOrganization('none', {})).toBeNull();
    });

    test('of many that take one name one gets it, through two handles, and nobody a name that is taken', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()];
      const orgs = await Promise.all(Array.from({ length: 8 }, () => addOrganization(handles[0] as Storage)));
      const name = { name: 'Acme', nameKey: 'acme' };
      const outcomes = await Promise.all(
        orgs.map(({ orgId }, i) => handles[i % 2]?.updateOrganization(orgId, { name })),
      );
      expect(outcomes.filter((outcome) => outcome === 'already_exists')).toHaveLength(7);
      const winner = await handles[0]?.findOrganizationByNameKey('acme');
      expect(winner).toMatchObject(name);
      expect(await handles[0]?.updateOrganization(String(winner?.orgId), { name })).toEqual(winner);
    });

    test('users are counted up to a number, of one organization', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const other = await addOrganization(storage);
      await addUser(storage, org);
      await addUser(storage, other);
      expect(await storage.countUsers(org.orgId, 10)).toBe(2);
      expect(await storage.countUsers(org.orgId, 1)).toBe(1);
      expect(await storage.countUsers('none', 10)).toBe(0);
    });

    test('open organizations without a live key that was never in tokens are listed, oldest first, page by page', async () => {
      const storage = await freshStorage(harness);
      const orgs = [];
      for (let i = 0; i < 5; i += 1) {
        orgs.push((await addOrganization(storage, { createdAt: NOW + i })).organization);
      }
      const [bare, withKey, revoked, closed, last] = orgs.map(({ orgId }) => orgId);
      await storage.createApiKey(apiKey(withKey ?? ''));
      const gone = apiKey(revoked ?? '');
      await storage.createApiKey(gone);
      await storage.revokeApiKey({ orgId: gone.orgId, keyId: gone.keyId, at: NOW, endSessions: false });
      await storage.closeOrganization(closed ?? '', NOW);
      const list = () =>
        readPages(
          (asked) => storage.listOrganizationsWithoutPrivateKey(asked),
          ({ orgId }) => orgId,
        );
      expect((await list()).map(({ orgId }) => orgId)).toEqual([bare, revoked, last]);
      // One that was in tokens once is none.
      await storage.createApiKey(tokenKey(bare ?? ''));
      expect(await list()).toHaveLength(3);
    });

    test('closing keeps the first instant and ends the live sessions of this organization alone', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      await addSession(storage, org, user);
      await addSession(storage, org, await addUser(storage, org));
      await addSession(storage, other, await addUser(storage, other));

      const closed = { ...org.organization, closedAt: NOW + 1 };
      const close = (at: number) => countingEnded(storage, storage.closeOrganization(org.orgId, at));
      expect(await close(NOW + 1)).toEqual({ organization: closed, endedSessions: 2 });
      expect(await close(NOW + 2)).toEqual({ organization: closed, endedSessions: 0 });
      expect(await storage.closeOrganization('none', NOW)).toBeNull();
      expect(await liveSessions(storage, org.orgId)).toHaveLength(0);
      expect(await liveSessions(storage, other.orgId)).toHaveLength(1);
      const ended = await storage.listSessions(org.orgId, null, page());
      expect(ended.map((session) => session.revokedAt)).toEqual([NOW + 1, NOW + 1]);
    });

    test('a reopened organization is open, and its sessions stay ended', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      await storage.closeOrganization(org.orgId, NOW);
      expect(await storage.reopenOrganization(org.orgId)).toEqual(org.organization);
      expect(await storage.reopenOrganization('none')).toBeNull();
      expect(await liveSessions(storage, org.orgId)).toHaveLength(0);
      await addSession(storage, org, user);
    });

    test('are listed oldest first, page by page, without gaps while others are added', async () => {
      const storage = await freshStorage(harness);
      // Equal instants: the id decides.
      for (let i = 0; i < 10; i += 1) {
        await addOrganization(storage, { createdAt: NOW + Math.floor(i / 4) });
      }
      const all = await storage.listOrganizations(page());
      const sorted = all.toSorted((a, b) => a.createdAt - b.createdAt || (a.orgId < b.orgId ? -1 : 1));
      expect(all).toEqual(sorted);

      const seen = await readPages(
        (request) => storage.listOrganizations(request),
        (each) => each.orgId,
        () => addOrganization(storage, { createdAt: NOW - 1 }),
      );
      expect(seen).toEqual(all);
    });
  });
}

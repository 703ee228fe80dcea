import { describe, expect, test } from 'vitest';
import {
  addOrganization,
  addSession,
  addUser,
  apiKey,
  countingEnded,
  liveSessions,
  NOW,
  newSession,
  page,
  populate,
  tokenKey,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

export function apiKeyContract(harness: StorageHarness): void {
  describe('API keys', () => {
    test('a key is found by its digest, with its state and its organization’s', async () => {
      const storage = await freshStorage(harness);
      const org = await addOrganization(storage);
      const found = {
        keyId: org.keyId,
        orgId: org.orgId,
        wasSealed: true,
        revokedAt: null,
        organizationClosedAt: null,
      };
      expect(await storage.findApiKey(org.key.apiKeyHash)).toEqual(found);
      expect(await storage.findApiKey(new Uint8Array(32))).toBeNull();
      await storage.closeOrganization(org.orgId, NOW + 1);
      await storage.revokeApiKey({ orgId: org.orgId, keyId: org.keyId, at: NOW + 2, endSessions: false });
      expect(await storage.findApiKey(org.key.apiKeyHash)).toEqual({
        ...found,
        revokedAt: NOW + 2,
        organizationClosedAt: NOW + 1,
      });
    });

    test('a management key is found as one alone, with what it may and its state', async () => {
      const storage = await freshStorage(harness);
      const org = await addOrganization(storage);
      const { orgId } = org;
      const key = apiKey(orgId, { kind: 'management', impersonate: true });
      const reading = apiKey(orgId, { kind: 'management_read' });
      await storage.createApiKey(key);
      await storage.createApiKey(reading);
      const { keyId } = key;
      const found = {
        keyId,
        orgId,
        kind: 'management',
        impersonate: true,
        revokedAt: null,
        organizationClosedAt: null,
      };
      expect(await storage.findManagementKey(key.apiKeyHash)).toEqual(found);
      expect(await storage.findManagementKey(reading.apiKeyHash)).toMatchObject({
        kind: 'management_read',
        impersonate: false,
      });
      expect(await storage.findApiKey(key.apiKeyHash)).toBeNull();
      expect(await storage.findManagementKey(org.key.apiKeyHash)).toBeNull();
      expect((await storage.listApiKeys(orgId, page())).map(({ kind, impersonate }) => [kind, impersonate])).toEqual(
        expect.arrayContaining([
          ['management', true],
          ['management_read', false],
          ['api', false],
        ]),
      );
      // It is no key of the first class for the six calls.
      expect((await storage.listOrganizationsWithoutPrivateKey(page())).map((each) => each.orgId)).toContain(orgId);
      await storage.closeOrganization(orgId, NOW + 1);
      await storage.revokeApiKey({ orgId, keyId, at: NOW + 2, endSessions: false });
      expect(await storage.findManagementKey(key.apiKeyHash)).toEqual({
        ...found,
        revokedAt: NOW + 2,
        organizationClosedAt: NOW + 1,
      });
    });

    test('a key is added to an organization that exists', async () => {
      const storage = await freshStorage(harness);
      const org = await addOrganization(storage);
      const key = apiKey(org.orgId, { label: 'second', createdAt: NOW + 1 });
      const live = { orgId: org.orgId, revokedAt: null, kind: 'api', impersonate: false };
      expect(await storage.createApiKey(key)).toBe('created');
      expect(await storage.createApiKey(apiKey('none'))).toBe('organization_not_found');
      expect(await storage.listApiKeys(org.orgId, page())).toEqual([
        { ...live, keyId: org.keyId, label: 'a key', inTokens: true, wasSealed: true, createdAt: NOW },
        { ...live, keyId: key.keyId, label: 'second', inTokens: false, wasSealed: false, createdAt: NOW + 1 },
      ]);
    });

    test('lists hold the keys of one organization, page by page', async () => {
      const storage = await freshStorage(harness);
      const org = await addOrganization(storage);
      const other = await addOrganization(storage);
      for (let i = 0; i < 6; i += 1) {
        await storage.createApiKey(apiKey(org.orgId, { createdAt: NOW + (i % 2) }));
      }
      const all = await storage.listApiKeys(org.orgId, page());
      expect(all).toHaveLength(7);
      const first = await storage.listApiKeys(org.orgId, page(4));
      const last = first.at(-1);
      const rest = await storage.listApiKeys(
        org.orgId,
        page(4, last === undefined ? null : { createdAt: last.createdAt, id: last.keyId }),
      );
      expect([...first, ...rest]).toEqual(all);
      expect(await storage.listApiKeys(other.orgId, page())).toHaveLength(1);
    });

    test('a new token key takes the place of the present one', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const second = tokenKey(org.orgId, { createdAt: NOW + 1 });
      await storage.createApiKey(second);
      const keys = await storage.listApiKeys(org.orgId, page());
      expect(keys.map((key) => key.inTokens)).toEqual([false, true]);
      const created = await storage.createSession(newSession(org, user));
      expect(created).toMatchObject({ outcome: 'created', session: { tokenKey: { keyId: second.keyId } } });
      expect(created.outcome === 'created' && Buffer.from(created.session.tokenKey?.sealedApiKey ?? [])).toEqual(
        second.sealedApiKey,
      );
    });

    test('of token keys added at once, the organization ends up with exactly one', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()];
      const org = await addOrganization(await store.open());
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, i) => handles[i % 2]?.createApiKey(tokenKey(org.orgId, { createdAt: NOW + i }))),
      );
      expect(outcomes).toEqual(Array(16).fill('created'));
      const keys = (await handles[0]?.listApiKeys(org.orgId, page())) ?? [];
      expect(keys).toHaveLength(17);
      expect(keys.filter((key) => key.inTokens)).toHaveLength(1);
    });

    test('that a key was sealed is told for ever, and of no other', async () => {
      const storage = await freshStorage(harness);
      const org = await addOrganization(storage);
      const [second, beside, byId] = [
        tokenKey(org.orgId, { createdAt: NOW + 1 }),
        apiKey(org.orgId, { createdAt: NOW + 2 }),
        tokenKey(org.orgId, { createdAt: NOW + 3, sealedApiKey: null }),
      ];
      for (const key of [second, beside, byId]) {
        await storage.createApiKey(key);
      }
      await storage.revokeApiKey({ orgId: org.orgId, keyId: second.keyId, at: NOW + 4, endSessions: false });
      const wasSealed = await Promise.all(
        [org.key, second, beside, byId].map(async (key) => (await storage.findApiKey(key.apiKeyHash))?.wasSealed),
      );
      expect(wasSealed).toEqual([true, true, false, false]);
      const listed = await storage.listApiKeys(org.orgId, page());
      expect(listed.map((key) => key.wasSealed)).toEqual([true, true, false, false]);
      const revocation = { orgId: org.orgId, at: NOW + 5, endSessions: false };
      for (const [{ keyId }, was] of [
        [second, true],
        [beside, false],
      ] as const) {
        expect(await storage.revokeApiKey({ ...revocation, keyId })).toMatchObject({ apiKey: { wasSealed: was } });
      }
    });

    test('a token key may be kept without its sealed form', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const key = tokenKey(org.orgId, { sealedApiKey: null });
      await storage.createApiKey(key);
      expect(await storage.createSession(newSession(org, user))).toMatchObject({
        outcome: 'created',
        session: { tokenKey: { keyId: key.keyId, sealedApiKey: null } },
      });
    });

    test('revoking keeps the first instant, and no revoked key is a token key', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      const revoked = {
        apiKey: {
          keyId: org.keyId,
          orgId: org.orgId,
          label: 'a key',
          inTokens: false,
          wasSealed: true,
          kind: 'api',
          impersonate: false,
          createdAt: NOW,
          revokedAt: NOW + 1,
        },
        endedSessions: 0,
      };
      const revoke = (at: number, keyId = org.keyId) =>
        countingEnded(storage, storage.revokeApiKey({ orgId: org.orgId, keyId, at, endSessions: false }));
      expect(await revoke(NOW + 1)).toEqual(revoked);
      expect(await revoke(NOW + 2)).toEqual(revoked);
      expect(await revoke(NOW, 'none')).toBeNull();
      expect(await liveSessions(storage, org.orgId)).toHaveLength(1);
      // By another credential of the organization: tokens are then made without a key.
      const byOrgId = newSession({ orgId: org.orgId, keyId: null }, user);
      expect(await storage.createSession(byOrgId)).toMatchObject({ outcome: 'created', session: { tokenKey: null } });
    });

    test('a key is revoked in its own organization alone', async () => {
      const storage = await freshStorage(harness);
      const [org, other] = [await addOrganization(storage), await addOrganization(storage)];
      const revocation = { orgId: other.orgId, keyId: org.keyId, at: NOW, endSessions: true };
      expect(await storage.revokeApiKey(revocation)).toBeNull();
      expect(await storage.findApiKey(org.key.apiKeyHash)).toMatchObject({ revokedAt: null });
    });

    test('revoking ends the sessions of the organization where asked, and counts live ones once', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      await addSession(storage, other, await addUser(storage, other));
      const logged = await addSession(storage, org, user);
      await storage.endSession(logged, NOW);
      await addSession(storage, org, user, { expiresAt: NOW + 1 });
      await addSession(storage, org, user);
      const revocation = { orgId: org.orgId, keyId: org.keyId, at: NOW + 5, endSessions: true };
      const revoke = () => countingEnded(storage, storage.revokeApiKey(revocation));
      expect(await revoke()).toMatchObject({ endedSessions: 1 });
      expect(await revoke()).toMatchObject({ endedSessions: 0 });
      expect(await liveSessions(storage, org.orgId)).toHaveLength(0);
      expect(await liveSessions(storage, other.orgId)).toHaveLength(1);
    });
  });
}

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addOrganization, apiKey, KID, NOW, populate, signingKey, tokenKey } from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const to = Buffer.from('sealed anew');

const ROTATED = { secretId: '0123abcd', previousSecretId: null };

export function secretContract(harness: StorageHarness): void {
  describe('the secret', () => {
    test('of several that replace one check at once, one does', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      const before = await handles[0].readStoreIdentity();
      const checks = Array.from({ length: 8 }, () => randomBytes(40));
      const replaced = await Promise.all(
        checks.map((check, index) =>
          handles[index % 2 === 0 ? 0 : 1].replaceSecretCheck({
            from: before?.secretCheck ?? to,
            to: check,
            compromised: null,
            rotated: ROTATED,
          }),
        ),
      );
      expect(replaced.filter(Boolean)).toHaveLength(1);
      const after = await handles[1].readStoreIdentity();
      expect(Buffer.from(after?.secretCheck ?? [])).toEqual(checks[replaced.indexOf(true)]);
      expect(after).toMatchObject({ storeId: before?.storeId, epoch: before?.epoch });
    });

    test('that was compromised takes epoch and signing keys with it in one step, and nothing where it is not replaced', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const { secretCheck, epoch } = (await storage.readStoreIdentity()) ?? { secretCheck: to, epoch: '' };
      const fresh = signingKey({ activatesAt: NOW });
      const compromised = { epoch: 'another', signingKey: fresh, at: NOW };
      expect(await storage.replaceSecretCheck({ from: to, to, compromised, rotated: ROTATED })).toBe(false);
      expect((await storage.readStoreIdentity())?.epoch).toBe(epoch);
      expect(await storage.listSigningKeys()).toHaveLength(1);
      expect(await storage.replaceSecretCheck({ from: secretCheck, to, compromised, rotated: ROTATED })).toBe(true);
      expect((await storage.readStoreIdentity())?.epoch).toBe('another');
      const keys = await storage.listSigningKeys();
      expect(keys.map(({ kid, retiredAt }) => [kid, retiredAt])).toEqual([
        [KID, NOW],
        [fresh.kid, null],
      ]);
    });

    test('API keys that are kept sealed are listed in pages, each once, whatever is sealed anew between them', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const orgs = [org, ...(await Promise.all(Array.from({ length: 6 }, () => addOrganization(storage))))];
      for (const { orgId } of orgs) {
        await storage.createApiKey(apiKey(orgId));
        await storage.createApiKey(tokenKey(orgId));
      }
      const seen: string[] = [];
      for (let after: { orgId: string; keyId: string } | null = null; ; ) {
        const rows = await storage.listSealedApiKeys(after, 3);
        const last = rows.at(-1);
        if (last === undefined) {
          break;
        }
        after = last;
        seen.push(...rows.map(({ orgId }) => orgId));
        const keys = rows.map(({ orgId, keyId, sealedApiKey }) => ({ orgId, keyId, from: sealedApiKey, to }));
        expect(await storage.resealApiKeys(keys)).toBe(rows.length);
      }
      expect(seen).toEqual(orgs.map(({ orgId }) => orgId).sort());
      const sealed = await storage.listSealedApiKeys(null, 100);
      expect(sealed.map(({ sealedApiKey }) => Buffer.from(sealedApiKey))).toEqual(orgs.map(() => to));
    });

    test('a sealed value that another has replaced or erased meanwhile stays as it is', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const { orgId } = org;
      await storage.createApiKey(tokenKey(orgId));
      const [key] = await storage.listSealedApiKeys(null, 1);
      const [signing] = await storage.listSigningKeys();
      const from = randomBytes(40);
      expect(await storage.resealApiKeys([{ orgId, keyId: key?.keyId ?? '', from, to }])).toBe(0);
      expect(await storage.resealSigningKeys([{ kid: KID, from, to }])).toBe(0);
      await storage.revokeApiKey({ orgId, keyId: key?.keyId ?? '', at: NOW, endSessions: false });
      const erased = { orgId, keyId: key?.keyId ?? '', from: key?.sealedApiKey ?? from, to };
      expect(await storage.resealApiKeys([erased])).toBe(0);
      expect(await storage.listSealedApiKeys(null, 1)).toEqual([]);
      const replaced = { kid: KID, from: signing?.sealedPrivateKey ?? from, to };
      expect(await storage.resealSigningKeys([replaced, replaced])).toBe(1);
      const [after] = await storage.listSigningKeys();
      expect(Buffer.from(after?.sealedPrivateKey ?? [])).toEqual(to);
    });
  });
}

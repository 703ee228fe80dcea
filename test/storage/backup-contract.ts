import { describe, expect, onTestFinished, test } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import type { FileEngine } from '../../src/storage/engine.ts';
import { FileExistsError } from '../../src/storage/store-error.ts';
import { addOrganization, addSession, addUser, NOW, page, populate } from './fixtures.ts';

/** What an engine's test gives to the contract of backups. */
export interface BackupHarness {
  /** A new, empty, migrated store, and where a copy of it can be written. */
  createEngine(): Promise<{
    readonly engine: FileEngine;
    copy(name: string): { readonly file: string; readonly engine: FileEngine };
  }>;
}

/** The acceptance suite of `FileEngine.backUp`. */
export function describeBackupContract(name: string, harness: BackupHarness): void {
  describe(`backups of ${name}`, () => {
    test('opens as a store of its own with everything that was acknowledged before', async () => {
      const { storage, backUp } = await freshStore(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const copy = await backUp('copy');
      await storage.endSession(session, NOW + 1);
      expect(await copy.readStoreIdentity()).toEqual(await storage.readStoreIdentity());
      expect(await copy.findSession(org.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
      await addUser(copy, org);
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(1);
    });

    test('is one instant of the store while writes go on', async () => {
      const { storage, backUp } = await freshStore(harness);
      const { org } = await populate(storage);
      await Promise.all(Array.from({ length: 2_000 }, () => addUser(storage, org)));
      let copied = false;
      const backup = backUp('busy').finally(() => {
        copied = true;
      });
      // Each organization comes with its key in one write: half of a pair would show a torn copy.
      while (!copied) {
        await Promise.all(Array.from({ length: 8 }, () => addOrganization(storage)));
      }
      const copy = await backup;
      for (const { orgId } of await copy.listOrganizations(page(10_000))) {
        expect(await copy.listApiKeys(orgId, page())).toHaveLength(1);
      }
      expect(await copy.listUsers(org.orgId, page(10_000))).toHaveLength(2_001);
    });

    test('never overwrites a file', async () => {
      const { storage, backUp } = await freshStore(harness);
      await populate(storage);
      const copy = await backUp('once');
      await expect(backUp('once')).rejects.toBeInstanceOf(FileExistsError);
      expect(await copy.readStoreIdentity()).not.toBeNull();
    });
  });
}

async function freshStore(harness: BackupHarness) {
  const { engine, copy } = await harness.createEngine();
  const open = async (opened: FileEngine): Promise<Storage> => {
    const storage = await opened.open();
    onTestFinished(() => storage.close());
    return storage;
  };
  return {
    storage: await open(engine),
    async backUp(copyName: string): Promise<Storage> {
      const target = copy(copyName);
      await engine.backUp(target.file);
      return open(target.engine);
    },
  };
}

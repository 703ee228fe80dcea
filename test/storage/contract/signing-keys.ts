import { describe, expect, test } from 'vitest';
import { HOUR, KID, NOW, populate, signingKey } from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

export function signingKeyContract(harness: StorageHarness): void {
  describe('signing keys', () => {
    test('are listed in the order in which they were added, whatever their dates, as they were given', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const late = signingKey({ activatesAt: NOW + 20 });
      const early = signingKey({ activatesAt: NOW + 10, verifiesUntil: NOW + 99, retiredAt: NOW + 50 });
      await storage.addSigningKey(late, null);
      await storage.addSigningKey(early, null);
      const keys = await storage.listSigningKeys();
      expect(keys.map((key) => key.kid)).toEqual([KID, late.kid, early.kid]);
      const stored = keys[2];
      expect({ ...stored, sealedPrivateKey: Buffer.from(stored?.sealedPrivateKey ?? []) }).toEqual(early);
    });

    test('added at once are in one order for everybody', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      const keys = Array.from({ length: 16 }, () => signingKey());
      await Promise.all(keys.map((key, index) => handles[index % 2 === 0 ? 0 : 1].addSigningKey(key, null)));
      const [one, other] = await Promise.all(handles.map((handle) => handle.listSigningKeys()));
      expect(one).toHaveLength(17);
      expect(other?.map(({ kid }) => kid)).toEqual(one?.map(({ kid }) => kid));
    });

    test('of several processes that find a key due at once one adds its own, and the next after the interval', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      for (const [round, createdAt] of [NOW + HOUR, NOW + 2 * HOUR].entries()) {
        const added = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            handles[index % 2 === 0 ? 0 : 1].addSigningKeyWhenDue(signingKey({ createdAt: createdAt + index }), HOUR),
          ),
        );
        expect(added.filter(Boolean)).toHaveLength(1);
        expect(await handles[1].listSigningKeys()).toHaveLength(round + 2);
      }
    });

    test('a key that is dated ahead puts no rotation off, and a retired one is none', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      await storage.addSigningKey(signingKey({ createdAt: NOW + 1_000 * HOUR }), null);
      await storage.addSigningKey(signingKey({ createdAt: NOW + HOUR, retiredAt: NOW + HOUR }), null);
      expect(await storage.addSigningKeyWhenDue(signingKey({ createdAt: NOW + HOUR - 1 }), HOUR)).toBe(false);
      expect(await storage.addSigningKeyWhenDue(signingKey({ createdAt: NOW + HOUR }), HOUR)).toBe(true);
      expect(await storage.addSigningKeyWhenDue(signingKey({ createdAt: NOW + HOUR + 1 }), HOUR)).toBe(false);
    });

    test('a rotation after a compromise retires every other key in the same step, each once', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const second = signingKey({ activatesAt: NOW + 1 });
      const third = signingKey({ activatesAt: NOW + 2 });
      await storage.addSigningKey(second, NOW + 1);
      await storage.addSigningKey(third, NOW + 2);
      const keys = await storage.listSigningKeys();
      expect(keys.map((key) => key.retiredAt)).toEqual([NOW + 1, NOW + 2, null]);
    });

    test('a key that cannot be added retires nothing', async () => {
      const storage = await freshStorage(harness);
      await populate(storage);
      const key = signingKey({ activatesAt: NOW + 1 });
      await storage.addSigningKey(key, null);
      await expect(storage.addSigningKey(key, NOW)).rejects.toThrow();
      expect((await storage.listSigningKeys()).map((each) => each.retiredAt)).toEqual([null, null]);
    });
  });
}

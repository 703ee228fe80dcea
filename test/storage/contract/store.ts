import { describe, expect, test } from 'vitest';
import { KEEP_ENDED_SIGNING_KEYS_MS } from '../../../src/domain/signing-keys/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  KID,
  liveSessions,
  loginAttempt,
  NOW,
  newUser,
  nonce,
  page,
  populate,
  signingKey,
  storeIdentity,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

/** So that what ended then is old by every clock: a database's own is not set by a test. */
const LONG_AGO = NOW - 20 * KEEP_ENDED_SIGNING_KEYS_MS;

export function storeContract(harness: StorageHarness): void {
  describe('the store', () => {
    test('a new store has no identity and answers', async () => {
      const storage = await freshStorage(harness);
      expect(await storage.readStoreIdentity()).toBeNull();
      await storage.ping();
    });

    test('is initialized once, with its identity and first signing key', async () => {
      const storage = await freshStorage(harness);
      const identity = storeIdentity();
      expect(await storage.initialize(identity, signingKey({ kid: KID }))).toBe('initialized');
      expect(await storage.initialize(storeIdentity(), signingKey())).toBe('already_initialized');
      const stored = await storage.readStoreIdentity();
      expect(stored).toMatchObject({ storeId: identity.storeId, epoch: identity.epoch });
      expect(Buffer.from(stored?.secretCheck ?? [])).toEqual(identity.secretCheck);
      expect((await storage.listSigningKeys()).map((key) => key.kid)).toEqual([KID]);
    });

    test('another life has another epoch, ends every session, and retires every signing key but the one it begins with', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const others = await Promise.all(
        Array.from({ length: 250 }, (_, n) => addOrganization(storage, { createdAt: NOW + n })),
      );
      const last = others.at(-1) ?? org;
      await addSession(storage, org, user);
      await addSession(storage, last, await addUser(storage, last));
      const before = await storage.readStoreIdentity();
      await storage.beginEpoch('another epoch', signingKey({ kid: 'kid-another' }), NOW + 1);
      expect(await storage.readStoreIdentity()).toEqual({ ...before, epoch: 'another epoch' });
      expect([await liveSessions(storage, org.orgId), await liveSessions(storage, last.orgId)]).toEqual([[], []]);
      expect((await storage.listSigningKeys()).map(({ kid, retiredAt }) => [kid, retiredAt])).toEqual([
        [KID, NOW + 1],
        ['kid-another', null],
      ]);
    });

    test('of several starts at once one initializes', async () => {
      const store = await freshStore(harness);
      const handles = await Promise.all([store.open(), store.open(), store.open()]);
      const outcomes = await Promise.all(handles.map((handle) => handle.initialize(storeIdentity(), signingKey())));
      expect(outcomes.toSorted()).toEqual(['already_initialized', 'already_initialized', 'initialized']);
      expect(await handles[0]?.listSigningKeys()).toHaveLength(1);
    });

    test('what was acknowledged is there after it is opened again', async () => {
      const store = await freshStore(harness);
      const first = await store.open();
      const { org, user } = await populate(first);
      const session = await addSession(first, org, user);
      const identity = await first.readStoreIdentity();
      await first.close();

      const second = await store.open();
      expect(await second.readStoreIdentity()).toEqual(identity);
      expect(await second.findSession(org.orgId, session.sessionId)).toMatchObject({ email: user.email });
      expect(await second.initialize(storeIdentity(), signingKey())).toBe('already_initialized');
    });

    test('what was acknowledged by one handle is seen by another at once', async () => {
      const store = await freshStore(harness);
      const [writer, reader] = [await store.open(), await store.open()];
      const { org } = await populate(writer);
      for (let i = 0; i < 50; i += 1) {
        const user = await addUser(writer, org);
        expect(await reader.findUser(org.orgId, user.userId)).toMatchObject({ email: user.email });
      }
    });

    test('a write that fails neither harms nor undoes the writes beside it', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      // An id that is taken is no foreseen outcome: the adapter fails, and only that call.
      const clash = newUser(org, { userId: user.userId });
      const beside = Array.from({ length: 20 }, () => newUser(org));
      const calls = [...beside.slice(0, 10), clash, ...beside.slice(10)].map((each) => storage.createUser(each));
      const settled = await Promise.allSettled(calls);
      expect(settled[10]?.status).toBe('rejected');
      expect(settled.filter((each) => each.status === 'fulfilled' && each.value === 'created')).toHaveLength(20);
      expect(await storage.listUsers(org.orgId, page())).toHaveLength(21);
      expect(await storage.findUserByEmail(org.orgId, clash.email)).toBeNull();
    });

    test('closing waits for the writes asked for before, and refuses every call after', async () => {
      const store = await freshStore(harness);
      const storage = await store.open();
      const { org } = await populate(storage);
      const user = newUser(org);
      const writing = storage.createUser(user);
      const closing = storage.close();
      await expect(storage.findUser(org.orgId, user.userId)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
      await expect(storage.createUser(newUser(org))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
      expect(await writing).toBe('created');
      await closing;
      await storage.close();
      await expect(storage.ping()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
      expect(await (await store.open()).findUser(org.orgId, user.userId)).not.toBeNull();
    });
  });

  describe('sweeping', () => {
    test('removes expired sessions and nonces in small steps, and nothing else', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const live = await addSession(storage, org, user);
      const atTheInstant = await addSession(storage, org, user, { expiresAt: NOW + DAY });
      for (let i = 0; i < 5; i += 1) {
        await addSession(storage, org, user, { expiresAt: NOW + DAY - 1 - i });
      }
      const kept = nonce({ keepUntil: NOW + DAY });
      const login = (spent: typeof kept) =>
        storage.beginLogin(loginAttempt({ orgId: org.orgId, keyId: null }, user, { nonce: spent }));
      await login(kept);
      for (let i = 0; i < 3; i += 1) {
        await login(nonce({ keepUntil: NOW + DAY - 1 }));
      }

      expect(await storage.sweep(NOW + DAY, 4)).toEqual({ removed: 4, more: true });
      expect(await storage.sweep(NOW + DAY, 10)).toEqual({ removed: 4, more: false });
      expect(await storage.sweep(NOW + DAY, 10)).toEqual({ removed: 0, more: false });
      expect(await liveSessions(storage, org.orgId)).toHaveLength(2);
      expect(await storage.findSession(org.orgId, live.sessionId)).not.toBeNull();
      expect(await storage.findSession(org.orgId, atTheInstant.sessionId)).not.toBeNull();
      expect(await login(kept)).toEqual({ outcome: 'nonce_used' });
    });

    test('never removes a signing key that nothing took the place of, however old it is', async () => {
      const storage = await freshStorage(harness);
      await storage.initialize(storeIdentity(), signingKey({ kid: KID, createdAt: LONG_AGO, activatesAt: LONG_AGO }));
      const unused = signingKey({ activatesAt: LONG_AGO + DAY });
      await storage.addSigningKey(signingKey({ activatesAt: LONG_AGO + 1, retiredAt: LONG_AGO + DAY }), null);
      await storage.addSigningKey(unused, null);
      await storage.sweep(NOW, 10);
      expect((await storage.listSigningKeys()).map(({ kid }) => kid)).toEqual([unused.kid]);
    });

    test('removes a superseded signing key whose date was ahead', async () => {
      const storage = await freshStorage(harness);
      const far = LONG_AGO + 10 * DAY;
      await storage.initialize(storeIdentity(), signingKey({ createdAt: far, activatesAt: far }));
      const second = signingKey({ activatesAt: LONG_AGO });
      await storage.addSigningKey(second, null);
      await storage.sweep(far + KEEP_ENDED_SIGNING_KEYS_MS + 1, 10);
      expect((await storage.listSigningKeys()).map(({ kid }) => kid)).toEqual([second.kid]);
    });

    test('keeps a superseded or retired signing key for as long again as its tokens could have lived', async () => {
      const storage = await freshStorage(harness);
      const at = LONG_AGO;
      await storage.initialize(storeIdentity(), signingKey({ kid: KID, createdAt: at, activatesAt: at }));
      const { org, user } = await populate(storage);
      await addSession(storage, org, user, { createdAt: at, expiresAt: at + DAY });
      const retired = signingKey({ activatesAt: at + 1, verifiesUntil: at + 2 * DAY, retiredAt: at + 2 });
      const current = signingKey({ activatesAt: at + 3 });
      await storage.addSigningKey(retired, null);
      await storage.addSigningKey(current, null);
      const kidsAfter = async (now: number) => {
        await storage.sweep(now, 10);
        return (await storage.listSigningKeys()).map(({ kid }) => kid);
      };
      const later = at + KEEP_ENDED_SIGNING_KEYS_MS;
      expect(await kidsAfter(later + DAY)).toEqual([KID, retired.kid, current.kid]);
      expect(await kidsAfter(later + DAY + 1)).toEqual([retired.kid, current.kid]);
      expect(await kidsAfter(later + 2 * DAY)).toEqual([retired.kid, current.kid]);
      expect(await kidsAfter(later + 2 * DAY + 1)).toEqual([current.kid]);
    });

    test('removes the ended sessions of a deleted user', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await addSession(storage, org, user);
      await storage.deleteUser(org.orgId, user.userId, NOW);
      expect(await storage.sweep(NOW + 8 * DAY, 10)).toEqual({ removed: 1, more: false });
    });
  });
}

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { LoginAttempt, LoginBeginning } from '../../../src/domain/auth/storage.ts';
import {
  type CountedAs,
  HARD_LOCK_AT,
  HIDDEN_PARTS,
  KEEP_UNKNOWN_TRIES_MS,
  type LockRules,
  MOST_UNKNOWN_TRIES,
  TOLD_PART,
} from '../../../src/domain/auth/tries.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { UnlockedUser } from '../../../src/domain/users/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  inSlices,
  loginAttempt,
  NOW,
  newSession,
  newUser,
  type Org,
  populate,
  tally,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const LOCK: LockRules = { lockAfter: 5, lockMaxMs: 900_000, hardLockAt: HARD_LOCK_AT };

/** What may be said of an attempt beside its e-mail. */
type Said = Partial<LoginAttempt>;

function attemptAt(org: Org, email: string, said: Said = {}): LoginAttempt {
  return loginAttempt(org, { email }, { lock: LOCK, ...said });
}

/** What a try that was begun counts, as it ends. */
function ending(org: Org, email: string, beginning: LoginBeginning) {
  if (beginning.outcome !== 'begun') {
    throw new Error(`not begun: ${beginning.outcome}`);
  }
  const { countedAs, user } = beginning;
  const userId = user?.userId ?? null;
  return { orgId: org.orgId, email, countedAs, userId, lock: LOCK, endId: randomUUID(), sessionId: null, at: NOW };
}

/** Guesses once, wrongly; tells what came of it. */
async function guess(storage: Storage, org: Org, email: string, said: Said = {}): Promise<string> {
  const beginning = await storage.beginLogin(attemptAt(org, email, said));
  if (beginning.outcome === 'begun') {
    await storage.endTry({ ...ending(org, email, beginning), end: 'failed', at: said.at ?? NOW });
  }
  return beginning.outcome;
}

/** Guesses until the counter is locked for good, each time when the wait is over; gives the instant after. */
async function lockHard(storage: Storage, org: Org, email: string, countedAs: CountedAs): Promise<number> {
  let at = NOW;
  const callerClass = countedAs === 'known_device' ? 'private_key' : countedAs;
  for (let failures = 0; failures < HARD_LOCK_AT[countedAs]; failures += 1) {
    at += 1_000_000;
    expect(await guess(storage, org, email, { callerClass, at })).toBe('begun');
  }
  return at + 1_000_000;
}

export function triesContract(harness: StorageHarness): void {
  describe('tries', () => {
    test('64 that begin at once through two handles: as many as may fail are reserved, the others wait and spend nothing (A1)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      for (let round = 0; round < 10; round += 1) {
        const { email } = await addUser(handles[0], org);
        const attempts = Array.from({ length: 64 }, () => attemptAt(org, email));
        const beginnings = await Promise.all(
          attempts.map((attempt, i) => handles[i % 2 === 0 ? 0 : 1].beginLogin(attempt)),
        );
        expect(tally(beginnings.map(({ outcome }) => outcome))).toEqual({ begun: 5, wait: 59 });
        const begun = beginnings.filter(({ outcome }) => outcome === 'begun');
        await Promise.all(
          begun.map((each, i) => handles[i % 2 === 0 ? 0 : 1].endTry({ ...ending(org, email, each), end: 'failed' })),
        );
        const waiting = attempts.filter((_, i) => beginnings[i]?.outcome === 'wait');
        const again = await Promise.all(waiting.map((attempt, i) => handles[i % 2 === 0 ? 0 : 1].beginLogin(attempt)));
        expect(again).toEqual(waiting.map(() => ({ outcome: 'locked', retryAfterMs: 1_000 })));
        // The wait is over for one of them, whose nonce nobody has spent.
        const next = waiting[0] as LoginAttempt;
        expect(await handles[1].beginLogin({ ...next, at: NOW + 1_000 })).toMatchObject({ outcome: 'begun' });
      }
    });

    test('a spent nonce is told before a lock, and a lock spends none (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const spent = attemptAt(org, user.email);
      await storage.endTry({ ...ending(org, user.email, await storage.beginLogin(spent)), end: 'failed' });
      for (let failures = 1; failures < 5; failures += 1) {
        expect(await guess(storage, org, user.email)).toBe('begun');
      }
      expect(await storage.beginLogin(spent)).toEqual({ outcome: 'nonce_used' });
      const fresh = attemptAt(org, user.email);
      expect(await storage.beginLogin(fresh)).toEqual({ outcome: 'locked', retryAfterMs: 1_000 });
      expect(await storage.lookAtLogin(org.orgId, user.email, fresh.nonce.nonceId)).toMatchObject({
        isNonceSpent: false,
        tries: [{ countedAs: 'private_key', failures: 5, pending: 0 }],
      });
      expect(await storage.lookAtLogin(org.orgId, user.email, spent.nonce.nonceId)).toMatchObject({
        isNonceSpent: true,
      });
      expect(await storage.beginLogin({ ...fresh, at: NOW + 1_000 })).toMatchObject({ outcome: 'begun' });
    });

    test('a session that is opened resets its own counter, and nothing else (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      await addUser(storage, other, { email: user.email });
      await guess(storage, org, user.email, { callerClass: 'no_key' });
      await guess(storage, org, user.email);
      await guess(storage, other, user.email);
      const beginning = await storage.beginLogin(attemptAt(org, user.email));
      const attempt = ending(org, user.email, beginning);
      expect(await storage.createSession(newSession(org, user, { attempt }))).toMatchObject({ outcome: 'created' });
      const left = async ({ orgId }: Org) => storage.listLoginTries(orgId, user.email);
      expect(await left(org)).toMatchObject([{ countedAs: 'no_key', failures: 1, pending: 0 }]);
      expect(await left(other)).toMatchObject([{ countedAs: 'private_key', failures: 1 }]);
    });

    test('a session that is refused resets nothing, and a try that is withdrawn leaves nothing (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const attempt = ending(org, user.email, await storage.beginLogin(attemptAt(org, user.email)));
      const refused = newSession(org, user, { attempt, credentialVersion: 2 });
      expect(await storage.createSession(refused)).toEqual({ outcome: 'credentials_changed' });
      expect(await storage.listLoginTries(org.orgId, user.email)).toMatchObject([{ failures: 1, pending: 1 }]);
      expect(await storage.endTry({ ...attempt, end: 'withdrawn' })).toEqual({ isHardLocked: false });
      expect(await storage.listLoginTries(org.orgId, user.email)).toEqual([]);
    });

    test.each(['failed', 'withdrawn'] as const)(
      'an end (%s) that is written again, at once or later, is done once: others keep their tries and their failures (A1)',
      async (end) => {
        const store = await freshStore(harness);
        const handles = [await store.open(), await store.open()] as const;
        const [storage] = handles;
        const { org, user } = await populate(storage);
        await guess(storage, org, user.email);
        const first = ending(org, user.email, await storage.beginLogin(attemptAt(org, user.email)));
        await storage.beginLogin(attemptAt(org, user.email));
        await Promise.all(handles.map((handle) => handle.endTry({ ...first, end })));
        await storage.endTry({ ...first, end, at: NOW + 10_000 });
        const left = () => storage.listLoginTries(org.orgId, user.email);
        const failures = end === 'failed' ? 3 : 2;
        expect(await left()).toMatchObject([{ failures, pending: 1 }]);
        await storage.unlockUser(user, NOW);
        await guess(storage, org, user.email);
        await storage.endTry({ ...first, end });
        expect(await left()).toMatchObject([{ failures: 2, pending: 1 }]);
        // Nor is anything left behind where there is no counter.
        await storage.setUserPassword(org.orgId, user.userId, '$2b$set', NOW + DAY);
        await storage.endTry({ ...first, end });
        expect(await left()).toEqual([]);
      },
    );

    test('an end that locked for good tells of it again to who did not hear of that (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const lock = { ...LOCK, hardLockAt: { ...HARD_LOCK_AT, private_key: 1 } };
      const begun = ending(org, user.email, await storage.beginLogin(attemptAt(org, user.email, { lock })));
      for (const end of ['failed', 'failed'] as const) {
        expect(await storage.endTry({ ...begun, lock, end })).toEqual({ isHardLocked: true });
      }
      await storage.unlockUser(user, NOW);
      expect(await storage.endTry({ ...begun, lock, end: 'failed' })).toEqual({ isHardLocked: false });
    });

    test('a try is not taken back whose session was opened, though nobody heard of that (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const attempt = ending(org, user.email, await storage.beginLogin(attemptAt(org, user.email)));
      await storage.beginLogin(attemptAt(org, user.email));
      await guess(storage, org, user.email);
      const session = newSession(org, user, { attempt });
      const withdrawn = { ...attempt, end: 'withdrawn', sessionId: session.sessionId } as const;
      expect(await storage.createSession(session)).toMatchObject({ outcome: 'created' });
      await storage.endTry(withdrawn);
      expect(await storage.listLoginTries(org.orgId, user.email)).toMatchObject([{ failures: 1, pending: 1 }]);
      const unopened = { ...withdrawn, endId: randomUUID(), sessionId: randomUUID() };
      await storage.endTry(unopened);
      expect(await storage.listLoginTries(org.orgId, user.email)).toEqual([]);
    });

    test('the last try of a process that died locks for good with the next one, which is told of it, once (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      for (const [email, userId] of [
        [user.email, user.userId],
        ['nobody@example.com', null],
      ] as const) {
        let at = NOW;
        const said = () => ({ callerClass: 'no_key', hidesUsers: true, at }) as const;
        for (let failures = 1; failures < HARD_LOCK_AT.no_key; failures += 1) {
          at += 1_000_000;
          await guess(storage, org, email, said());
        }
        at += 1_000_000;
        expect(await storage.beginLogin(attemptAt(org, email, said()))).toMatchObject({ outcome: 'begun' });
        at += 29_999;
        expect(await storage.beginLogin(attemptAt(org, email, said()))).toEqual({ outcome: 'wait' });
        at += 1;
        const attempt = attemptAt(org, email, said());
        const locked = { outcome: 'locked', retryAfterMs: null };
        expect(await storage.beginLogin(attempt)).toEqual({ ...locked, began: { userId } });
        expect(await storage.beginLogin(attempt)).toEqual(locked);
        expect(await storage.listLoginTries(org.orgId, email)).toMatchObject([{ failures: 20, pending: 0 }]);
      }
    });

    test('what locks one class locks neither another nor another organization; it is opened by its user’s name (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      await addUser(storage, other, { email: user.email });
      const at = await lockHard(storage, org, user.email, 'no_key');
      const begin = (place: Org, callerClass: LoginAttempt['callerClass']) =>
        storage.beginLogin(attemptAt(place, user.email, { callerClass, at }));
      expect(await begin(org, 'no_key')).toEqual({ outcome: 'locked', retryAfterMs: null });
      expect(await begin(org, 'token_key')).toMatchObject({ outcome: 'begun' });
      expect(await begin(org, 'private_key')).toMatchObject({ outcome: 'begun' });
      expect(await begin(other, 'no_key')).toMatchObject({ outcome: 'begun' });
      expect(await storage.unlockUser(user, at)).toMatchObject([{ countedAs: 'no_key', failures: 20 }]);
      expect(await storage.unlockUser(user, at)).toEqual([]);
      expect(await begin(org, 'no_key')).toMatchObject({ outcome: 'begun' });
    });

    test('tells of the failure that locks for good, of a user and of nobody alike (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      for (const email of [user.email, 'nobody@example.com']) {
        let at = NOW;
        const told: boolean[] = [];
        for (let failures = 0; failures < 20; failures += 1) {
          at += 1_000_000;
          const attempt = attemptAt(org, email, { callerClass: 'token_key', at });
          const beginning = await storage.beginLogin(attempt);
          told.push(
            beginning.outcome === 'user_not_found'
              ? beginning.isHardLocked
              : (await storage.endTry({ ...ending(org, email, beginning), end: 'failed', at })).isHardLocked,
          );
        }
        expect(told).toEqual([...Array.from({ length: 19 }, () => false), true]);
      }
    });

    test('an unknown e-mail is counted like a known one, whether users are hidden or not (A2)', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      for (const hidesUsers of [false, true]) {
        const email = `${hidesUsers}@example.com`;
        const attempt = () => attemptAt(org, email, { hidesUsers });
        for (let failures = 0; failures < 5; failures += 1) {
          const beginning = await storage.beginLogin(attempt());
          expect(beginning).toEqual(
            hidesUsers
              ? { outcome: 'begun', user: null, countedAs: 'private_key' }
              : { outcome: 'user_not_found', isHardLocked: false },
          );
          if (hidesUsers) {
            await storage.endTry({ ...ending(org, email, beginning), end: 'failed' });
          }
        }
        expect(await storage.beginLogin(attempt())).toEqual({ outcome: 'locked', retryAfterMs: 1_000 });
      }
    });

    test.each([TOLD_PART, HIDDEN_PARTS])(
      'unknown e-mails have a bound in part %i of each organization and class; a user is never forgotten for them (A1)',
      async (part) => {
        const storage = await freshStorage(harness);
        const { org, user } = await populate(storage);
        const other = await addOrganization(storage);
        await guess(storage, org, user.email, { part, at: NOW });
        await guess(storage, org, 'apart@example.com', { part: 1, at: NOW });
        await guess(storage, org, 'first@example.com', { part, at: NOW });
        await guess(storage, org, 'first@example.com', { callerClass: 'no_key', part, at: NOW });
        await guess(storage, other, 'first@example.com', { part, at: NOW });
        const addUnknown = (count: number) =>
          guess(storage, org, `${count}@example.com`, { part, at: NOW + 1 + count });
        await inSlices(MOST_UNKNOWN_TRIES - 1, addUnknown);
        // Of those that come at once none sees the others: the next one has them removed.
        await addUnknown(MOST_UNKNOWN_TRIES - 1);
        const of = async ({ orgId }: Org, email: string) =>
          (await storage.listLoginTries(orgId, email)).map(({ countedAs }) => countedAs);
        expect(await of(org, 'first@example.com')).toEqual(['no_key']);
        expect(await of(org, '0@example.com')).toEqual(['private_key']);
        expect(await of(org, 'apart@example.com')).toEqual(['private_key']);
        expect(await of(org, user.email)).toEqual(['private_key']);
        expect(await of(other, 'first@example.com')).toEqual(['private_key']);
      },
    );

    test('where users are hidden, e-mails of nobody stay locked as users do, whatever comes and however late (A2)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const said = (part: number, at = NOW) => ({ hidesUsers: true, part, at });
      const targets = [user.email, 'nobody@example.com'];
      for (const email of targets) {
        for (let failures = 0; failures < 6; failures += 1) {
          await guess(storage, org, email, said(1 + failures, NOW + failures * 1_000));
        }
      }
      const junk = (count: number) => guess(storage, org, `${count}@example.com`, said(1 + (count % HIDDEN_PARTS)));
      await inSlices(MOST_UNKNOWN_TRIES + 1, junk);
      const late = NOW + KEEP_UNKNOWN_TRIES_MS + DAY;
      await storage.sweep(late, 10);
      for (const email of targets) {
        const begin = () => storage.beginLogin(attemptAt(org, email, said(1, late)));
        const beginning = await begin();
        await storage.endTry({ ...ending(org, email, beginning), end: 'failed', at: late });
        expect(await begin()).toEqual({ outcome: 'locked', retryAfterMs: 4_000 });
      }
    });

    test('unknown e-mails are swept when nobody has tried them for long, users never', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      await guess(storage, org, user.email);
      await guess(storage, org, 'nobody@example.com');
      expect(await storage.sweep(NOW + KEEP_UNKNOWN_TRIES_MS, 10)).toMatchObject({ more: false });
      expect(await storage.listLoginTries(org.orgId, 'nobody@example.com')).toHaveLength(1);
      await storage.sweep(NOW + KEEP_UNKNOWN_TRIES_MS + DAY, 10);
      expect(await storage.listLoginTries(org.orgId, 'nobody@example.com')).toEqual([]);
      expect(await storage.listLoginTries(org.orgId, user.email)).toHaveLength(1);
    });

    test('a new user, a password that an administrator sets and a deletion begin anew', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const created = newUser(org, { email: 'new@example.com' });
      await guess(storage, org, created.email);
      expect(await storage.createUser(created)).toBe('created');
      const left = () => storage.listLoginTries(org.orgId, created.email);
      expect(await left()).toEqual([]);
      await guess(storage, org, created.email);
      await storage.setUserPassword(org.orgId, created.userId, '$2b$set', NOW);
      expect(await left()).toEqual([]);
      await guess(storage, org, created.email);
      await storage.deleteUser(org.orgId, created.userId, NOW);
      expect(await left()).toEqual([]);
    });

    test('tries that are under way stay counted when an administrator unlocks or sets the password (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const resets = [
        (user: UnlockedUser) => storage.unlockUser(user, NOW),
        ({ userId }: UnlockedUser) => storage.setUserPassword(org.orgId, userId, '$2b$set', NOW),
      ];
      for (const reset of resets) {
        const user = await addUser(storage, org);
        const begin = () => storage.beginLogin(attemptAt(org, user.email));
        await guess(storage, org, user.email);
        const under = [await begin(), await begin(), await begin(), await begin()];
        await reset(user);
        expect(await storage.listLoginTries(org.orgId, user.email)).toMatchObject([{ failures: 4, pending: 4 }]);
        under.push(await begin());
        expect(await begin()).toEqual({ outcome: 'wait' });
        for (const each of under) {
          await storage.endTry({ ...ending(org, user.email, each), end: 'failed' });
        }
        expect(await begin()).toEqual({ outcome: 'locked', retryAfterMs: 1_000 });
      }
    });

    test('a try leaves nothing of a user who was deleted meanwhile, and nothing to one who signed up (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const left = (email: string) => storage.listLoginTries(org.orgId, email);
      for (const end of ['failed', 'withdrawn'] as const) {
        const { email, userId } = await addUser(storage, org);
        const under = [
          await storage.beginLogin(attemptAt(org, email)),
          await storage.beginLogin(attemptAt(org, email)),
        ];
        await storage.deleteUser(org.orgId, userId, NOW);
        for (const each of under) {
          expect(await storage.endTry({ ...ending(org, email, each), end })).toEqual({ isHardLocked: false });
        }
        expect(await left(email)).toEqual([]);
      }
      const created = newUser(org, { email: 'new@example.com' });
      const nobodys = await storage.beginLogin(attemptAt(org, created.email, { hidesUsers: true }));
      await storage.createUser(created);
      await guess(storage, org, created.email);
      await storage.endTry({ ...ending(org, created.email, nobodys), end: 'failed' });
      expect(await left(created.email)).toMatchObject([{ failures: 1, pending: 0 }]);
      expect(await left(user.email)).toEqual([]);
    });

    test('a known device is counted apart while its user and their password are the ones of its token (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const neighbour = await addUser(storage, org);
      const device = { userId: user.userId, credentialVersion: 1 };
      const countedAs = async (said: Said, email = user.email) => {
        const beginning = await storage.beginLogin(attemptAt(org, email, said));
        await storage.endTry({ ...ending(org, email, beginning), end: 'withdrawn' });
        return ending(org, email, beginning).countedAs;
      };
      expect(await countedAs({ device })).toBe('known_device');
      expect(await countedAs({ device: { ...device, credentialVersion: 2 } })).toBe('private_key');
      expect(await countedAs({ device }, neighbour.email)).toBe('private_key');
      expect(await countedAs({ device, hidesUsers: true }, 'nobody@example.com')).toBe('private_key');
      const at = await lockHard(storage, org, user.email, 'no_key');
      expect(await countedAs({ device, callerClass: 'no_key', at })).toBe('known_device');
    });

    test('the known devices of a user have nine failures together; then they are strangers (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const device = { userId: user.userId, credentialVersion: 1 };
      let at = NOW;
      const counted: string[] = [];
      for (let failures = 0; failures < 12; failures += 1) {
        at += 1_000_000;
        const beginning = await storage.beginLogin(attemptAt(org, user.email, { device, callerClass: 'no_key', at }));
        counted.push(ending(org, user.email, beginning).countedAs);
        await storage.endTry({ ...ending(org, user.email, beginning), end: 'failed', at });
      }
      expect(tally(counted)).toEqual({ known_device: 9, no_key: 3 });
    });

    test('known devices that had their tries have them again once the user has changed the password (A1)', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      let at = NOW;
      const begin = async (credentialVersion: number) => {
        at += 1_000_000;
        const device = { userId: user.userId, credentialVersion };
        const beginning = await storage.beginLogin(attemptAt(org, user.email, { device, at }));
        await storage.endTry({ ...ending(org, user.email, beginning), end: 'failed', at });
        return ending(org, user.email, beginning).countedAs;
      };
      for (let failures = 0; failures < HARD_LOCK_AT.known_device; failures += 1) {
        expect(await begin(1)).toBe('known_device');
      }
      expect(await begin(1)).toBe('private_key');
      const change = { ...session, kid: newSession(org, user).kid, tenant: org, passwordHash: '$2b$new', at: NOW + 1 };
      await storage.changePassword({ ...change, credentialVersion: 1, isProven: true });
      expect(await storage.listLoginTries(org.orgId, user.email)).toMatchObject([{ countedAs: 'private_key' }]);
      expect(await begin(2)).toBe('known_device');
    });

    test('of many right logins at once none is refused in the end, and none leaves anything', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      const waits = await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          const handle = handles[i % 2 === 0 ? 0 : 1];
          for (let turns = 0; ; turns += 1) {
            const beginning = await handle.beginLogin(attemptAt(org, user.email));
            if (beginning.outcome !== 'wait') {
              const attempt = ending(org, user.email, beginning);
              await addSession(handle, org, user, { attempt });
              return turns;
            }
          }
        }),
      );
      expect(Math.max(...waits)).toBeGreaterThan(0);
      expect(await handles[0].listLoginTries(org.orgId, user.email)).toEqual([]);
    });
  });

  describe('tries at a current password', () => {
    test('64 at once through two handles: ten are counted, the eleventh ends the session, and no other (A1)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      const session = await addSession(handles[0], org, user);
      const other = await addSession(handles[0], org, user);
      const attempt = { orgId: org.orgId, userId: user.userId, sessionId: session.sessionId, most: 10, at: NOW + 1 };
      const counts = await Promise.all(
        Array.from({ length: 64 }, (_, i) => handles[i % 2 === 0 ? 0 : 1].countCurrentPassword(attempt)),
      );
      const tries = counts.flatMap((count) => (count.outcome === 'counted' ? [count.tries] : []));
      expect(tries.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await handles[1].findSession(org.orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
      expect(await handles[1].findSession(org.orgId, other.sessionId)).toMatchObject({ revokedAt: null });
    });

    test('are forgotten with a change that proved it, and with no other', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user);
      const attempt = { orgId: org.orgId, userId: user.userId, sessionId: session.sessionId, most: 10, at: NOW + 1 };
      const change = { ...session, kid: newSession(org, user).kid, tenant: org, passwordHash: '$2b$new', at: NOW + 1 };
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 1 });
      await storage.changePassword({ ...change, credentialVersion: 1, isProven: false });
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 2 });
      await storage.changePassword({ ...change, credentialVersion: 2, isProven: true });
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 1 });
    });

    test('are none of a session that ended, expired, is another user’s or not there', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const session = await addSession(storage, org, user, { expiresAt: NOW + DAY });
      const attempt = { orgId: org.orgId, userId: user.userId, sessionId: session.sessionId, most: 10, at: NOW };
      const ended = { outcome: 'session_ended' };
      expect(await storage.countCurrentPassword({ ...attempt, at: NOW + DAY })).toEqual(ended);
      expect(await storage.countCurrentPassword({ ...attempt, userId: 'somebody' })).toEqual(ended);
      expect(await storage.countCurrentPassword({ ...attempt, sessionId: 'none' })).toEqual(ended);
      await storage.endSession(session, NOW);
      expect(await storage.countCurrentPassword(attempt)).toEqual(ended);
    });
  });
}

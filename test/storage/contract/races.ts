import { describe, expect, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  DAY,
  KID,
  liveSessions,
  loginAttempt,
  NOW,
  newSession,
  newUser,
  nonce,
  type Org,
  page,
  populate,
  raceOf,
  signingKey,
  tally,
} from '../fixtures.ts';
import { freshStore, type StorageHarness } from './harness.ts';

/** What ends old credentials, as it races with a login that has checked the password already. */
const ENDINGS: readonly { readonly name: string; end(storage: Storage, org: Org, user: NewUser): Promise<unknown> }[] =
  [
    {
      name: 'a password change',
      async end(storage, org, user) {
        const session = (await storage.listSessions(org.orgId, user.userId, page(1)))[0];
        if (session === undefined) {
          throw new Error('the user needs a session to change the password');
        }
        const change = {
          ...session,
          kid: KID,
          tenant: org,
          credentialVersion: 1,
          passwordHash: '$2b$changed',
          isProven: false,
          at: NOW + 1,
        };
        expect(await storage.changePassword(change)).toMatchObject({ outcome: 'changed' });
        // The session that asked lives on; here only those of the race are counted.
        await storage.endSession(session, NOW + 1);
      },
    },
    { name: 'disabling', end: (storage, org, user) => storage.disableUser(org.orgId, user.userId, NOW + 1) },
    { name: 'deleting', end: (storage, org, user) => storage.deleteUser(org.orgId, user.userId, NOW + 1) },
    { name: 'closing', end: (storage, org) => storage.closeOrganization(org.orgId, NOW + 1) },
    {
      name: 'revoking the key with its sessions',
      end: (storage, { orgId, keyId }) => storage.revokeApiKey({ orgId, keyId, at: NOW + 1, endSessions: true }),
    },
  ];

export function raceContract(harness: StorageHarness): void {
  const { races = 250 } = harness;

  describe('races', () => {
    test('64 consumers of one nonce through two handles: exactly one gets past it (N1)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      for (let round = 0; round < 20; round += 1) {
        const spent = nonce();
        const outcomes = await Promise.all(
          Array.from({ length: 64 }, async (_, i) => {
            const storage = handles[i % 2 === 0 ? 0 : 1];
            if (i % 4 < 2) {
              return (await storage.beginLogin(loginAttempt(org, user, { nonce: spent }))).outcome;
            }
            return storage.beginSignUp({ orgId: org.orgId, keyId: org.keyId, email: 'new@example.com', nonce: spent });
          }),
        );
        expect(tally(outcomes)).toEqual({ begun: 1, nonce_used: 63 });
      }
    });

    test('many sign-ups of one e-mail at once create one user', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      for (let round = 0; round < 10; round += 1) {
        const email = `round-${round}@example.com`;
        const users = Array.from({ length: 32 }, () => newUser(org, { email }));
        const outcomes = await Promise.all(users.map((user, i) => handles[i % 2 === 0 ? 0 : 1].createUser(user)));
        expect(tally(outcomes)).toEqual({ created: 1, user_exists: 31 });
        const winner = users[outcomes.indexOf('created')];
        expect(await handles[1].findUserByEmail(org.orgId, email)).toMatchObject({ userId: winner?.userId });
      }
    });

    test.each(ENDINGS)('a login that races with $name leaves no session from old credentials (A4)', async ({ end }) => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      const outcomes: string[] = [];
      for (let race = 0; race < races; race += 1) {
        const org = await addOrganization(handles[0]);
        const user = await addUser(handles[0], org);
        await addSession(handles[0], org, user);
        // Logins before, beside and after the ending, through the same handle and another.
        const logins = Array.from({ length: 4 }, (_, i) => () => {
          const rehash = { from: user.passwordHash, to: '$2b$upgraded' };
          return handles[(race + i) % 2 === 0 ? 0 : 1].createSession(newSession(org, user, { rehash }));
        });
        const calls: (() => Promise<unknown>)[] = logins;
        calls.splice(race % 5, 0, () => end(handles[0], org, user));
        const settled = await raceOf(race, calls);
        for (const outcome of settled) {
          if (outcome !== null && typeof outcome === 'object' && 'outcome' in outcome) {
            outcomes.push(String(outcome.outcome));
          }
        }
        expect(await liveSessions(handles[1], org.orgId)).toEqual([]);
        const stored = await handles[1].findUserCredentials(org.orgId, user.userId);
        // Disabling raises it, too.
        if (stored?.credentialVersion === 2 && stored.disabledAt === null) {
          expect(stored.passwordHash).toBe('$2b$changed');
        }
      }
      // Both orders were met.
      expect(Object.keys(tally(outcomes)).length).toBeGreaterThan(1);
    });

    test('a login that races with the retirement of its signing key comes before it, or opens no session (S4)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      let kid = KID;
      const outcomes: string[] = [];
      for (let race = 0; race < races; race += 1) {
        const next = signingKey();
        const login = () => handles[race % 2 === 0 ? 0 : 1].createSession(newSession(org, user, { kid }));
        const retire = () => handles[0].addSigningKey(next, NOW);
        const [{ outcome }] = await Promise.all(bothOrders(race, login, retire));
        outcomes.push(outcome);
        const endOf = async () => (await handles[1].listSigningKeys()).find((key) => key.kid === kid)?.verifiesUntil;
        expect(await endOf()).toBe(outcome === 'created' ? NOW + 7 * DAY : 0);
        expect(await handles[1].createSession(newSession(org, user, { kid }))).toEqual({
          outcome: 'signing_key_retired',
        });
        kid = next.kid;
      }
      expect(Object.keys(tally(outcomes)).toSorted()).toEqual(['created', 'signing_key_retired']);
    });

    test('two logins that upgrade one hash leave one of the new ones (A4)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      for (let race = 0; race < 50; race += 1) {
        const user = await addUser(handles[0], org);
        const upgrades = ['$2b$first', '$2b$second'];
        await Promise.all(
          upgrades.map((to, i) =>
            addSession(handles[i === 0 ? 0 : 1], org, user, { rehash: { from: user.passwordHash, to } }),
          ),
        );
        const stored = await handles[0].findUserCredentials(org.orgId, user.userId);
        expect(upgrades).toContain(stored?.passwordHash);
      }
    });

    test('of two password changes from one state one wins, and its hash is the one that stays', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      for (let race = 0; race < 50; race += 1) {
        const user = await addUser(handles[0], org);
        const sessions = [await addSession(handles[0], org, user), await addSession(handles[0], org, user)];
        const outcomes = await Promise.all(
          sessions.map((session, i) => {
            const change = {
              ...session,
              kid: KID,
              tenant: org,
              credentialVersion: 1,
              passwordHash: `$2b$${i}`,
              isProven: false,
              at: NOW + 1,
            };
            return handles[i === 0 ? 0 : 1].changePassword(change);
          }),
        );
        const winner = outcomes.findIndex((outcome) => outcome.outcome === 'changed');
        // The winner has ended the other's session, which is asked about before the credentials.
        expect(outcomes[1 - winner]).toEqual({ outcome: 'session_ended' });
        expect(await handles[0].findUserCredentials(org.orgId, user.userId)).toMatchObject({
          passwordHash: `$2b$${winner}`,
          credentialVersion: 2,
        });
        expect(await liveSessions(handles[0], org.orgId, user.userId)).toEqual([sessions[winner]?.sessionId]);
      }
    });

    test('a sign-up that races with the revocation of its key creates a user before it or none', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      await populate(handles[0]);
      for (let race = 0; race < 50; race += 1) {
        const org = await addOrganization(handles[0]);
        const user = newUser(org);
        const revocation = { orgId: org.orgId, keyId: org.keyId, at: NOW, endSessions: false };
        const [created] = await Promise.all([
          handles[0].createUser(user),
          handles[race % 2 === 0 ? 0 : 1].revokeApiKey(revocation),
        ]);
        const found = await handles[1].findUser(org.orgId, user.userId);
        expect(found === null ? 'api_key_invalid' : 'created').toBe(created);
        expect(await handles[1].createUser(newUser(org))).toBe('api_key_invalid');
      }
    });
  });
}

/** Begins both at once, in turn the one or the other first. */
function bothOrders<A, B>(race: number, one: () => Promise<A>, other: () => Promise<B>): [Promise<A>, Promise<B>] {
  if (race % 3 === 0) {
    return [one(), other()];
  }
  const begun = other();
  return [one(), begun];
}

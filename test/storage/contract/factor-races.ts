import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import {
  MOST_CHALLENGE_TRIES,
  MOST_CHALLENGES,
  MOST_WRONG_CODES,
} from '../../../src/domain/second-factors/challenge.ts';
import type { ChallengeClaim } from '../../../src/domain/second-factors/storage.ts';
import type { SessionSubject } from '../../../src/domain/sessions/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addSession,
  addUser,
  KID,
  liveSessions,
  MINUTE,
  NOW,
  newMail,
  newSession,
  type Org,
  populate,
  raceOf,
  signingKey,
  tally,
} from '../fixtures.ts';
import {
  answer,
  challenged,
  claimOf,
  confirmation,
  enrol,
  FIRST_STEP,
  login,
  loginCodeTry,
  mailCode,
  mailedCode,
  own,
  proven,
  totp,
  tryOf,
} from './factor-scene.ts';
import { freshStore, type StorageHarness } from './harness.ts';

const AT_ONCE = 64;
const EPOCH = 'the first epoch';

interface Raced {
  readonly org: Org;
  readonly user: NewUser;
  /** One of the user's, from before the race. */
  readonly session: SessionSubject;
}

/** What ends old credentials, as it races with a challenge that was handed out for them. */
const ENDINGS: readonly { readonly name: string; end(storage: Storage, of: Raced): Promise<unknown> }[] = [
  {
    name: 'a password change',
    async end(storage, { org, user, session }) {
      const change = {
        ...{ tenant: org, userId: user.userId, sessionId: session.sessionId, kid: KID, credentialVersion: 2 },
        ...{ passwordHash: '$2b$changed', isProven: true, code: totp(FIRST_STEP + 50), at: NOW + 1 },
      };
      await storage.changePassword(change);
      await storage.endSession(session, NOW + 1);
    },
  },
  { name: 'disabling', end: (storage, { org, user }) => storage.disableUser(org.orgId, user.userId, NOW + 1) },
  { name: 'deleting', end: (storage, { org, user }) => storage.deleteUser(org.orgId, user.userId, NOW + 1) },
  { name: 'closing', end: (storage, { org }) => storage.closeOrganization(org.orgId, NOW + 1) },
  {
    name: 'revoking the key with its sessions',
    end: (storage, { org: { orgId, keyId } }) => storage.revokeApiKey({ orgId, keyId, at: NOW + 1, endSessions: true }),
  },
  {
    name: 'resetting the factor',
    end: (storage, { org: { orgId }, user: { userId } }) =>
      storage.manageUser({ orgId, userId, manager: null, at: NOW + 1 }, { kind: 'reset_second_factor' }),
  },
  {
    name: 'a report of who it was not',
    end: (storage, { org: { orgId }, user: { userId, email } }) =>
      storage.reportNotMe({ orgId, userId, email, epoch: EPOCH, at: NOW + 1, mail: newMail({ orgId, userId }) }),
  },
];

export function factorRaceContract(harness: StorageHarness): void {
  // Each is a login, a factor and a challenge: a fifth of what a login alone races.
  const races = Math.min(harness.races ?? 250, 50);

  async function twoHandles() {
    const store = await freshStore(harness);
    const handles = [await store.open(), await store.open()] as const;
    const { org, user } = await populate(handles[0]);
    return { handles, org, user, handle: (n: number) => handles[n % 2 === 0 ? 0 : 1] };
  }

  describe('races of second factors', () => {
    test('64 completions with one step, each of a challenge of its own: one opens a session (F2)', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      for (let round = 1; round <= 5; round += 1) {
        const claims: ChallengeClaim[] = [];
        for (let n = 0; n < MOST_CHALLENGES; n += 1) {
          claims.push(claimOf(org, await challenged(handle(n), org, login(org, user, 2))));
        }
        const used = totp(FIRST_STEP + round);
        const outcomes = await Promise.all(
          Array.from({ length: AT_ONCE }, async (_, n) => {
            const claim = claims[n % MOST_CHALLENGES] ?? claimOf(org, { challengeId: '' });
            return (await handle(n).completeChallenge(answer(claim, user, used))).outcome;
          }),
        );
        expect(tally(outcomes).created).toBe(1);
        // Challenges of one instant make room for others in no order.
        expect(['challenge_invalid', 'code_invalid', 'created']).toEqual(
          expect.arrayContaining(Object.keys(tally(outcomes))),
        );
        expect(await liveSessions(handles[0], org.orgId)).toHaveLength(round);
      }
    });

    test('64 completions of one challenge, each with a step of its own: one opens a session', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      const claim = claimOf(org, await challenged(handles[0], org, login(org, user, 2)));
      const outcomes = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, n) => {
          return (await handle(n).completeChallenge(answer(claim, user, totp(FIRST_STEP + 1 + n)))).outcome;
        }),
      );
      expect(tally(outcomes)).toEqual({ created: 1, challenge_invalid: AT_ONCE - 1 });
    });

    test('64 tries at one challenge: five are compared; at many challenges of one user: fifty (F2)', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      const outcomes: string[] = [];
      // Ten are live at once: the others are handed out in between, as right passwords do.
      for (let round = 0; round < 2; round += 1) {
        const claims: ChallengeClaim[] = [];
        for (let n = 0; n < MOST_CHALLENGES; n += 1) {
          claims.push(claimOf(org, await challenged(handles[0], org, login(org, user, 2, { createdAt: NOW + round }))));
        }
        for (const claim of claims) {
          const tried = await Promise.all(
            Array.from({ length: AT_ONCE }, async (_, n) => (await handle(n).reserveCode(tryOf(claim))).outcome),
          );
          expect(tally(tried).reserved ?? 0).toBeLessThanOrEqual(MOST_CHALLENGE_TRIES);
          outcomes.push(...tried);
        }
      }
      expect(tally(outcomes).reserved).toBe(MOST_WRONG_CODES);
      expect(await handles[0].findSecondFactor(org.orgId, user.userId)).toMatchObject({
        wrongCodes: MOST_WRONG_CODES,
      });
    });

    test('of all tries of a user at once, over all challenges, fifty are compared (F2)', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      const claims: ChallengeClaim[] = [];
      for (let n = 0; n < MOST_CHALLENGES; n += 1) {
        claims.push(claimOf(org, await challenged(handles[0], org, login(org, user, 2))));
      }
      for (let wrong = 0; wrong < 20; wrong += 1) {
        const session = await addSession(handles[0], org, user, { credentialVersion: 2 });
        await handles[0].reserveCode({
          by: 'session',
          session: own(org, session),
          method: 'totp',
          most: 10,
          isCounted: false,
        });
      }
      const tried = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, n) => {
          const claim = claims[n % MOST_CHALLENGES] ?? claimOf(org, { challengeId: '' });
          return (await handle(n).reserveCode(tryOf(claim))).outcome;
        }),
      );
      expect(tally(tried).reserved).toBe(MOST_WRONG_CODES - 20);
    });

    test('64 tries of one session end it at the eleventh, and count no more of the user (F4)', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      const session = await addSession(handles[0], org, user, { credentialVersion: 2 });
      const attempt = {
        by: 'session',
        session: own(org, session),
        method: 'totp',
        most: 10,
        isCounted: false,
      } as const;
      const tried = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, n) => (await handle(n).reserveCode(attempt)).outcome),
      );
      expect(tally(tried)).toEqual({ reserved: 10, session_ended: AT_ONCE - 10 });
      expect(await handles[0].findSecondFactor(org.orgId, user.userId)).toMatchObject({ wrongCodes: 10 });
    });

    test('one recovery code given many times at once is good once', async () => {
      const { handles, handle, org, user } = await twoHandles();
      const { recoveryDigests } = await enrol(handles[0], org, user);
      for (const [round, digest] of recoveryDigests.slice(0, 5).entries()) {
        const claims: ChallengeClaim[] = [];
        for (let n = 0; n < 8; n += 1) {
          const createdAt = NOW + round;
          claims.push(claimOf(org, await challenged(handles[0], org, login(org, user, 2, { createdAt }))));
        }
        const outcomes = await Promise.all(
          claims.map(async (claim, n) => {
            return (await handle(n).completeChallenge(answer(claim, user, { kind: 'recovery', digest }))).outcome;
          }),
        );
        expect(tally(outcomes)).toEqual({ created: 1, code_invalid: 7 });
      }
      expect(await handles[0].countRecoveryCodes(org.orgId, user.userId)).toBe(5);
    });

    test('of two that confirm one secret at once one wins, and its recovery codes are the user’s', async () => {
      const { handles, handle, org } = await twoHandles();
      for (let race = 0; race < races; race += 1) {
        const user = await addUser(handles[0], org);
        const sessions = [await addSession(handles[0], org, user), await addSession(handles[0], org, user)];
        const sealedSecret = randomBytes(60);
        const [first = await addSession(handles[0], org, user)] = sessions;
        const by = { by: 'session', session: proven(org, first) } as const;
        await handles[0].putPendingSecret(by, { sealedSecret, until: NOW + MINUTE });
        const confirmations = sessions.map(() => confirmation(user, sealedSecret));
        const outcomes = await Promise.all(
          sessions.map(async (session, n) => {
            const confirmed = confirmations[n] ?? confirmation(user, sealedSecret);
            return (await handle(n + race).confirmSecret({ by: 'session', session: own(org, session) }, confirmed))
              .outcome;
          }),
        );
        const winner = outcomes.indexOf('confirmed');
        // The winner has ended the session of the other.
        expect(outcomes[1 - winner]).toBe('session_ended');
        const [digest = randomBytes(32)] = confirmations[winner]?.recoveryDigests ?? [];
        const claim = claimOf(org, await challenged(handles[0], org, login(org, user, 2)));
        const used = { kind: 'recovery', digest } as const;
        expect(await handles[0].completeChallenge(answer(claim, user, used))).toMatchObject({ outcome: 'created' });
      }
    });

    test('of two challenges that confirm one secret at once one opens a session', async () => {
      const { handles, handle, org } = await twoHandles();
      await handles[0].updateOrganization(org.orgId, { settings: { second_factor: 'required' } });
      for (let race = 0; race < races; race += 1) {
        const user = await addUser(handles[0], org);
        const claims = [
          claimOf(org, await challenged(handles[0], org, login(org, user, 1))),
          claimOf(org, await challenged(handles[0], org, login(org, user, 1))),
        ];
        const sealedSecret = randomBytes(60);
        const [claim = claimOf(org, { challengeId: '' })] = claims;
        await handles[0].putPendingSecret({ by: 'challenge', claim }, { sealedSecret, until: NOW + MINUTE });
        const outcomes = await Promise.all(
          claims.map(async (each, n) => {
            const opened = newSession(org, user, { credentialVersion: 2 });
            const confirmed = confirmation(user, sealedSecret, { newSession: opened });
            return (await handle(n + race).confirmSecret({ by: 'challenge', claim: each }, confirmed)).outcome;
          }),
        );
        expect(tally(outcomes)).toEqual({ confirmed: 1, challenge_invalid: 1 });
        expect(await liveSessions(handles[0], org.orgId, user.userId)).toHaveLength(1);
      }
    });

    test('logins that race leave ten live challenges of a user', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      const handedOut = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, n) => challenged(handle(n), org, login(org, user, 2))),
      );
      const rows = await Promise.all(
        handedOut.map(({ challengeId }) => handles[1].findLoginChallenge(org.orgId, challengeId)),
      );
      expect(rows.filter((row) => row !== null)).toHaveLength(MOST_CHALLENGES);
    });

    test.each(ENDINGS)(
      'a challenge that races with $name leaves no session from old credentials (A4, S4)',
      async ({ end }) => {
        const { handles, handle } = await twoHandles();
        const outcomes: string[] = [];
        for (let race = 0; race < races; race += 1) {
          const org = await addOrganization(handles[0]);
          const user = await addUser(handles[0], org);
          await enrol(handles[0], org, user);
          const session = await addSession(handles[0], org, user, { credentialVersion: 2 });
          const claims = [
            claimOf(org, await challenged(handles[0], org, login(org, user, 2))),
            claimOf(org, await challenged(handles[0], org, login(org, user, 2))),
          ];
          const calls: (() => Promise<unknown>)[] = claims.map((claim, n) => async () => {
            const answered = answer(claim, user, totp(FIRST_STEP + 1 + n));
            outcomes.push((await handle(race + n).completeChallenge(answered)).outcome);
          });
          // A right password beside it: what it hands out is void, or after the ending refused.
          calls.push(() => handle(race).createSession(login(org, user, 2)));
          calls.splice(race % 4, 0, () => end(handles[0], { org, user, session }));
          await raceOf(race, calls);
          expect(await liveSessions(handles[1], org.orgId)).toEqual([]);
          for (const claim of claims) {
            const late = await handles[1].completeChallenge(answer(claim, user, totp(FIRST_STEP + 100)));
            expect(late.outcome).toBe('challenge_invalid');
          }
        }
        expect(Object.keys(tally(outcomes)).length).toBeGreaterThan(1);
      },
    );

    test('a challenge that races with the retirement of its signing key comes before it, or opens no session (S4)', async () => {
      const { handles, handle, org, user } = await twoHandles();
      await enrol(handles[0], org, user);
      let kid = KID;
      const outcomes: string[] = [];
      for (let race = 0; race < races; race += 1) {
        const claim = claimOf(org, await challenged(handles[0], org, login(org, user, 2, { kid })));
        const next = signingKey();
        const answered = answer(claim, user, totp(FIRST_STEP + 1 + race), { kid });
        const calls = [
          async () => void outcomes.push((await handle(race).completeChallenge(answered)).outcome),
          () => handles[0].addSigningKey(next, NOW),
        ];
        await raceOf(race, race % 3 === 0 ? calls : calls.toReversed());
        kid = next.kid;
      }
      expect(Object.keys(tally(outcomes)).toSorted()).toEqual(['created', 'signing_key_retired']);
    });

    test('a factor that is taken off while a challenge is answered leaves no session without one (F1)', async () => {
      const { handles, handle, org } = await twoHandles();
      const outcomes: string[] = [];
      for (let race = 0; race < races; race += 1) {
        const user = await addUser(handles[0], org);
        await enrol(handles[0], org, user);
        const session = await addSession(handles[0], org, user, { credentialVersion: 2 });
        const claim = claimOf(org, await challenged(handles[0], org, login(org, user, 2)));
        const remove = proven(org, session, { credentialVersion: 2, code: totp(FIRST_STEP + 1) });
        const calls = [
          async () =>
            void outcomes.push(
              (await handle(race).completeChallenge(answer(claim, user, totp(FIRST_STEP + 2)))).outcome,
            ),
          () => handle(race + 1).removeSecondFactor(remove, null),
        ];
        await raceOf(race, race % 3 === 0 ? calls : calls.toReversed());
        const live = await liveSessions(handles[1], org.orgId, user.userId);
        const { hasSecondFactor } = (await handles[1].findUserCredentials(org.orgId, user.userId)) ?? {};
        // Either the factor went, and with it every session but the one that asked; or its code came too late.
        expect(live).toHaveLength(hasSecondFactor === true ? 2 : 1);
      }
      expect(Object.keys(tally(outcomes)).length).toBeGreaterThan(1);
    });

    test('a code that is mailed while codes are tried is tried five times, and opens one session', async () => {
      const { handles, handle, org } = await twoHandles();
      await handles[0].updateOrganization(org.orgId, { settings: { login_by_email: 'true' } });
      for (let race = 0; race < races; race += 1) {
        const user = await addUser(handles[0], org);
        const code = mailedCode(org, user);
        const attempt = loginCodeTry(org, code, { callerClass: 'no_key' });
        const tried: string[] = [];
        await Promise.all([
          ...Array.from({ length: 8 }, async (_, n) => {
            tried.push((await handle(n).reserveLoginCode(attempt)).outcome);
          }),
          mailCode(handle(race), org, user, code),
        ]);
        expect(tally(tried)).toEqual({ reserved: MOST_CHALLENGE_TRIES, challenge_invalid: 3 });
        const digest = code.codeDigest ?? randomBytes(32);
        const completed = await Promise.all(
          Array.from({ length: 8 }, async (_, n) => {
            const answered = answer(claimOf(org, code), user, { kind: 'email', digest });
            return (await handle(n).completeChallenge(answered)).outcome;
          }),
        );
        expect(tally(completed)).toEqual({ created: 1, code_invalid: 7 });
      }
    });
  });
}

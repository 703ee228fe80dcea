import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import { CHALLENGE_MS, MOST_CHALLENGE_TRIES, MOST_CHALLENGES } from '../../../src/domain/second-factors/challenge.ts';
import type { CodeUse } from '../../../src/domain/second-factors/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';
import {
  addOrganization,
  addSession,
  addUser,
  HOUR,
  liveSessions,
  loginAttempt,
  MINUTE,
  mailRequest,
  NOW,
  newMail,
  newSession,
  type Org,
  populate,
} from '../fixtures.ts';
import {
  answer,
  bytesOf,
  challenged,
  challengeSeed,
  claimOf,
  confirmation,
  enrol,
  FIRST_STEP,
  login,
  loginCodeTry,
  mailCode,
  mailedCode,
  totp,
  tryOf,
} from './factor-scene.ts';
import { freshStorage, type StorageHarness } from './harness.ts';

const INVALID = { outcome: 'challenge_invalid' };

/** Wrong codes in a row, of whatever class of callers. */
const most = (count: number) => ({ private_key: count, token_key: count, no_key: count });
const EPOCH = 'the first epoch';

/** What makes the challenges of a user void; `version` is that of the credentials after it, null where nobody can log in. */
const VOIDING: readonly {
  readonly name: string;
  voiding(storage: Storage, org: Org, user: { readonly userId: string; readonly email: string }): Promise<unknown>;
}[] = [
  {
    name: 'the same password',
    voiding: (s, { orgId }, { userId }) => s.setUserPassword(orgId, userId, '$2b$old', NOW),
  },
  {
    name: 'disabling and enabling',
    async voiding(storage, { orgId }, { userId }) {
      await storage.disableUser(orgId, userId, NOW);
      await storage.enableUser(orgId, userId);
    },
  },
  { name: 'disabling', voiding: (storage, { orgId }, { userId }) => storage.disableUser(orgId, userId, NOW) },
  { name: 'deleting', voiding: (storage, { orgId }, { userId }) => storage.deleteUser(orgId, userId, NOW) },
  { name: 'closing', voiding: (storage, { orgId }) => storage.closeOrganization(orgId, NOW) },
  {
    name: 'revoking the key that comes with it',
    voiding: (s, { orgId, keyId }) => s.revokeApiKey({ orgId, keyId, at: NOW, endSessions: false }),
  },
  {
    name: 'resetting the factor',
    voiding: (s, { orgId }, { userId }) =>
      s.manageUser({ orgId, userId, manager: null, at: NOW }, { kind: 'reset_second_factor' }),
  },
  {
    name: 'a report of who it was not',
    voiding: (s, { orgId }, { userId, email }) =>
      s.reportNotMe({ orgId, userId, email, epoch: EPOCH, at: NOW, mail: newMail({ orgId, userId }) }),
  },
  { name: 'another epoch', voiding: (storage) => storage.renewEpoch(randomUUID()) },
];

export function loginChallengeContract(harness: StorageHarness): void {
  async function scene() {
    const storage = await freshStorage(harness);
    const { org, user } = await populate(storage);
    await storage.updateOrganization(org.orgId, { settings: { login_by_email: 'true' } });
    return { storage, org, user };
  }

  /** A user with a factor. */
  async function enrolled() {
    const { storage, org, user } = await scene();
    return { storage, org, user, factor: await enrol(storage, org, user) };
  }

  describe('challenges of logins', () => {
    test('are handed out in the place of a session, and the counter of failures stays', async () => {
      const { storage, org, user } = await enrolled();
      const { lock } = UNCOUNTED;
      const { email, userId } = user;
      await failedLogin(storage, org, user);
      const before = await storage.listLoginTries(org.orgId, email);
      expect(before).toMatchObject([{ failures: 1 }]);
      const attempt = { email, countedAs: 'private_key', userId, lock } as const;
      const seed = challengeSeed({ countedAs: 'private_key' });
      const session = login(org, user, 2, {
        attempt,
        challenge: seed,
        rehash: { from: '$2b$old', to: '$2b$upgraded' },
      });
      expect(await storage.createSession(session)).toEqual({
        outcome: 'challenged',
        challenge: {
          challengeId: seed.challengeId,
          kind: 'second_factor',
          methods: ['totp', 'recovery'],
          expiresAt: seed.expiresAt,
        },
      });
      expect(await liveSessions(storage, org.orgId)).toEqual([]);
      expect(await storage.listLoginTries(org.orgId, email)).toEqual(before);
      expect(await storage.findUserCredentials(org.orgId, userId)).toMatchObject({ passwordHash: '$2b$upgraded' });
      expect(await storage.findLoginChallenge(org.orgId, seed.challengeId)).toEqual({
        ...{ orgId: org.orgId, challengeId: seed.challengeId, userId, kind: 'second_factor', provedBy: 'password' },
        ...{ isEmailProven: false, callerClass: 'private_key', countedAs: 'private_key', tries: 0, codeDigest: null },
        ...{ codeUntil: 0, credentialVersion: 2, createdAt: NOW, expiresAt: seed.expiresAt },
      });
      const used = totp(FIRST_STEP + 1);
      const completed = await storage.completeChallenge(answer(claimOf(org, seed), user, used));
      expect(completed).toMatchObject({ outcome: 'created', session: { fullname: user.fullname } });
      expect(await storage.listLoginTries(org.orgId, email)).toEqual([]);
      expect(await liveSessions(storage, org.orgId)).toHaveLength(1);
    });

    test('a session that asks for none is opened as before, also of a user with a factor', async () => {
      const { storage, org, user } = await enrolled();
      expect(await storage.createSession(login(org, user, 2, { challenge: null }))).toMatchObject({
        outcome: 'created',
      });
    });

    test('an address that is not proven is asked for before a factor, and a factor before another password', async () => {
      const { storage, org, user } = await enrolled();
      const { orgId } = org;
      const { userId } = user;
      await storage.updateOrganization(orgId, { settings: { require_verified_email: 'true' } });
      expect(await storage.createSession(login(org, user, 2))).toEqual({ outcome: 'email_not_verified' });
      await storage.verifyEmail({ ...user, epoch: EPOCH, at: NOW });
      const managed = { orgId, userId, manager: null, at: NOW };
      await storage.manageUser(managed, { kind: 'set_password', passwordHash: '$2b$given', mustChange: true });
      const challenge = await challenged(storage, org, login(org, user, 3));
      expect(challenge).toMatchObject({ kind: 'second_factor', methods: ['totp', 'email', 'recovery'] });
      const completed = await storage.completeChallenge(answer(claimOf(org, challenge), user, totp(FIRST_STEP + 1)));
      expect(completed).toMatchObject({ outcome: 'challenged', challenge: { kind: 'change_password' } });
      const next = 'challenge' in completed ? completed.challenge : challenge;
      expect(next.methods).toEqual(['change_password']);
      const claim = claimOf(org, next);
      const tried = await storage.completeChallenge(answer(claim, user, totp(FIRST_STEP + 2)));
      expect(tried).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claim, 'totp'))).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claim, 'change_password'))).toMatchObject({ outcome: 'reserved' });
      const of = { userId, credentialVersion: 3 };
      const change = { claim, ...of, passwordHash: '$2b$own', notice: newMail(user, { kind: 'password_changed' }) };
      expect(await storage.changePasswordByChallenge(change)).toEqual({ outcome: 'changed', endedSessions: 0 });
      expect(await storage.changePasswordByChallenge(change)).toEqual(INVALID);
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        passwordHash: '$2b$own',
        mustChangePassword: false,
        credentialVersion: 4,
        hasSecondFactor: true,
      });
    });

    test('a demanded change of the password ends the sessions, verifies nothing, and lifts no lock', async () => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      const { userId, email } = user;
      const managed = { orgId, userId, manager: null, at: NOW };
      await storage.manageUser(managed, { kind: 'set_password', passwordHash: '$2b$given', mustChange: true });
      await storage.beginLogin(loginAttempt(org, user));
      const session = await addSession(storage, org, user, { credentialVersion: 2 });
      const challenge = await challenged(storage, org, login(org, user, 2));
      const before = await storage.listLoginTries(orgId, email);
      const change = {
        claim: claimOf(org, challenge),
        userId,
        credentialVersion: 2,
        passwordHash: '$2b$own',
        notice: null,
      };
      expect(await storage.changePasswordByChallenge(change)).toEqual({ outcome: 'changed', endedSessions: 1 });
      expect(await storage.findSession(orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ emailVerifiedAt: null });
      expect(await storage.listLoginTries(orgId, email)).toEqual(before);
    });

    test('take five tries, over all methods, and none that they do not offer', async () => {
      const { storage, org, user } = await enrolled();
      const claim = claimOf(org, await challenged(storage, org, login(org, user, 2)));
      expect(await storage.reserveCode(tryOf(claim, 'email'))).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claim, 'setup'))).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claim, 'change_password'))).toEqual(INVALID);
      const outcomes: string[] = [];
      for (let tried = 0; tried < MOST_CHALLENGE_TRIES + 1; tried += 1) {
        const method = tried % 2 === 0 ? 'totp' : 'recovery';
        outcomes.push((await storage.reserveCode(tryOf(claim, method))).outcome);
      }
      expect(outcomes).toEqual([...Array.from({ length: 5 }, () => 'reserved'), 'challenge_invalid']);
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({
        wrongCodes: 3,
        wrongRecoveryCodes: 2,
      });
      // A code that was compared before the tries were used up still completes it.
      expect(await storage.completeChallenge(answer(claim, user, totp(FIRST_STEP + 1)))).toMatchObject({
        outcome: 'created',
      });
    });

    test('are spent by success, and by a step or a recovery code that was not spent before', async () => {
      const { storage, org, user, factor } = await enrolled();
      const [digest = randomBytes(32)] = factor.recoveryDigests;
      const attempt = async (used: CodeUse, claim = undefined as ReturnType<typeof claimOf> | undefined) => {
        const by = claim ?? claimOf(org, await challenged(storage, org, login(org, user, 2)));
        return { claim: by, result: await storage.completeChallenge(answer(by, user, used)) };
      };
      expect((await attempt(totp(FIRST_STEP))).result).toEqual({ outcome: 'code_invalid' });
      const { claim, result } = await attempt(totp(FIRST_STEP + 2));
      expect(result.outcome).toBe('created');
      expect((await attempt(totp(FIRST_STEP + 3), claim)).result).toEqual(INVALID);
      expect((await attempt(totp(FIRST_STEP + 1))).result).toEqual({ outcome: 'code_invalid' });
      const used = { kind: 'recovery', digest } as const;
      expect((await attempt(used)).result).toMatchObject({ outcome: 'created', recoveryCodesLeft: 9 });
      expect((await attempt(used)).result).toEqual({ outcome: 'code_invalid' });
    });

    test('are at most ten of a user: one more takes the place of the oldest, and of those that are void', async () => {
      const { storage, org, user } = await enrolled();
      const neighbour = await addUser(storage, org);
      await enrol(storage, org, neighbour);
      const others = await challenged(storage, org, login(org, neighbour, 2));
      const handedOut = [];
      for (let n = 0; n < MOST_CHALLENGES + 2; n += 1) {
        const createdAt = NOW + n;
        handedOut.push(await challenged(storage, org, login(org, user, 2, { createdAt })));
      }
      const counts = async (challenge: { readonly challengeId: string }) =>
        (await storage.reserveCode(tryOf(claimOf(org, challenge, { at: NOW + 100 })))).outcome === 'reserved';
      expect(await Promise.all(handedOut.map(counts))).toEqual(handedOut.map((_, n) => n >= 2));
      expect(await counts(others)).toBe(true);
      await storage.setUserPassword(org.orgId, user.userId, '$2b$new', NOW);
      const fresh = await challenged(storage, org, login(org, user, 3, { createdAt: NOW + 200 }));
      const rows = await Promise.all(
        handedOut.map(({ challengeId }) => storage.findLoginChallenge(org.orgId, challengeId)),
      );
      expect(rows.filter((row) => row !== null)).toEqual([]);
      expect(await counts(fresh)).toBe(true);
    });

    test('of a lower class of callers push out none of a higher one, nor does the step after them', async () => {
      const { storage, org, user } = await enrolled();
      const handOut = (callerClass: 'private_key' | 'no_key', n: number) =>
        challenged(
          storage,
          org,
          login(org, user, 2, { createdAt: NOW + n, challenge: challengeSeed({ callerClass }) }),
        );
      const own = await handOut('private_key', 0);
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 2 });
      await mailCode(storage, org, user, code);
      const seed = { challenge: challengeSeed({ callerClass: 'no_key' }) };
      const next = await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }, seed));
      expect(next).toMatchObject({ outcome: 'challenged' });
      const lower = [];
      for (let n = 1; n <= MOST_CHALLENGES + 2; n += 1) {
        lower.push(await handOut('no_key', n));
      }
      const counts = async ({ challengeId }: { readonly challengeId: string }) =>
        (await storage.reserveCode(tryOf(claimOf(org, { challengeId }, { at: NOW + 100 })))).outcome === 'reserved';
      expect(await Promise.all(lower.map(counts))).toEqual(lower.map((_, n) => n >= 2));
      expect(await counts(own)).toBe(true);
      expect(await counts(seed.challenge)).toBe(true);
    });

    test('that a clock dated too late are good at their time alone, and push out none that come till then', async () => {
      const { storage, org, user } = await enrolled();
      const later = NOW + HOUR;
      const dated = [];
      for (let n = 0; n < MOST_CHALLENGES; n += 1) {
        const seed = challengeSeed({ expiresAt: later + CHALLENGE_MS });
        dated.push(await challenged(storage, org, login(org, user, 2, { createdAt: later, challenge: seed })));
      }
      const last = claimOf(org, dated.at(-1) ?? { challengeId: '' });
      expect(await storage.reserveCode(tryOf(last))).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf({ ...last, at: later }))).toMatchObject({ outcome: 'reserved' });
      const first = await challenged(storage, org, login(org, user, 2));
      await challenged(storage, org, login(org, user, 2));
      expect(await storage.reserveCode(tryOf(claimOf(org, first)))).toMatchObject({ outcome: 'reserved' });
    });

    test('live for ten minutes, and the sweep takes what is older', async () => {
      const { storage, org, user } = await enrolled();
      const challenge = await challenged(storage, org, login(org, user, 2));
      const at = NOW + CHALLENGE_MS;
      const late = claimOf(org, challenge, { at });
      expect(await storage.reserveCode(tryOf(late))).toEqual(INVALID);
      expect(await storage.completeChallenge(answer(late, user, totp(FIRST_STEP + 1)))).toEqual(INVALID);
      await storage.sweep(at, 100);
      expect(await storage.findLoginChallenge(org.orgId, challenge.challengeId)).not.toBeNull();
      await storage.sweep(at + 1, 100);
      expect(await storage.findLoginChallenge(org.orgId, challenge.challengeId)).toBeNull();
    });

    test('are of one user, one organization, one epoch and a key that is open', async () => {
      const { storage, org, user } = await enrolled();
      const other = await addOrganization(storage);
      const challenge = await challenged(storage, org, login(org, user, 2));
      const claims = [
        claimOf(other, challenge),
        claimOf(org, challenge, { keyId: other.keyId }),
        claimOf(org, challenge, { epoch: 'another' }),
        claimOf(org, { challengeId: randomUUID() }),
      ];
      for (const claim of claims) {
        expect(await storage.reserveCode(tryOf(claim))).toEqual(INVALID);
        expect(await storage.completeChallenge(answer(claim, user, totp(FIRST_STEP + 1)))).toEqual(INVALID);
      }
      const claim = claimOf(org, challenge, { keyId: null });
      const unsigned = answer(claim, user, totp(FIRST_STEP + 1), { kid: 'none' });
      expect(await storage.completeChallenge(unsigned)).toEqual({ outcome: 'signing_key_retired' });
      expect(await storage.reserveCode(tryOf(claim))).toMatchObject({ outcome: 'reserved' });
      expect(await storage.completeChallenge(answer(claim, user, totp(FIRST_STEP + 1)))).toMatchObject({
        outcome: 'created',
      });
    });

    test.each(VOIDING)('are void after $name (M1, A4)', async ({ voiding }) => {
      const { storage, org, user } = await enrolled();
      await storage.verifyEmail({ ...user, epoch: EPOCH, at: NOW });
      const claim = claimOf(org, await challenged(storage, org, login(org, user, 2)));
      await voiding(storage, org, user);
      const code = {
        digest: randomBytes(32),
        until: NOW + MINUTE,
        mail: newMail(user, { kind: 'second_factor_code' }),
      };
      expect(await storage.reserveCode(tryOf(claim))).toEqual(INVALID);
      expect(await storage.putEmailCode(claim, code)).toEqual(INVALID);
      expect(await storage.completeChallenge(answer(claim, user, totp(FIRST_STEP + 1)))).toEqual(INVALID);
      expect(await liveSessions(storage, org.orgId)).toEqual([]);
    });

    test('of an address that is not proven are void once the organization demands that, but not of a login by mail', async () => {
      const { storage, org, user } = await enrolled();
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 2 });
      await mailCode(storage, org, user, code);
      const challenge = claimOf(org, await challenged(storage, org, login(org, user, 2)));
      await storage.updateOrganization(org.orgId, { settings: { require_verified_email: 'true' } });
      expect(await storage.reserveCode(tryOf(challenge))).toEqual(INVALID);
      expect(await storage.completeChallenge(answer(challenge, user, totp(FIRST_STEP + 1)))).toEqual(INVALID);
      const mailed = await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }));
      const next = mailed.outcome === 'challenged' ? claimOf(org, mailed.challenge) : challenge;
      const completed = await storage.completeChallenge(answer(next, user, totp(FIRST_STEP + 1)));
      expect(completed).toMatchObject({ outcome: 'created' });
    });

    test('that take a setup open a session with the factor, or none where the password is to be changed', async () => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      await storage.updateOrganization(orgId, { settings: { second_factor: 'required' } });
      const challenge = await challenged(storage, org, login(org, user, 1));
      expect(challenge).toMatchObject({ kind: 'second_factor', methods: ['setup'] });
      const claim = claimOf(org, challenge);
      const by = { by: 'challenge', claim } as const;
      const sealedSecret = randomBytes(60);
      expect(await storage.reserveCode(tryOf(claim, 'setup'))).toEqual({ outcome: 'not_enabled' });
      await storage.putPendingSecret(by, { sealedSecret, until: NOW + MINUTE });
      expect(await storage.reserveCode(tryOf(claim, 'setup'))).toMatchObject({
        outcome: 'reserved',
        factor: { pendingSecret: bytesOf(sealedSecret), wrongCodes: 1 },
      });
      const opened = newSession(org, user, { credentialVersion: 2, createdAt: claim.at });
      const retired = confirmation(user, sealedSecret, { newSession: { ...opened, kid: 'none' } });
      expect(await storage.confirmSecret(by, retired)).toEqual({ outcome: 'signing_key_retired' });
      const confirmed = await storage.confirmSecret(by, confirmation(user, sealedSecret, { newSession: opened }));
      expect(confirmed).toMatchObject({ outcome: 'confirmed', creation: { outcome: 'created' } });
      expect(await liveSessions(storage, orgId)).toEqual([opened.sessionId]);
      expect(await storage.confirmSecret(by, confirmation(user, sealedSecret, { newSession: opened }))).toEqual(
        INVALID,
      );

      const second = await addUser(storage, org);
      const managed = { orgId, userId: second.userId, manager: null, at: NOW };
      await storage.manageUser(managed, { kind: 'set_password', passwordHash: '$2b$given', mustChange: true });
      const setUp = {
        by: 'challenge',
        claim: claimOf(org, await challenged(storage, org, login(org, second, 2))),
      } as const;
      await storage.putPendingSecret(setUp, { sealedSecret, until: NOW + MINUTE });
      const newOne = newSession(org, second, { credentialVersion: 3 });
      const none = await storage.confirmSecret(
        setUp,
        confirmation(second, sealedSecret, { credentialVersion: 2, newSession: newOne }),
      );
      expect(none).toEqual({ outcome: 'confirmed', creation: null });
      expect(await liveSessions(storage, orgId, second.userId)).toEqual([]);
    });

    test('of a proven address demand its code before a setup', async () => {
      const { storage, org, user } = await scene();
      await storage.verifyEmail({ ...user, epoch: EPOCH, at: NOW });
      await storage.updateOrganization(org.orgId, { settings: { second_factor: 'required' } });
      const challenge = await challenged(storage, org, login(org, user, 1));
      expect(challenge.methods).toEqual(['email', 'setup']);
      const claim = claimOf(org, challenge);
      const pending = { sealedSecret: randomBytes(60), until: NOW + MINUTE };
      expect(await storage.putPendingSecret({ by: 'challenge', claim }, pending)).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claim, 'setup'))).toEqual(INVALID);
      const digest = randomBytes(32);
      const mail = newMail(user, { kind: 'second_factor_code' });
      await storage.putEmailCode(claim, { digest, until: NOW + MINUTE, mail });
      const completed = await storage.completeChallenge(answer(claim, user, { kind: 'email', digest }));
      expect(completed).toMatchObject({
        outcome: 'challenged',
        challenge: { kind: 'second_factor', methods: ['setup'] },
      });
      const next = claimOf(org, 'challenge' in completed ? completed.challenge : challenge);
      expect(await storage.putPendingSecret({ by: 'challenge', claim: next }, pending)).toEqual({ outcome: 'pending' });
    });
  });

  describe('codes of mails', () => {
    async function byMail() {
      const { storage, org, user } = await scene();
      await storage.verifyEmail({ ...user, epoch: EPOCH, at: NOW });
      await enrol(storage, org, user);
      const send = (claim: ReturnType<typeof claimOf>, digest = randomBytes(32), changes = {}) =>
        storage.putEmailCode(claim, {
          digest,
          until: NOW + 5 * MINUTE,
          mail: newMail(user, { kind: 'second_factor_code', ...changes }),
        });
      return { storage, org, user, send };
    }

    test('are good in their challenge, once, until they expire, and the latest alone', async () => {
      const { storage, org, user, send } = await byMail();
      const [first, second] = [
        claimOf(org, await challenged(storage, org, login(org, user, 2))),
        claimOf(org, await challenged(storage, org, login(org, user, 2))),
      ];
      const [older, newer] = [randomBytes(32), randomBytes(32)];
      expect(await send(first, older)).toEqual({ outcome: 'sent', until: NOW + 5 * MINUTE });
      expect(await send(second, newer)).toEqual({ outcome: 'sent', until: NOW + 5 * MINUTE });
      const complete = (claim: ReturnType<typeof claimOf>, digest: Uint8Array) =>
        storage.completeChallenge(answer(claim, user, { kind: 'email', digest }));
      expect(await complete(first, older)).toEqual({ outcome: 'code_invalid' });
      expect(await complete(second, older)).toEqual({ outcome: 'code_invalid' });
      expect(await complete({ ...second, at: NOW + 5 * MINUTE }, newer)).toEqual({ outcome: 'code_invalid' });
      await storage.reserveCode(tryOf(second, 'email'));
      expect(await complete(second, newer)).toMatchObject({ outcome: 'created' });
      expect(await complete(second, newer)).toEqual(INVALID);
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({ wrongCodes: 0 });
    });

    test('beyond the budget nothing is sent, and the code before stays good', async () => {
      const { storage, org, user, send } = await byMail();
      const claim = claimOf(org, await challenged(storage, org, login(org, user, 2)));
      const budget = { budget: { recipients: [randomUUID(), randomUUID()], organization: null } };
      const digest = randomBytes(32);
      expect(await send(claim, digest, budget)).toMatchObject({ outcome: 'sent' });
      expect(await send(claim, randomBytes(32), budget)).toEqual({ outcome: 'kept', until: NOW + 5 * MINUTE });
      expect(await storage.listMails(org.orgId, { after: null, limit: 10 })).toHaveLength(1);
      expect(await storage.completeChallenge(answer(claim, user, { kind: 'email', digest }))).toMatchObject({
        outcome: 'created',
      });
    });

    test('are none of a challenge without tries, nor of one that takes none', async () => {
      const { storage, org, user, send } = await byMail();
      const challenge = await challenged(storage, org, login(org, user, 2));
      const claim = claimOf(org, challenge);
      for (let tried = 0; tried < MOST_CHALLENGE_TRIES; tried += 1) {
        await storage.reserveCode(tryOf(claim));
      }
      expect(await send(claim)).toEqual(INVALID);
      const reset = {
        ...{ orgId: org.orgId, userId: user.userId, email: user.email, epoch: EPOCH, credentialVersion: 2 },
        ...{ passwordHash: '$2b$reset', notice: newMail(user), at: NOW },
      };
      await storage.resetPassword(reset);
      const withheld = await challenged(storage, org, login(org, user, 3));
      expect(withheld.methods).toEqual(['totp', 'recovery']);
      expect(await send(claimOf(org, withheld))).toEqual(INVALID);
      expect(await storage.reserveCode(tryOf(claimOf(org, withheld), 'email'))).toEqual(INVALID);
      // A code of the user's own factor takes the mailbox back in, but not beside a login by that mailbox.
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 3 });
      await mailCode(storage, org, user, code);
      const mailed = await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }));
      const next = mailed.outcome === 'challenged' ? claimOf(org, mailed.challenge) : claimOf(org, withheld);
      const used = answer(next, user, totp(FIRST_STEP + 1));
      expect(await storage.completeChallenge(used)).toMatchObject({ outcome: 'created' });
      expect((await challenged(storage, org, login(org, user, 3))).methods).toEqual(['totp', 'recovery']);
      await storage.completeChallenge(answer(claimOf(org, withheld), user, totp(FIRST_STEP + 2)));
      expect((await challenged(storage, org, login(org, user, 3))).methods).toEqual(['totp', 'email', 'recovery']);
    });
  });

  describe('codes of logins by mail', () => {
    test('open a session once, and prove the address', async () => {
      const { storage, org, user } = await scene();
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest });
      expect(await mailCode(storage, org, user, code)).toBe('queued');
      const attempt = loginCodeTry(org, code);
      expect(await storage.reserveLoginCode(attempt)).toMatchObject({
        outcome: 'reserved',
        codeDigest: bytesOf(digest),
        user: { userId: user.userId },
      });
      const claim = claimOf(org, code);
      const complete = (used = digest) =>
        storage.completeChallenge(answer(claim, user, { kind: 'email', digest: used }));
      expect(await complete(randomBytes(32))).toEqual({ outcome: 'code_invalid' });
      expect(await complete()).toMatchObject({ outcome: 'created', session: { emailVerified: true } });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ emailVerifiedAt: claim.at });
      expect(await complete()).toEqual({ outcome: 'code_invalid' });
      expect(await storage.reserveLoginCode(attempt)).toEqual(INVALID);
    });

    test('of a user with a factor lead to that factor, without the method of mails', async () => {
      const { storage, org, user } = await enrolled();
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 2 });
      await mailCode(storage, org, user, code);
      const completed = await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }));
      expect(completed).toMatchObject({
        outcome: 'challenged',
        challenge: { kind: 'second_factor', methods: ['totp', 'recovery'] },
      });
      expect(await liveSessions(storage, org.orgId)).toEqual([]);
    });

    test('are right, and lead on, where the organization takes logins by mail', async () => {
      const { storage, org, user } = await enrolled();
      const takes = (word: string | null) =>
        storage.updateOrganization(org.orgId, { settings: { login_by_email: word } });
      const digest = randomBytes(32);
      const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 2 });
      await mailCode(storage, org, user, code);
      const complete = () => storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }));
      await takes(null);
      expect(await complete()).toEqual(INVALID);
      await takes('true');
      const completed = await complete();
      const challengeId = completed.outcome === 'challenged' ? completed.challenge.challengeId : '';
      const next = claimOf(org, { challengeId });
      await takes(null);
      expect(await storage.reserveCode(tryOf(next))).toEqual(INVALID);
      expect(await storage.completeChallenge(answer(next, user, totp(FIRST_STEP + 1)))).toEqual(INVALID);
      await takes('true');
      expect(await storage.reserveCode(tryOf(next))).toMatchObject({ outcome: 'reserved' });
    });

    test('of nobody are counted like those of somebody, and match nothing', async () => {
      const { storage, org } = await scene();
      const challenge = { challengeId: randomUUID(), expiresAt: NOW + CHALLENGE_MS };
      const outcomes = [];
      for (let tried = 0; tried < MOST_CHALLENGE_TRIES + 1; tried += 1) {
        outcomes.push(await storage.reserveLoginCode(loginCodeTry(org, challenge)));
      }
      const reserved = { outcome: 'reserved', codeDigest: null, user: null };
      expect(outcomes).toEqual([...Array.from({ length: 5 }, () => reserved), INVALID]);
      await storage.sweep(NOW + CHALLENGE_MS + 1, 100);
      expect(await storage.findLoginChallenge(org.orgId, challenge.challengeId)).toBeNull();
    });

    test('tries at a code that is not mailed yet are tries at the one that is', async () => {
      const { storage, org, user } = await scene();
      const code = mailedCode(org, user);
      for (let tried = 0; tried < 4; tried += 1) {
        expect(await storage.reserveLoginCode(loginCodeTry(org, code))).toMatchObject({ user: null });
      }
      await mailCode(storage, org, user, code);
      expect(await storage.reserveLoginCode(loginCodeTry(org, code))).toMatchObject({
        codeDigest: bytesOf(code.codeDigest),
      });
      expect(await storage.reserveLoginCode(loginCodeTry(org, code))).toEqual(INVALID);
    });

    test('are counted apart, per class of callers: what a lower one used up locks no higher one, and an unlock opens it', async () => {
      const { storage, org, user } = await enrolled();
      const attempt = async (callerClass: 'no_key' | 'private_key') => {
        const code = mailedCode(org, user, { credentialVersion: 2, callerClass });
        await mailCode(storage, org, user, code);
        const reserved = await storage.reserveLoginCode(
          loginCodeTry(org, code, { callerClass: 'no_key', most: most(3) }),
        );
        return reserved.outcome === 'reserved' && reserved.user !== null;
      };
      const tries = [await attempt('no_key'), await attempt('no_key'), await attempt('no_key')];
      expect([...tries, await attempt('no_key')]).toEqual([true, true, true, false]);
      expect(await attempt('private_key')).toBe(true);
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({ wrongCodes: 0 });
      await storage.unlockUser(user, NOW + 1);
      expect(await attempt('no_key')).toBe(true);
    });

    test('are the latest of their class of callers alone: a lower one voids none of a higher, nor of the factor', async () => {
      const { storage, org, user } = await enrolled();
      await storage.verifyEmail({ ...user, epoch: EPOCH, at: NOW });
      const send = async (callerClass: 'no_key' | 'private_key') => {
        const code = mailedCode(org, user, { callerClass, credentialVersion: 2 });
        const request = mailRequest(org.orgId);
        await storage.requestMail(request, true);
        const mail = newMail(user, { kind: 'login_code', callerClass });
        expect(await storage.answerMailRequest({ ...request, mail, loginCode: code })).toBe('queued');
        return { code, mail };
      };
      const factor = await challenged(storage, org, login(org, user, 2));
      const digest = randomBytes(32);
      const mail = newMail(user, { kind: 'second_factor_code' });
      await storage.putEmailCode(claimOf(org, factor), { digest, until: NOW + MINUTE, mail });
      const voided = await send('private_key');
      const [first, lower] = [await send('private_key'), await send('no_key')];
      const digestOf = async ({ challengeId }: { readonly challengeId: string }) =>
        (await storage.findLoginChallenge(org.orgId, challengeId))?.codeDigest;
      expect(await digestOf(voided.code)).toBeNull();
      expect(await digestOf(first.code)).toEqual(first.code.codeDigest);
      expect(await digestOf(lower.code)).toEqual(lower.code.codeDigest);
      expect(await digestOf(factor)).toEqual(digest);
      const waiting = (await storage.listMails(org.orgId, { after: null, limit: 10 })).map(({ mailId }) => mailId);
      expect(waiting.toSorted()).toEqual([mail, first.mail, lower.mail].map(({ mailId }) => mailId).toSorted());
    });

    test('beyond the budget of mails none is kept: nobody could know it', async () => {
      const { storage, org, user } = await scene();
      const budget = { recipients: [randomUUID(), randomUUID()], organization: null };
      const send = async () => {
        const code = mailedCode(org, user);
        const request = mailRequest(org.orgId);
        await storage.requestMail(request, true);
        const mail = newMail(user, { kind: 'login_code', budget });
        return { code, outcome: await storage.answerMailRequest({ ...request, mail, loginCode: code }) };
      };
      expect((await send()).outcome).toBe('queued');
      const { code, outcome } = await send();
      expect(outcome).toBe('over_budget');
      expect((await storage.findLoginChallenge(org.orgId, code.challengeId))?.codeDigest ?? null).toBeNull();
      expect(await storage.reserveLoginCode(loginCodeTry(org, code))).toMatchObject({ codeDigest: null, user: null });
    });

    test('that a stranger used up are tried again once a right one of another class came, or a reset by mail', async () => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      const { userId, email } = user;
      const version = async () => (await storage.findUserCredentials(orgId, userId))?.credentialVersion ?? 0;
      const attempt = async (callerClass: 'no_key' | 'private_key', isRight = false) => {
        const digest = randomBytes(32);
        const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: await version(), callerClass });
        await mailCode(storage, org, user, code);
        const reserved = await storage.reserveLoginCode(loginCodeTry(org, code, { most: most(1) }));
        if (isRight) {
          const seed = { challenge: challengeSeed({ callerClass }), credentialVersion: await version() };
          const answered = answer(claimOf(org, code), user, { kind: 'email', digest }, seed);
          expect(await storage.completeChallenge(answered)).toMatchObject({ outcome: 'created' });
        }
        return reserved.outcome === 'reserved' && reserved.user !== null;
      };
      expect([await attempt('no_key'), await attempt('no_key')]).toEqual([true, false]);
      await attempt('private_key', true);
      expect([await attempt('no_key'), await attempt('no_key')]).toEqual([true, false]);
      const reset = {
        orgId,
        userId,
        email,
        epoch: EPOCH,
        credentialVersion: await version(),
        passwordHash: '$2b$reset',
      };
      expect(await storage.resetPassword({ ...reset, notice: newMail(user), at: NOW })).toMatchObject({
        outcome: 'reset',
      });
      expect(await attempt('no_key')).toBe(true);
    });

    test('prove the address of a user with a factor only with that: a reset still takes off what a stranger set up', async () => {
      const { storage, org, user } = await enrolled();
      const { orgId } = org;
      const { userId } = user;
      const step = async () => {
        const digest = randomBytes(32);
        const code = mailedCode(org, user, { codeDigest: digest, credentialVersion: 2 });
        await mailCode(storage, org, user, code);
        const mailed = await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }));
        if (mailed.outcome !== 'challenged') {
          throw new Error(`No challenge was handed out: ${mailed.outcome}.`);
        }
        return mailed.challenge;
      };
      const isProven = async () => (await storage.findUserCredentials(orgId, userId))?.emailVerifiedAt != null;
      const challenge = await step();
      expect(await isProven()).toBe(false);
      const used = answer(claimOf(org, challenge), user, totp(FIRST_STEP + 1));
      expect(await storage.completeChallenge(used)).toMatchObject({
        outcome: 'created',
        session: { emailVerified: true },
      });
      expect(await isProven()).toBe(true);

      const other = await addUser(storage, org);
      await enrol(storage, org, other);
      const digest = randomBytes(32);
      const code = mailedCode(org, other, { codeDigest: digest, credentialVersion: 2 });
      await mailCode(storage, org, other, code);
      await storage.completeChallenge(answer(claimOf(org, code), other, { kind: 'email', digest }));
      const reset = { orgId, userId: other.userId, email: other.email, epoch: EPOCH, credentialVersion: 2 };
      await storage.resetPassword({ ...reset, passwordHash: '$2b$reset', notice: newMail(other), at: NOW });
      expect(await storage.findUserCredentials(orgId, other.userId)).toMatchObject({ hasSecondFactor: false });
    });

    test('a right one begins the count of its class anew', async () => {
      const { storage, org, user } = await scene();
      // Given by another class than the one that asked for it, which is counted.
      const callerClass = 'no_key' as const;
      const attempt = async (isRight: boolean) => {
        const digest = randomBytes(32);
        const { credentialVersion = 0 } = (await storage.findUserCredentials(org.orgId, user.userId)) ?? {};
        const code = mailedCode(org, user, { codeDigest: digest, credentialVersion, callerClass });
        await mailCode(storage, org, user, code);
        const reserved = await storage.reserveLoginCode(loginCodeTry(org, code, { most: most(2) }));
        if (isRight) {
          const seed = { challenge: challengeSeed({ callerClass }) };
          await storage.completeChallenge(answer(claimOf(org, code), user, { kind: 'email', digest }, seed));
        }
        return reserved.outcome === 'reserved' && reserved.user !== null;
      };
      const outcomes = [await attempt(false), await attempt(true), await attempt(false), await attempt(false)];
      expect([...outcomes, await attempt(false)]).toEqual([true, true, true, true, false]);
    });

    test('are void after other credentials, also of a mail that was made before, and beyond the budget of mails', async () => {
      const { storage, org, user } = await scene();
      const code = mailedCode(org, user);
      await mailCode(storage, org, user, code);
      await storage.setUserPassword(org.orgId, user.userId, '$2b$new', NOW);
      expect(await storage.reserveLoginCode(loginCodeTry(org, code))).toEqual({
        outcome: 'reserved',
        codeDigest: null,
        user: null,
      });
      const digest = code.codeDigest ?? randomBytes(32);
      const used = { kind: 'email', digest } as const;
      expect(await storage.completeChallenge(answer(claimOf(org, code), user, used))).toEqual(INVALID);
    });

    test('leave the challenges of passwords alone, and are none of them', async () => {
      const { storage, org, user } = await enrolled();
      const challenge = await challenged(storage, org, login(org, user, 2));
      const code = mailedCode(org, user, { credentialVersion: 2 });
      await mailCode(storage, org, user, code);
      expect(await storage.reserveCode(tryOf(claimOf(org, challenge)))).toMatchObject({ outcome: 'reserved' });
      expect(await storage.reserveLoginCode(loginCodeTry(org, challenge))).toEqual(INVALID);
      expect(
        await storage.putEmailCode(claimOf(org, code), {
          digest: randomBytes(32),
          until: NOW + MINUTE,
          mail: newMail(user, { kind: 'second_factor_code' }),
        }),
      ).toEqual(INVALID);
      await challenged(storage, org, login(org, user, 2));
      expect(await storage.findLoginChallenge(org.orgId, code.challengeId)).not.toBeNull();
    });
  });

  describe('a report of who it was not', () => {
    test('ends the sessions and challenges, takes the password away, and leaves the factor', async () => {
      const { storage, org, user } = await enrolled();
      const { orgId } = org;
      const { userId, email } = user;
      await addSession(storage, org, user, { credentialVersion: 2 });
      const { challengeId } = await challenged(storage, org, login(org, user, 2));
      const report = {
        orgId,
        userId,
        email,
        epoch: EPOCH,
        at: NOW + 1,
        mail: newMail(user, { kind: 'reset_password' }),
      };
      expect(await storage.reportNotMe({ ...report, email: 'other@example.com' })).toBe('token_invalid');
      expect(await storage.reportNotMe({ ...report, epoch: 'another' })).toBe('token_invalid');
      expect(await storage.reportNotMe(report)).toBe('reported');
      expect(await liveSessions(storage, orgId)).toEqual([]);
      expect(await storage.findLoginChallenge(orgId, challengeId)).toBeNull();
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        passwordHash: null,
        credentialVersion: 3,
        hasSecondFactor: true,
      });
      expect((await storage.listMails(orgId, { after: null, limit: 10 })).map(({ kind }) => kind)).toEqual([
        'reset_password',
      ]);
    });
  });
}

async function failedLogin(storage: Storage, { orgId, ...org }: Org, { email, userId }: NewUser): Promise<void> {
  await storage.beginLogin(loginAttempt({ orgId, keyId: org.keyId }, { email }));
  const counter = { orgId, email, countedAs: 'private_key', userId, lock: UNCOUNTED.lock } as const;
  await storage.endTry({ ...counter, endId: randomUUID(), end: 'failed', sessionId: null, at: NOW });
}

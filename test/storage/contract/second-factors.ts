import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MOST_WRONG_CODES, MOST_WRONG_RECOVERY_CODES } from '../../../src/domain/second-factors/challenge.ts';
import type { CodeUse } from '../../../src/domain/second-factors/storage.ts';
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
  type Org,
  populate,
} from '../fixtures.ts';
import {
  answer,
  bytesOf,
  challenged,
  claimOf,
  confirmation,
  digests,
  enrol,
  FIRST_STEP,
  login,
  MOST_OF_SESSION,
  own,
  proven,
  totp,
} from './factor-scene.ts';
import { freshStorage, type StorageHarness } from './harness.ts';

const UNTIL = NOW + 10 * MINUTE;

export function secondFactorContract(harness: StorageHarness): void {
  async function scene() {
    const storage = await freshStorage(harness);
    const { org, user } = await populate(storage);
    return { storage, org, user };
  }

  /** A user with a factor and a session. */
  async function enrolled() {
    const { storage, org, user } = await scene();
    const factor = await enrol(storage, org, user);
    const session = await addSession(storage, org, user, { credentialVersion: 2 });
    return { storage, org, user, factor, session };
  }

  describe('second factors', () => {
    test('are set up in two steps: nothing changes until the secret that waits is confirmed', async () => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      const { userId } = user;
      const session = await addSession(storage, org, user);
      const other = await addSession(storage, org, user);
      const by = { by: 'session', session: proven(org, session) } as const;
      const [first, second] = [randomBytes(60), randomBytes(60)];
      expect(await storage.findSecondFactor(orgId, userId)).toBeNull();
      await storage.putPendingSecret(by, { sealedSecret: first, until: UNTIL });
      expect(await storage.putPendingSecret(by, { sealedSecret: second, until: UNTIL })).toEqual({
        outcome: 'pending',
      });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        hasSecondFactor: false,
        credentialVersion: 1,
      });
      const confirm = (sealedSecret: Uint8Array, changes = {}) =>
        storage.confirmSecret({ by: 'session', session: own(org, session) }, confirmation(user, sealedSecret, changes));
      expect(await confirm(first)).toEqual({ outcome: 'not_enabled' });
      const notice = newMail(user, { kind: 'second_factor_enabled' });
      expect(await confirm(second, { notice })).toEqual({ outcome: 'confirmed', creation: null });
      expect(await storage.findSecondFactor(orgId, userId)).toEqual({
        ...{ orgId, userId, sealedSecret: second, lastStep: FIRST_STEP, pendingSecret: null, pendingUntil: 0 },
        ...{ wrongCodes: 0, wrongRecoveryCodes: 0, withholdsEmail: false, isBeforeProof: true },
      });
      expect(await storage.countRecoveryCodes(orgId, userId)).toBe(10);
      expect(await storage.findUser(orgId, userId)).toMatchObject({ hasSecondFactor: true });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ credentialVersion: 2 });
      expect(await liveSessions(storage, orgId)).toEqual([session.sessionId]);
      expect(other.sessionId).not.toBe(session.sessionId);
      expect(await mailKinds(storage, org)).toEqual(['second_factor_enabled']);
      expect(await confirm(second)).toEqual({ outcome: 'already_enabled' });
      const again = { ...by, session: { ...by.session, credentialVersion: 2 } };
      expect(await storage.putPendingSecret(again, { sealedSecret: first, until: UNTIL })).toEqual({
        outcome: 'already_enabled',
      });
    });

    test('are not set up where the organization takes none, with a secret that is too old, or after other credentials', async () => {
      const { storage, org, user } = await scene();
      const session = await addSession(storage, org, user);
      const by = { by: 'session', session: proven(org, session) } as const;
      const sealedSecret = randomBytes(60);
      const put = (credentialVersion = 1) =>
        storage.putPendingSecret(
          { by: 'session', session: proven(org, session, { credentialVersion }) },
          { sealedSecret, until: UNTIL },
        );
      const confirm = (at = NOW + 1) =>
        storage.confirmSecret(
          { by: 'session', session: { ...own(org, session), at } },
          confirmation(user, sealedSecret),
        );
      expect(await confirm()).toEqual({ outcome: 'not_enabled' });
      expect(await put(2)).toEqual({ outcome: 'credentials_changed' });
      expect(await put()).toEqual({ outcome: 'pending' });
      expect(await confirm(UNTIL)).toEqual({ outcome: 'not_enabled' });
      await storage.updateOrganization(org.orgId, { settings: { second_factor: 'off' } });
      expect(await put()).toEqual({ outcome: 'not_enabled' });
      expect(await confirm()).toEqual({ outcome: 'not_enabled' });
      await storage.updateOrganization(org.orgId, { settings: { second_factor: null } });
      expect(
        await storage.putPendingSecret(
          { by: 'session', session: { ...by.session, kid: 'none' } },
          {
            sealedSecret,
            until: UNTIL,
          },
        ),
      ).toEqual({ outcome: 'signing_key_retired' });
      await storage.endSession(session, NOW + 1);
      expect(await put()).toEqual({ outcome: 'session_ended' });
      expect(await confirm()).toEqual({ outcome: 'session_ended' });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ hasSecondFactor: false });
    });

    test('go with their codes, counters and challenges, and end the other sessions', async () => {
      const { storage, org, user, factor, session } = await enrolled();
      const { orgId } = org;
      const { userId } = user;
      await addSession(storage, org, user, { credentialVersion: 2 });
      const { challengeId } = await challenged(storage, org, login(org, user, 2));
      await storage.reserveCode(codeOf(org, session));
      const remove = (code: CodeUse | null, credentialVersion = 2) =>
        storage.removeSecondFactor(
          proven(org, session, { credentialVersion, code }),
          newMail(user, { kind: 'second_factor_disabled' }),
        );
      expect(await remove(null)).toEqual({ outcome: 'code_invalid' });
      expect(await remove(totp(FIRST_STEP))).toEqual({ outcome: 'code_invalid' });
      expect(await remove(totp(FIRST_STEP + 1), 1)).toEqual({ outcome: 'credentials_changed' });
      expect(await remove({ kind: 'recovery', digest: randomBytes(32) })).toEqual({ outcome: 'code_invalid' });
      const [digest = randomBytes(32)] = factor.recoveryDigests;
      expect(await remove({ kind: 'recovery', digest })).toEqual({ outcome: 'done' });
      expect(await storage.findSecondFactor(orgId, userId)).toBeNull();
      expect(await storage.countRecoveryCodes(orgId, userId)).toBe(0);
      expect(await storage.findLoginChallenge(orgId, challengeId)).toBeNull();
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        hasSecondFactor: false,
        credentialVersion: 3,
      });
      expect(await liveSessions(storage, orgId)).toEqual([session.sessionId]);
      expect(await mailKinds(storage, org)).toEqual(['second_factor_disabled']);
      expect(await remove(null, 3)).toEqual({ outcome: 'not_enabled' });
    });

    test('have recovery codes of which none is left once there are others', async () => {
      const { storage, org, user, factor, session } = await enrolled();
      const fresh = digests();
      const replace = (code: CodeUse, credentialVersion: number, by: readonly Uint8Array[]) =>
        storage.replaceRecoveryCodes(
          proven(org, session, { credentialVersion, code }),
          by,
          newMail(user, { kind: 'recovery_codes_replaced' }),
        );
      expect(await replace(totp(FIRST_STEP + 1), 2, fresh)).toEqual({ outcome: 'done' });
      expect(await storage.countRecoveryCodes(org.orgId, user.userId)).toBe(10);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        hasSecondFactor: true,
        credentialVersion: 3,
      });
      expect(await mailKinds(storage, org)).toEqual(['recovery_codes_replaced']);
      for (const digest of factor.recoveryDigests) {
        expect(await replace({ kind: 'recovery', digest }, 3, digests())).toEqual({ outcome: 'code_invalid' });
      }
      expect(await replace({ kind: 'recovery', digest: fresh[3] ?? randomBytes(32) }, 3, digests())).toEqual({
        outcome: 'done',
      });
    });

    test('are demanded of every change that a session makes, and spent by it', async () => {
      const { storage, org, user, session } = await enrolled();
      const change = (code: CodeUse | null) => ({
        ...{ tenant: org, userId: user.userId, sessionId: session.sessionId, kid: KID, credentialVersion: 2 },
        ...{ passwordHash: '$2b$new', isProven: true, code, at: NOW + 1 },
      });
      const mails = () => ({
        mail: newMail(user, { kind: 'change_email' as const }),
        warning: newMail(user, { kind: 'email_change_warning' as const }),
      });
      const none = proven(org, session, { credentialVersion: 2 });
      expect(await storage.changePassword(change(null))).toEqual({ outcome: 'code_invalid' });
      expect(await storage.requestEmailChange({ ...none, ...mails() })).toEqual({ outcome: 'code_invalid' });
      expect(await storage.deleteAccount(none)).toEqual({ outcome: 'code_invalid' });
      const asked = { ...none, code: totp(FIRST_STEP + 1), ...mails() };
      expect(await storage.requestEmailChange(asked)).toEqual({ outcome: 'requested' });
      expect(await storage.changePassword(change(totp(FIRST_STEP + 1)))).toEqual({ outcome: 'code_invalid' });
      expect(await storage.changePassword(change(totp(FIRST_STEP + 2)))).toMatchObject({ outcome: 'changed' });
      const last = proven(org, session, { credentialVersion: 3, code: totp(FIRST_STEP + 3) });
      expect(await storage.deleteAccount(last)).toMatchObject({ outcome: 'deleted' });
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toBeNull();
      expect(await storage.countRecoveryCodes(org.orgId, user.userId)).toBe(0);
    });

    test('of a user are reset by a manager, with what waits, what was counted, and the sessions', async () => {
      const { storage, org, user, session } = await enrolled();
      const { orgId } = org;
      const { userId } = user;
      const { challengeId } = await challenged(storage, org, login(org, user, 2));
      const managed = { orgId, userId, manager: null, at: NOW + 2 };
      expect(await storage.manageUser(managed, { kind: 'reset_second_factor' })).toMatchObject({
        outcome: 'changed',
        user: { userId, hasSecondFactor: false },
        endedSessions: 1,
      });
      expect(await storage.findSecondFactor(orgId, userId)).toBeNull();
      expect(await storage.findLoginChallenge(orgId, challengeId)).toBeNull();
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        hasSecondFactor: false,
        credentialVersion: 3,
      });
      expect(await storage.findSession(orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 2 });
      // A secret that waits goes, too.
      const waiting = await addSession(storage, org, user, { credentialVersion: 3 });
      const by = { by: 'session', session: proven(org, waiting, { credentialVersion: 3 }) } as const;
      await storage.putPendingSecret(by, { sealedSecret: randomBytes(60), until: UNTIL });
      await storage.manageUser(managed, { kind: 'reset_second_factor' });
      expect(await storage.findSecondFactor(orgId, userId)).toBeNull();
    });

    test('go with their user, and nobody who comes after has any of it', async () => {
      const { storage, org, user, session } = await enrolled();
      const { orgId } = org;
      const { challengeId } = await challenged(storage, org, login(org, user, 2));
      await storage.reserveCode(codeOf(org, session));
      await storage.deleteUser(orgId, user.userId, NOW + 1);
      expect(await storage.findSecondFactor(orgId, user.userId)).toBeNull();
      expect(await storage.countRecoveryCodes(orgId, user.userId)).toBe(0);
      expect(await storage.findLoginChallenge(orgId, challengeId)).toBeNull();
      const again = await addUser(storage, org, { email: user.email });
      expect(await storage.findUserCredentials(orgId, again.userId)).toMatchObject({ hasSecondFactor: false });
    });

    test('of one organization are nothing to another', async () => {
      const { storage, user } = await enrolled();
      const other = await addOrganization(storage);
      expect(await storage.findSecondFactor(other.orgId, user.userId)).toBeNull();
      expect(await storage.countRecoveryCodes(other.orgId, user.userId)).toBe(0);
    });

    test('a reset that first proves the address takes a factor off that somebody set up before; any other keeps it', async () => {
      const { storage, org, user } = await enrolled();
      const { orgId } = org;
      const { userId, email } = user;
      const reset = (credentialVersion: number) => ({
        ...{ orgId, userId, email, epoch: 'the first epoch', credentialVersion, passwordHash: '$2b$reset' },
        ...{ notice: newMail(user), at: NOW + 1 },
      });
      expect(await storage.resetPassword(reset(2))).toMatchObject({ outcome: 'reset' });
      const { hasSecondFactor, credentialVersion = 0 } = (await storage.findUserCredentials(orgId, userId)) ?? {};
      expect(hasSecondFactor).toBe(false);
      expect(await storage.findSecondFactor(orgId, userId)).toMatchObject({ sealedSecret: null, withholdsEmail: true });
      // The address is proven now.
      const { credentialVersion: enrolledAt } = await enrol(storage, org, user, credentialVersion);
      expect(await storage.resetPassword(reset(enrolledAt))).toMatchObject({ outcome: 'reset' });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ hasSecondFactor: true });
      expect(await storage.findSecondFactor(orgId, userId)).toMatchObject({ withholdsEmail: true });
      const challenge = await challenged(storage, org, login(org, user, enrolledAt + 1));
      expect(challenge.methods).toEqual(['totp', 'recovery']);
    });
  });

  describe('a mailbox that set the password', () => {
    const reset = (user: { readonly orgId: string; readonly userId: string; readonly email: string }) => ({
      ...{ orgId: user.orgId, userId: user.userId, email: user.email, epoch: 'the first epoch' },
      ...{ credentialVersion: 1, passwordHash: '$2b$reset', notice: newMail(user), at: NOW + 1 },
    });

    test.each(['its user', 'a manager'])('is no factor beside it after %s took one off', async (who) => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      const { userId } = user;
      await storage.resetPassword(reset(user));
      await enrol(storage, org, user, 2);
      if (who === 'a manager') {
        const managed = { orgId, userId, manager: null, at: NOW + 2 };
        await storage.manageUser(managed, { kind: 'reset_second_factor' });
      } else {
        const session = await addSession(storage, org, user, { credentialVersion: 3 });
        const code = totp(FIRST_STEP + 1);
        const by = proven(org, session, { credentialVersion: 3, isProven: false, code });
        expect(await storage.removeSecondFactor(by, null)).toEqual({ outcome: 'done' });
      }
      const none = { sealedSecret: null, lastStep: 0, pendingSecret: null, wrongCodes: 0, isBeforeProof: false };
      expect(await storage.findSecondFactor(orgId, userId)).toMatchObject({ ...none, withholdsEmail: true });
      await enrol(storage, org, user, 4);
      const { methods } = await challenged(storage, org, login(org, user, 5));
      expect(methods).toEqual(['totp', 'recovery']);
    });

    test('or may have, by a session of a login by it that proved none before, is no factor beside it', async () => {
      const { storage, org, user } = await scene();
      const { orgId } = org;
      const { userId } = user;
      const { sessionId } = await addSession(storage, org, user);
      const change = (credentialVersion: number, isProven: boolean) =>
        storage.changePassword({
          ...{ tenant: org, userId, sessionId, kid: KID, credentialVersion, passwordHash: '$2b$new', isProven },
          at: NOW + 1,
        });
      expect(await change(1, true)).toMatchObject({ outcome: 'changed' });
      expect(await storage.findSecondFactor(orgId, userId)).toBeNull();
      expect(await change(2, false)).toMatchObject({ outcome: 'changed' });
      expect(await storage.findSecondFactor(orgId, userId)).toMatchObject({ withholdsEmail: true });
      // The password that it set proves nothing of who set it.
      expect(await change(3, true)).toMatchObject({ outcome: 'changed' });
      expect(await storage.findSecondFactor(orgId, userId)).toMatchObject({ withholdsEmail: true });
    });
  });

  describe('codes that a session gives', () => {
    test('and passwords are forgotten once a secret waits by the right password', async () => {
      const { storage, org, user } = await scene();
      const session = await addSession(storage, org, user);
      const { orgId } = org;
      const attempt = { orgId, userId: user.userId, sessionId: session.sessionId, most: MOST_OF_SESSION, at: NOW + 1 };
      const put = (isProven: boolean) =>
        storage.putPendingSecret(
          { by: 'session', session: proven(org, session, { isProven }) },
          { sealedSecret: randomBytes(60), until: UNTIL },
        );
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 1 });
      await put(false);
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 2 });
      await put(true);
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 1 });
    });

    test('are counted before they are compared, for the user and for the session, which one more ends', async () => {
      const { storage, org, user, session, factor } = await enrolled();
      const reserve = () => storage.reserveCode(codeOf(org, session));
      for (let wrong = 1; wrong <= MOST_OF_SESSION; wrong += 1) {
        expect(await reserve()).toMatchObject({
          outcome: 'reserved',
          user: { userId: user.userId, credentialVersion: 2 },
          factor: { sealedSecret: bytesOf(factor.sealedSecret), wrongCodes: wrong },
          challenge: null,
        });
      }
      expect(await reserve()).toEqual({ outcome: 'session_ended' });
      expect(await reserve()).toEqual({ outcome: 'session_ended' });
      expect(await storage.findSession(org.orgId, session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
      // The user's own are far from used up: a stolen session locks nobody out.
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({ wrongCodes: MOST_OF_SESSION });
    });

    test('are one try of a session with the right password that came with them', async () => {
      const { storage, org, user, session } = await enrolled();
      const { orgId } = org;
      const attempt = { orgId, userId: user.userId, sessionId: session.sessionId, most: MOST_OF_SESSION, at: NOW + 1 };
      for (let wrong = 1; wrong <= MOST_OF_SESSION; wrong += 1) {
        expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: wrong });
        const counted = { ...codeOf(org, session), isCounted: true };
        expect(await storage.reserveCode(counted)).toMatchObject({
          outcome: 'reserved',
          factor: { wrongCodes: wrong },
        });
      }
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'session_ended' });
      expect(await storage.reserveCode({ ...codeOf(org, session), isCounted: true })).toEqual({
        outcome: 'session_ended',
      });
    });

    test('share the tries of a session with passwords', async () => {
      const { storage, org, user, session } = await enrolled();
      const { orgId } = org;
      const attempt = { orgId, userId: user.userId, sessionId: session.sessionId, most: MOST_OF_SESSION, at: NOW + 1 };
      for (let wrong = 1; wrong <= MOST_OF_SESSION; wrong += 1) {
        await (wrong % 2 === 0 ? storage.countCurrentPassword(attempt) : storage.reserveCode(codeOf(org, session)));
      }
      expect(await storage.reserveCode(codeOf(org, session))).toEqual({ outcome: 'session_ended' });
    });

    test('are compared up to 50 of a user in a row, over all sessions; recovery codes up to 20, even then', async () => {
      const { storage, org, user, factor } = await enrolled();
      const outcomes = async (tries: number, method: 'totp' | 'recovery') => {
        const told: string[] = [];
        for (let tried = 0; tried < tries; ) {
          const session = await addSession(storage, org, user, { credentialVersion: 2 });
          for (let n = 0; n < MOST_OF_SESSION && tried < tries; n += 1, tried += 1) {
            told.push((await storage.reserveCode(codeOf(org, session, method))).outcome);
          }
        }
        return told;
      };
      const compared = await outcomes(MOST_WRONG_CODES + 5, 'totp');
      expect(compared.filter((outcome) => outcome === 'reserved')).toHaveLength(MOST_WRONG_CODES);
      expect(compared.slice(MOST_WRONG_CODES)).toEqual(Array.from({ length: 5 }, () => 'locked'));
      const recovery = await outcomes(MOST_WRONG_RECOVERY_CODES + 1, 'recovery');
      expect(recovery.indexOf('locked')).toBe(MOST_WRONG_RECOVERY_CODES);
      // An administrator opens it.
      await storage.unlockUser(user, NOW + 1);
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({
        sealedSecret: factor.sealedSecret,
        wrongCodes: 0,
        wrongRecoveryCodes: 0,
      });
      expect(await outcomes(1, 'totp')).toEqual(['reserved']);
    });

    test('begin the count anew where they are right, and a recovery code opens what is locked', async () => {
      const { storage, org, user, factor } = await enrolled();
      const wrong = async (method: 'totp' | 'recovery', tries: number, credentialVersion = 2) => {
        for (let tried = 0; tried < tries; tried += 1) {
          const session = await addSession(storage, org, user, { credentialVersion });
          await storage.reserveCode(codeOf(org, session, method));
        }
      };
      const spend = async (code: CodeUse, credentialVersion: number) => {
        const session = await addSession(storage, org, user, { credentialVersion });
        return storage.replaceRecoveryCodes(
          proven(org, session, { credentialVersion, code }),
          factor.recoveryDigests,
          null,
        );
      };
      const counted = () => storage.findSecondFactor(org.orgId, user.userId);
      await wrong('totp', 3);
      await wrong('recovery', 2);
      expect(await counted()).toMatchObject({ wrongCodes: 3, wrongRecoveryCodes: 2 });
      const claim = claimOf(org, await challenged(storage, org, login(org, user, 2)));
      const used = answer(claim, user, totp(FIRST_STEP + 1));
      expect(await storage.completeChallenge(used)).toMatchObject({ outcome: 'created' });
      expect(await counted()).toMatchObject({ wrongCodes: 0, wrongRecoveryCodes: 2, lastStep: FIRST_STEP + 1 });
      const [digest = randomBytes(32)] = factor.recoveryDigests;
      await wrong('totp', 3);
      expect(await spend({ kind: 'recovery', digest }, 2)).toEqual({ outcome: 'done' });
      expect(await counted()).toMatchObject({ wrongCodes: 0, wrongRecoveryCodes: 0 });
      // Codes that nobody has guessed at yet begin at nothing, whatever code they were asked for with.
      await wrong('recovery', 2, 3);
      expect(await spend(totp(FIRST_STEP + 2), 3)).toEqual({ outcome: 'done' });
      expect(await counted()).toMatchObject({ wrongCodes: 0, wrongRecoveryCodes: 0 });
    });

    test('are none of a session that is not live, of a user without a factor, and of a setup that nothing waits for', async () => {
      const { storage, org, user } = await scene();
      const session = await addSession(storage, org, user);
      expect(await storage.reserveCode(codeOf(org, session))).toEqual({ outcome: 'not_enabled' });
      expect(await storage.reserveCode(codeOf(org, session, 'setup'))).toEqual({ outcome: 'not_enabled' });
      const by = { by: 'session', session: proven(org, session) } as const;
      await storage.putPendingSecret(by, { sealedSecret: randomBytes(60), until: UNTIL });
      expect(await storage.reserveCode(codeOf(org, session, 'setup'))).toMatchObject({ outcome: 'reserved' });
      const late = { ...codeOf(org, session, 'setup'), session: { ...own(org, session), at: UNTIL } };
      expect(await storage.reserveCode(late)).toEqual({ outcome: 'not_enabled' });
      await enrol(storage, org, user);
      const next = await addSession(storage, org, user, { credentialVersion: 2 });
      expect(await storage.reserveCode(codeOf(org, next, 'setup'))).toEqual({ outcome: 'already_enabled' });
      await storage.endSession(next, NOW + 1);
      expect(await storage.reserveCode(codeOf(org, next))).toEqual({ outcome: 'session_ended' });
    });
  });

  describe('sealed secrets of factors', () => {
    test('are listed in the order of their users, confirmed or not, and none where there is no secret', async () => {
      const { storage, org, user } = await scene();
      const bare = await addUser(storage, org);
      const both = await addUser(storage, org);
      const factors = [await enrol(storage, org, user), await enrol(storage, org, both)];
      const waiting = await addUser(storage, org);
      const session = await addSession(storage, org, waiting);
      const sealedSecret = randomBytes(60);
      const by = { by: 'session', session: proven(org, session) } as const;
      await storage.putPendingSecret(by, { sealedSecret, until: UNTIL });
      // A count alone.
      await storage.updateOrganization(org.orgId, { settings: { second_factor: 'required' } });
      await storage.verifyEmail({ ...bare, epoch: 'the first epoch', at: NOW });
      const challenge = await challenged(storage, org, login(org, bare, 1));
      const claim = { orgId: org.orgId, challengeId: challenge.challengeId, epoch: 'the first epoch', keyId: null };
      await storage.reserveCode({ by: 'challenge', claim: { ...claim, at: NOW + 1 }, method: 'email' });
      expect(await storage.findSecondFactor(org.orgId, bare.userId)).toMatchObject({ wrongCodes: 1 });
      const expected = [
        { userId: user.userId, sealedSecret: factors[0]?.sealedSecret, pendingSecret: null },
        { userId: both.userId, sealedSecret: factors[1]?.sealedSecret, pendingSecret: null },
        { userId: waiting.userId, sealedSecret: null, pendingSecret: sealedSecret },
      ].map((factor) => ({ ...factor, orgId: org.orgId }));
      expected.sort((a, b) => (a.userId < b.userId ? -1 : 1));
      const seen = [];
      for (let after = null; ; ) {
        const [next] = await storage.listSealedFactors(after, 1);
        if (next === undefined) {
          break;
        }
        seen.push(next);
        after = next;
      }
      expect(seen).toEqual(expected);
    });

    test('are sealed anew where they are as they were, and nowhere else', async () => {
      const { storage, org, user } = await enrolled();
      const [from] = await storage.listSealedFactors(null, 1);
      if (from === undefined) {
        throw new Error('no factor is listed');
      }
      const to = { sealedSecret: randomBytes(60), pendingSecret: null };
      expect(await storage.resealFactor({ ...from, sealedSecret: randomBytes(60) }, to)).toBe(false);
      expect(await storage.resealFactor({ ...from, pendingSecret: randomBytes(60) }, to)).toBe(false);
      expect(await storage.resealFactor({ ...from, userId: 'nobody' }, to)).toBe(false);
      expect(await storage.resealFactor(from, to)).toBe(true);
      expect(await storage.resealFactor(from, to)).toBe(false);
      expect(await storage.findSecondFactor(org.orgId, user.userId)).toMatchObject({
        ...to,
        lastStep: FIRST_STEP,
      });
      expect(await storage.countRecoveryCodes(org.orgId, user.userId)).toBe(10);
    });
  });
}

function codeOf(org: Org, session: SessionSubject, method: 'totp' | 'recovery' | 'setup' = 'totp') {
  return { by: 'session', session: own(org, session), method, most: MOST_OF_SESSION, isCounted: false } as const;
}

async function mailKinds(storage: Storage, { orgId }: Pick<Org, 'orgId'>): Promise<readonly string[]> {
  return (await storage.listMails(orgId, { after: null, limit: 100 })).map(({ kind }) => kind);
}

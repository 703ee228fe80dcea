import { describe, expect, test } from 'vitest';
import { KEEP_LEFT_ADDRESSES_MS } from '../../../src/domain/accounts/left-address.ts';
import type { EmailChangeRequest, ProvenSession } from '../../../src/domain/accounts/storage.ts';
import { systemOrigin } from '../../../src/domain/audit/audit-event.ts';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { MailKind } from '../../../src/domain/mail/mail.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';
import {
  addedUser,
  addOrganization,
  addSession,
  addUser,
  DAY,
  EPOCH,
  importedUser,
  KID,
  liveSessions,
  loginAttempt,
  NOW,
  newMail,
  newUser,
  type Org,
  populate,
  signingKey,
  tally,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const NEW_EMAIL = 'new@example.org';
const INVALID = { outcome: 'token_invalid' };
const DAYS_7 = 7 * DAY;

/** What makes every token of a user void. */
const VOIDING: readonly {
  readonly name: string;
  voiding(storage: Storage, org: Org, user: NewUser): Promise<unknown>;
}[] = [
  { name: 'is disabled', voiding: (storage, { orgId }, { userId }) => storage.disableUser(orgId, userId, NOW) },
  { name: 'is gone', voiding: (storage, { orgId }, { userId }) => storage.deleteUser(orgId, userId, NOW) },
  { name: 'is of a closed organization', voiding: (storage, { orgId }) => storage.closeOrganization(orgId, NOW) },
  { name: 'is of a store of another epoch', voiding: (storage) => storage.renewEpoch('another epoch') },
];

/** What gives up every way back. */
const LETTING_GO: readonly {
  readonly name: string;
  letGo(storage: Storage, org: Org, user: NewUser): Promise<unknown>;
}[] = [
  { name: 'is gone', letGo: (storage, { orgId }, { userId }) => storage.deleteUser(orgId, userId, NOW) },
  {
    name: 'is moved by a manager',
    letGo: (storage, { orgId }, { userId }) =>
      storage.manageUser(
        { orgId, userId, manager: null, at: NOW },
        { kind: 'update', update: { email: 'moved@x.org' } },
      ),
  },
];

export function mailTokenContract(harness: StorageHarness): void {
  async function scene() {
    const storage = await freshStorage(harness);
    const { org, user } = await populate(storage);
    return { storage, org, user, ...asked(org, user) };
  }

  describe('tokens of mails', () => {
    test('an address is proven once, and proving it again is a success that changes nothing', async () => {
      const { storage, org, user, proof } = await scene();
      expect(await storage.verifyEmail(proof)).toBe('verified');
      expect(await storage.verifyEmail({ ...proof, at: NOW + 1 })).toBe('verified');
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        emailVerifiedAt: NOW,
        credentialVersion: 1,
        addressVersion: 0,
      });
      expect(await storage.verifyEmail({ ...proof, email: NEW_EMAIL })).toBe('token_invalid');
    });

    test('a reset sets the password, ends the sessions, proves the address, forgets failures, and is the only one', async () => {
      const { storage, org, user, reset } = await scene();
      const sessions = [await addSession(storage, org, user), await addSession(storage, org, user)];
      await failedLogin(storage, org, user);
      expect(await storage.resetPassword(reset)).toEqual({ outcome: 'reset', endedSessions: sessions.length });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        passwordHash: '$2b$reset',
        credentialVersion: 2,
        emailVerifiedAt: NOW,
      });
      expect(await liveSessions(storage, org.orgId)).toEqual([]);
      expect((await storage.listLoginTries(org.orgId, user.email)).map(({ failures }) => failures)).toEqual([]);
      expect(await storage.resetPassword({ ...reset, passwordHash: '$2b$again' })).toEqual(INVALID);
      expect(await mailsIn(storage, org)).toEqual(['password_was_reset']);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ passwordHash: '$2b$reset' });
    });

    test('the reset that first proves an address voids warnings of before, and no other does', async () => {
      const { storage, org, user, reset } = await scene();
      await storage.resetPassword(reset);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ addressVersion: 1 });
      await storage.resetPassword({ ...reset, credentialVersion: 2, at: NOW + 1 });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        addressVersion: 1,
        credentialVersion: 3,
        emailVerifiedAt: NOW,
      });
    });

    test('64 resets with one token through two handles: one is a success (M1)', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      const { reset } = asked(org, user);
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, async (_, i) => (await handles[i % 2 === 0 ? 0 : 1].resetPassword(reset)).outcome),
      );
      expect(tally(outcomes)).toEqual({ reset: 1, token_invalid: 63 });
    });

    test.each(['the same password', 'a password', 'a disabled user who is enabled again', 'an address away and back'])(
      'a reset and a change of before %s are void (M1)',
      async (what) => {
        const { storage, org, user, reset, change, proof } = await scene();
        const { orgId } = org;
        const { userId } = user;
        if (what === 'an address away and back') {
          await storage.changeEmail(change);
          await storage.changeEmail({ ...change, email: NEW_EMAIL, newEmail: user.email, credentialVersion: 2 });
        } else if (what === 'a disabled user who is enabled again') {
          await storage.disableUser(orgId, userId, NOW);
          await storage.disableUser(orgId, userId, NOW);
          await storage.enableUser(orgId, userId);
          expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ credentialVersion: 2 });
        } else {
          const hash = what === 'a password' ? '$2b$another' : user.passwordHash;
          await storage.setUserPassword(orgId, userId, hash, NOW);
        }
        expect(await storage.resetPassword(reset)).toEqual(INVALID);
        expect(await storage.changeEmail(change)).toEqual(INVALID);
        expect(await storage.verifyEmail(proof)).toBe('verified');
      },
    );

    test.each(VOIDING)('no token of a user who $name does anything', async ({ voiding }) => {
      const { storage, org, user, proof, reset, change, takeBack } = await scene();
      await voiding(storage, org, user);
      const before = await storage.findUserCredentials(org.orgId, user.userId);
      expect(await storage.verifyEmail(proof)).toBe('token_invalid');
      // Whatever version they are bound to.
      for (const credentialVersion of [1, 2]) {
        expect(await storage.resetPassword({ ...reset, credentialVersion })).toEqual(INVALID);
        expect(await storage.changeEmail({ ...change, credentialVersion })).toEqual(INVALID);
      }
      expect(await storage.takeEmailBack(takeBack)).toEqual(INVALID);
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toEqual(before);
    });

    test.each(VOIDING)(
      'a reset that races with what makes that its user $name is done before it, or not at all (S4)',
      async ({ voiding }) => {
        for (let round = 0; round < 10; round += 1) {
          const store = await freshStore(harness);
          const handles = [await store.open(), await store.open()] as const;
          const { org, user } = await populate(handles[0]);
          const { reset } = asked(org, user);
          const [{ outcome }] = await Promise.all([handles[0].resetPassword(reset), voiding(handles[1], org, user)]);
          const kept = await handles[0].findUserCredentials(org.orgId, user.userId);
          if (kept !== null) {
            expect(kept.passwordHash).toBe(outcome === 'reset' ? reset.passwordHash : user.passwordHash);
          }
          expect(
            (await handles[0].resetPassword({ ...reset, credentialVersion: kept?.credentialVersion ?? 1 })).outcome,
          ).toBe('token_invalid');
        }
      },
    );

    test('a change moves the user to a proven address, ends the sessions, and leaves the old one, which nobody proved, to others', async () => {
      const { storage, org, user, change } = await scene();
      const { orgId } = org;
      await addSession(storage, org, user);
      await failedLogin(storage, org, user);
      await failedLogin(storage, org, { email: NEW_EMAIL });
      expect(await storage.changeEmail(change)).toEqual({ outcome: 'changed', endedSessions: 1 });
      expect(await storage.findUserByEmail(orgId, NEW_EMAIL)).toMatchObject({
        userId: user.userId,
        emailVerifiedAt: NOW,
      });
      expect(await storage.findUserCredentials(orgId, user.userId)).toMatchObject({
        email: NEW_EMAIL,
        credentialVersion: 2,
        addressVersion: 1,
      });
      expect(await liveSessions(storage, orgId)).toEqual([]);
      expect(await storage.listLoginTries(orgId, user.email)).toEqual([]);
      expect(await storage.listLoginTries(orgId, NEW_EMAIL)).toEqual([]);
      expect(await storage.changeEmail(change)).toEqual(INVALID);
      await addUser(storage, org, { email: user.email });
    });

    test('a change to an address that was taken meanwhile changes nothing; in another organization it is free', async () => {
      const { storage, org, user, change } = await scene();
      await addUser(storage, await addOrganization(storage), { email: NEW_EMAIL });
      const session = await addSession(storage, org, user);
      const owner = await addUser(storage, org, { email: NEW_EMAIL });
      expect(await storage.changeEmail(change)).toEqual({ outcome: 'user_exists' });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({
        email: user.email,
        credentialVersion: 1,
        emailVerifiedAt: null,
      });
      expect(await liveSessions(storage, org.orgId)).toEqual([session.sessionId]);
      await storage.deleteUser(org.orgId, owner.userId, NOW);
      expect(await storage.changeEmail(change)).toMatchObject({ outcome: 'changed' });
    });

    test('of many who take one address at once, by a change or a sign-up, one has it', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      for (let round = 0; round < 5; round += 1) {
        const newEmail = `wanted-${round}@example.org`;
        const users = await Promise.all(Array.from({ length: 8 }, () => addUser(handles[0], org)));
        const outcomes = await Promise.all(
          users.flatMap((user, i) => [
            handles[i % 2 === 0 ? 0 : 1]
              .changeEmail({ ...asked(org, user).change, newEmail })
              .then(({ outcome }) => outcome),
            handles[i % 2 === 0 ? 1 : 0].createUser(newUser(org, { email: newEmail })),
          ]),
        );
        const won = outcomes.filter((outcome) => outcome === 'changed' || outcome === 'created');
        expect({ won: won.length, lost: tally(outcomes).user_exists }).toEqual({ won: 1, lost: 15 });
      }
    });

    test('a warning takes the address back, also after other passwords, and is good once', async () => {
      const { storage, org, user, change, takeBack } = await scene();
      const { orgId } = org;
      await storage.changeEmail(change);
      await storage.setUserPassword(orgId, user.userId, '$2b$intruder', NOW);
      await addSession(storage, org, user, { credentialVersion: 3 });
      expect(await storage.takeEmailBack(takeBack)).toEqual({ outcome: 'changed', endedSessions: 1 });
      expect(await storage.findUserCredentials(orgId, user.userId)).toMatchObject({
        email: user.email,
        emailVerifiedAt: NOW,
        credentialVersion: 4,
        addressVersion: 2,
        passwordHash: null,
      });
      expect(await liveSessions(storage, orgId)).toEqual([]);
      expect(await storage.takeEmailBack(takeBack)).toEqual(INVALID);
      expect(await mailsIn(storage, org)).toEqual(['reset_password']);
    });

    test('a warning voids a change that was not made yet', async () => {
      const { storage, org, user, change, takeBack } = await scene();
      expect(await storage.takeEmailBack(takeBack)).toEqual({ outcome: 'changed', endedSessions: 0 });
      expect(await storage.changeEmail(change)).toEqual(INVALID);
      expect(await storage.findUserByEmail(org.orgId, user.email)).toMatchObject({ userId: user.userId });
    });

    test('a warning about an address that nobody proved and somebody has now changes nothing', async () => {
      const { storage, org, user, change, takeBack } = await scene();
      await storage.changeEmail(change);
      await addUser(storage, org, { email: user.email });
      expect(await storage.takeEmailBack(takeBack)).toEqual({ outcome: 'user_exists' });
      expect(await storage.findUserCredentials(org.orgId, user.userId)).toMatchObject({ addressVersion: 1 });
      expect(await mailsIn(storage, org)).toEqual([]);
    });

    test('of several changes each has its way back; one that is taken voids those of later addresses alone', async () => {
      const { storage, org, user, change, takeBack } = await scene();
      const [first, second, third] = [user.email, NEW_EMAIL, 'third@example.org'];
      const back = (email: string, addressVersion: number) =>
        storage.takeEmailBack({ ...takeBack, email, addressVersion });
      await storage.changeEmail(change);
      await storage.changeEmail({ ...change, email: second, newEmail: third, credentialVersion: 2 });
      expect(await storage.findLeftAddress(org.orgId, user.userId, 0)).toEqual({ email: first, leftAt: NOW });
      expect(await storage.findLeftAddress(org.orgId, user.userId, 2)).toBe(null);
      // Who has the mailbox in between cannot cut off who has the first.
      expect(await back(second, 1)).toMatchObject({ outcome: 'changed' });
      expect(await back(second, 1)).toEqual(INVALID);
      expect(await back(third, 2)).toEqual(INVALID);
      expect(await back(second, 0)).toEqual(INVALID);
      expect(await back(first, 0)).toMatchObject({ outcome: 'changed' });
      expect(await back(second, 3)).toEqual(INVALID);
      expect(await back(first, 0)).toEqual(INVALID);
      expect(await storage.findUserByEmail(org.orgId, first)).toMatchObject({ userId: user.userId });
    });

    test('of two ways back at once each is taken, and the user ends at the earlier address or the later is refused', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      for (let round = 0; round < 10; round += 1) {
        const { org, user } = await populate(handles[0]);
        const { change, takeBack } = asked(org, user);
        await handles[0].changeEmail(change);
        await handles[0].changeEmail({ ...change, email: NEW_EMAIL, newEmail: 'third@x.org', credentialVersion: 2 });
        const [early, late] = await Promise.all([
          handles[0].takeEmailBack(takeBack),
          handles[1].takeEmailBack({ ...takeBack, email: NEW_EMAIL, addressVersion: 1 }),
        ]);
        expect(early).toMatchObject({ outcome: 'changed' });
        expect(['changed', 'token_invalid']).toContain(late.outcome);
        expect(await handles[1].findUserByEmail(org.orgId, user.email)).toMatchObject({ userId: user.userId });
      }
    });

    test('a proven address that was left is nobody else’s for as long as a warning can be good', async () => {
      const { storage, org, user, proof, change, takeBack } = await scene();
      const { orgId } = org;
      await storage.verifyEmail(proof);
      await storage.changeEmail(change);
      const other = await addUser(storage, org);
      const untilThen = NOW + KEEP_LEFT_ADDRESSES_MS - 1;
      const taking = (at: number) => {
        const managed = { orgId, userId: other.userId, manager: null, at };
        const imported = { ...importedUser(), email: user.email };
        return {
          signUp: () => storage.createUser(newUser(org, { email: user.email, createdAt: at })),
          createUser: () => storage.addUser(addedUser(orgId, { email: user.email, createdAt: at }), null),
          changeEmail: async () =>
            (await storage.changeEmail({ ...asked(org, other).change, newEmail: user.email, at })).outcome,
          updateUser: async () =>
            (await storage.manageUser(managed, { kind: 'update', update: { email: user.email } })).outcome,
          import: async () => {
            const origin = { ...systemOrigin(at) };
            const result = await storage.causedBy(() => origin).importUsers(orgId, [imported]);
            return 'added' in result && result.added[0] === false ? 'user_exists' : 'imported';
          },
        };
      };
      for (const take of Object.values(taking(untilThen))) {
        expect(await take()).toBe('user_exists');
      }
      expect(await storage.findUserByEmail(orgId, user.email)).toBe(null);
      const isKept = async (of: string, at: number) => storage.isAddressKept(of, user.email, at);
      expect([await isKept(orgId, untilThen), await isKept(orgId, untilThen + 1)]).toEqual([true, false]);
      expect(await isKept('none', NOW)).toBe(false);
      expect(await storage.findUserCredentials(orgId, other.userId)).toMatchObject({
        email: other.email,
        addressVersion: 0,
        credentialVersion: 1,
      });
      // In another organization it is anybody's, and the user may go back by a change of their own.
      await addUser(storage, await addOrganization(storage), { email: user.email });
      const there = { ...change, email: NEW_EMAIL, newEmail: user.email, credentialVersion: 2 };
      expect(await storage.changeEmail(there)).toMatchObject({ outcome: 'changed' });
      expect(await storage.changeEmail({ ...change, credentialVersion: 3 })).toMatchObject({ outcome: 'changed' });
      expect(await storage.takeEmailBack({ ...takeBack, at: NOW + KEEP_LEFT_ADDRESSES_MS })).toEqual(INVALID);
      expect(await taking(NOW + KEEP_LEFT_ADDRESSES_MS).signUp()).toBe('created');
    });

    test.each(LETTING_GO)('what was left is free once the user $name', async ({ letGo }) => {
      const { storage, org, user, proof, change, takeBack } = await scene();
      await storage.verifyEmail(proof);
      await storage.changeEmail(change);
      await letGo(storage, org, user);
      expect(await storage.findLeftAddress(org.orgId, user.userId, 0)).toBe(null);
      expect(await storage.takeEmailBack(takeBack)).toEqual(INVALID);
      await addUser(storage, org, { email: user.email });
    });

    test('a reset at the present address gives up nothing, also where it is the first to prove that', async () => {
      const { storage, org, user, reset, change, takeBack } = await scene();
      await storage.changeEmail(change);
      const managed = { orgId: org.orgId, userId: user.userId, manager: null, at: NOW };
      await storage.manageUser(managed, { kind: 'update', update: { emailVerified: false } });
      expect(await storage.resetPassword({ ...reset, email: NEW_EMAIL, credentialVersion: 2 })).toMatchObject({
        outcome: 'reset',
      });
      expect(await storage.takeEmailBack(takeBack)).toMatchObject({ outcome: 'changed' });
    });

    test('what a clock dated that was far ahead is kept no longer than anything else', async () => {
      const { storage, org, user, proof, change, takeBack } = await scene();
      await storage.verifyEmail(proof);
      await storage.changeEmail({ ...change, at: NOW + 365 * DAY });
      expect(await storage.takeEmailBack(takeBack)).toEqual(INVALID);
      await addUser(storage, org, { email: user.email });
    });

    test('a refused move leaves the user as they were, and a way back never leads to what is kept for another', async () => {
      const { storage, org, user, proof, change, takeBack } = await scene();
      const { orgId } = org;
      const other = await addUser(storage, org);
      await storage.changeEmail(change);
      // Nobody had proven it, so another may come there, prove it, and be moved on.
      const owner = await addUser(storage, org, { email: user.email });
      const ofOwner = asked(org, owner);
      await storage.verifyEmail({ ...proof, userId: owner.userId });
      await storage.changeEmail({ ...ofOwner.change, email: user.email, newEmail: 'third@example.org' });
      const before = await storage.findUserCredentials(orgId, other.userId);
      expect(await storage.changeEmail({ ...asked(org, other).change, newEmail: user.email })).toEqual({
        outcome: 'user_exists',
      });
      expect(await storage.findUserCredentials(orgId, other.userId)).toEqual(before);
      expect(await storage.takeEmailBack(takeBack)).toEqual({ outcome: 'user_exists' });
    });

    test('a sweep removes what was left longer ago than any warning is good', async () => {
      const { storage, org, user, change } = await scene();
      await storage.changeEmail(change);
      await storage.sweep(NOW + KEEP_LEFT_ADDRESSES_MS, 100);
      expect(await storage.findLeftAddress(org.orgId, user.userId, 0)).not.toBe(null);
      await storage.sweep(NOW + KEEP_LEFT_ADDRESSES_MS + 1, 100);
      expect(await storage.findLeftAddress(org.orgId, user.userId, 0)).toBe(null);
    });

    test('of a change away from a proven address and all who take it at once, nobody has it', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      for (let round = 0; round < 20; round += 1) {
        const { org, user } = await populate(handles[0]);
        const { proof, change } = asked(org, user);
        await handles[0].verifyEmail(proof);
        const [mover, managed] = [await addUser(handles[0], org), await addUser(handles[0], org)];
        const imported = { ...importedUser(), email: user.email };
        const [changed, moved, updated, added, ...others] = await Promise.all([
          handles[0].changeEmail(change),
          handles[1].changeEmail({ ...asked(org, mover).change, newEmail: user.email }),
          handles[1].manageUser(
            { orgId: org.orgId, userId: managed.userId, manager: null, at: NOW },
            { kind: 'update', update: { email: user.email } },
          ),
          handles[1].causedBy(() => systemOrigin(NOW)).importUsers(org.orgId, [imported]),
          ...Array.from({ length: 4 }, () => handles[1].createUser(newUser(org, { email: user.email }))),
        ]);
        expect(changed).toMatchObject({ outcome: 'changed' });
        expect([moved, updated]).toEqual([{ outcome: 'user_exists' }, { outcome: 'user_exists' }]);
        expect(added).toEqual({ outcome: 'imported', added: [false] });
        expect(tally(others)).toEqual({ user_exists: 4 });
      }
    });
  });

  describe('a session with a fresh proof', () => {
    const steps = {
      requestEmailChange: (storage: Storage, request: EmailChangeRequest) => storage.requestEmailChange(request),
      deleteAccount: (storage: Storage, request: EmailChangeRequest) => storage.deleteAccount(request),
    };

    test('removes its user and the mails to them, ends the sessions, and frees the e-mail for somebody new', async () => {
      const { storage, org, user } = await scene();
      const proven = await provenSession(storage, org, user);
      await addSession(storage, org, user);
      await failedLogin(storage, org, user);
      await storage.requestEmailChange({ ...proven, ...mailsOf(user) });
      expect(await storage.deleteAccount(proven)).toEqual({ outcome: 'deleted', endedSessions: 2 });
      expect(await storage.findUser(org.orgId, user.userId)).toBeNull();
      expect(await storage.listLoginTries(org.orgId, user.email)).toEqual([]);
      expect(await mailsIn(storage, org)).toEqual([]);
      expect(await storage.deleteAccount(proven)).toEqual({ outcome: 'session_ended' });
      await addUser(storage, org, { email: user.email });
    });

    test('asks for a change without changing anything but what is forgotten of wrong passwords', async () => {
      const { storage, org, user } = await scene();
      const proven = await provenSession(storage, org, user);
      const { orgId, userId } = user;
      const attempt = { orgId, userId, sessionId: proven.sessionId, most: 10, at: NOW };
      const before = await storage.findUserCredentials(orgId, userId);
      await storage.countCurrentPassword(attempt);
      const request = { ...proven, ...mailsOf(user) };
      expect(await storage.requestEmailChange({ ...request, isProven: false })).toEqual({ outcome: 'requested' });
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 2 });
      expect(await storage.requestEmailChange(request)).toEqual({ outcome: 'requested' });
      expect(await storage.countCurrentPassword(attempt)).toEqual({ outcome: 'counted', tries: 1 });
      expect(await storage.findUserCredentials(orgId, userId)).toEqual(before);
      expect(await mailsIn(storage, org)).toEqual(['change_email', 'email_change_warning']);
    });

    test('has nothing mailed to a new address where the present one could not be warned', async () => {
      const { storage, org, user } = await scene();
      const request = { ...(await provenSession(storage, org, user)), ...mailsOf(user) };
      const { budget } = request.warning;
      const again = mailsOf(user);
      const unwarned = { ...request, mail: again.mail, warning: { ...again.warning, budget } };
      expect(await storage.requestEmailChange(request)).toEqual({ outcome: 'requested' });
      expect(await storage.requestEmailChange(unwarned)).toEqual({ outcome: 'requested' });
      const { mailId } = request.mail;
      expect((await storage.listMails(org.orgId, FIRST_MAILS)).map((mail) => mail.mailId)).toContain(mailId);
      expect(await mailsIn(storage, org)).toEqual(['change_email', 'email_change_warning']);
    });

    test.each(Object.entries(steps))('%s is refused once it opens nothing any more (S4)', async (_, step) => {
      const { storage, org, user } = await scene();
      const request = { ...(await provenSession(storage, org, user)), ...mailsOf(user) };
      const refused = async (changes: Partial<ProvenSession>) =>
        (await step(storage, { ...request, ...changes })).outcome;
      expect(await refused({ tenant: { orgId: org.orgId, keyId: 'none' } })).toBe('api_key_invalid');
      expect(await refused({ tenant: { orgId: 'none', keyId: null } })).toBe('organization_not_found');
      expect(await refused({ sessionId: 'none' })).toBe('session_ended');
      expect(await refused({ at: NOW + DAYS_7 })).toBe('session_ended');
      expect(await refused({ userId: (await addUser(storage, org)).userId })).toBe('session_ended');
      expect(await refused({ credentialVersion: 0 })).toBe('credentials_changed');
      await storage.disableUser(org.orgId, user.userId, NOW);
      expect(await refused({})).toBe('session_ended');
      await storage.addSigningKey(signingKey(), NOW);
      expect(await refused({})).toBe('signing_key_retired');
      await storage.closeOrganization(org.orgId, NOW);
      expect(await refused({})).toBe('api_key_invalid');
      expect(await storage.findUser(org.orgId, user.userId)).not.toBeNull();
    });

    test('of many who delete one account at once, one does', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      const proven = await provenSession(handles[0], org, user);
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, async (_, i) => (await handles[i % 2 === 0 ? 0 : 1].deleteAccount(proven)).outcome),
      );
      expect(tally(outcomes)).toEqual({ deleted: 1, session_ended: 15 });
    });
  });

  describe('a password that a session set without the one before', () => {
    test('is marked so until it is set otherwise; a change that proves it, and a better hash, leave it marked for 7 days', async () => {
      const { storage, org, user, reset } = await scene();
      const { orgId, userId } = user;
      const session = await addSession(storage, org, user);
      let credentialVersion = 0;
      const change = async (isProven: boolean, at: number) => {
        credentialVersion += 1;
        const { sessionId } = session;
        const asked = {
          tenant: org,
          userId,
          sessionId,
          kid: KID,
          credentialVersion,
          passwordHash: '$2b$x',
          isProven,
          at,
        };
        expect(await storage.changePassword(asked)).toMatchObject({ outcome: 'changed' });
        return (await storage.findUserCredentials(orgId, userId))?.passwordUnprovenSince;
      };
      expect(await change(true, NOW)).toBeNull();
      expect(await change(false, NOW + 1)).toBe(NOW + 1);
      expect(await change(true, NOW + 2)).toBe(NOW + 1);
      const rehash = { from: '$2b$x', to: '$argon2id$x' };
      await addSession(storage, org, user, { credentialVersion: 4, rehash });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        passwordHash: '$argon2id$x',
        passwordUnprovenSince: NOW + 1,
      });
      expect(await change(false, NOW + 3)).toBe(NOW + 3);
      await storage.setUserPassword(orgId, userId, '$2b$set', NOW + 4);
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ passwordUnprovenSince: null });

      const again = await addSession(storage, org, user, { credentialVersion: 6, expiresAt: NOW + 30 * DAY });
      const { sessionId } = again;
      const unproven = { tenant: org, userId, sessionId, kid: KID, passwordHash: '$2b$y', isProven: false, at: NOW };
      await storage.changePassword({ ...unproven, credentialVersion: 6 });
      await storage.changePassword({ ...unproven, credentialVersion: 7, isProven: true, at: NOW + DAYS_7 });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ passwordUnprovenSince: null });
      await storage.changePassword({ ...unproven, credentialVersion: 8 });
      expect(await storage.resetPassword({ ...reset, credentialVersion: 9 })).toMatchObject({ outcome: 'reset' });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ passwordUnprovenSince: null });
    });
  });
}

const FIRST_MAILS = { after: null, limit: 10 };

async function mailsIn(storage: Storage, { orgId }: Org): Promise<readonly MailKind[]> {
  return (await storage.listMails(orgId, FIRST_MAILS)).map(({ kind }) => kind).toSorted();
}

/** What tokens of a user ask for who was just made. */
function asked({ orgId }: Org, { userId, email }: NewUser) {
  const proof = { orgId, userId, email, epoch: EPOCH, at: NOW };
  const mailTo = (kind: MailKind) => newMail({ orgId, userId }, { kind });
  return {
    proof,
    reset: { ...proof, credentialVersion: 1, passwordHash: '$2b$reset', notice: mailTo('password_was_reset') },
    change: { ...proof, credentialVersion: 1, newEmail: NEW_EMAIL },
    takeBack: { ...proof, addressVersion: 0, mail: mailTo('reset_password') },
  };
}

function mailsOf({ orgId, userId }: NewUser) {
  const mailTo = (kind: MailKind) => newMail({ orgId, userId }, { kind });
  return { mail: mailTo('change_email'), warning: mailTo('email_change_warning') };
}

async function provenSession(storage: Storage, org: Org, user: NewUser): Promise<ProvenSession> {
  const { sessionId, userId } = await addSession(storage, org, user);
  const { orgId, keyId } = org;
  const own = { tenant: { orgId, keyId }, userId, email: user.email, sessionId, kid: KID };
  return { ...own, credentialVersion: 1, isProven: true, code: null, at: NOW + 1 };
}

/** A login that has failed; nobody is locked out by it. */
async function failedLogin(storage: Storage, org: Org, user: { readonly email: string; readonly userId?: string }) {
  await storage.beginLogin(loginAttempt(org, user));
  const { email, userId = null } = user;
  const { orgId } = org;
  const { lock } = UNCOUNTED;
  const countedAs = 'private_key' as const;
  const endId = `${email} ${NOW}`;
  await storage.endTry({ orgId, email, countedAs, userId, lock, endId, end: 'failed', sessionId: null, at: NOW });
}

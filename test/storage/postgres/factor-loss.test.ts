import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { urlOf } from '../../support/postgres/logins.ts';
import {
  answer,
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
  tryOf,
} from '../contract/factor-scene.ts';
import {
  addOrganization,
  addSession,
  addUser,
  EPOCH,
  HOUR,
  liveSessions,
  NOW,
  newMail,
  newSession,
  populate,
} from '../fixtures.ts';
import { databaseAt } from './lab.ts';
import { beats, failOver, fallBehind, nodeAt, pair, SCHEMA } from './pair.ts';

async function prepare(storage: Storage) {
  const { org, user: ada } = await populate(storage);
  const { orgId } = org;
  const strict = await addOrganization(storage, { settings: '{"second_factor":"required"}' });
  const withFactor = async () => {
    const user = await addUser(storage, org);
    const { recoveryDigests } = await enrol(storage, org, user);
    return { user, recoveryDigests, session: await addSession(storage, org, user, { credentialVersion: 2 }) };
  };
  const given = { kind: 'set_password', passwordHash: '$2b$given', mustChange: true } as const;
  const joe = await addUser(storage, org);
  await storage.manageUser({ orgId, userId: joe.userId, manager: null, at: NOW }, given);
  return {
    ...{ org, strict, ada, joe, bob: await addUser(storage, org), hal: await addUser(storage, strict) },
    ...{ gil: await withFactor(), ivy: await withFactor(), kim: await withFactor(), lee: await withFactor() },
    ...{ max: await withFactor(), ned: await withFactor() },
  };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Each by a session, a challenge or a secret that is lost with it, where it needs one. */
async function writeWhatIsLost(storage: Storage, prepared: Prepared) {
  const { org, strict, ada, joe, bob, hal, gil, ivy, kim, lee, max, ned } = prepared;
  const { orgId } = org;
  const fresh = async (user: NewUser, credentialVersion: number) =>
    addSession(storage, org, user, { credentialVersion });
  // Sets a factor up, by a session and by a challenge.
  const bySession = await fresh(bob, 1);
  const sealed = [randomBytes(60), randomBytes(60)] as const;
  const pending = (sealedSecret: Uint8Array) => ({ sealedSecret, until: NOW + HOUR });
  await storage.putPendingSecret({ by: 'session', session: proven(org, bySession) }, pending(sealed[0]));
  const confirmed = { outcome: 'confirmed' };
  const confirming = { by: 'session', session: own(org, bySession) } as const;
  expect(await storage.confirmSecret(confirming, confirmation(bob, sealed[0]))).toMatchObject(confirmed);
  const by = {
    by: 'challenge',
    claim: claimOf(strict, await challenged(storage, strict, login(strict, hal, 1))),
  } as const;
  await storage.putPendingSecret(by, pending(sealed[1]));
  const opened = newSession(strict, hal, { credentialVersion: 2 });
  const ofHal = confirmation(hal, sealed[1], { newSession: opened });
  expect(await storage.confirmSecret(by, ofHal)).toMatchObject(confirmed);

  const asked = async (user: NewUser) =>
    proven(org, await fresh(user, 2), { credentialVersion: 2, code: totp(FIRST_STEP + 1) });
  expect(await storage.removeSecondFactor(await asked(gil.user), null)).toEqual({ outcome: 'done' });
  const codes = digests();
  expect(await storage.replaceRecoveryCodes(await asked(ivy.user), codes, null)).toEqual({ outcome: 'done' });

  // A new password, by a session that is lost with it.
  const { tenant, ...given } = await asked(ned.user);
  expect(
    await storage.changePassword({ ...given, tenant, passwordHash: '$2b$new', unprovenSince: null, notice: null }),
  ).toMatchObject({ outcome: 'changed' });

  const { userId, email } = kim.user;
  const report = { orgId, userId, email, epoch: EPOCH, at: NOW + 1, mail: newMail(kim.user) };
  expect(await storage.reportNotMe(report)).toBe('reported');
  // One that was refused stays refused.
  expect(await storage.reportNotMe({ ...report, userId: ada.userId })).toBe('token_invalid');

  const demanded = claimOf(org, await challenged(storage, org, login(org, joe, 2)));
  const change = { claim: demanded, userId: joe.userId, credentialVersion: 2, passwordHash: '$2b$own', notice: null };
  expect(await storage.changePasswordByChallenge(change)).toMatchObject({ outcome: 'changed' });

  const spend = async (used: Parameters<typeof answer>[2]) => {
    const claim = claimOf(org, await challenged(storage, org, login(org, lee.user, 2)));
    const answered = answer(claim, lee.user, used, { credentialVersion: 2 });
    expect(await storage.completeChallenge(answered)).toMatchObject({ outcome: 'created' });
  };
  await spend(totp(FIRST_STEP + 7));
  await spend({ kind: 'recovery', digest: lee.recoveryDigests[0] ?? randomBytes(32) });

  const attempt = { by: 'session', session: own(org, max.session), method: 'totp', isCounted: false } as const;
  for (let tried = 0; tried < MOST_OF_SESSION; tried += 1) {
    await storage.reserveCode({ ...attempt, most: MOST_OF_SESSION });
  }
  expect(await storage.reserveCode({ ...attempt, most: MOST_OF_SESSION })).toEqual({ outcome: 'session_ended' });
  return { sealed, codes };
}

test('what second factors ended, and what was spent of them, stays so when it is lost (R5, F2)', async () => {
  const { primary, standby } = await pair();
  const { storage, told } = await nodeAt(databaseAt(urlOf([primary.port, standby.port]), SCHEMA));
  const prepared = await prepare(storage);
  const { org, strict, joe, bob, hal, gil, ivy, kim, lee, max, ned } = prepared;
  const { orgId } = org;
  const before = await addSession(storage, org, bob);
  await fallBehind(primary, standby);
  const { sealed, codes } = await writeWhatIsLost(storage, prepared);
  await beats(primary, 1);
  await failOver(primary, standby);
  await vi.waitFor(() => expect(told).toEqual({ lost: [10], notRepeated: [] }), 60_000);
  const user = (userId: string, of = orgId) => storage.findUserCredentials(of, userId);
  await vi.waitFor(async () => {
    expect(await storage.findSession(orgId, max.session.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
  }, 60_000);
  expect(told.notRepeated).toEqual([]);

  expect(await user(bob.userId)).toMatchObject({ hasSecondFactor: true, credentialVersion: 2 });
  expect(await storage.findSecondFactor(orgId, bob.userId)).toMatchObject({
    sealedSecret: sealed[0],
    lastStep: FIRST_STEP,
  });
  expect(await storage.countRecoveryCodes(orgId, bob.userId)).toBe(10);
  expect(await storage.findSession(orgId, before.sessionId)).toMatchObject({ revokedAt: NOW + 1 });
  expect(await user(hal.userId, strict.orgId)).toMatchObject({ hasSecondFactor: true, credentialVersion: 2 });
  expect(await storage.findSecondFactor(strict.orgId, hal.userId)).toMatchObject({ sealedSecret: sealed[1] });

  expect(await user(gil.user.userId)).toMatchObject({ hasSecondFactor: false, credentialVersion: 3 });
  expect(await storage.findSecondFactor(orgId, gil.user.userId)).toBeNull();
  expect(await liveSessions(storage, orgId, gil.user.userId)).toEqual([]);
  expect(await user(kim.user.userId)).toMatchObject({ passwordHash: null, hasSecondFactor: true });
  expect(await liveSessions(storage, orgId, kim.user.userId)).toEqual([]);
  expect(await user(joe.userId)).toMatchObject({ passwordHash: '$2b$own', mustChangePassword: false });

  const { epoch = '' } = (await storage.readStoreIdentity()) ?? {};
  const complete = async (of: NewUser, version: number, used: Parameters<typeof answer>[2]) => {
    const claim = claimOf(org, await challenged(storage, org, login(org, of, version)), { epoch });
    expect(await storage.reserveCode(tryOf(claim))).toMatchObject({ outcome: 'reserved' });
    return (await storage.completeChallenge(answer(claim, of, used))).outcome;
  };
  const [oldCode = randomBytes(32)] = ivy.recoveryDigests;
  expect(await complete(ivy.user, 3, { kind: 'recovery', digest: oldCode })).toBe('code_invalid');
  expect(await complete(ivy.user, 3, { kind: 'recovery', digest: codes[0] ?? oldCode })).toBe('created');
  expect(await complete(lee.user, 2, totp(FIRST_STEP + 7))).toBe('code_invalid');
  const [spent = randomBytes(32)] = lee.recoveryDigests;
  expect(await complete(lee.user, 2, { kind: 'recovery', digest: spent })).toBe('code_invalid');
  expect(await complete(lee.user, 2, totp(FIRST_STEP + 8))).toBe('created');
  expect(await user(ned.user.userId)).toMatchObject({ passwordHash: '$2b$new', credentialVersion: 3 });
  expect(await complete(ned.user, 3, totp(FIRST_STEP + 1))).toBe('code_invalid');
  expect(await complete(ned.user, 3, totp(FIRST_STEP + 2))).toBe('created');
});

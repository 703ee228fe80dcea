import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { ProvenSession } from '../../../src/domain/accounts/storage.ts';
import type { NewSession, NewUser } from '../../../src/domain/auth/storage.ts';
import { HARD_LOCK_AT } from '../../../src/domain/auth/tries.ts';
import { CHALLENGE_MS, type ChallengeSeed, type OpenChallenge } from '../../../src/domain/second-factors/challenge.ts';
import type {
  ChallengeAnswer,
  ChallengeClaim,
  CodeAttempt,
  CodeUse,
  Confirmation,
  LoginChallenge,
  LoginCodeAttempt,
} from '../../../src/domain/second-factors/storage.ts';
import type { SessionSubject } from '../../../src/domain/sessions/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { addSession, EPOCH, KID, MINUTE, mailRequest, NOW, newMail, newSession, type Org } from '../fixtures.ts';

/** The step of time of the code that confirms a factor here. */
export const FIRST_STEP = 1_000;

/** Wrong passwords and codes that a session has here. */
export const MOST_OF_SESSION = 10;

/** A factor that was confirmed, with what there is of it. */
export interface Enrolled {
  readonly sealedSecret: Uint8Array;
  readonly recoveryDigests: readonly Uint8Array[];
  /** The user's present one. */
  readonly credentialVersion: number;
}

export function own(org: Org, session: SessionSubject) {
  const { userId, email, sessionId } = session;
  return { tenant: { orgId: org.orgId, keyId: org.keyId }, userId, email, sessionId, kid: KID, at: NOW + 1 };
}

/** A session whose user has given a fresh proof. */
export function proven(org: Org, session: SessionSubject, changes: Partial<ProvenSession> = {}): ProvenSession {
  return { ...own(org, session), credentialVersion: 1, isProven: true, code: null, ...changes };
}

/** Of a user who was never anything else. */
export function confirmation(
  { userId }: { readonly userId: string },
  sealedSecret: Uint8Array,
  changes: Partial<Confirmation> = {},
): Confirmation {
  const of = { userId, credentialVersion: 1, sealedSecret, step: FIRST_STEP, recoveryDigests: digests() };
  return { ...of, newSession: null, notice: null, ...changes };
}

/** What is equal to these bytes, in whatever kind of array: another process gives another one than this. */
export function bytesOf(bytes: Uint8Array | null): unknown {
  return expect.toSatisfy(
    (value: unknown) => value instanceof Uint8Array && Buffer.from(value).equals(bytes ?? Buffer.of()),
  );
}

export function digests(count = 10): readonly Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(32));
}

/** Sets a factor up by a session of the user, which it ends. */
export async function enrol(storage: Storage, org: Org, user: NewUser, credentialVersion = 1): Promise<Enrolled> {
  const session = await addSession(storage, org, user, { credentialVersion });
  const sealedSecret = randomBytes(60);
  const by = { by: 'session', session: proven(org, session, { credentialVersion }) } as const;
  const pending = { sealedSecret, until: NOW + 10 * MINUTE };
  expect(await storage.putPendingSecret(by, pending)).toEqual({ outcome: 'pending' });
  const confirmed = confirmation(user, sealedSecret, { credentialVersion });
  const confirming = { by: 'session', session: own(org, session) } as const;
  expect(await storage.confirmSecret(confirming, confirmed)).toEqual({ outcome: 'confirmed', creation: null });
  await storage.endSession(session, NOW + 1);
  return { sealedSecret, recoveryDigests: confirmed.recoveryDigests, credentialVersion: credentialVersion + 1 };
}

export function challengeSeed(changes: Partial<ChallengeSeed> = {}): ChallengeSeed {
  const expiresAt = NOW + CHALLENGE_MS;
  return { challengeId: randomUUID(), expiresAt, callerClass: 'private_key', countedAs: null, ...changes };
}

/** What a right password asks for. */
export function login(
  org: Org,
  user: { readonly userId: string },
  credentialVersion: number,
  changes: Partial<NewSession> = {},
): NewSession {
  return newSession(org, user, { credentialVersion, challenge: challengeSeed(), ...changes });
}

/** Logs in by the password; gives the challenge. */
export async function challenged(storage: Storage, org: Org, session: NewSession): Promise<OpenChallenge> {
  const created = await storage.createSession(session);
  if (created.outcome !== 'challenged') {
    throw new Error(`No challenge was handed out: ${created.outcome} in ${org.orgId}.`);
  }
  return created.challenge;
}

export function claimOf(
  org: Org,
  { challengeId }: Pick<OpenChallenge, 'challengeId'>,
  changes: Partial<ChallengeClaim> = {},
): ChallengeClaim {
  return { orgId: org.orgId, challengeId, epoch: EPOCH, keyId: org.keyId, at: NOW + 1, ...changes };
}

/** A try at a challenge. */
export function tryOf(
  claim: ChallengeClaim,
  method: Extract<CodeAttempt, { by: 'challenge' }>['method'] = 'totp',
): CodeAttempt {
  return { by: 'challenge', claim, method };
}

export function totp(step: number): CodeUse {
  return { kind: 'totp', step };
}

/** A right answer; where it opens a session, that has this `sessionId`. */
export function answer(
  claim: ChallengeClaim,
  user: { readonly userId: string },
  used: ChallengeAnswer['used'],
  changes: Partial<NewSession> = {},
): ChallengeAnswer {
  const tenant = { orgId: claim.orgId, keyId: claim.keyId };
  const session = newSession({ orgId: claim.orgId, keyId: claim.keyId }, user, {
    tenant,
    createdAt: claim.at,
    challenge: challengeSeed(),
    ...changes,
  });
  return { claim, used, session, notice: null };
}

/** The code of a login by mail as the challenge that was asked for has it, once its mail is made. */
export function mailedCode(
  org: Org,
  user: { readonly userId: string },
  changes: Partial<LoginChallenge> = {},
): LoginChallenge {
  return {
    ...{ orgId: org.orgId, challengeId: randomUUID(), userId: user.userId, kind: 'login_code', provedBy: '' },
    ...{ isEmailProven: false, callerClass: 'private_key', countedAs: null, tries: 0, codeDigest: randomBytes(32) },
    ...{ codeUntil: NOW + CHALLENGE_MS, credentialVersion: 1, createdAt: NOW, expiresAt: NOW + CHALLENGE_MS },
    ...changes,
  };
}

/** Answers a request for a login code. */
export async function mailCode(
  storage: Storage,
  org: Org,
  user: { readonly orgId: string; readonly userId: string },
  loginCode: LoginChallenge,
): Promise<string> {
  const request = mailRequest(org.orgId);
  await storage.requestMail(request, true);
  return storage.answerMailRequest({ ...request, mail: newMail(user, { kind: 'login_code' }), loginCode });
}

export function loginCodeTry(
  org: Org,
  { challengeId, expiresAt }: Pick<LoginChallenge, 'challengeId' | 'expiresAt'>,
  changes: Partial<LoginCodeAttempt> = {},
): LoginCodeAttempt {
  return { ...claimOf(org, { challengeId }), expiresAt, callerClass: 'private_key', most: HARD_LOCK_AT, ...changes };
}

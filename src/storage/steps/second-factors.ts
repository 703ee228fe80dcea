import type { ProvenSession } from '../../domain/accounts/storage.ts';
import type { SessionCreation, UserCredentials } from '../../domain/auth/storage.ts';
import type { NewMail } from '../../domain/mail/storage.ts';
import { settingsOf } from '../../domain/organizations/settings.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import { nextKind, takes } from '../../domain/second-factors/challenge.ts';
import type {
  Confirmation,
  ConfirmationOutcome,
  FactorOwner,
  FactorStepOutcome,
  LoginChallenge,
  PendingOutcome,
  PendingSecret,
  SealedFactor,
} from '../../domain/second-factors/storage.ts';
import type { Rows, UserKey, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { challengeOf } from './challenges.ts';
import { emptyFactor, factorOf } from './codes.ts';
import { queueMail } from './mail.ts';
import { openSession } from './open-session.ts';
import { forgetWrongPasswords, ownerOfLiveSession, ownerOfSession } from './proven-session.ts';
import { endSessions, endSessionsOfUser } from './session-endings.ts';
import { isLive } from './signing-keys.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { forgetFailures } from './tries.ts';

/*
 * Second factors: set up, tried, taken off. The user is held by each of these steps, so that of two that set one up, or take one code, the
 * first wins and the other sees it.
 */

/** The latest secret is the one to be confirmed. */
export function* putPendingSecret(
  rows: WriteRows,
  by: FactorOwner,
  { sealedSecret, until }: PendingSecret,
): Steps<PendingOutcome> {
  const owner = yield* ownerOfFactor(rows, by);
  if ('outcome' in owner) {
    return owner;
  }
  const { organization, user } = owner;
  if (user.hasSecondFactor) {
    return { outcome: 'already_enabled' };
  }
  if (settingsOf(organization).secondFactor === 'off') {
    return { outcome: 'not_enabled' };
  }
  const factor = yield* factorOf(rows, user);
  yield* ask(rows.secondFactors.put({ ...factor, pendingSecret: sealedSecret, pendingUntil: until }));
  if (by.by === 'session' && 'isProven' in by.session) {
    yield* forgetWrongPasswords(rows, by.session);
  }
  return { outcome: 'pending' };
}

/** Of several that confirm one secret the first does; of several secrets only the latest can be. */
export function* confirmSecret(
  rows: WriteRows,
  by: FactorOwner,
  confirmation: Confirmation,
): Steps<ConfirmationOutcome> {
  const owner = yield* ownerOfFactor(rows, by);
  if ('outcome' in owner) {
    return owner.outcome === 'credentials_changed' || owner.outcome === 'code_invalid'
      ? { outcome: 'not_enabled' }
      : { outcome: owner.outcome };
  }
  const { organization, user, challenge, at } = owner;
  const { sealedSecret, newSession, notice } = confirmation;
  const { orgId, userId } = user;
  if (user.hasSecondFactor) {
    return { outcome: 'already_enabled' };
  }
  const factor = yield* factorOf(rows, user);
  const isPresent = factor.pendingSecret !== null && Buffer.compare(factor.pendingSecret, sealedSecret) === 0;
  if (!isPresent || factor.pendingUntil <= at || settingsOf(organization).secondFactor === 'off') {
    return { outcome: 'not_enabled' };
  }
  if (userId !== confirmation.userId || user.credentialVersion !== confirmation.credentialVersion) {
    return { outcome: 'not_enabled' };
  }
  const [signingKey, tokenKey] = yield* askAll(
    newSession && rows.signingKeys.find(newSession.kid),
    rows.apiKeys.findTokenKey(orgId),
  );
  if (newSession !== null && !isLive(signingKey)) {
    return { outcome: 'signing_key_retired' };
  }

  const own = by.by === 'session' ? by.session.sessionId : null;
  if (own !== null) {
    yield* ask(rows.sessions.clearWrongPasswords(orgId, own));
  }
  yield* putOnFactor(rows, user, confirmation, { sessionId: own, at });
  let creation: SessionCreation | null = null;
  // Who must change the password first logs in again for that: these codes are shown this once.
  if (newSession !== null && isLive(signingKey) && nextKind(settingsOf(organization), user, true) === null) {
    if (challenge !== null && challenge.countedAs !== null) {
      yield* forgetFailures(rows, user, at, [challenge.countedAs]);
    }
    const state = { organization, user, signingKey, sessions: [], tokenKey };
    creation = { outcome: 'created', session: yield* openSession(rows, newSession, state) };
  }
  if (notice !== null) {
    yield* queueMail(rows, notice);
  }
  return { outcome: 'confirmed', creation };
}

export function* removeSecondFactor(
  rows: WriteRows,
  proven: ProvenSession,
  notice: NewMail | null,
): Steps<FactorStepOutcome> {
  const user = yield* ownerOfSession(rows, proven);
  if ('outcome' in user) {
    return user;
  }
  if (!user.hasSecondFactor) {
    return { outcome: 'not_enabled' };
  }
  yield* forgetWrongPasswords(rows, proven);
  yield* disableFactor(rows, user, proven);
  if (notice !== null) {
    yield* queueMail(rows, notice);
  }
  return { outcome: 'done' };
}

export function* replaceRecoveryCodes(
  rows: WriteRows,
  proven: ProvenSession,
  digests: readonly Uint8Array[],
  notice: NewMail | null,
): Steps<FactorStepOutcome> {
  const user = yield* ownerOfSession(rows, proven);
  if ('outcome' in user) {
    return user;
  }
  if (!user.hasSecondFactor) {
    return { outcome: 'not_enabled' };
  }
  yield* forgetWrongPasswords(rows, proven);
  yield* renewRecoveryCodes(rows, user, digests, proven.sessionId);
  if (notice !== null) {
    yield* queueMail(rows, notice);
  }
  return { outcome: 'done' };
}

/** Who asked for a change of a factor, and when; that session lives on. */
type Asking = { readonly sessionId: string | null; readonly at: number };

/** Gives a user, who is held, a factor; the challenges and the other sessions end. */
export function* putOnFactor(
  rows: WriteRows,
  { orgId, userId, emailVerifiedAt }: UserCredentials,
  { sealedSecret, step, recoveryDigests }: Pick<Confirmation, 'sealedSecret' | 'step' | 'recoveryDigests'>,
  asking: Asking,
): Steps<void> {
  // The code of a setup is none beside a password that a mailbox set.
  const { withholdsEmail } = yield* factorOf(rows, { orgId, userId });
  const state = { withholdsEmail, isBeforeProof: emailVerifiedAt === null };
  const kept = { ...emptyFactor({ orgId, userId }), ...state, sealedSecret, lastStep: step };
  yield* ask(rows.secondFactors.put(kept));
  yield* ask(rows.secondFactors.putRecoveryCodes(orgId, userId, recoveryDigests));
  yield* ask(rows.users.setHasSecondFactor({ orgId, userId }, true));
  yield* ask(rows.loginChallenges.removeOfUser(orgId, userId));
  const details = { ended_sessions: yield* endOtherSessions(rows, { orgId, userId }, asking) };
  const { sessionId: targetId } = asking;
  yield* record(rows, { type: 'user.second_factor_enabled', orgId, userId, targetId, details });
}

/** Takes the factor off a user, who is held; the challenges and the other sessions end. */
export function* disableFactor(rows: WriteRows, user: UserCredentials, asking: Asking): Steps<void> {
  const { orgId, userId } = user;
  yield* takeOffFactor(rows, user);
  const details = { ended_sessions: yield* endOtherSessions(rows, user, asking) };
  const { sessionId: targetId } = asking;
  yield* record(rows, { type: 'user.second_factor_disabled', orgId, userId, targetId, details });
}

/** Gives a user, who is held, other recovery codes. */
export function* renewRecoveryCodes(
  rows: WriteRows,
  { orgId, userId }: UserKey,
  digests: readonly Uint8Array[],
  targetId: string,
): Steps<void> {
  // Guesses at those before tell nothing of these.
  yield* ask(rows.secondFactors.put({ ...(yield* factorOf(rows, { orgId, userId })), wrongRecoveryCodes: 0 }));
  yield* ask(rows.secondFactors.putRecoveryCodes(orgId, userId, digests));
  yield* ask(rows.users.setHasSecondFactor({ orgId, userId }, true));
  yield* record(rows, { type: 'user.recovery_codes_replaced', orgId, userId, targetId });
}

function* endOtherSessions(rows: WriteRows, { orgId, userId }: UserKey, { sessionId, at }: Asking): Steps<number> {
  const sessions = yield* ask(rows.sessions.listUnrevoked(orgId, userId));
  const others = sessions.filter((session) => session.sessionId !== sessionId);
  return yield* endSessions(rows, orgId, others, at);
}

/** For an administrator, of a user who lost it: with what is to be confirmed, and what was counted. Tells how many sessions ended. */
export function* resetSecondFactor(rows: WriteRows, { orgId, userId }: UserKey, at: number): Steps<number> {
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  if (user === null) {
    return 0;
  }
  yield* takeOffFactor(rows, user);
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  const details = { ended_sessions: endedSessions, had_factor: user.hasSecondFactor };
  yield* record(rows, { type: 'user.second_factor_reset', orgId, userId, details });
  return endedSessions;
}

/** Leaves nothing of a user's factor, nor of one that is set up; but a mailbox that set the password is no second factor of the next one. */
export function* takeOffFactor(rows: Rows, { orgId, userId, hasSecondFactor }: UserCredentials): Steps<void> {
  const { withholdsEmail } = yield* factorOf(rows, { orgId, userId });
  yield* ask(rows.secondFactors.remove(orgId, userId));
  if (withholdsEmail) {
    yield* ask(rows.secondFactors.put({ ...emptyFactor({ orgId, userId }), withholdsEmail }));
  }
  yield* ask(rows.loginChallenges.removeOfUser(orgId, userId));
  if (hasSecondFactor) {
    yield* ask(rows.users.setHasSecondFactor({ orgId, userId }, false));
  }
}

/** The user is held: of two that seal anew, or of one that meets a change, the second finds another box. */
export function* resealFactor(
  rows: WriteRows,
  from: SealedFactor,
  to: Pick<SealedFactor, 'sealedSecret' | 'pendingSecret'>,
): Steps<boolean> {
  const { orgId, userId } = from;
  yield* ask(rows.users.findCredentials(orgId, userId));
  const factor = yield* ask(rows.secondFactors.find(orgId, userId));
  if (factor === null || !isSame(factor.sealedSecret, from.sealedSecret)) {
    return false;
  }
  if (!isSame(factor.pendingSecret, from.pendingSecret)) {
    return false;
  }
  yield* ask(rows.secondFactors.put({ ...factor, ...to }));
  return true;
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

interface FactorHolder {
  readonly organization: Organization;
  readonly user: UserCredentials;
  readonly challenge: LoginChallenge | null;
  readonly at: number;
}

/** Who sets a factor up: a challenge that takes `setup`, or a session, whose fresh proof is compared where it gave one. */
function* ownerOfFactor(
  rows: WriteRows,
  by: FactorOwner,
): Steps<FactorHolder | { readonly outcome: Exclude<PendingOutcome['outcome'], 'pending'> }> {
  if (by.by === 'challenge') {
    const held = yield* challengeOf(rows, by.claim);
    return held === null || !takes(held.methods, 'setup')
      ? { outcome: 'challenge_invalid' }
      : { organization: held.organization, user: held.user, challenge: held.challenge, at: by.claim.at };
  }
  const { session } = by;
  const owner = yield* ownerOfLiveSession(rows, session);
  if ('outcome' in owner) {
    return owner;
  }
  if ('credentialVersion' in session && session.credentialVersion !== owner.user.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }
  return { ...owner, challenge: null, at: session.at };
}

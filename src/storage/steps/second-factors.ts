import type { ProvenSession } from '../../domain/accounts/storage.ts';
import type { SessionCreation, UserCredentials } from '../../domain/auth/storage.ts';
import type { NewMail } from '../../domain/mail/storage.ts';
import { settingsOf } from '../../domain/organizations/settings.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import { MOST_CHALLENGE_TRIES, nextKind, takes } from '../../domain/second-factors/challenge.ts';
import type {
  ChallengeClaim,
  CodeAttempt,
  CodeReservation,
  Confirmation,
  ConfirmationOutcome,
  FactorOwner,
  FactorStepOutcome,
  LoginChallenge,
  LoginCodeAttempt,
  LoginCodeReservation,
  PendingOutcome,
  PendingSecret,
  SealedFactor,
  SecondFactor,
} from '../../domain/second-factors/storage.ts';
import type { OwnSession, OwnSessionRefusal } from '../../domain/sessions/storage.ts';
import type { Rows, UserKey, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { challengeOf, countTry } from './challenges.ts';
import { countCode, emptyFactor, factorOf } from './codes.ts';
import { isOfOtherEpoch } from './epoch.ts';
import { queueMail } from './mail.ts';
import { openSession } from './open-session.ts';
import { judgeOwnSession, ownSessionOf } from './own-session.ts';
import { forgetWrongPasswords, ownerOfSession } from './proven-session.ts';
import { endSessions, endSessionsOfUser } from './session-endings.ts';
import { isLive } from './signing-keys.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { refuseTenant, tenantOf } from './tenant.ts';
import { endSessionByFailures, forgetFailures } from './tries.ts';

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

/** Counts a try before it is compared: who asks again counts again. */
export function* reserveCode(rows: WriteRows, attempt: CodeAttempt): Steps<CodeReservation> {
  const tried =
    attempt.by === 'challenge' ? yield* triedByChallenge(rows, attempt) : yield* triedBySession(rows, attempt);
  if ('outcome' in tried) {
    return tried;
  }
  const { user, factor, challenge, at } = tried;
  switch (attempt.method) {
    case 'change_password':
      // A password, which its challenge counts alone.
      return { outcome: 'reserved', user, factor, challenge };
    case 'setup':
      if (user.hasSecondFactor) {
        return { outcome: 'already_enabled' };
      }
      if (factor.pendingSecret === null || factor.pendingUntil <= at) {
        return { outcome: 'not_enabled' };
      }
      break;
    case 'totp':
    case 'recovery':
      if (!user.hasSecondFactor) {
        return { outcome: 'not_enabled' };
      }
  }
  const counted = yield* countCode(rows, factor, attempt.method === 'recovery');
  return counted === null ? { outcome: 'locked' } : { outcome: 'reserved', user, factor: counted, challenge };
}

/** An id that no user has. */
const NOBODY = '';

interface Tried {
  readonly user: UserCredentials;
  readonly factor: SecondFactor;
  readonly challenge: LoginChallenge | null;
  readonly at: number;
}

function* triedByChallenge(
  rows: WriteRows,
  { claim, method }: Extract<CodeAttempt, { readonly by: 'challenge' }>,
): Steps<Tried | { readonly outcome: 'challenge_invalid' }> {
  const held = yield* challengeOf(rows, claim);
  const challenge = held && (yield* countTry(rows, held, method));
  if (held === null || challenge === null) {
    return { outcome: 'challenge_invalid' };
  }
  const { user, factor } = held;
  return { user, factor, challenge, at: claim.at };
}

/** As the try that went too far did, whatever is counted now; not what no such session may try. */
export function* endSessionByCodes(rows: WriteRows, session: OwnSession & { readonly at: number }): Steps<void> {
  if (!('outcome' in (yield* ownerOfLiveSession(rows, session)))) {
    const { tenant, userId, sessionId, at } = session;
    yield* endSessionByFailures(rows, { orgId: tenant.orgId, userId, sessionId, most: 0, at });
  }
}

/** A stolen session has as many tries at codes as at passwords, both together, and ends with one more. */
function* triedBySession(
  rows: WriteRows,
  { session, most, isCounted }: Extract<CodeAttempt, { readonly by: 'session' }>,
): Steps<Tried | { readonly outcome: OwnSessionRefusal }> {
  const owner = yield* ownerOfLiveSession(rows, session);
  if ('outcome' in owner) {
    return owner;
  }
  const { orgId } = session.tenant;
  const { userId, sessionId, at } = session;
  if (!isCounted && (yield* ask(rows.sessions.countWrongPassword(orgId, sessionId))) > most) {
    yield* endSessionByFailures(rows, { orgId, userId, sessionId, most, at });
    return { outcome: 'session_ended' };
  }
  return { user: owner.user, factor: yield* factorOf(rows, owner.user), challenge: null, at };
}

/**
 * The challenge of a login code that was asked for, be it for a user or for nobody: both count the same tries, and cost the same. Beyond
 * what a class of callers may have wrong there is nothing that matches, as there is of nobody.
 */
export function* reserveLoginCode(rows: WriteRows, attempt: LoginCodeAttempt): Steps<LoginCodeReservation> {
  const { orgId, challengeId, keyId, expiresAt, callerClass, most, at } = attempt;
  const tenant = { orgId, keyId };
  const seen = yield* ask(rows.loginChallenges.find(orgId, challengeId));
  const [organization, key, owner, identity] = yield* askAll(
    ...tenantOf(rows, tenant),
    // Of nobody it is asked for all the same, as what was counted is below: who is unknown costs the same turns.
    rows.users.findCredentials(orgId, seen?.userId ?? NOBODY),
    rows.identity.find(),
  );
  if (refuseTenant(tenant, organization, key) !== null || isOfOtherEpoch(identity, attempt)) {
    return { outcome: 'challenge_invalid' };
  }
  const challenge = yield* ask(rows.loginChallenges.hold(unknownChallenge(attempt, { callerClass, at, expiresAt })));
  if (challenge.kind !== 'login_code' || challenge.tries >= MOST_CHALLENGE_TRIES || challenge.expiresAt <= at) {
    return { outcome: 'challenge_invalid' };
  }
  yield* ask(rows.loginChallenges.put({ ...challenge, tries: challenge.tries + 1 }));
  const wrong = yield* ask(rows.secondFactors.findLoginCodeTries(orgId, owner?.userId ?? NOBODY, callerClass));
  // Whose it became after it was looked at had no code yet that could be tried: a user is held before a challenge, or not at all.
  if (owner === null || owner.disabledAt !== null || owner.credentialVersion !== challenge.credentialVersion) {
    return { outcome: 'reserved', codeDigest: null, user: null };
  }
  if (wrong >= most) {
    return { outcome: 'reserved', codeDigest: null, user: null };
  }
  yield* ask(rows.secondFactors.putLoginCodeTries(orgId, owner.userId, callerClass, wrong + 1));
  return { outcome: 'reserved', codeDigest: challenge.codeUntil > at ? challenge.codeDigest : null, user: owner };
}

/** That of a code which was asked for and is nobody's, or not mailed yet. */
export function unknownChallenge(
  { orgId, challengeId }: Pick<ChallengeClaim, 'orgId' | 'challengeId'>,
  { callerClass, at, expiresAt }: Pick<LoginChallenge, 'callerClass' | 'expiresAt'> & { readonly at: number },
): LoginChallenge {
  return {
    orgId,
    challengeId,
    userId: '',
    kind: 'login_code',
    provedBy: '',
    isEmailProven: false,
    callerClass,
    countedAs: null,
    tries: 0,
    codeDigest: null,
    codeUntil: 0,
    credentialVersion: 0,
    createdAt: at,
    expiresAt,
  };
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
  { orgId, userId }: UserKey,
  { sealedSecret, step, recoveryDigests }: Pick<Confirmation, 'sealedSecret' | 'step' | 'recoveryDigests'>,
  asking: Asking,
): Steps<void> {
  const kept = { ...emptyFactor({ orgId, userId }), sealedSecret, lastStep: step };
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

/** Leaves nothing of a user's factor, nor of one that is set up. */
export function* takeOffFactor(rows: Rows, { orgId, userId, hasSecondFactor }: UserCredentials): Steps<void> {
  yield* ask(rows.secondFactors.remove(orgId, userId));
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

function* ownerOfLiveSession(
  rows: Rows,
  session: OwnSession & { readonly at: number },
): Steps<
  { readonly organization: Organization; readonly user: UserCredentials } | { readonly outcome: OwnSessionRefusal }
> {
  const [organization, key, user, signingKey, found] = yield* askAll(...ownSessionOf(rows, session));
  const judged = judgeOwnSession({ organization, key, user, signingKey, session: found }, session, session.at);
  return typeof judged === 'string' ? { outcome: judged } : { organization: judged.organization, user: judged.user };
}

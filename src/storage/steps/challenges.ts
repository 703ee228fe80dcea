import type { UserCredentials } from '../../domain/auth/storage.ts';
import { MAX_CLOCK_SKEW_MS } from '../../domain/clock-skew.ts';
import { settingsOf } from '../../domain/organizations/settings.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import {
  type ChallengeMethod,
  type ChallengeSeed,
  MOST_CHALLENGE_TRIES,
  MOST_CHALLENGES,
  methodsOf,
  nextKind,
  type OpenChallenge,
  takes,
} from '../../domain/second-factors/challenge.ts';
import type {
  ChallengeAnswer,
  ChallengeClaim,
  ChallengeCompletion,
  ChallengedPasswordChange,
  ChallengedPasswordOutcome,
  EmailCode,
  EmailCodeOutcome,
  LoginChallenge,
  SecondFactor,
} from '../../domain/second-factors/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { factorOf, spendCode } from './codes.ts';
import { isOfOtherEpoch } from './epoch.ts';
import { queueMail } from './mail.ts';
import { openSession } from './open-session.ts';
import { isLive } from './signing-keys.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { refuseTenant, tenantOf } from './tenant.ts';
import { forgetFailures } from './tries.ts';
import { replacePassword } from './users.ts';

/*
 * Challenges of logins. A challenge belongs to a user, who is held before it is looked at; what its token is bound to is compared here
 * once more, so that of many answers one spends it, and none outlives a change of the credentials.
 */

interface HandingOut {
  readonly organization: Organization;
  readonly user: UserCredentials;
  readonly proof: Pick<LoginChallenge, 'provedBy' | 'isEmailProven'> & { readonly kind: OpenChallenge['kind'] };
  readonly seed: ChallengeSeed;
  readonly at: number;
}

/** Hands a challenge out to a user who is held. Beyond those that a user may have of its class of callers the oldest of them goes. */
export function* handOut(rows: WriteRows, { organization, user, proof, seed, at }: HandingOut): Steps<OpenChallenge> {
  const { orgId, userId, credentialVersion } = user;
  const { challengeId, expiresAt, callerClass, countedAs } = seed;
  const others = (yield* ask(rows.loginChallenges.listOfUser(orgId, userId))).filter(
    ({ kind }) => kind !== 'login_code',
  );
  // Those that a clock dated too late would push out all that come till then.
  const live = others.filter(
    (other) =>
      other.expiresAt > at &&
      other.createdAt <= at + MAX_CLOCK_SKEW_MS &&
      other.credentialVersion === credentialVersion,
  );
  // A lower class pushes out none of a higher one: who knows a password would keep its user from the second step.
  const ofClass = live.filter((other) => other.callerClass === callerClass);
  const pushedOut = new Set(ofClass.slice(0, Math.max(0, ofClass.length - MOST_CHALLENGES + 1)));
  const kept = new Set(live.filter((other) => !pushedOut.has(other)));
  for (const other of others) {
    if (!kept.has(other)) {
      yield* ask(rows.loginChallenges.remove(orgId, other.challengeId));
    }
  }
  const code = { tries: 0, codeDigest: null, codeUntil: 0 };
  const challenge = { orgId, userId, challengeId, ...proof, callerClass, countedAs, ...code };
  yield* ask(rows.loginChallenges.put({ ...challenge, credentialVersion, createdAt: at, expiresAt }));
  yield* record(rows, {
    type: 'login.challenged',
    orgId,
    userId,
    targetId: challengeId,
    details: { kind: proof.kind },
  });
  const methods = methodsOf(proof, user, yield* factorOf(rows, user), settingsOf(organization));
  return { challengeId, kind: proof.kind, methods, expiresAt };
}

/** A challenge that counts, with whose it is; the user is held. */
export interface HeldChallenge {
  readonly organization: Organization;
  readonly user: UserCredentials;
  readonly challenge: LoginChallenge;
  readonly factor: SecondFactor;
  readonly methods: readonly ChallengeMethod[];
}

/** Null where the challenge counts no more, be it spent, expired, void or of somebody who may not log in. */
export function* challengeOf(rows: Rows, claim: ChallengeClaim): Steps<HeldChallenge | null> {
  const { orgId, challengeId, keyId, at } = claim;
  const seen = yield* ask(rows.loginChallenges.find(orgId, challengeId));
  if (seen === null || seen.userId === '') {
    return null;
  }
  const tenant = { orgId, keyId };
  const [organization, key, user, identity] = yield* askAll(
    ...tenantOf(rows, tenant),
    rows.users.findCredentials(orgId, seen.userId),
    rows.identity.find(),
  );
  // Whoever spent it meanwhile held the user.
  const challenge = yield* ask(rows.loginChallenges.find(orgId, challengeId));
  if (refuseTenant(tenant, organization, key) !== null || organization === null || user === null) {
    return null;
  }
  if (challenge === null || challenge.expiresAt <= at || isOfOtherEpoch(identity, claim)) {
    return null;
  }
  if (challenge.createdAt > at + MAX_CLOCK_SKEW_MS) {
    // Of a clock that was ahead: it would live for longer than ten minutes.
    return null;
  }
  if (user.disabledAt !== null || user.credentialVersion !== challenge.credentialVersion) {
    return null;
  }
  const settings = settingsOf(organization);
  if (settings.requireVerifiedEmail && user.emailVerifiedAt === null && challenge.provedBy === 'password') {
    // Since the login.
    return null;
  }
  const factor = yield* factorOf(rows, user);
  return { organization, user, challenge, factor, methods: methodsOf(challenge, user, factor, settings) };
}

/** Counts a try at a challenge; null where it has none left, or takes no such method. */
export function* countTry(
  rows: Rows,
  { challenge, methods }: HeldChallenge,
  method: ChallengeMethod,
): Steps<LoginChallenge | null> {
  if (!takes(methods, method) || challenge.tries >= MOST_CHALLENGE_TRIES) {
    return null;
  }
  const counted = { ...challenge, tries: challenge.tries + 1 };
  yield* ask(rows.loginChallenges.put(counted));
  return counted;
}

/** Of many right answers to one challenge the first spends it. */
export function* completeChallenge(
  rows: WriteRows,
  { claim, used, session, notice }: ChallengeAnswer,
): Steps<ChallengeCompletion> {
  const held = yield* challengeOf(rows, claim);
  if (held === null || !takes(held.methods, used.kind)) {
    return { outcome: 'challenge_invalid' };
  }
  const { organization, challenge } = held;
  const { orgId, userId } = held.user;
  const at = session.createdAt;
  const [signingKey, sessions, tokenKey] = yield* askAll(
    rows.signingKeys.find(session.kid),
    rows.sessions.listUnrevoked(orgId, userId),
    rows.apiKeys.findTokenKey(orgId),
  );
  if (!isLive(signingKey)) {
    return { outcome: 'signing_key_retired' };
  }
  if (!(yield* spend(rows, held, used, at))) {
    return { outcome: 'code_invalid' };
  }
  const user = challenge.provedBy === 'password' ? held.user : yield* loggedInByMail(rows, held, at);
  if (challenge.kind === 'login_code') {
    // Told apart from one that was never mailed to anybody: it takes no more tries.
    yield* ask(rows.loginChallenges.put({ ...challenge, tries: MOST_CHALLENGE_TRIES, codeDigest: null }));
  } else {
    yield* ask(rows.loginChallenges.remove(orgId, challenge.challengeId));
  }

  const hasProvenFactor = challenge.kind === 'second_factor' && user.hasSecondFactor;
  const next = nextKind(settingsOf(organization), user, hasProvenFactor);
  const left = used.kind === 'recovery' ? yield* ask(rows.secondFactors.countRecoveryCodes(orgId, userId)) : null;
  let completion: ChallengeCompletion;
  if (next !== null && session.challenge !== null) {
    // Of whoever logged in, though the step after may come without a key.
    const { callerClass, countedAs } = challenge;
    const seed = { ...session.challenge, callerClass, countedAs };
    const provedBy = challenge.provedBy || ('email' as const);
    const proof = { kind: next, provedBy, isEmailProven: challenge.isEmailProven || used.kind === 'email' };
    completion = { outcome: 'challenged', challenge: yield* handOut(rows, { organization, user, proof, seed, at }) };
  } else {
    if (challenge.countedAs !== null) {
      yield* forgetFailures(rows, user, at, [challenge.countedAs]);
    }
    const state = { organization, user, signingKey, sessions, tokenKey };
    const opened = yield* openSession(rows, session, state);
    completion = { outcome: 'created', session: opened, ...(left === null ? {} : { recoveryCodesLeft: left }) };
  }
  if (notice !== null) {
    yield* queueMail(rows, notice);
  }
  return completion;
}

function* spend(
  rows: WriteRows,
  { user, challenge, factor }: HeldChallenge,
  used: ChallengeAnswer['used'],
  at: number,
): Steps<boolean> {
  if (used.kind !== 'email') {
    return yield* spendCode(rows, user, used, { besidePassword: challenge.provedBy === 'password' });
  }
  const { codeDigest, codeUntil } = challenge;
  if (codeDigest === null || codeUntil <= at || Buffer.compare(codeDigest, used.digest) !== 0) {
    return false;
  }
  if (challenge.kind === 'second_factor') {
    yield* ask(rows.secondFactors.put({ ...factor, wrongCodes: 0 }));
  }
  return true;
}

/**
 * Whoever has the code reads mail there: wrong codes of before are forgotten, and the address is proven. Of a user with a factor it is once
 * that is proven, too: a stranger may have set it up, and the reset that first proves the address is what takes it off.
 */
function* loggedInByMail(rows: WriteRows, { user, challenge }: HeldChallenge, at: number): Steps<UserCredentials> {
  const { orgId, userId, addressVersion } = user;
  const isFirstStep = challenge.kind === 'login_code';
  if (isFirstStep) {
    yield* ask(rows.secondFactors.removeLoginCodeTries(orgId, userId));
  }
  if (isFirstStep && user.hasSecondFactor) {
    return user;
  }
  if (user.hasSecondFactor) {
    // Whoever has both is who set it up.
    yield* ask(rows.secondFactors.put({ ...(yield* factorOf(rows, user)), isBeforeProof: false }));
  }
  if (user.emailVerifiedAt !== null) {
    return user;
  }
  yield* ask(rows.users.setEmailVerified({ orgId, userId }, { emailVerifiedAt: at, addressVersion }));
  yield* record(rows, { type: 'user.email_verified', orgId, userId });
  return { ...user, emailVerifiedAt: at };
}

/** Of a user's codes for one step of logins and one class of callers the latest is good alone: a lower class voids none of a higher one. */
export function* putEmailCode(
  rows: WriteRows,
  claim: ChallengeClaim,
  { digest, until, mail }: EmailCode,
): Steps<EmailCodeOutcome> {
  const held = yield* challengeOf(rows, claim);
  if (held === null || held.challenge.kind !== 'second_factor' || !takes(held.methods, 'email')) {
    return { outcome: 'challenge_invalid' };
  }
  const { challenge } = held;
  const { tries, codeDigest, codeUntil, expiresAt } = challenge;
  if (tries >= MOST_CHALLENGE_TRIES) {
    return { outcome: 'challenge_invalid' };
  }
  if ((yield* queueMail(rows, mail)) !== 'queued') {
    // As if another was sent: the one before is what there is, if any.
    return { outcome: 'kept', until: codeDigest === null ? Math.min(until, expiresAt) : codeUntil };
  }
  const goodUntil = Math.min(until, expiresAt);
  yield* ask(rows.loginChallenges.clearCodes(challenge));
  yield* ask(rows.loginChallenges.put({ ...challenge, codeDigest: digest, codeUntil: goodUntil }));
  return { outcome: 'sent', until: goodUntil };
}

export function* changePasswordByChallenge(
  rows: WriteRows,
  { claim, userId, credentialVersion, passwordHash, notice }: ChallengedPasswordChange,
): Steps<ChallengedPasswordOutcome> {
  const held = yield* challengeOf(rows, claim);
  if (held === null || held.challenge.kind !== 'change_password') {
    return { outcome: 'challenge_invalid' };
  }
  const { user } = held;
  if (user.userId !== userId || user.credentialVersion !== credentialVersion) {
    return { outcome: 'challenge_invalid' };
  }
  const endedSessions = yield* setDemandedPassword(rows, user, passwordHash, claim.at);
  if (notice !== null) {
    yield* queueMail(rows, notice);
  }
  return { outcome: 'changed', endedSessions };
}

/** Gives a user, who is held, the password that a login demanded; tells how many sessions ended. */
export function* setDemandedPassword(
  rows: WriteRows,
  user: UserCredentials,
  passwordHash: string,
  at: number,
): Steps<number> {
  const { orgId, userId } = user;
  const endedSessions = yield* replacePassword(rows, user, { passwordHash }, at);
  yield* ask(rows.loginChallenges.removeOfUser(orgId, userId));
  yield* forgetFailures(rows, user, at, ['known_device']);
  const details = { ended_sessions: endedSessions };
  yield* record(rows, { type: 'user.password_changed', orgId, userId, details });
  return endedSessions;
}

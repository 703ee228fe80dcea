import type { UserCredentials } from '../../domain/auth/storage.ts';
import { type ChallengeMethod, MOST_CHALLENGE_TRIES, takes } from '../../domain/second-factors/challenge.ts';
import type {
  ChallengeClaim,
  CodeAttempt,
  CodeReservation,
  LoginChallenge,
  LoginCodeAttempt,
  LoginCodeReservation,
  SecondFactor,
} from '../../domain/second-factors/storage.ts';
import type { OwnSession } from '../../domain/sessions/storage.ts';
import type { WriteRows } from '../rows.ts';
import { challengeOf, countTry } from './challenges.ts';
import { countCode, factorOf } from './codes.ts';
import { isOfOtherEpoch } from './epoch.ts';
import { ownerOfLiveSession } from './proven-session.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { refuseTenant, tenantOf } from './tenant.ts';
import { endSessionByFailures } from './tries.ts';

/*
 * Tries at codes, counted before they are compared (docs/security.md, F2): for the challenge or the session that brings one, and for its
 * user, who is held, so that of many at once each sees those before it.
 */

/** An id that no user has. */
const NOBODY = '';

/** Counts a try before it is compared: who asks again counts again. What could not be compared at all counts for nobody. */
export function* reserveCode(rows: WriteRows, attempt: CodeAttempt): Steps<CodeReservation> {
  return attempt.by === 'challenge' ? yield* reserveByChallenge(rows, attempt) : yield* reserveBySession(rows, attempt);
}

function* reserveByChallenge(
  rows: WriteRows,
  { claim, method }: Extract<CodeAttempt, { readonly by: 'challenge' }>,
): Steps<CodeReservation> {
  const held = yield* challengeOf(rows, claim);
  if (held === null) {
    return { outcome: 'challenge_invalid' };
  }
  const { user, factor } = held;
  const canTry = takes(held.methods, method) && held.challenge.tries < MOST_CHALLENGE_TRIES;
  const refusal = canTry ? refuseMethod(method, user, factor, claim.at) : null;
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const challenge = yield* countTry(rows, held, method);
  if (challenge === null) {
    return { outcome: 'challenge_invalid' };
  }
  // A password is what its challenge counts alone.
  return method === 'change_password'
    ? { outcome: 'reserved', user, factor, challenge }
    : yield* reserveOfUser(rows, { user, factor, challenge, method });
}

/** A stolen session has as many tries at codes as at passwords, both together, and ends with one more. */
function* reserveBySession(
  rows: WriteRows,
  { session, method, most, isCounted }: Extract<CodeAttempt, { readonly by: 'session' }>,
): Steps<CodeReservation> {
  const owner = yield* ownerOfLiveSession(rows, session);
  if ('outcome' in owner) {
    return owner;
  }
  const { user } = owner;
  const { orgId } = session.tenant;
  const { userId, sessionId, at } = session;
  const factor = yield* factorOf(rows, user);
  const refusal = refuseMethod(method, user, factor, at);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  if (!isCounted && (yield* ask(rows.sessions.countWrongPassword(orgId, sessionId))) > most) {
    yield* endSessionByFailures(rows, { orgId, userId, sessionId, most, at });
    return { outcome: 'session_ended' };
  }
  return yield* reserveOfUser(rows, { user, factor, challenge: null, method });
}

function* reserveOfUser(
  rows: WriteRows,
  { user, factor, challenge, method }: Omit<ReservedCode, 'outcome'> & { readonly method: ChallengeMethod },
): Steps<CodeReservation> {
  const counted = yield* countCode(rows, factor, method === 'recovery');
  return counted === null ? { outcome: 'locked' } : { outcome: 'reserved', user, factor: counted, challenge };
}

type ReservedCode = Extract<CodeReservation, { readonly outcome: 'reserved' }>;

/** Why there is nothing to compare a code with; null where there is. */
function refuseMethod(
  method: ChallengeMethod,
  { hasSecondFactor }: UserCredentials,
  { pendingSecret, pendingUntil }: SecondFactor,
  at: number,
): 'already_enabled' | 'not_enabled' | null {
  switch (method) {
    case 'setup':
      if (hasSecondFactor) {
        return 'already_enabled';
      }
      return pendingSecret === null || pendingUntil <= at ? 'not_enabled' : null;
    case 'totp':
    case 'recovery':
      return hasSecondFactor ? null : 'not_enabled';
    case 'email':
    case 'change_password':
      return null;
  }
}

/** As the try that went too far did, whatever is counted now; not what no such session may try. */
export function* endSessionByCodes(rows: WriteRows, session: OwnSession & { readonly at: number }): Steps<void> {
  if (!('outcome' in (yield* ownerOfLiveSession(rows, session)))) {
    const { tenant, userId, sessionId, at } = session;
    yield* endSessionByFailures(rows, { orgId: tenant.orgId, userId, sessionId, most: 0, at });
  }
}

/**
 * The challenge of a login code that was asked for, be it for a user or for nobody: both count the same tries, and cost the same. Beyond
 * what the class of callers that asked for it may have wrong there is nothing that matches, as there is of nobody. Who brings the code
 * may send no key, and would share the count of every stranger.
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
  const wrong = yield* ask(
    rows.secondFactors.findLoginCodeTries(orgId, owner?.userId ?? NOBODY, challenge.callerClass),
  );
  // Whose it became after it was looked at had no code yet that could be tried: a user is held before a challenge, or not at all.
  if (owner === null || owner.disabledAt !== null || owner.credentialVersion !== challenge.credentialVersion) {
    return { outcome: 'reserved', codeDigest: null, user: null };
  }
  if (wrong >= most[challenge.callerClass]) {
    return { outcome: 'reserved', codeDigest: null, user: null };
  }
  yield* ask(rows.secondFactors.putLoginCodeTries(orgId, owner.userId, challenge.callerClass, wrong + 1));
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

import type {
  LoginAttempt,
  LoginBeginning,
  NewSession,
  NewUser,
  PasswordChange,
  PasswordChangeOutcome,
  SessionCreation,
  SignUpAttempt,
  SignUpBeginning,
  UserCredentials,
} from '../../domain/auth/storage.ts';
import { unprovenAfter } from '../../domain/auth/unproven-password.ts';
import { settingsOf } from '../../domain/organizations/settings.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import { nextKind, type OpenChallenge } from '../../domain/second-factors/challenge.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { handOut } from './challenges.ts';
import { spendCode, withholdEmail } from './codes.ts';
import { isOfOtherEpoch } from './epoch.ts';
import { insertUser } from './left-addresses.ts';
import { queueMail } from './mail.ts';
import { openSession } from './open-session.ts';
import { endSessions } from './session-endings.ts';
import { isLive } from './signing-keys.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { refuseTenant, tenantOf } from './tenant.ts';
import { endHeldTry, firstCounterOf, forgetFailures, letGo, reserveTry } from './tries.ts';

/*
 * SignUp, Login and ChangePassword around the password hash. What they check holds until they are committed: of those that
 * race, the one that is committed first wins, and the others see it. A refusal comes before the first change, but for the
 * spent nonce. What they read does not depend on what they find, so it is asked for together.
 */

/** Of many with one nonce, the one that inserts it wins. */
export function* beginSignUp(rows: Rows, attempt: SignUpAttempt): Steps<SignUpBeginning> {
  const [organization, key, identity, user] = yield* askAll(
    ...tenantOf(rows, attempt),
    rows.identity.find(),
    rows.users.findByEmail(attempt.orgId, attempt.email),
  );
  if (refuseTenant(attempt, organization, key) !== null) {
    return 'api_key_invalid';
  }
  if (isOfOtherEpoch(identity, attempt.nonce)) {
    return 'nonce_invalid';
  }
  if (!(yield* ask(rows.spentNonces.insert(attempt.nonce)))) {
    return 'nonce_used';
  }
  return user === null ? 'begun' : 'user_exists';
}

/** Of many with one e-mail, the one that inserts it wins. Failures of before, at an e-mail that was nobody's, are not the user's. */
export function* createUser(rows: WriteRows, user: NewUser): Steps<'created' | 'api_key_invalid' | 'user_exists'> {
  if (refuseTenant(user, ...(yield* askAll(...tenantOf(rows, user)))) !== null) {
    return 'api_key_invalid';
  }
  if (!(yield* insertUser(rows, { ...NO_MORE_KNOWN, ...user }))) {
    return 'user_exists';
  }
  yield* ask(rows.loginTries.removeAll(user.orgId, user.email));
  yield* record(rows, { type: 'user.signed_up', orgId: user.orgId, userId: user.userId });
  return 'created';
}

/** What nobody says who signs up: `role` is ignored for ever (docs/contract.md, section 1). */
const NO_MORE_KNOWN = { emailVerifiedAt: null, roles: [], publicMetadata: '', privateMetadata: '' };

/**
 * Of many with one nonce, the one that inserts it wins: before the counter is looked at, and taken out again where that refuses, so
 * that a spent nonce is told first.
 */
export function* beginLogin(rows: WriteRows, attempt: LoginAttempt): Steps<LoginBeginning> {
  const { tenant, email, nonce, hidesUsers, lock, at } = attempt;
  const [organization, key, identity, user] = yield* askAll(
    ...tenantOf(rows, tenant),
    rows.identity.find(),
    rows.users.findCredentialsByEmail(tenant.orgId, email),
  );
  const refusal = refuseTenant(tenant, organization, key);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  if (isOfOtherEpoch(identity, nonce)) {
    return { outcome: 'nonce_invalid' };
  }
  const counter = firstCounterOf(attempt, user);
  const [isUnspent, tries] = yield* askAll(rows.spentNonces.insert(nonce), rows.loginTries.hold(counter));
  const held = { key: counter, tries };
  if (!isUnspent) {
    yield* letGo(rows, held);
    return { outcome: 'nonce_used' };
  }
  const userId = user?.userId ?? null;
  const reservation = yield* reserveTry(rows, held, attempt, userId);
  if (reservation.outcome !== 'reserved') {
    yield* ask(rows.spentNonces.remove(nonce.nonceId));
    return reservation;
  }
  if (userId === null && !hidesUsers) {
    const end = { end: 'failed', userId, lock, at } as const;
    return { outcome: 'user_not_found', ...(yield* endHeldTry(rows, reservation.held, end)) };
  }
  return { outcome: 'begun', user, countedAs: reservation.held.key.countedAs };
}

/** What ends credentials wins when it is committed first; otherwise it finds this session and ends it. */
export function* createSession(rows: WriteRows, session: NewSession): Steps<SessionCreation> {
  const { tenant, userId, rehash, kid, attempt, createdAt } = session;
  const { orgId } = tenant;
  const counter = attempt && { orgId, email: attempt.email, countedAs: attempt.countedAs };
  const [organization, key, user, signingKey, sessions, tokenKey, tries] = yield* askAll(
    ...tenantOf(rows, tenant),
    rows.users.findCredentials(orgId, userId),
    rows.signingKeys.find(kid),
    rows.sessions.listUnrevoked(orgId, userId),
    rows.apiKeys.findTokenKey(orgId),
    counter && rows.loginTries.hold(counter),
  );
  const refusal = refuseTenant(tenant, organization, key);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  if (user === null) {
    return { outcome: 'user_not_found' };
  }
  // Before `disabled`, which raises it by one itself: a fresh call learns that only after the right password.
  if (user.credentialVersion !== session.credentialVersion + (user.disabledAt === null ? 0 : 1)) {
    return { outcome: 'credentials_changed' };
  }
  if (user.disabledAt !== null) {
    return { outcome: 'user_disabled' };
  }
  if (!isLive(signingKey)) {
    return { outcome: 'signing_key_retired' };
  }

  if (rehash !== null && user.passwordHash === rehash.from) {
    const { credentialVersion, passwordUnprovenSince, mustChangePassword } = user;
    const password = { passwordHash: rehash.to, credentialVersion, passwordUnprovenSince, mustChangePassword };
    yield* ask(rows.users.setPassword({ orgId, userId }, password));
  }
  const next = session.challenge && organization && nextStep(organization, user);
  if (next === 'email_not_verified') {
    return { outcome: next };
  }
  if (next !== null && session.challenge !== null && organization !== null) {
    const proof = { kind: next, provedBy: 'password', isEmailProven: false } as const;
    const handedOut = yield* handOut(rows, { organization, user, proof, seed: session.challenge, at: createdAt });
    return { outcome: 'challenged', challenge: handedOut };
  }
  if (attempt !== null && counter !== null && tries !== null) {
    yield* endHeldTry(rows, { key: counter, tries }, { ...attempt, end: 'succeeded', at: createdAt });
  }
  const state = { organization, user, signingKey, sessions, tokenKey };
  return { outcome: 'created', session: yield* openSession(rows, session, state) };
}

/** What the right password of a user who may log in does not suffice for, the first of it; null where it does. */
function nextStep(
  organization: Organization,
  user: UserCredentials,
): OpenChallenge['kind'] | 'email_not_verified' | null {
  const settings = settingsOf(organization);
  return settings.requireVerifiedEmail && user.emailVerifiedAt === null
    ? 'email_not_verified'
    : nextKind(settings, user, false);
}

/** Of two changes from one version the first wins. It ends the session of the other, which learns of that. */
export function* changePassword(rows: WriteRows, change: PasswordChange): Steps<PasswordChangeOutcome> {
  const { tenant, userId, sessionId, passwordHash, at } = change;
  const { orgId } = tenant;
  // The user before the signing key and the session, as whoever signs in or ends a user's sessions has it: nobody waits for two in turn.
  const [organization, key, user, signingKey, session, sessions] = yield* askAll(
    ...tenantOf(rows, tenant),
    rows.users.findCredentials(orgId, userId),
    rows.signingKeys.find(change.kid),
    rows.sessions.find(orgId, sessionId),
    rows.sessions.listUnrevoked(orgId, userId),
  );
  const refusal = refuseTenant(tenant, organization, key);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  if (!isLive(signingKey)) {
    return { outcome: 'signing_key_retired' };
  }
  if (session === null || session.userId !== userId || session.revokedAt !== null || session.expiresAt <= at) {
    return { outcome: 'session_ended' };
  }
  if (user === null || user.disabledAt !== null) {
    return { outcome: 'session_ended' };
  }
  if (user.credentialVersion !== change.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }

  // The password that a mail may have set goes.
  if (user.hasSecondFactor && !(yield* spendCode(rows, user, change.code ?? null, { besidePassword: true }))) {
    return { outcome: 'code_invalid' };
  }
  if (!user.hasSecondFactor && !change.isProven) {
    // The session may be of a login by mail: as where a mail set it.
    yield* withholdEmail(rows, user);
  }

  const credentialVersion = user.credentialVersion + 1;
  const passwordUnprovenSince = unprovenAfter(change, user);
  const password = { passwordHash, credentialVersion, passwordUnprovenSince, mustChangePassword: false };
  yield* ask(rows.users.setPassword({ orgId, userId }, password));
  if (change.isProven || change.code != null) {
    yield* ask(rows.sessions.clearWrongPasswords(orgId, sessionId));
  }
  // The devices that are known from now on are others.
  yield* forgetFailures(rows, user, at, ['known_device']);
  const others = sessions.filter((other) => other.sessionId !== sessionId);
  const endedSessions = yield* endSessions(rows, orgId, others, at);
  const details = { ended_sessions: endedSessions };
  yield* record(rows, { type: 'user.password_changed', orgId, userId, targetId: sessionId, details });
  if (change.notice != null) {
    yield* queueMail(rows, change.notice);
  }
  return { outcome: 'changed', endedSessions };
}

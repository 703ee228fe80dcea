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
  SpentNonce,
} from '../../domain/auth/storage.ts';
import { MAX_CLOCK_SKEW_MS } from '../../domain/clock-skew.ts';
import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Rows } from '../rows.ts';
import { endSessions, unrevokedSessionsOf } from './session-endings.ts';
import { ask, type Steps } from './steps.ts';

/*
 * SignUp, Login and ChangePassword around the password hash. What they check holds until they are committed: of those that
 * race, the one that is committed first wins, and the others see it. A refusal comes before the first change, but for the
 * spent nonce.
 */

/** A signing key's end moves in these steps: one write an hour, and not one for every login. */
const END_STEP_MS = 3_600_000;

/** Of many with one nonce, the one that inserts it wins. */
export function* beginSignUp(rows: Rows, attempt: SignUpAttempt): Steps<SignUpBeginning> {
  if ((yield* refuseTenant(rows, attempt)) !== null) {
    return 'api_key_invalid';
  }
  const nonceRefusal = yield* spendNonce(rows, attempt.nonce);
  if (nonceRefusal !== null) {
    return nonceRefusal;
  }
  return (yield* ask(rows.users.findByEmail(attempt.orgId, attempt.email))) === null ? 'begun' : 'user_exists';
}

/** Of many with one e-mail, the one that inserts it wins. */
export function* createUser(rows: Rows, user: NewUser): Steps<'created' | 'api_key_invalid' | 'user_exists'> {
  if ((yield* refuseTenant(rows, user)) !== null) {
    return 'api_key_invalid';
  }
  return (yield* ask(rows.users.insert(user))) ? 'created' : 'user_exists';
}

/** Of many with one nonce, the one that inserts it wins. */
export function* beginLogin(rows: Rows, { tenant, email, nonce }: LoginAttempt): Steps<LoginBeginning> {
  const refusal = yield* refuseTenant(rows, tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const nonceRefusal = yield* spendNonce(rows, nonce);
  if (nonceRefusal !== null) {
    return { outcome: nonceRefusal };
  }
  const user = yield* ask(rows.users.findCredentialsByEmail(tenant.orgId, email));
  return user === null ? { outcome: 'user_not_found' } : { outcome: 'begun', user };
}

/** What ends credentials wins when it is committed first; otherwise it finds this session and ends it. */
export function* createSession(rows: Rows, session: NewSession): Steps<SessionCreation> {
  const { tenant, userId, rehash, kid } = session;
  const { orgId } = tenant;
  const refusal = yield* refuseTenant(rows, tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  if (user === null) {
    return { outcome: 'user_not_found' };
  }
  // Before `disabled`: a fresh call learns that only after the right password.
  if (user.credentialVersion !== session.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }
  if (user.disabledAt !== null) {
    return { outcome: 'user_disabled' };
  }
  const signingKey = yield* findLiveSigningKey(rows, kid);
  if (signingKey === null) {
    return { outcome: 'signing_key_retired' };
  }

  if (rehash !== null && user.passwordHash === rehash.from) {
    const { credentialVersion } = user;
    yield* ask(rows.users.setPassword({ orgId, userId }, { passwordHash: rehash.to, credentialVersion }));
  }
  yield* endSurplus(rows, session);
  const generation = yield* ask(rows.organizations.findSessionGeneration(orgId));
  yield* ask(rows.sessions.insert(session, generation ?? 0));
  const end = Math.ceil(session.expiresAt / END_STEP_MS) * END_STEP_MS;
  if (signingKey.verifiesUntil < end) {
    yield* ask(rows.signingKeys.setVerifiesUntil(kid, end));
  }
  return { outcome: 'created', tokenKey: yield* ask(rows.apiKeys.findTokenKey(orgId)) };
}

/** Of two changes from one version the first wins. It ends the session of the other, which learns of that. */
export function* changePassword(rows: Rows, change: PasswordChange): Steps<PasswordChangeOutcome> {
  const { tenant, userId, sessionId, passwordHash, at } = change;
  const { orgId } = tenant;
  const refusal = yield* refuseTenant(rows, tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  // The user before the signing key and the session, as whoever signs in or ends a user's sessions has it: nobody waits for two in turn.
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  if ((yield* findLiveSigningKey(rows, change.kid)) === null) {
    return { outcome: 'signing_key_retired' };
  }
  const session = yield* ask(rows.sessions.find(orgId, sessionId));
  if (session === null || session.userId !== userId || session.revokedAt !== null || session.expiresAt <= at) {
    return { outcome: 'session_ended' };
  }
  if (user === null || user.disabledAt !== null) {
    return { outcome: 'session_ended' };
  }
  if (user.credentialVersion !== change.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }

  const credentialVersion = user.credentialVersion + 1;
  yield* ask(rows.users.setPassword({ orgId, userId }, { passwordHash, credentialVersion }));
  const sessions = yield* unrevokedSessionsOf(rows, orgId, userId);
  const others = sessions.filter((other) => other.sessionId !== sessionId);
  return { outcome: 'changed', endedSessions: yield* endSessions(rows, orgId, others, at) };
}

/** Why a tenant may not go on, as a fresh call would be told; null while it is open. */
function* refuseTenant(
  rows: Rows,
  { orgId, keyId }: Tenant,
): Steps<'api_key_invalid' | 'organization_not_found' | null> {
  const organization = yield* ask(rows.organizations.find(orgId));
  const isOpen = organization !== null && organization.closedAt === null;
  if (keyId === null) {
    return isOpen ? null : 'organization_not_found';
  }
  const key = isOpen ? yield* ask(rows.apiKeys.find(orgId, keyId)) : null;
  return key !== null && key.revokedAt === null ? null : 'api_key_invalid';
}

/** A nonce that was verified under an older epoch may have been spent in rows that are gone since. */
function* spendNonce(rows: Rows, nonce: SpentNonce): Steps<'nonce_invalid' | 'nonce_used' | null> {
  const identity = yield* ask(rows.identity.find());
  if (identity !== null && identity.epoch !== nonce.epoch) {
    return 'nonce_invalid';
  }
  return (yield* ask(rows.spentNonces.insert(nonce))) ? null : 'nonce_used';
}

/** Null for one that was retired, or swept since. */
function* findLiveSigningKey(rows: Rows, kid: string): Steps<SigningKeyRecord | null> {
  const key = yield* ask(rows.signingKeys.find(kid));
  return key === null || key.retiredAt !== null ? null : key;
}

/**
 * Makes room for one more live session: ends the oldest. Those that a clock dated too late are of no use before their
 * time, and would push out all that come till then: they go first.
 */
function* endSurplus(rows: Rows, { tenant, userId, createdAt: at, maxLiveSessions }: NewSession): Steps<void> {
  const { orgId } = tenant;
  const isAhead = ({ createdAt }: { readonly createdAt: number }) => createdAt > at + MAX_CLOCK_SKEW_MS;
  const surplus = (yield* unrevokedSessionsOf(rows, orgId, userId))
    .filter(({ expiresAt }) => expiresAt > at)
    .toSorted(
      (a, b) =>
        Number(isAhead(a)) - Number(isAhead(b)) || b.createdAt - a.createdAt || (b.sessionId < a.sessionId ? -1 : 1),
    )
    .slice(Math.max(0, maxLiveSessions - 1));
  yield* endSessions(rows, orgId, surplus, at);
}

import type {
  LoginAttempt,
  LoginBeginning,
  NewSession,
  NewUser,
  PasswordChange,
  PasswordChangeOutcome,
  SessionCreation,
  SignUpAttempt,
} from '../../domain/auth/storage.ts';
import { refuseTenant, type Tables } from './tables.ts';

/*
 * The steps of SignUp, Login and ChangePassword around the password hash. Each runs inside one write transaction, so
 * that what it checks holds until it is committed; a refusal comes before the first write, but for the spent nonce.
 */

export function beginSignUp(tables: Tables, attempt: SignUpAttempt) {
  if (refuseTenant(tables, attempt) !== null) {
    return 'api_key_invalid';
  }
  if (!tables.spentNonces.spend(attempt.nonce)) {
    return 'nonce_used';
  }
  return tables.users.findByEmail(attempt.orgId, attempt.email) === null ? 'begun' : 'user_exists';
}

export function createUser(tables: Tables, user: NewUser) {
  if (refuseTenant(tables, user) !== null) {
    return 'api_key_invalid';
  }
  return tables.users.insert(user) ? 'created' : 'user_exists';
}

export function beginLogin(tables: Tables, attempt: LoginAttempt): LoginBeginning {
  const refusal = refuseTenant(tables, attempt.tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  if (!tables.spentNonces.spend(attempt.nonce)) {
    return { outcome: 'nonce_used' };
  }
  const user = tables.users.findCredentialsByEmail(attempt.tenant.orgId, attempt.email);
  return user === null ? { outcome: 'user_not_found' } : { outcome: 'begun', user };
}

export function createSession(tables: Tables, session: NewSession): SessionCreation {
  const { tenant, userId, createdAt } = session;
  const refusal = refuseTenant(tables, tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const user = tables.users.findCredentials(tenant.orgId, userId);
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

  if (session.rehash !== null) {
    tables.users.upgradeHash(tenant.orgId, userId, session.rehash);
  }
  const surplus = tables.sessions.oldestBeyond(tenant.orgId, userId, session.maxLiveSessions - 1, createdAt);
  tables.endSessions(tenant.orgId, surplus, createdAt);
  tables.sessions.insert(session);
  tables.signingKeys.keepVerifying(session.kid, session.expiresAt);
  return { outcome: 'created', tokenKey: tables.apiKeys.findTokenKey(tenant.orgId) };
}

export function changePassword(tables: Tables, change: PasswordChange): PasswordChangeOutcome {
  const { tenant, userId, sessionId, at } = change;
  const refusal = refuseTenant(tables, tenant);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const session = tables.sessions.findState(tenant.orgId, sessionId, userId);
  if (session === null || session.revokedAt !== null || session.expiresAt <= at) {
    return { outcome: 'session_ended' };
  }
  const user = tables.users.findCredentials(tenant.orgId, userId);
  if (user === null || user.disabledAt !== null) {
    return { outcome: 'session_ended' };
  }
  if (user.credentialVersion !== change.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }

  tables.users.replaceHash(tenant.orgId, userId, change.passwordHash);
  const others = tables.sessions.unrevokedOfUser(tenant.orgId, userId).filter((other) => other.sessionId !== sessionId);
  return { outcome: 'changed', endedSessions: tables.endSessions(tenant.orgId, others, at) };
}

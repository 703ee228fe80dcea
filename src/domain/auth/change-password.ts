import { requireOneThatCan } from '../accounts/fresh-proof.ts';
import { requireCaller } from '../call.ts';
import type { CallerClass } from '../caller.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { accountNotice } from '../mail/account-notice.ts';
import { type Checked, checked } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readOptionalPassword, readPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, ProvenClaims, Rules } from '../ports.ts';
import { type GivenCode, readOptionalCode } from '../second-factors/given-code.ts';
import { proveSessionCode } from '../second-factors/prove-code.ts';
import type { CodeUse } from '../second-factors/storage.ts';
import { ownSession } from '../sessions/own-session.ts';
import { type IdentifiedTenant, refusal, type Tenant } from '../tenant.ts';
import { readCredentials, requireCurrentPassword } from './current-password.ts';
import {
  proveSession,
  readSessionParameters,
  requireLiveSession,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from './session.ts';
import type { UserCredentials } from './storage.ts';
import { type PastLogin, unprovenFrom } from './unproven-password.ts';

/** Parameters of ChangePassword; '' where one is missing. */
export interface ChangePasswordInput extends SessionInput {
  readonly newPassword: string;
  readonly currentPassword: string;
  readonly code: string;
}

/** The same parameters, checked. */
export interface ChangePasswordParameters extends SessionParameters {
  readonly newPassword: string;
  /** '' where it was not given. */
  readonly currentPassword: string;
  /** Null where none was given. */
  readonly code: GivenCode | null;
}

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY. */
export function readChangePassword(
  input: ChangePasswordInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ChangePasswordParameters> {
  const session = readSessionParameters(input, rules, faults);
  const newPassword = readPassword('newPassword', input.newPassword, faults);
  const readCurrent = rules.requiresCurrentPassword ? readPassword : readOptionalPassword;
  const currentPassword = readCurrent('currentPassword', input.currentPassword, faults);
  const code = readOptionalCode('code', input.code, faults);
  const parameters = checked({ ...session, newPassword, currentPassword, code }, faults);
  requireGoodPassword(newPassword, rules, { email: session.email });
  return parameters;
}

/**
 * Sets a new password for the session's user and ends the user's other sessions; this one lives on. The present
 * password is accepted as the new one: a refusal would let a stolen session guess it. A user with a second factor gives a fresh proof
 * and a code.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, PASSWORD_POLICY, OVERLOADED, API_KEY_INVALID, ORGANIZATION_NOT_FOUND,
 * CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, CODE_INVALID, ACCOUNT_LOCKED, DEADLINE_EXCEEDED; ACCESS_DENIED for a session that
 * somebody opened in the user's place.
 */
export async function changePassword(
  ports: Ports,
  parameters: Checked<ChangePasswordParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<{ readonly endedSessions: number }> {
  const { newPassword, currentPassword, code } = parameters;
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const { orgId, userId, email, fullname } = session;
  await requireFitPassword(ports, newPassword, { orgId, email, fullname });

  const caller = tenant ?? { orgId, callerClass: 'no_key' as const };
  const slot = await ports.passwords.acquire(caller, call);
  try {
    const user = await readCredentials(ports, orgId, userId);
    if (user.hasSecondFactor) {
      requireOneThatCan({ session, claims, currentPassword, code }, user, ports.clock.now());
    }
    if (currentPassword !== '') {
      await requireCurrentPassword(ports, { slot, currentPassword, user, claims });
    }
    const spends =
      user.hasSecondFactor && code !== null
        ? await proveSessionCode(ports, ownSession(claims, tenant), code, { withPassword: currentPassword !== '' })
        : null;
    const passwordHash = await slot.hash(newPassword);
    requireCaller(call);
    return await write(ports, {
      tenant,
      callerClass: caller.callerClass,
      user,
      spends,
      claims,
      login: { createdAt: session.createdAt, credentialVersion: claims.credentialVersion },
      passwordHash,
      // Whoever proved the old password must not overwrite a newer one; whoever did not may, as a fresh call would.
      isProven: currentPassword !== '',
    });
  } finally {
    slot.release();
  }
}

interface Write {
  /** Null where the caller named none. */
  readonly tenant: Tenant | null;
  readonly callerClass: CallerClass;
  readonly user: UserCredentials;
  /** The code of a user with a second factor. */
  readonly spends: CodeUse | null;
  readonly claims: ProvenClaims;
  /** Of the session. */
  readonly login: PastLogin;
  readonly passwordHash: string;
  readonly isProven: boolean;
}

async function write(ports: Ports, change: Write): Promise<{ readonly endedSessions: number }> {
  const { tenant, callerClass, user, spends, claims, login, passwordHash, isProven } = change;
  const at = ports.clock.now();
  const result = await ports.storage.changePassword({
    tenant: tenant ?? { orgId: claims.orgId, keyId: null },
    userId: user.userId,
    sessionId: claims.sessionId,
    kid: claims.kid,
    credentialVersion: user.credentialVersion,
    passwordHash,
    isProven,
    unprovenSince: unprovenFrom(login, user, isProven, at),
    code: spends,
    notice: accountNotice(ports, user, 'password_changed', callerClass, at),
    at,
  });
  if (result.outcome === 'changed') {
    return { endedSessions: result.endedSessions };
  }
  if (result.outcome === 'credentials_changed' && !isProven) {
    // Another change by this very session came first. Each round follows somebody's success, so it ends.
    return write(ports, { ...change, user: await readCredentials(ports, user.orgId, user.userId) });
  }
  if (result.outcome === 'session_ended' || (tenant === null && result.outcome === 'organization_not_found')) {
    // The reason that a fresh call would get: the session grew too old meanwhile, or ended, if only because its
    // organization was closed, of which a caller that named none is not told.
    await requireLiveSession(ports, claims);
    throw new AuthError('SESSION_REVOKED');
  }
  if (result.outcome === 'code_invalid' && spends === null) {
    // The user has set a factor up meanwhile.
    throw new AuthError('REAUTHENTICATION_REQUIRED');
  }
  throw refusal(result.outcome);
}

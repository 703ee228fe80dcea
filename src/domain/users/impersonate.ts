import { writeSigned } from '../auth/open-session.ts';
import { requireCaller } from '../call.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readLine } from '../parameters.ts';
import type { CallContext, Ports } from '../ports.ts';
import { UNKNOWN_DEVICE } from '../sessions/device.ts';
import { endAfter } from '../sessions/lifetime.ts';
import { refusal } from '../tenant.ts';
import { type ManagedUserInput, managerOf, readUserIds, requireManageable } from './manage-user.ts';

/** Parameters of Impersonate. */
export interface ImpersonateInput extends ManagedUserInput {
  readonly reason: string;
  /** 0 for {@link LONGEST_SECONDS}. */
  readonly ttlSeconds: number;
}

/** A session in a user's place. */
export interface ImpersonateResult {
  readonly token: string;
  readonly expiresAt: number;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
  readonly userId: string;
}

/** Long enough to look at what somebody has trouble with, and no more. */
const LONGEST_SECONDS = 3_600;
/** In code points. */
const MAX_REASON = 200;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readImpersonation(input: ImpersonateInput, faults: FieldViolation[] = []): Checked<ImpersonateInput> {
  const ids = readUserIds(input, faults);
  const reason = readLine('reason', input.reason, MAX_REASON, faults);
  const ttlSeconds = input.ttlSeconds === 0 ? LONGEST_SECONDS : input.ttlSeconds;
  if (!(ttlSeconds >= 1 && ttlSeconds <= LONGEST_SECONDS)) {
    faults.push({ field: 'ttl_seconds', message: `must be 0, or 1 to ${LONGEST_SECONDS}` });
  }
  return checked({ ...ids, reason, ttlSeconds }, faults);
}

/**
 * Opens a session in a user's place for a manager (null: the administrator, whose `act` is `administrator`; a key's is its id). It opens
 * Validate, Me and Logout alone, and pushes out no session of the user's own. The reason goes into the audit log with it.
 *
 * Throws ORGANIZATION_NOT_FOUND, API_KEY_INVALID, USER_NOT_FOUND, ACCESS_DENIED, USER_DISABLED, DEADLINE_EXCEEDED.
 */
export async function impersonate(
  ports: Ports,
  { reason, ttlSeconds, ...named }: Checked<ImpersonateInput>,
  manager: KeyManager | null,
  call: CallContext,
): Promise<ImpersonateResult> {
  const { storage, clock, ids, sessionTokens, rules } = ports;
  const { orgId, userId } = named;
  await requireManageable(ports, manager, named);
  const user = await storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new AuthError('USER_NOT_FOUND');
  }
  if (user.disabledAt !== null) {
    throw new AuthError('USER_DISABLED');
  }
  requireCaller(call);
  const { email, credentialVersion } = user;
  const actor = manager === null ? 'administrator' : manager.keyId;
  const now = clock.now();
  const sessionId = ids.uuidV7(now);
  const session = {
    tenant: { orgId, keyId: manager?.keyId ?? null },
    ...{ sessionId, userId, credentialVersion, actor },
    rehash: null,
    createdAt: now,
    expiresAt: endAfter(now, ttlSeconds),
    maxAgeSeconds: ttlSeconds,
    // None is pushed out by one in a user's place.
    maxLiveSessions: Number.MAX_SAFE_INTEGER,
    device: UNKNOWN_DEVICE,
    attempt: null,
    // Whoever may do this needs nothing of the user.
    challenge: null,
  };
  const by = { reason, manager: managerOf(rules, manager) };
  const { kid, result: creation } = await writeSigned(ports, session, (signed) => storage.impersonate(signed, by));
  if (creation.outcome === 'access_denied') {
    throw new AuthError('ACCESS_DENIED');
  }
  if (creation.outcome !== 'created') {
    if (creation.outcome === 'challenged') {
      throw new Error('A session in a user’s place was challenged.');
    }
    // Somebody changed the user meanwhile: nothing was done, and a repeat meets what there is now.
    throw creation.outcome === 'credentials_changed' ? new AuthError('UNAVAILABLE') : refusal(creation.outcome);
  }
  const { expiresAt, fullname, roles, emailVerified, tokenKey } = creation.session;
  const times = { issuedAtSeconds: Math.floor(now / 1000), expiresAtSeconds: expiresAt / 1000 };
  const claims = { sessionId, userId, orgId, email, credentialVersion, actor, roles, emailVerified, ...times };
  return { token: sessionTokens.sign(kid, claims, tokenKey), expiresAt, email, fullname, orgId, userId };
}

import { readCredentials, requireCurrentPassword } from '../auth/current-password.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { stillUnprovenSince } from '../auth/unproven-password.ts';
import { requireCaller } from '../call.ts';
import type { Caller } from '../caller.ts';
import { AuthError } from '../errors.ts';
import type { CallContext, Ports, ProvenClaims } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';

/** A login this long ago is a proof by itself (docs/contract.md, "Fresh proof"): 15 minutes. */
const FRESH_LOGIN_MS = 15 * 60 * 1000;

/** Who is to give a fresh proof, and by what. */
export interface AskedProof {
  /** Live. */
  readonly session: SessionRecord;
  /** Of its token. */
  readonly claims: ProvenClaims;
  /** '' where it was not given. */
  readonly currentPassword: string;
  readonly caller: Caller;
}

/** A fresh proof of who a session's user is. */
export interface FreshProof {
  /** As it was proven: the step that follows compares its `credentialVersion`. */
  readonly user: UserCredentials;
  /** Whether by the present password. */
  readonly byPassword: boolean;
}

/**
 * Demands more than a session, which may have been stolen: the present password, counted as ChangePassword counts wrong ones, or a
 * login of the last 15 minutes, which no renewal freshens. A password that a session set without the one before is no proof for 7
 * days, nor is a login since.
 *
 * Throws REAUTHENTICATION_REQUIRED; CREDENTIALS_INVALID for a wrong password, also where the login is fresh; SESSION_REVOKED,
 * OVERLOADED, DEADLINE_EXCEEDED.
 */
export async function requireFreshProof(
  ports: Ports,
  { session, claims, currentPassword, caller }: AskedProof,
  call: CallContext,
): Promise<FreshProof> {
  const { orgId, userId } = session;
  const present = await readCredentials(ports, orgId, userId);
  requireOneThatCan(session, present, currentPassword, ports.clock.now());
  if (currentPassword === '') {
    return { user: present, byPassword: false };
  }
  const slot = await ports.passwords.acquire(caller, call);
  try {
    const user = await readCredentials(ports, orgId, userId);
    requireOneThatCan(session, user, currentPassword, ports.clock.now());
    await requireCurrentPassword(ports, { slot, currentPassword, user, claims });
    requireCaller(call);
    return { user, byPassword: true };
  } finally {
    slot.release();
  }
}

/**
 * Throws REAUTHENTICATION_REQUIRED where neither the login nor the password can be a proof: then it is not compared, and counts as no
 * wrong one.
 */
function requireOneThatCan(session: SessionRecord, user: UserCredentials, currentPassword: string, now: number): void {
  const canPassword = currentPassword !== '' && stillUnprovenSince(user, now) === null;
  if (!canPassword && !isFreshLogin(session, user, now)) {
    throw reauthenticationRequired(session);
  }
}

function isFreshLogin({ createdAt }: SessionRecord, user: UserCredentials, now: number): boolean {
  const unprovenSince = stillUnprovenSince(user, now);
  return now - createdAt <= FRESH_LOGIN_MS && (unprovenSince === null || createdAt < unprovenSince);
}

function reauthenticationRequired({ orgId, userId }: SessionRecord): AuthError {
  return new AuthError('REAUTHENTICATION_REQUIRED', { subject: { orgId, userId } });
}

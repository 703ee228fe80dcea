import { readCredentials, requireCurrentPassword } from '../auth/current-password.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { isFreshLogin, stillUnprovenSince } from '../auth/unproven-password.ts';
import { requireCaller } from '../call.ts';
import type { Caller } from '../caller.ts';
import { AuthError } from '../errors.ts';
import type { CallContext, Ports, ProvenClaims } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';

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
export async function requireFreshProof(ports: Ports, asked: AskedProof, call: CallContext): Promise<FreshProof> {
  const { session, claims, currentPassword, caller } = asked;
  const { orgId, userId } = session;
  const present = await readCredentials(ports, orgId, userId);
  requireOneThatCan(asked, present, ports.clock.now());
  if (currentPassword === '') {
    return { user: present, byPassword: false };
  }
  const slot = await ports.passwords.acquire(caller, call);
  try {
    const user = await readCredentials(ports, orgId, userId);
    requireOneThatCan(asked, user, ports.clock.now());
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
function requireOneThatCan({ session, claims, currentPassword }: AskedProof, user: UserCredentials, now: number): void {
  const canPassword = currentPassword !== '' && stillUnprovenSince(user, now) === null;
  const { credentialVersion } = claims;
  if (!canPassword && !isFreshLogin({ createdAt: session.createdAt, credentialVersion }, user, now)) {
    throw reauthenticationRequired(session);
  }
}

function reauthenticationRequired({ orgId, userId }: SessionRecord): AuthError {
  return new AuthError('REAUTHENTICATION_REQUIRED', { subject: { orgId, userId } });
}

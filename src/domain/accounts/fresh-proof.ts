import { readCredentials, requireCurrentPassword } from '../auth/current-password.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { isFreshLogin, stillUnprovenSince } from '../auth/unproven-password.ts';
import { requireCaller } from '../call.ts';
import type { Caller } from '../caller.ts';
import { AuthError } from '../errors.ts';
import type { CallContext, Ports, ProvenClaims } from '../ports.ts';
import type { GivenCode } from '../second-factors/given-code.ts';
import { proveSessionCode } from '../second-factors/prove-code.ts';
import type { CodeUse } from '../second-factors/storage.ts';
import { ownSession } from '../sessions/own-session.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import type { Tenant } from '../tenant.ts';

/** Who is to give a fresh proof, and by what. */
export interface AskedProof {
  /** Live. */
  readonly session: SessionRecord;
  /** Of its token. */
  readonly claims: ProvenClaims;
  /** '' where it was not given. */
  readonly currentPassword: string;
  /** Null where none was given. */
  readonly code: GivenCode | null;
  readonly caller: Caller & Tenant;
}

/** A fresh proof of who a session's user is. */
export interface FreshProof {
  /** As it was proven: the step that follows compares its `credentialVersion`. */
  readonly user: UserCredentials;
  /** Whether by the present password. */
  readonly byPassword: boolean;
  /** Of a user with a second factor: the code, which the step that follows spends. */
  readonly spends: CodeUse | null;
}

/**
 * Demands more than a session, which may have been stolen: the present password, counted as ChangePassword counts wrong ones, or a
 * login of the last 15 minutes, which no renewal freshens. A password that a session set without the one before is no proof for 7
 * days, nor is a login since. Of a user with a second factor a code besides, which is compared last.
 *
 * Throws what `demand` does of the user; REAUTHENTICATION_REQUIRED; CREDENTIALS_INVALID for a wrong password, also where the login is
 * fresh; CODE_INVALID, ACCOUNT_LOCKED for a code; SESSION_REVOKED, OVERLOADED, DEADLINE_EXCEEDED.
 */
export async function requireFreshProof(
  ports: Ports,
  asked: AskedProof,
  call: CallContext,
  demand: (user: UserCredentials) => void,
): Promise<FreshProof> {
  const { user, byPassword } = await proveByPasswordOrLogin(ports, asked, call, demand);
  const { code, claims, caller } = asked;
  const spends =
    user.hasSecondFactor && code !== null
      ? await proveSessionCode(ports, ownSession(claims, caller), code, { withPassword: byPassword })
      : null;
  return { user, byPassword, spends };
}

async function proveByPasswordOrLogin(
  ports: Ports,
  asked: AskedProof,
  call: CallContext,
  demand: (user: UserCredentials) => void,
): Promise<Omit<FreshProof, 'spends'>> {
  const { session, claims, currentPassword, caller } = asked;
  const { orgId, userId } = session;
  const present = await readCredentials(ports, orgId, userId);
  demand(present);
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
 * Throws REAUTHENTICATION_REQUIRED where neither the login nor the password can be a proof, or a code is missing that is needed: then
 * nothing is compared, and nothing counts as wrong.
 */
export function requireOneThatCan(
  { session, claims, currentPassword, code }: Omit<AskedProof, 'caller'>,
  user: UserCredentials,
  now: number,
): void {
  if (user.hasSecondFactor && code === null) {
    throw reauthenticationRequired(session, 'This needs a code of the second factor, too.');
  }
  const canPassword = currentPassword !== '' && stillUnprovenSince(user, now) === null;
  const { credentialVersion } = claims;
  if (!canPassword && !isFreshLogin({ createdAt: session.createdAt, credentialVersion }, user, now)) {
    throw reauthenticationRequired(session);
  }
}

function reauthenticationRequired({ orgId, userId }: SessionRecord, message?: string): AuthError {
  const subject = { orgId, userId };
  return new AuthError('REAUTHENTICATION_REQUIRED', message === undefined ? { subject } : { subject, message });
}

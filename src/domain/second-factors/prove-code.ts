import { MOST_WRONG_PASSWORDS } from '../auth/current-password.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { AuthError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { OwnSession } from '../sessions/storage.ts';
import { refusal } from '../tenant.ts';
import type { GivenCode } from './given-code.ts';
import type { CodeReservation, CodeUse, SecondFactor } from './storage.ts';

type CodePorts = Pick<Ports, 'storage' | 'clock' | 'totpSecrets' | 'loginCodes'>;

/**
 * The code of a session's user, to be spent by the step that follows. It is counted before it is compared, for the user and for the
 * session, there with the right password that came with it. Throws CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_NOT_ENABLED, SESSION_REVOKED, API_KEY_INVALID, ORGANIZATION_NOT_FOUND.
 */
export async function proveSessionCode(
  ports: CodePorts,
  session: OwnSession,
  given: GivenCode,
  { withPassword }: { readonly withPassword: boolean },
): Promise<CodeUse> {
  const at = ports.clock.now();
  const reservation = await ports.storage.reserveCode({
    by: 'session',
    session: { ...session, at },
    method: given.kind,
    most: MOST_WRONG_PASSWORDS,
    isCounted: withPassword,
  });
  if (reservation.outcome !== 'reserved') {
    throw refusalOfCode(reservation, { orgId: session.tenant.orgId, userId: session.userId });
  }
  return requireCode(ports, reservation, given);
}

/** Throws CODE_INVALID for a code that is not this factor's, or of a step that was taken before. */
export async function requireCode(
  { totpSecrets, loginCodes, clock }: Pick<CodePorts, 'totpSecrets' | 'loginCodes' | 'clock'>,
  { user, factor }: { readonly user: UserCredentials; readonly factor: SecondFactor },
  { kind, code }: GivenCode,
): Promise<CodeUse> {
  if (kind === 'recovery') {
    // Whether there is such a one tells the write that spends it.
    return { kind, digest: loginCodes.recoveryDigest(user, code) };
  }
  const { sealedSecret, lastStep } = factor;
  const step = sealedSecret === null ? null : await totpSecrets.matchingStep(user, sealedSecret, code, clock.now());
  if (step === null || step <= lastStep) {
    throw codeInvalid(user);
  }
  return { kind, step };
}

/** What a code that is not compared is answered. */
export function refusalOfCode(
  { outcome }: Exclude<CodeReservation, { readonly outcome: 'reserved' }>,
  subject: { readonly orgId: string; readonly userId?: string },
): AuthError {
  return outcome === 'locked' ? new AuthError('ACCOUNT_LOCKED', { message: LOCKED, subject }) : refusal(outcome);
}

export function codeInvalid({ orgId, userId }: Pick<UserCredentials, 'orgId' | 'userId'>): AuthError {
  return new AuthError('CODE_INVALID', { subject: { orgId, userId } });
}

const LOCKED = 'Too many wrong codes for this account. A recovery code opens it, or an administrator.';

import { HARD_LOCK_AT } from '../auth/tries.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { settingsOf } from '../organizations/settings.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { type CompletedLogin, completeLogin } from './answer-challenge.ts';
import {
  type ChallengeInput,
  type ChallengeParameters,
  type ProvenClaim,
  proveChallenge,
  readChallengeCall,
} from './challenge-call.ts';
import { readDigits } from './given-code.ts';
import { codeInvalid, refusalOfCode } from './prove-code.ts';

/** Parameters of VerifyEmailCode; '' where one is missing. */
export interface VerifyEmailCodeInput extends ChallengeInput {
  readonly code: string;
}

/** The same parameters, checked. */
export interface VerifyEmailCodeParameters extends ChallengeParameters {
  readonly code: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readVerifyEmailCode(
  input: VerifyEmailCodeInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<VerifyEmailCodeParameters> {
  const challenge = readChallengeCall(input, rules, faults);
  return checked({ ...challenge, code: readDigits('code', input.code, faults) }, faults);
}

/**
 * Answers a challenge by the code of a mail: as the second factor, before one is set up, or of a login by mail.
 *
 * Throws CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_REQUIRED, PASSWORD_CHANGE_REQUIRED.
 */
export async function verifyEmailCode(
  ports: Ports,
  { challenge: token, code }: Checked<VerifyEmailCodeParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<CompletedLogin> {
  const proven = proveChallenge(ports, token, tenant, ['second_factor', 'login_code']);
  const { claim } = proven;
  const { user, codeDigest } =
    proven.challenge.kind === 'login_code'
      ? await reserveLoginCode(ports, proven, tenant)
      : await reserveEmailCode(ports, proven);
  const digest = ports.loginCodes.matchingDigest(claim, code, codeDigest);
  if (user === null || digest === null) {
    throw user === null ? new AuthError('CODE_INVALID', { subject: { orgId: claim.orgId } }) : codeInvalid(user);
  }
  return completeLogin(ports, { claim, user, used: { kind: 'email', digest }, tenant }, call);
}

async function reserveEmailCode({ storage }: Pick<Ports, 'storage'>, { claim }: ProvenClaim) {
  const reservation = await storage.reserveCode({ by: 'challenge', claim, method: 'email' });
  if (reservation.outcome !== 'reserved') {
    throw refusalOfCode(reservation, { orgId: claim.orgId });
  }
  const { user, challenge } = reservation;
  const isGood = challenge !== null && challenge.codeUntil > claim.at;
  return { user, codeDigest: isGood ? challenge.codeDigest : null };
}

async function reserveLoginCode(
  { storage }: Pick<Ports, 'storage'>,
  { challenge, claim }: ProvenClaim,
  tenant: IdentifiedTenant | null,
) {
  const organization = await storage.findOrganization(claim.orgId);
  if (organization === null || !settingsOf(organization).loginByEmail) {
    // Switched off since.
    throw new AuthError('CHALLENGE_INVALID');
  }
  const callerClass = tenant?.callerClass ?? 'no_key';
  const { expiresAt } = challenge;
  const reservation = await storage.reserveLoginCode({ ...claim, expiresAt, callerClass, most: HARD_LOCK_AT });
  if (reservation.outcome !== 'reserved') {
    throw new AuthError('CHALLENGE_INVALID');
  }
  return reservation;
}

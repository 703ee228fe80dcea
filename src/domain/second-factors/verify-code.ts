import type { FieldViolation } from '../errors.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { type CompletedLogin, completeLogin } from './answer-challenge.ts';
import { type ChallengeInput, type ChallengeParameters, proveChallenge, readChallengeCall } from './challenge-call.ts';
import { type GivenCode, readDigits, readRecoveryCode } from './given-code.ts';
import { refusalOfCode, requireCode } from './prove-code.ts';

/** Parameters of VerifyTotp; '' where one is missing. */
export interface VerifyTotpInput extends ChallengeInput {
  readonly code: string;
}

/** Parameters of VerifyRecoveryCode; '' where one is missing. */
export interface VerifyRecoveryCodeInput extends ChallengeInput {
  readonly recoveryCode: string;
}

/** The parameters of either, checked. */
export interface VerifyCodeParameters extends ChallengeParameters {
  readonly given: GivenCode;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readVerifyTotp(
  input: VerifyTotpInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<VerifyCodeParameters> {
  const challenge = readChallengeCall(input, rules, faults);
  return checked({ ...challenge, given: { kind: 'totp', code: readDigits('code', input.code, faults) } }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readVerifyRecoveryCode(
  input: VerifyRecoveryCodeInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<VerifyCodeParameters> {
  const challenge = readChallengeCall(input, rules, faults);
  const code = readRecoveryCode('recovery_code', input.recoveryCode, faults);
  return checked({ ...challenge, given: { kind: 'recovery', code } }, faults);
}

/**
 * Answers a challenge by a code of the user's second factor. The try is counted before the code is compared, and the code is spent in the
 * write that opens the session: of many at once one does (docs/security.md, F2).
 *
 * Throws CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED, PASSWORD_CHANGE_REQUIRED.
 */
export async function verifyCode(
  ports: Ports,
  { challenge: token, given }: Checked<VerifyCodeParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<CompletedLogin> {
  const { claim } = proveChallenge(ports, token, tenant, ['second_factor']);
  const reservation = await ports.storage.reserveCode({ by: 'challenge', claim, method: given.kind });
  if (reservation.outcome !== 'reserved') {
    throw refusalOfCode(reservation, { orgId: claim.orgId });
  }
  const { user } = reservation;
  return completeLogin(ports, { claim, user, used: requireCode(ports, reservation, given), tenant }, call);
}

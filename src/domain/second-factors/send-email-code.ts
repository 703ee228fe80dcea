import { AuthError, type FieldViolation } from '../errors.ts';
import { settingsOf } from '../organizations/settings.ts';
import { type Checked, checked } from '../parameters.ts';
import type { Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { EMAIL_CODE_MS, methodsOf, takes } from './challenge.ts';
import { type ChallengeInput, type ChallengeParameters, readChallengeCall } from './challenge-call.ts';
import { readChallenge } from './read-challenge.ts';

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readSendEmailCode(
  input: ChallengeInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ChallengeParameters> {
  return checked(readChallengeCall(input, rules, faults), faults);
}

/**
 * Mails a code to the proven address of a challenge's user. Beyond the budget of mails nothing is sent, the answer is the same, and the
 * code before stays good. Throws CHALLENGE_INVALID, also where the challenge takes no code of a mail.
 */
export async function sendEmailCode(
  ports: Ports,
  { challenge: token }: Checked<ChallengeParameters>,
  tenant: IdentifiedTenant | null,
): Promise<{ readonly expiresAt: number }> {
  const { claim, user, organization, challenge, factor } = await readChallenge(ports, token, tenant);
  if (!takes(methodsOf(challenge, user, factor, settingsOf(organization)), 'email')) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  const { code, digest } = ports.loginCodes.createEmailCode(claim);
  const { orgId, userId, email, credentialVersion } = user;
  const until = Math.min(claim.at + EMAIL_CODE_MS, challenge.expiresAt);
  const mail = { orgId, userId, to: email, newEmail: null, credentialVersion, code: { code, until } };
  // Of whoever logged in, also where this call comes without a key: no stranger's mails take its place, or its budget.
  const sealed = ports.mails.seal({ kind: 'second_factor_code', ...mail }, challenge.callerClass, claim.at);
  const result = await ports.storage.putEmailCode(claim, { digest, until, mail: sealed });
  if (result.outcome === 'challenge_invalid') {
    throw new AuthError('CHALLENGE_INVALID');
  }
  return { expiresAt: result.until };
}

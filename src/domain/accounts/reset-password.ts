import { requireCaller } from '../call.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type Checked, checked, readRequired } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readOptionalPassword, readPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { changeRequiredPassword } from '../second-factors/change-required-password.ts';
import { type ProvenMailToken, proveMailToken } from './spend-token.ts';

/** Parameters of ResetPassword; '' where one is missing. */
export interface ResetPasswordInput {
  readonly token: string;
  readonly newPassword: string;
  readonly currentPassword: string;
}

export interface ResetPasswordResult {
  readonly email: string;
  readonly orgId: string;
  readonly endedSessions: number;
}

/**
 * The class in which a reset is hashed. Its token proves a user of the organization, as a session does, and every session token
 * carries the key of this class: whoever wants to crowd the queue by resets could do so without one. The lowest class would let
 * strangers who bring nothing keep out who forgot the password, and the highest would let any user hold up the backends.
 */
const HASHED_AS = 'token_key';

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY. */
export function readResetPassword(
  input: ResetPasswordInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ResetPasswordInput> {
  const token = readRequired('token', input.token, faults);
  const newPassword = readPassword('newPassword', input.newPassword, faults);
  const currentPassword = readOptionalPassword('currentPassword', input.currentPassword, faults);
  const parameters = checked({ token, newPassword, currentPassword }, faults);
  requireGoodPassword(newPassword, rules, null);
  return parameters;
}

/**
 * Sets a new password by the token of a mail, which is void from then on: of many at once one succeeds, and the others cost no hash
 * once it has. All sessions end, the address is proven, what failed logins locked is open, and the user is told by mail. Nobody is
 * logged in. The challenge of a login that demands another password is taken, too ({@link changeRequiredPassword}).
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, PASSWORD_POLICY, OVERLOADED, DEADLINE_EXCEEDED.
 */
export async function resetPassword(
  ports: Ports,
  parameters: Checked<ResetPasswordInput>,
  call: CallContext,
): Promise<ResetPasswordResult> {
  const { token, newPassword } = parameters;
  if (ports.challengeTokens.read(token) !== null) {
    return changeRequiredPassword(ports, parameters, call);
  }
  const kinds = ['reset_password', 'invite'] as const;
  const { user } = await proveMailToken(ports, token, kinds);
  await requireFitPassword(ports, newPassword, user);

  const slot = await ports.passwords.acquire({ orgId: user.orgId, callerClass: HASHED_AS }, call);
  try {
    // Another with the same token may have been faster while this one waited.
    const proven = await proveMailToken(ports, token, kinds);
    const passwordHash = await slot.hash(newPassword);
    requireCaller(call);
    return await write(ports, proven, passwordHash);
  } finally {
    slot.release();
  }
}

async function write(
  { storage, clock, mails }: Ports,
  { user, epoch }: ProvenMailToken,
  passwordHash: string,
): Promise<ResetPasswordResult> {
  const { orgId, userId, email, credentialVersion } = user;
  const at = clock.now();
  const told = {
    kind: 'password_was_reset',
    orgId,
    userId,
    to: email,
    newEmail: null,
    credentialVersion: null,
  } as const;
  const notice = mails.seal(told, 'no_key', at);
  const reset = { orgId, userId, email, credentialVersion, epoch, passwordHash, notice, at };
  const result = await storage.resetPassword(reset);
  if (result.outcome !== 'reset') {
    throw new AuthError('TOKEN_INVALID');
  }
  return { email, orgId, endedSessions: result.endedSessions };
}

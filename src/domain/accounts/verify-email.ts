import { AuthError, type FieldViolation } from '../errors.ts';
import { type Checked, checked, readRequired } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { type ProvenMailToken, proveMailToken } from './spend-token.ts';

/** Parameters of VerifyEmail; '' where one is missing. */
export interface VerifyEmailInput {
  readonly token: string;
}

/** Whose address is proven. */
export interface VerifiedEmail {
  readonly email: string;
  readonly userId: string;
  readonly orgId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readVerifyEmail(input: VerifyEmailInput, faults: FieldViolation[] = []): Checked<VerifyEmailInput> {
  return checked({ token: readRequired('token', input.token, faults) }, faults);
}

/**
 * Takes the token of a mail: that of a verification proves the address, and again is a success; that of a change moves the user to the
 * new address, which it proves, and ends all sessions.
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS.
 */
export async function verifyEmail(ports: Ports, { token: text }: Checked<VerifyEmailInput>): Promise<VerifiedEmail> {
  const proven = await proveMailToken(ports, text, ['verify_email', 'change_email']);
  const { address } = proven.token;
  return address === null ? prove(ports, proven) : move(ports, proven, address);
}

async function prove({ storage, clock }: Ports, { user, epoch }: ProvenMailToken): Promise<VerifiedEmail> {
  const { orgId, userId, email } = user;
  if ((await storage.verifyEmail({ orgId, userId, email, epoch, at: clock.now() })) !== 'verified') {
    throw new AuthError('TOKEN_INVALID');
  }
  return { email, userId, orgId };
}

async function move(
  { storage, clock }: Ports,
  { user, epoch }: ProvenMailToken,
  newEmail: string,
): Promise<VerifiedEmail> {
  const { orgId, userId, email, credentialVersion } = user;
  const change = { orgId, userId, email, newEmail, credentialVersion, epoch, at: clock.now() };
  const { outcome } = await storage.changeEmail(change);
  if (outcome !== 'changed') {
    throw new AuthError(outcome === 'user_exists' ? 'USER_EXISTS' : 'TOKEN_INVALID');
  }
  return { email: newEmail, userId, orgId };
}

import { AuthError } from '../errors.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { proveMailToken } from './spend-token.ts';
import type { VerifiedEmail, VerifyEmailInput } from './verify-email.ts';

/**
 * Takes the token of a warning: gives the user the address back that it was mailed to, or voids a change that was not made yet, ends
 * all sessions, and mails a link that sets a new password: the present one opens nothing any more, for whoever is undone may know it.
 * Warnings that were mailed to later addresses are void then, those to
 * earlier ones not.
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS where somebody else has the address by now, which was not proven.
 */
export async function undoEmailChange(
  ports: Ports,
  { token: text }: Checked<VerifyEmailInput>,
): Promise<VerifiedEmail> {
  const { token, user, epoch } = await proveMailToken(ports, text, ['email_change_warning']);
  const { storage, clock, mails } = ports;
  const { orgId, userId } = user;
  const email = token.address ?? user.email;
  const addressVersion = token.addressVersion ?? user.addressVersion;
  const at = clock.now();
  const reset = { kind: 'reset_password', orgId, userId, to: email, newEmail: null, credentialVersion: null } as const;
  const mail = mails.seal(reset, 'no_key', at);
  const { outcome } = await storage.takeEmailBack({ orgId, userId, email, addressVersion, epoch, mail, at });
  if (outcome !== 'changed') {
    throw new AuthError(outcome === 'user_exists' ? 'USER_EXISTS' : 'TOKEN_INVALID');
  }
  return { email, userId, orgId };
}

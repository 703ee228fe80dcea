import { AuthError } from '../errors.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { proveMailToken } from './spend-token.ts';
import { undoEmailChange } from './undo-email-change.ts';
import type { VerifiedEmail, VerifyEmailInput } from './verify-email.ts';

/**
 * Takes the token of a mail that told a user what was done with the account: it was somebody else. All sessions end, the present password
 * opens nothing any more, and a link that sets a new one is mailed. A second factor stays: a mailbox alone takes none off. The token of a
 * change of the address takes that back ({@link undoEmailChange}).
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS.
 */
export async function reportNotMe(ports: Ports, parameters: Checked<VerifyEmailInput>): Promise<VerifiedEmail> {
  if (ports.mailTokens.read(parameters.token)?.kind === 'email_change_warning') {
    return undoEmailChange(ports, parameters);
  }
  const { user, epoch } = await proveMailToken(ports, parameters.token, ['not_me']);
  const { orgId, userId, email } = user;
  const at = ports.clock.now();
  const reset = { kind: 'reset_password', orgId, userId, to: email, newEmail: null, credentialVersion: null } as const;
  const mail = ports.mails.seal(reset, 'no_key', at);
  if ((await ports.storage.reportNotMe({ orgId, userId, email, epoch, mail, at })) !== 'reported') {
    throw new AuthError('TOKEN_INVALID');
  }
  return { email, userId, orgId };
}

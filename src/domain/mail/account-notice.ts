import type { UserCredentials } from '../auth/storage.ts';
import type { CallerClass } from '../caller.ts';
import type { Ports } from '../ports.ts';
import type { AccountNoticeKind } from './mail.ts';
import type { NewMail } from './storage.ts';

/**
 * The mail that tells a user what was done with their account, with a link that says it was not them. Null where the address is not
 * proven: whoever reads mail there may be somebody else.
 */
export function accountNotice(
  { mails }: Pick<Ports, 'mails'>,
  { orgId, userId, email, emailVerifiedAt }: UserCredentials,
  kind: AccountNoticeKind,
  callerClass: CallerClass,
  at: number,
): NewMail | null {
  if (emailVerifiedAt === null) {
    return null;
  }
  return mails.seal({ kind, orgId, userId, to: email, newEmail: null, credentialVersion: null }, callerClass, at);
}

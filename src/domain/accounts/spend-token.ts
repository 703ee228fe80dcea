import type { UserCredentials } from '../auth/storage.ts';
import { AuthError } from '../errors.ts';
import type { Organization } from '../organizations/storage.ts';
import type { Ports } from '../ports.ts';
import type { MailTokenKind, UnprovenMailToken } from './mail-token.ts';

/** A token that is good at this instant. The step of the store that spends it compares once more what it is bound to. */
export interface ProvenMailToken {
  readonly token: UnprovenMailToken;
  readonly user: UserCredentials;
  readonly organization: Organization;
  /** The epoch of the store under which it was proven. */
  readonly epoch: string;
}

/**
 * A token of one of these kinds, with whose it is. Throws TOKEN_INVALID for one that is malformed, forged, of another kind or void,
 * and while its user is disabled or its organization closed: it does not tell which; TOKEN_EXPIRED.
 */
export async function proveMailToken(
  { storage, clock, mailTokens }: Pick<Ports, 'storage' | 'clock' | 'mailTokens'>,
  text: string,
  kinds: readonly MailTokenKind[],
): Promise<ProvenMailToken> {
  const token = mailTokens.read(text);
  if (token === null || !kinds.includes(token.kind)) {
    throw new AuthError('TOKEN_INVALID');
  }
  const { orgId, userId, expiresAt } = token;
  const [organization, user] = await Promise.all([
    storage.findOrganization(orgId),
    storage.findUserCredentials(orgId, userId),
  ]);
  const epoch = user && mailTokens.prove(token, user);
  if (user === null || epoch === null || organization === null) {
    throw new AuthError('TOKEN_INVALID');
  }
  if (user.disabledAt !== null || organization.closedAt !== null) {
    throw new AuthError('TOKEN_INVALID');
  }
  if (expiresAt <= clock.now()) {
    throw new AuthError('TOKEN_EXPIRED', { subject: { orgId, userId } });
  }
  return { token, user, organization, epoch };
}

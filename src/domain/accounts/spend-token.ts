import type { UserCredentials } from '../auth/storage.ts';
import { AuthError } from '../errors.ts';
import type { Organization } from '../organizations/storage.ts';
import type { Ports } from '../ports.ts';
import { leadsBack } from './left-address.ts';
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
  const now = clock.now();
  if (!(await isWarningGood(storage, token, user, now))) {
    throw new AuthError('TOKEN_INVALID');
  }
  if (expiresAt <= now) {
    throw new AuthError('TOKEN_EXPIRED', { subject: { orgId, userId } });
  }
  return { token, user, organization, epoch };
}

/** True of every other kind. */
async function isWarningGood(
  storage: Ports['storage'],
  { orgId, userId, address, addressVersion }: UnprovenMailToken,
  user: UserCredentials,
  now: number,
): Promise<boolean> {
  if (address === null || addressVersion === null) {
    return true;
  }
  const left = await storage.findLeftAddress(orgId, userId, addressVersion);
  return leadsBack({ email: address, addressVersion }, user, left, now);
}

import type { UserCredentials } from '../auth/storage.ts';
import { AuthError } from '../errors.ts';
import type { Organization } from '../organizations/storage.ts';
import type { Ports } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { type ProvenClaim, proveChallenge } from './challenge-call.ts';
import type { LoginChallenge, SecondFactor } from './storage.ts';

/** A challenge as it was read; the step that follows looks at all of it again. */
export interface ReadChallenge {
  readonly claim: ProvenClaim['claim'];
  readonly challenge: LoginChallenge;
  readonly user: UserCredentials;
  readonly organization: Organization;
  readonly factor: Pick<SecondFactor, 'withholdsEmail'>;
}

/** The challenge of a login that was proven by a password or a mail, with whose it is. Throws CHALLENGE_INVALID. */
export async function readChallenge(
  ports: Pick<Ports, 'storage' | 'clock' | 'challengeTokens'>,
  token: string,
  tenant: IdentifiedTenant | null,
): Promise<ReadChallenge> {
  const { storage } = ports;
  const { claim } = proveChallenge(ports, token, tenant, ['second_factor']);
  const { orgId, challengeId } = claim;
  const challenge = await storage.findLoginChallenge(orgId, challengeId);
  if (challenge === null) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  const [user, organization, factor] = await Promise.all([
    storage.findUserCredentials(orgId, challenge.userId),
    storage.findOrganization(orgId),
    storage.findSecondFactor(orgId, challenge.userId),
  ]);
  if (user === null || user.disabledAt !== null || organization === null || organization.closedAt !== null) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  return { claim, challenge, user, organization, factor: factor ?? { withholdsEmail: false } };
}

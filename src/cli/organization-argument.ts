import { AuthError } from '../domain/errors.ts';
import { findOrganizationByName, getOrganization } from '../domain/organization.ts';
import type { Ports } from '../domain/ports.ts';
import type { Organization } from '../domain/storage.ts';

/** What ORG means, for help texts. */
export const ORG_HELP = 'org_id, or the exact name';

/**
 * The organization that a command names, closed or not: by its id, otherwise by its exact name. Sign-up compares
 * names without case; a command that closes or revokes must not guess. Throws ORGANIZATION_NOT_FOUND.
 */
export async function organizationOf(ports: Ports, argument: string): Promise<Organization> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(argument)) {
    return getOrganization(ports, { orgId: argument, faults: [] });
  }
  const organization = await findOrganizationByName(ports, argument);
  if (organization === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  if (organization.name.normalize('NFC') !== argument.trim().normalize('NFC')) {
    throw new AuthError('ORGANIZATION_NOT_FOUND', {
      message: `There is no organization of exactly this name. Did you mean "${organization.name}"?`,
    });
  }
  return organization;
}

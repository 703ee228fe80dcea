import { AuthError } from '../domain/errors.ts';
import { findOrganizationByName, getOrganization, readOrganization } from '../domain/organizations/organization.ts';
import type { Organization } from '../domain/organizations/storage.ts';
import type { Ports } from '../domain/ports.ts';
import { isUuid } from '../domain/uuid.ts';
import { type Terminal, withAdministration } from './command.ts';

/** Opens the store, finds the organization that a command names, and works with it; see {@link withAdministration}. */
export function withOrganization(
  terminal: Terminal,
  argument: string,
  work: (ports: Ports, orgId: string) => Promise<void>,
): Promise<void> {
  return withAdministration(terminal, async ({ ports }) => {
    const { orgId } = await organizationOf(ports, argument);
    await work(ports, orgId);
  });
}

/** What ORG means, for help texts. */
export const ORG_HELP = 'org_id, or the exact name';

/**
 * The organization that a command names, closed or not: by its id, otherwise by its exact name. Sign-up compares
 * names without case; a command that closes or revokes must not guess. Throws ORGANIZATION_NOT_FOUND.
 */
export async function organizationOf(ports: Ports, argument: string): Promise<Organization> {
  if (isUuid(argument.toLowerCase())) {
    return getOrganization(ports, readOrganization({ orgId: argument }));
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

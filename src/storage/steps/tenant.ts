import type { ApiKeyRecord, Organization } from '../../domain/organizations/storage.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { Answer, Rows } from '../rows.ts';

/** A tenant's organization, and the key that it showed. */
export function tenantOf(
  { organizations, apiKeys }: Rows,
  { orgId, keyId }: Tenant,
): readonly [Answer<Organization | null>, Answer<ApiKeyRecord | null>] {
  return [organizations.find(orgId), keyId === null ? null : apiKeys.find(orgId, keyId)];
}

/** Why a tenant may not go on, as a fresh call would be told; null while it is open. */
export function refuseTenant(
  { keyId }: Tenant,
  organization: Organization | null,
  key: ApiKeyRecord | null,
): 'api_key_invalid' | 'organization_not_found' | null {
  const isOpen = organization !== null && organization.closedAt === null;
  if (keyId === null) {
    return isOpen ? null : 'organization_not_found';
  }
  return isOpen && key !== null && key.revokedAt === null ? null : 'api_key_invalid';
}

import type { Tenant } from '../../domain/tenant.ts';
import { apiKeyTable } from './api-keys.ts';
import type { Connection } from './driver.ts';
import { organizationTable } from './organizations.ts';
import { sessionEndings } from './session-endings.ts';
import { sessionTable } from './sessions.ts';
import { signingKeyTable } from './signing-keys.ts';
import { spentNonceTable } from './spent-nonces.ts';
import { storeIdentityTable } from './store-identity.ts';
import { sweeping } from './sweep.ts';
import { userTable } from './users.ts';

/** Every statement of one connection, prepared once. */
export type Tables = ReturnType<typeof prepareTables>;

export function prepareTables(connection: Connection) {
  return {
    identity: storeIdentityTable(connection),
    organizations: organizationTable(connection),
    apiKeys: apiKeyTable(connection),
    users: userTable(connection),
    sessions: sessionTable(connection),
    endSessions: sessionEndings(connection),
    spentNonces: spentNonceTable(connection),
    signingKeys: signingKeyTable(connection),
    sweep: sweeping(connection),
  };
}

/** Why a tenant may not go on, as a fresh call would be told; null while it is open. */
export function refuseTenant(tables: Tables, tenant: Tenant): 'api_key_invalid' | 'organization_not_found' | null {
  if (tenant.keyId === null) {
    return tables.organizations.isOpen(tenant.orgId) ? null : 'organization_not_found';
  }
  return tables.apiKeys.isLive(tenant.orgId, tenant.keyId) ? null : 'api_key_invalid';
}

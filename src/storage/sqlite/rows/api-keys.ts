import type { TokenKey } from '../../../domain/auth/storage.ts';
import type { ApiKeyOwner, ApiKeyRecord, ManagementKeyOwner } from '../../../domain/organizations/storage.ts';
import type { SealedApiKey } from '../../../domain/secret/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { pageParameters } from './paging.ts';

const COLUMNS = `key_id AS keyId, org_id AS orgId, label, in_tokens AS inTokens, was_sealed AS wasSealed,
  kind, impersonate, created_at AS createdAt, revoked_at AS revokedAt`;

/**
 * By a subquery, because every call makes this look-up: from SQLite 3.54 on a JOIN costs three times as much (measured
 * 14 against 4 µs). The organization is there: a foreign key holds it.
 */
const CLOSED_AT = '(SELECT closed_at FROM organizations WHERE organizations.org_id = api_keys.org_id)';

/** As SQLite gives it: it has no boolean. */
type ApiKeyRow = Omit<ApiKeyRecord, 'inTokens' | 'wasSealed' | 'impersonate'> & {
  readonly inTokens: number;
  readonly wasSealed: number;
  readonly impersonate: number;
};
type ManagementRow = Omit<ManagementKeyOwner, 'impersonate'> & { readonly impersonate: number };
type OwnerRow = Omit<ApiKeyOwner, 'wasSealed'> & { readonly wasSealed: number };

/** The table `api_keys`. */
export function apiKeyRows(connection: Connection): Rows['apiKeys'] {
  const byHash = connection.prepare<[Uint8Array], OwnerRow>(
    `SELECT key_id AS keyId, org_id AS orgId, was_sealed AS wasSealed, revoked_at AS revokedAt,
       ${CLOSED_AT} AS organizationClosedAt
     FROM api_keys WHERE api_key_hash = ? AND kind = 'api'`,
  );
  const managementByHash = connection.prepare<[Uint8Array], ManagementRow>(
    `SELECT key_id AS keyId, org_id AS orgId, kind, impersonate, revoked_at AS revokedAt,
       ${CLOSED_AT} AS organizationClosedAt
     FROM api_keys WHERE api_key_hash = ? AND kind <> 'api'`,
  );
  const byId = connection.prepare<[string, string], ApiKeyRow>(
    `SELECT ${COLUMNS} FROM api_keys WHERE org_id = ? AND key_id = ?`,
  );
  const tokenKey = connection.prepare<[string], TokenKey>(
    `SELECT key_id AS keyId, sealed_api_key AS sealedApiKey FROM api_keys WHERE org_id = ? AND in_tokens = 1`,
  );
  const list = connection.prepare<[string, number, string, number], ApiKeyRow>(
    `SELECT ${COLUMNS} FROM api_keys
     WHERE org_id = ? AND (created_at, key_id) > (?, ?) ORDER BY created_at, key_id LIMIT ?`,
  );
  const listSealed = connection.prepare<[string, string, number], SealedApiKey>(
    `SELECT org_id AS orgId, key_id AS keyId, sealed_api_key AS sealedApiKey FROM api_keys
     WHERE (org_id, key_id) > (?, ?) AND sealed_api_key IS NOT NULL ORDER BY org_id, key_id LIMIT ?`,
  );
  const replaceSealed = connection.prepare<[Uint8Array, string, string, Uint8Array]>(
    'UPDATE api_keys SET sealed_api_key = ? WHERE org_id = ? AND key_id = ? AND sealed_api_key = ?',
  );
  const insert = connection.prepare<
    [string, string, string, Uint8Array, Uint8Array | null, number, number, string, number, number]
  >(
    `INSERT INTO api_keys (org_id, key_id, label, api_key_hash, sealed_api_key, was_sealed, in_tokens, kind, impersonate,
       created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const clearTokenKey = connection.prepare<[string]>(
    'UPDATE api_keys SET in_tokens = 0, sealed_api_key = NULL WHERE org_id = ? AND in_tokens = 1',
  );
  const setRevokedAt = connection.prepare<[number, string, string]>(
    'UPDATE api_keys SET revoked_at = ?, in_tokens = 0, sealed_api_key = NULL WHERE org_id = ? AND key_id = ?',
  );
  return {
    findByHash(apiKeyHash) {
      const row = byHash.get(apiKeyHash);
      return row === undefined ? null : { ...row, wasSealed: row.wasSealed === 1 };
    },
    findManagementByHash(apiKeyHash) {
      const row = managementByHash.get(apiKeyHash);
      return row === undefined ? null : { ...row, impersonate: row.impersonate === 1 };
    },
    find(orgId, keyId) {
      const row = byId.get(orgId, keyId);
      return row === undefined ? null : toRecord(row);
    },
    findTokenKey: (orgId) => tokenKey.get(orgId) ?? null,
    list: (orgId, page) => list.all(orgId, ...pageParameters(page)).map(toRecord),
    listSealed: (after, limit) => listSealed.all(after?.orgId ?? '', after?.keyId ?? '', limit),
    replaceSealed: ({ orgId, keyId, from, to }) => replaceSealed.run(to, orgId, keyId, from).changes === 1,
    insert({ orgId, keyId, label, apiKeyHash, sealedApiKey, inTokens, kind, impersonate, createdAt }) {
      const wasSealed = Number(sealedApiKey !== null);
      const sealed = [apiKeyHash, sealedApiKey, wasSealed] as const;
      insert.run(orgId, keyId, label, ...sealed, Number(inTokens), kind, Number(impersonate), createdAt);
    },
    clearTokenKey(orgId) {
      clearTokenKey.run(orgId);
    },
    setRevokedAt(orgId, keyId, revokedAt) {
      setRevokedAt.run(revokedAt, orgId, keyId);
    },
  };
}

function toRecord(row: ApiKeyRow): ApiKeyRecord {
  const { inTokens, wasSealed, impersonate } = row;
  return { ...row, inTokens: inTokens === 1, wasSealed: wasSealed === 1, impersonate: impersonate === 1 };
}

import type { TokenKey } from '../../../domain/auth/storage.ts';
import type { ApiKeyOwner, ApiKeyRecord, ManagementKeyOwner } from '../../../domain/organizations/storage.ts';
import type { SealedApiKey } from '../../../domain/secret/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { type Holds, selection } from './holds.ts';
import { first, pageParameters } from './paging.ts';

/** Of `k`, a key, and `o`, its organization. */
const OWNER_COLUMNS = `k.key_id AS "keyId", k.org_id AS "orgId", k.was_sealed AS "wasSealed",
  k.revoked_at AS "revokedAt", o.closed_at AS "organizationClosedAt"`;

const COLUMNS = `key_id AS "keyId", org_id AS "orgId", label, in_tokens AS "inTokens", was_sealed AS "wasSealed",
  kind, impersonate, created_at AS "createdAt", revoked_at AS "revokedAt"`;
const BY_HASH = statement(
  `SELECT ${OWNER_COLUMNS} FROM {schema}.api_keys k JOIN {schema}.organizations o ON o.org_id = k.org_id
   WHERE k.api_key_hash = $1 AND k.kind = 'api'`,
);
const MANAGEMENT_BY_HASH = statement(
  `SELECT k.key_id AS "keyId", k.org_id AS "orgId", k.kind, k.impersonate, k.revoked_at AS "revokedAt",
     o.closed_at AS "organizationClosedAt"
   FROM {schema}.api_keys k JOIN {schema}.organizations o ON o.org_id = k.org_id
   WHERE k.api_key_hash = $1 AND k.kind <> 'api'`,
);
const BY_ID = selection(`SELECT ${COLUMNS} FROM {schema}.api_keys WHERE org_id = $1 AND key_id = $2`);
const TOKEN_KEY = statement(
  `SELECT key_id AS "keyId", sealed_api_key AS "sealedApiKey" FROM {schema}.api_keys WHERE org_id = $1 AND in_tokens`,
);
const LIST = statement(
  `SELECT ${COLUMNS} FROM {schema}.api_keys
   WHERE org_id = $4 AND (created_at, key_id) > ($1, $2) ORDER BY created_at, key_id LIMIT $3`,
);
const LIST_SEALED = statement(
  `SELECT org_id AS "orgId", key_id AS "keyId", sealed_api_key AS "sealedApiKey" FROM {schema}.api_keys
   WHERE (org_id, key_id) > ($1, $2) AND sealed_api_key IS NOT NULL ORDER BY org_id, key_id LIMIT $3`,
);
const REPLACE_SEALED = statement(
  `UPDATE {schema}.api_keys SET sealed_api_key = $4 WHERE org_id = $1 AND key_id = $2 AND sealed_api_key = $3`,
);
const INSERT = statement(
  `INSERT INTO {schema}.api_keys
     (org_id, key_id, label, api_key_hash, sealed_api_key, was_sealed, in_tokens, kind, impersonate, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);
const CLEAR_TOKEN_KEY = statement(
  'UPDATE {schema}.api_keys SET in_tokens = false, sealed_api_key = NULL WHERE org_id = $1 AND in_tokens',
);
const SET_REVOKED_AT = statement(
  `UPDATE {schema}.api_keys SET revoked_at = $3, in_tokens = false, sealed_api_key = NULL
   WHERE org_id = $1 AND key_id = $2`,
);

/** The table `api_keys`. */
export function apiKeyRows(queries: Queries, holds: Holds): Rows['apiKeys'] {
  return {
    findByHash: (apiKeyHash) => first(queries.all<ApiKeyOwner>(BY_HASH, [apiKeyHash])),
    findManagementByHash: (apiKeyHash) => first(queries.all<ManagementKeyOwner>(MANAGEMENT_BY_HASH, [apiKeyHash])),
    find: (orgId, keyId) => first(queries.all<ApiKeyRecord>(BY_ID[holds.reading.apiKey(orgId)], [orgId, keyId])),
    findTokenKey: (orgId) => first(queries.all<TokenKey>(TOKEN_KEY, [orgId])),
    list: (orgId, page) => queries.all<ApiKeyRecord>(LIST, [...pageParameters(page), orgId]),
    listSealed: (after, limit) =>
      queries.all<SealedApiKey>(LIST_SEALED, [after?.orgId ?? '', after?.keyId ?? '', limit]),
    replaceSealed: async ({ orgId, keyId, from, to }) =>
      (await queries.count(REPLACE_SEALED, [orgId, keyId, from, to])) === 1,
    insert({ orgId, keyId, label, apiKeyHash, sealedApiKey, inTokens, kind, impersonate, createdAt }) {
      const sealed = [apiKeyHash, sealedApiKey, sealedApiKey !== null];
      queries.send(INSERT, [orgId, keyId, label, ...sealed, inTokens, kind, impersonate, createdAt]);
    },
    clearTokenKey: (orgId) => queries.send(CLEAR_TOKEN_KEY, [orgId]),
    setRevokedAt: (orgId, keyId, revokedAt) => queries.send(SET_REVOKED_AT, [orgId, keyId, revokedAt]),
  };
}

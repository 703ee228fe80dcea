import type { LeftAddress } from '../../../domain/accounts/left-address.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const FIND = statement(
  `SELECT email, left_at AS "leftAt" FROM {schema}.left_addresses
   WHERE org_id = $1 AND user_id = $2 AND address_version = $3`,
);
const IS_KEPT = statement(
  `SELECT 1 AS kept FROM {schema}.left_addresses
   WHERE org_id = $1 AND email = $2 AND user_id <> $3 AND was_proven AND left_at > $4 AND left_at < $5 LIMIT 1`,
);
const INSERT = statement(
  `INSERT INTO {schema}.left_addresses (org_id, user_id, address_version, email, was_proven, left_at)
   VALUES ($1, $2, $3, $4, $5, $6)`,
);
const REMOVE_FROM = statement(
  'DELETE FROM {schema}.left_addresses WHERE org_id = $1 AND user_id = $2 AND address_version >= $3',
);
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.left_addresses WHERE (org_id, user_id, address_version) IN
     (SELECT org_id, user_id, address_version FROM {schema}.left_addresses WHERE left_at < $1
      ORDER BY left_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** The table `left_addresses`: who changes those of a user holds the user. */
export function leftAddressRows(queries: Queries): Rows['leftAddresses'] {
  return {
    find: (orgId, userId, addressVersion) => first(queries.all<LeftAddress>(FIND, [orgId, userId, addressVersion])),
    isKept: async (orgId, email, { exceptFor, after, before }) =>
      (await first(queries.all(IS_KEPT, [orgId, email, exceptFor, after, before]))) !== null,
    insert: ({ orgId, userId, addressVersion, email, wasProven, leftAt }) =>
      queries.send(INSERT, [orgId, userId, addressVersion, email, wasProven, leftAt]),
    removeFrom: (orgId, userId, addressVersion) => queries.send(REMOVE_FROM, [orgId, userId, addressVersion]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

import type { LeftAddress } from '../../../domain/accounts/left-address.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** The table `left_addresses`. */
export function leftAddressRows(connection: Connection): Rows['leftAddresses'] {
  const find = connection.prepare<[string, string, number], LeftAddress>(
    'SELECT email, left_at AS leftAt FROM left_addresses WHERE org_id = ? AND user_id = ? AND address_version = ?',
  );
  const isKept = connection.prepare<[string, string, string, number, number], { readonly 1: number }>(
    `SELECT 1 FROM left_addresses
     WHERE org_id = ? AND email = ? AND user_id <> ? AND was_proven = 1 AND left_at > ? AND left_at < ? LIMIT 1`,
  );
  const insert = connection.prepare<[string, string, number, string, number, number]>(
    `INSERT INTO left_addresses (org_id, user_id, address_version, email, was_proven, left_at) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const removeFrom = connection.prepare<[string, string, number]>(
    'DELETE FROM left_addresses WHERE org_id = ? AND user_id = ? AND address_version >= ?',
  );
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM left_addresses WHERE (org_id, user_id, address_version) IN
       (SELECT org_id, user_id, address_version FROM left_addresses WHERE left_at < ? ORDER BY left_at LIMIT ?)`,
  );
  return {
    find: (orgId, userId, addressVersion) => find.get(orgId, userId, addressVersion) ?? null,
    isKept: (orgId, email, { exceptFor, after, before }) =>
      isKept.get(orgId, email, exceptFor, after, before) !== undefined,
    insert({ orgId, userId, addressVersion, email, wasProven, leftAt }) {
      insert.run(orgId, userId, addressVersion, email, Number(wasProven), leftAt);
    },
    removeFrom(orgId, userId, addressVersion) {
      removeFrom.run(orgId, userId, addressVersion);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}

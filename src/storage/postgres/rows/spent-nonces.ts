import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';

/** Waits for another that inserts the same: that one may yet be rolled back. */
const INSERT = statement(
  'INSERT INTO {schema}.spent_nonces (nonce_id, keep_until) VALUES ($1, $2) ON CONFLICT DO NOTHING',
);
const REMOVE = statement('DELETE FROM {schema}.spent_nonces WHERE nonce_id = $1');
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.spent_nonces WHERE nonce_id IN
     (SELECT nonce_id FROM {schema}.spent_nonces WHERE keep_until < $1 ORDER BY keep_until LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** The table `spent_nonces`. */
export function spentNonceRows(queries: Queries): Rows['spentNonces'] {
  return {
    insert: async ({ nonceId, keepUntil }) => (await queries.count(INSERT, [nonceId, keepUntil])) === 1,
    remove: (nonceId) => queries.send(REMOVE, [nonceId]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** The table `spent_nonces`. */
export function spentNonceRows(connection: Connection): Rows['spentNonces'] {
  const insert = connection.prepare<[string, number]>(
    'INSERT INTO spent_nonces (nonce_id, keep_until) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const remove = connection.prepare<[string]>('DELETE FROM spent_nonces WHERE nonce_id = ?');
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM spent_nonces WHERE nonce_id IN
       (SELECT nonce_id FROM spent_nonces WHERE keep_until < ? ORDER BY keep_until LIMIT ?)`,
  );
  return {
    insert: ({ nonceId, keepUntil }) => insert.run(nonceId, keepUntil).changes === 1,
    remove(nonceId) {
      remove.run(nonceId);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}

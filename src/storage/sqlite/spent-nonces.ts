import type { SpentNonce } from '../../domain/auth/storage.ts';
import type { Connection } from './driver.ts';

/** No id of a nonce: those are UUIDs. */
const NO_NONCE = '';

/** The table `spent_nonces`. */
export function spentNonceTable(connection: Connection) {
  const insert = connection.prepare<[string, number]>(
    'INSERT INTO spent_nonces (nonce_id, keep_until) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const remove = connection.prepare<[string]>('DELETE FROM spent_nonces WHERE nonce_id = ?');
  return {
    /**
     * Changes pages of the file, and no row: a full disk fails the commit of these, where it would let an empty one pass,
     * and SQLite leaves out an update to the same value.
     */
    tryWriting(): void {
      insert.run(NO_NONCE, 0);
      remove.run(NO_NONCE);
    },
    /** Whether it was unspent. */
    spend: (nonce: SpentNonce): boolean => insert.run(nonce.nonceId, nonce.keepUntil).changes === 1,
  };
}

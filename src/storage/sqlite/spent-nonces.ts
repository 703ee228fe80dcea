import type { SpentNonce } from '../../domain/storage.ts';
import type { Connection } from './driver.ts';

/** The table `spent_nonces`. */
export function spentNonceTable(connection: Connection) {
  const insert = connection.prepare<[string, number]>(
    'INSERT INTO spent_nonces (nonce_id, keep_until) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  return {
    /** Whether it was unspent. */
    spend: (nonce: SpentNonce): boolean => insert.run(nonce.nonceId, nonce.keepUntil).changes === 1,
  };
}

import { KEEP_ENDED_SIGNING_KEYS_MS } from '../../domain/signing-keys/storage.ts';
import type { Connection } from './driver.ts';

/** Removes what no rule needs any more, at most `limit` rows at once. */
export function sweeping(connection: Connection) {
  const sessions = connection.prepare<[number, number]>(
    `DELETE FROM sessions WHERE (org_id, session_id) IN
       (SELECT org_id, session_id FROM sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
  );
  const nonces = connection.prepare<[number, number]>(
    `DELETE FROM spent_nonces WHERE nonce_id IN
       (SELECT nonce_id FROM spent_nonces WHERE keep_until < ? ORDER BY keep_until LIMIT ?)`,
  );
  // Without an index: a store has one key for each rotation of the last year or so.
  const signingKeys = connection.prepare<{ before: number; limit: number }>(
    `DELETE FROM signing_keys WHERE kid IN
       (SELECT kid FROM signing_keys AS old
        WHERE max(verifies_until, activates_at, coalesce(retired_at, 0)) < :before
          AND (retired_at IS NOT NULL OR EXISTS
            (SELECT 1 FROM signing_keys AS later
             WHERE later.retired_at IS NULL AND later.made_number > old.made_number AND later.activates_at < :before))
        LIMIT :limit)`,
  );
  return (now: number, limit: number): { readonly removed: number; readonly more: boolean } => {
    let removed = sessions.run(now, limit).changes;
    removed += nonces.run(now, limit - removed).changes;
    removed += signingKeys.run({ before: now - KEEP_ENDED_SIGNING_KEYS_MS, limit: limit - removed }).changes;
    return { removed, more: removed >= limit };
  };
}

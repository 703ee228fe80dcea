import type { Connection } from './connection.ts';

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
  return (now: number, limit: number): { readonly removed: number; readonly more: boolean } => {
    const sessionsRemoved = sessions.run(now, limit).changes;
    const noncesRemoved = nonces.run(now, limit - sessionsRemoved).changes;
    const removed = sessionsRemoved + noncesRemoved;
    return { removed, more: removed >= limit };
  };
}

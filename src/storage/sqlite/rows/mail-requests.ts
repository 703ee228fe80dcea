import type { MailRequestRecord } from '../../../domain/mail/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** The table `mail_requests`. */
export function mailRequestRows(connection: Connection): Rows['mailRequests'] {
  const count = connection
    .prepare<[string, string, number], number>(
      'SELECT count(*) FROM (SELECT 1 FROM mail_requests WHERE org_id = ? AND caller_class = ? LIMIT ?)',
    )
    .pluck();
  const put = connection.prepare<[string, string, string, Uint8Array, number]>(
    `INSERT INTO mail_requests (org_id, request_key, caller_class, sealed_request, requested_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (org_id, request_key) DO UPDATE SET sealed_request = excluded.sealed_request`,
  );
  const list = connection.prepare<[number], MailRequestRecord>(
    `SELECT org_id AS orgId, request_key AS requestKey, caller_class AS callerClass, sealed_request AS sealedRequest
     FROM mail_requests ORDER BY requested_at LIMIT ?`,
  );
  const remove = connection.prepare<[string, string, Uint8Array]>(
    'DELETE FROM mail_requests WHERE org_id = ? AND request_key = ? AND sealed_request = ?',
  );
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM mail_requests WHERE (org_id, request_key) IN
       (SELECT org_id, request_key FROM mail_requests WHERE requested_at < ? ORDER BY requested_at LIMIT ?)`,
  );
  return {
    count: (orgId, callerClass, most) => count.get(orgId, callerClass, most) ?? 0,
    put({ orgId, requestKey, callerClass, sealedRequest, at }) {
      put.run(orgId, requestKey, callerClass, sealedRequest, at);
    },
    list: (limit) => list.all(limit),
    remove: ({ orgId, requestKey, sealedRequest }) => remove.run(orgId, requestKey, sealedRequest).changes === 1,
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}

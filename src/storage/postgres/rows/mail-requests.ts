import type { MailRequestRecord } from '../../../domain/mail/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const COUNT = statement(
  `SELECT count(*)::bigint AS number FROM
     (SELECT 1 FROM {schema}.mail_requests WHERE org_id = $1 AND caller_class = $2 LIMIT $3) AS waiting`,
);
const PUT = statement(
  `INSERT INTO {schema}.mail_requests (org_id, request_key, caller_class, sealed_request, requested_at)
   VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (org_id, request_key) DO UPDATE SET sealed_request = excluded.sealed_request`,
);
const LIST = statement(
  `SELECT org_id AS "orgId", request_key AS "requestKey", caller_class AS "callerClass", sealed_request AS "sealedRequest"
   FROM {schema}.mail_requests ORDER BY requested_at LIMIT $1`,
);
const REMOVE = statement(
  'DELETE FROM {schema}.mail_requests WHERE org_id = $1 AND request_key = $2 AND sealed_request = $3',
);
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.mail_requests WHERE (org_id, request_key) IN
     (SELECT org_id, request_key FROM {schema}.mail_requests WHERE requested_at < $1
      ORDER BY requested_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** The table `mail_requests`. */
export function mailRequestRows(queries: Queries): Rows['mailRequests'] {
  return {
    count: async (orgId, callerClass, most) =>
      (await first(queries.all<{ number: number }>(COUNT, [orgId, callerClass, most])))?.number ?? 0,
    put: ({ orgId, requestKey, callerClass, sealedRequest, at }) =>
      queries.send(PUT, [orgId, requestKey, callerClass, sealedRequest, at]),
    list: (limit) => queries.all<MailRequestRecord>(LIST, [limit]),
    remove: async ({ orgId, requestKey, sealedRequest }) =>
      (await queries.count(REMOVE, [orgId, requestKey, sealedRequest])) === 1,
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

import {
  AUDIT_COLUMNS,
  AUDIT_SELECTION,
  type AuditRow,
  auditValues,
  boundsOf,
  type LookedAtRow,
  toAuditEvent,
  toAuditSlice,
} from '../../audit-rows.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const NAMES = Object.values(AUDIT_COLUMNS);

const INSERT = statement(
  `INSERT INTO {schema}.audit_events (${NAMES.join(', ')}) VALUES (${NAMES.map((_, index) => `$${index + 1}`).join(', ')})
   ON CONFLICT (created_at, event_id) DO NOTHING`,
);
const OF_ALL = looking('');
const OF_ORGANIZATION = looking('org_id = $7 AND');
const LAST = statement('SELECT coalesce(max(position), 0) AS position FROM {schema}.audit_events');
const FIRST_FROM = statement(
  `SELECT min(position) AS position FROM
     (SELECT position FROM {schema}.audit_events WHERE created_at >= $1 ORDER BY created_at, event_id LIMIT $2) AS found`,
);
const FEED = statement(
  `SELECT * FROM (
     SELECT position, ${AUDIT_SELECTION} FROM {schema}.audit_events WHERE position = ANY($1::bigint[])
     UNION ALL
     (SELECT position, ${AUDIT_SELECTION} FROM {schema}.audit_events WHERE position > $2 ORDER BY position LIMIT $3)) AS found
   ORDER BY position LIMIT $3`,
);
const REMOVE_OLDER = statement(
  `DELETE FROM {schema}.audit_events WHERE (created_at, event_id) IN
     (SELECT created_at, event_id FROM {schema}.audit_events
      WHERE created_at < least($1::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint) - $2::bigint
        AND position < (SELECT max(position) FROM {schema}.audit_events)
      ORDER BY created_at, event_id LIMIT $3 FOR UPDATE SKIP LOCKED)`,
);

/** One statement where an organization is named, which its index serves, and one where none is. */
function looking(condition: string) {
  return statement(
    `SELECT * FROM (
       SELECT ${AUDIT_SELECTION}, ($1::text IS NULL OR user_id = $1) AND ($2::text IS NULL OR type = $2) AS matches,
         row_number() OVER (ORDER BY created_at, event_id) AS number
       FROM (SELECT * FROM {schema}.audit_events
         WHERE ${condition} (created_at, event_id) > ($3, $4) AND created_at < $5
         ORDER BY created_at, event_id LIMIT $6::bigint) AS slice) AS looked
     WHERE matches OR number = $6::bigint ORDER BY number`,
  );
}

/** The table `audit_events`. An insert asks nobody and waits for nobody: it goes out with what comes next. */
export function auditEventRows(queries: Queries): Rows['auditEvents'] {
  return {
    insert: (event) => queries.send(INSERT, auditValues(event)),
    async list(query, lookedAt) {
      const { orgId, userId, type } = query;
      const { createdAt, id, to } = boundsOf(query);
      const parameters = [userId, type, createdAt, id, to, lookedAt];
      const rows =
        orgId === null
          ? await queries.all<LookedAtRow>(OF_ALL, parameters)
          : await queries.all<LookedAtRow>(OF_ORGANIZATION, [...parameters, orgId]);
      return toAuditSlice(rows, query, lookedAt);
    },
    lastPosition: async () => (await first(queries.all<{ position: number }>(LAST)))?.position ?? 0,
    firstPosition: async (from, lookedAt) =>
      (await first(queries.all<{ position: number | null }>(FIRST_FROM, [from, lookedAt])))?.position ?? null,
    async listFeed({ after, missing, limit }) {
      type Row = AuditRow & { readonly position: number };
      return (await queries.all<Row>(FEED, [missing, after, limit])).map(toAuditEvent);
    },
    removeOlder: ({ at, keptMs, limit }) => queries.count(REMOVE_OLDER, [at, keptMs, limit]),
  };
}

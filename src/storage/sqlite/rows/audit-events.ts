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
import type { Connection } from '../driver.ts';

const NAMES = Object.values(AUDIT_COLUMNS);

/** One statement where an organization is named, which its index serves, and one where none is. */
function looking(condition: string): string {
  return `SELECT * FROM (
      SELECT ${AUDIT_SELECTION}, (:userId IS NULL OR user_id = :userId) AND (:type IS NULL OR type = :type) AS matches,
        row_number() OVER (ORDER BY created_at, event_id) AS number
      FROM (SELECT * FROM audit_events
        WHERE ${condition} (created_at, event_id) > (:createdAt, :id) AND created_at < :to
        ORDER BY created_at, event_id LIMIT :lookedAt))
    WHERE matches OR number = :lookedAt ORDER BY number`;
}

/** The table `audit_events`. Its rowid is one more than the last: with one write at a time, the order of commits. */
export function auditEventRows(connection: Connection): Rows['auditEvents'] {
  const insert = connection.prepare<(string | number | null)[]>(
    `INSERT INTO audit_events (${NAMES.join(', ')}) VALUES (${NAMES.map(() => '?').join(', ')})
     ON CONFLICT (created_at, event_id) DO NOTHING`,
  );
  const ofAll = connection.prepare<[object], LookedAtRow>(looking(''));
  const ofOrganization = connection.prepare<[object], LookedAtRow>(looking('org_id = :orgId AND'));
  const last = connection.prepare<[], number>('SELECT coalesce(max(position), 0) FROM audit_events').pluck();
  const firstFrom = connection
    .prepare<[number, number], number | null>(
      `SELECT min(position) FROM
         (SELECT position FROM audit_events WHERE created_at >= ? ORDER BY created_at, event_id LIMIT ?)`,
    )
    .pluck();
  const feed = connection.prepare<[string, number, number], AuditRow & { readonly position: number }>(
    `SELECT * FROM (
       SELECT position, ${AUDIT_SELECTION} FROM audit_events WHERE position IN (SELECT value FROM json_each(?))
       UNION ALL SELECT position, ${AUDIT_SELECTION} FROM audit_events WHERE position > ?)
     ORDER BY position LIMIT ?`,
  );
  const removeOlder = connection.prepare<[number, number]>(
    `DELETE FROM audit_events WHERE position IN
       (SELECT position FROM audit_events
        WHERE created_at < ? AND position < (SELECT max(position) FROM audit_events)
        ORDER BY created_at, event_id LIMIT ?)`,
  );
  return {
    insert(event) {
      insert.run(...auditValues(event));
    },
    list(query, lookedAt) {
      const { orgId, userId, type } = query;
      const parameters = { orgId, userId, type, ...boundsOf(query), lookedAt };
      return toAuditSlice((orgId === null ? ofAll : ofOrganization).all(parameters), query, lookedAt);
    },
    lastPosition: () => last.get() ?? 0,
    firstPosition: (from, lookedAt) => firstFrom.get(from, lookedAt) ?? null,
    listFeed: ({ after, missing, limit }) => feed.all(JSON.stringify(missing), after, limit).map(toAuditEvent),
    removeOlder: ({ at, keptMs, limit }) => removeOlder.run(at - keptMs, limit).changes,
  };
}

import type { AuditEvent } from '../domain/audit/audit-event.ts';
import type { AuditFilter, AuditQuery, AuditSlice } from '../domain/audit/storage.ts';

/** An event as both engines keep it: its details as text. */
export type AuditRow = Omit<AuditEvent, 'details'> & { readonly details: string };

/** A row that was looked at. */
export type LookedAtRow = AuditRow & { readonly matches: number | boolean; readonly number: number };

/** The column of each field, in the order in which rows are inserted. */
export const AUDIT_COLUMNS = {
  createdAt: 'created_at',
  eventId: 'event_id',
  orgId: 'org_id',
  type: 'type',
  actor: 'actor',
  keyId: 'key_id',
  userId: 'user_id',
  targetId: 'target_id',
  reason: 'reason',
  requestId: 'request_id',
  address: 'address',
  claimedClientIp: 'claimed_client_ip',
  claimedUserAgent: 'claimed_user_agent',
  count: 'count',
  details: 'details',
} as const satisfies Record<keyof AuditEvent, string>;

/** All of them as a SELECT names them. */
export const AUDIT_SELECTION = Object.entries(AUDIT_COLUMNS)
  .map(([field, column]) => `${column} AS "${field}"`)
  .join(', ');

/** The values of an event, in the order of {@link AUDIT_COLUMNS}. */
export function auditValues(event: AuditEvent): readonly (string | number | null)[] {
  return (Object.keys(AUDIT_COLUMNS) as (keyof AuditEvent)[]).map((field) => {
    const value = event[field];
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
}

/** A row as an event; what else was selected stays. */
export function toAuditEvent<Row extends AuditRow>(row: Row): Omit<Row, 'details'> & Pick<AuditEvent, 'details'> {
  return { ...row, details: JSON.parse(row.details) };
}

/**
 * What a query gives of the rows that it looked at, in their order: those that match, and the last of `lookedAt`, if there are as many.
 */
export function toAuditSlice(rows: readonly LookedAtRow[], { limit }: AuditQuery, lookedAt: number): AuditSlice {
  const found = rows.filter(({ matches }) => Boolean(matches));
  const given = found.slice(0, limit);
  const end = found.length > limit ? given.at(-1) : rows.find(({ number }) => number === lookedAt);
  return {
    events: given.map(({ matches: _, number: __, ...row }) => toAuditEvent(row)),
    next: end === undefined ? null : { createdAt: end.createdAt, id: end.eventId },
  };
}

/** The bounds of a filter as numbers. */
export function boundsOf({ from, to, after }: AuditFilter & Pick<AuditQuery, 'after'>): {
  readonly createdAt: number;
  readonly id: string;
  readonly to: number;
} {
  const start = { createdAt: from ?? Number.MIN_SAFE_INTEGER, id: '' };
  const begin = after === null || after.createdAt < start.createdAt ? start : after;
  return { ...begin, to: to ?? Number.MAX_SAFE_INTEGER };
}

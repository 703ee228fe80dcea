import { randomUUID } from 'node:crypto';
import { type AuditEvent, type AuditFacts, auditEventOf } from '../../domain/audit/audit-event.ts';
import type { AuditRemoval } from '../../domain/audit/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { ask, type Steps } from './steps.ts';

/**
 * Tells the audit log what the write under way has done: the row is committed with it, or not at all. To be called by every step that
 * changes what an operator would ask about, after its refusals.
 */
export function* record(rows: WriteRows, facts: AuditFacts): Steps<void> {
  yield* ask(rows.auditEvents.insert(auditEventOf(eventIdOf(rows.origin.at), facts, rows.origin)));
}

/** Of several processes that tell of one batch again, each event is there once. */
export function* recordAuditEvents(rows: Rows, events: readonly AuditEvent[]): Steps<void> {
  for (const event of events) {
    yield* ask(rows.auditEvents.insert(event));
  }
}

export function* removeAuditEvents(
  rows: Rows,
  removal: AuditRemoval,
): Steps<{ readonly removed: number; readonly more: boolean }> {
  const removed = yield* ask(rows.auditEvents.removeOlder(removal));
  return { removed, more: removed >= removal.limit };
}

/** A UUIDv7 (RFC 9562, 5.7): an instant, then random bits. */
function eventIdOf(at: number): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

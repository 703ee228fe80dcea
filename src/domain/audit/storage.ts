import type { PagePosition } from '../page.ts';
import type { AuditEvent, AuditEventType } from './audit-event.ts';

/**
 * What the audit log needs from the store. Events that a write causes are inserted by that write, in its transaction; these
 * operations are for reading, for events that no write causes, and for removing what is old.
 */
export interface AuditStorage {
  /** Adds events that no other write causes, all or none. Repeating them after a failure adds them once: an event's id is unique. */
  recordAuditEvents(events: readonly AuditEvent[]): Promise<void>;
  /**
   * Looks at no more than a few thousand events, oldest first by (createdAt, eventId), from `after` on, and gives those that
   * match, at most `limit`. `next` is where to go on; null at the end.
   */
  listAuditEvents(query: AuditQuery): Promise<AuditSlice>;
  /** The position of the last event that can be seen; 0 where there is none. */
  lastAuditPosition(): Promise<number>;
  /** The least position of the first 10,000 events from an instant on, by (createdAt, eventId); null where there is none. */
  firstAuditPosition(from: number): Promise<number | null>;
  /** At most `limit` events, by position: those after `after`, and those of `missing` that can be seen by now. */
  readAuditFeed(query: AuditFeedQuery): Promise<readonly PositionedAuditEvent[]>;
  /**
   * Removes at most `limit` events that are older than `keptMs` at an instant, and by the clock of the store's server, where it has one.
   * Tells whether it stopped at the limit.
   */
  removeAuditEvents(removal: AuditRemoval): Promise<{ readonly removed: number; readonly more: boolean }>;
}

/** Which events are asked for. Null where that does not matter. */
export interface AuditFilter {
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly type: AuditEventType | null;
  /** From this instant on. */
  readonly from: number | null;
  /** Before this instant. */
  readonly to: number | null;
}

export interface AuditQuery extends AuditFilter {
  readonly after: PagePosition | null;
  readonly limit: number;
}

export interface AuditSlice {
  readonly events: readonly AuditEvent[];
  readonly next: PagePosition | null;
}

/**
 * A position is given as an event is inserted, and ascends. Where several write at once, one may be seen before another that has a
 * lower one and is committed later.
 */
export interface PositionedAuditEvent extends AuditEvent {
  readonly position: number;
}

export interface AuditRemoval {
  readonly at: number;
  readonly keptMs: number;
  readonly limit: number;
}

export interface AuditFeedQuery {
  readonly after: number;
  readonly missing: readonly number[];
  readonly limit: number;
}

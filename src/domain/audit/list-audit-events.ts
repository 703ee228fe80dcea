import { AuthError, type FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, type PagePosition, readPage, tokenOf } from '../page.ts';
import { type Checked, checked, readOptionalId } from '../parameters.ts';
import type { CallContext, Ports } from '../ports.ts';
import { AUDIT_EVENT_TYPES, type AuditEvent, type AuditEventType } from './audit-event.ts';
import { readInstant } from './instant.ts';
import type { AuditFilter } from './storage.ts';

/** Parameters of ListAuditEvents; '' where one is missing. */
export interface ListAuditEventsInput extends PageInput {
  readonly orgId: string;
  readonly userId: string;
  readonly type: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
}

/** The same parameters, checked. */
export interface ListAuditEventsParameters {
  readonly filter: AuditFilter;
  readonly page: AskedPage;
}

/** So many slices of some thousand events are looked at for one page: some 100 ms of SQLite's time where nothing matches. */
const SLICES_A_PAGE = 25;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readAuditPage(
  input: ListAuditEventsInput,
  faults: FieldViolation[] = [],
): Checked<ListAuditEventsParameters> {
  const filter = readAuditFilter(input, faults);
  const page = readPage(input, faults);
  return checked({ filter, page }, faults);
}

/** Adds what is wrong to `faults`. */
export function readAuditFilter(
  input: Omit<ListAuditEventsInput, keyof PageInput>,
  faults: FieldViolation[],
): AuditFilter {
  return {
    orgId: readOptionalId('org_id', input.orgId, faults) || null,
    userId: readOptionalId('user_id', input.userId, faults) || null,
    type: readType(input.type, faults),
    from: readInstant('from', input.from, faults),
    to: readInstant('to', input.to, faults),
  };
}

/**
 * A page of the audit log, oldest first. Where few events of many match it may be short, or empty, before the last one: each
 * page looks at some ten thousand events at most.
 */
export async function listAuditEvents(
  { storage }: Ports,
  { filter, page }: Checked<ListAuditEventsParameters>,
  call: CallContext,
): Promise<{ readonly events: readonly AuditEvent[]; readonly nextPageToken: string }> {
  const events: AuditEvent[] = [];
  let { after } = page.request;
  for (let slices = 0; slices < SLICES_A_PAGE; slices += 1) {
    // One more than the page holds tells whether there is a next one.
    const slice = await storage.listAuditEvents({ ...filter, after, limit: page.request.limit - events.length });
    events.push(...slice.events);
    if (events.length > page.size) {
      return pageOf(events.slice(0, page.size), positionOf(events[page.size - 1]));
    }
    after = slice.next;
    if (after === null) {
      return pageOf(events, null);
    }
    if (call.isAbandoned()) {
      throw new AuthError('DEADLINE_EXCEEDED');
    }
  }
  return pageOf(events, after);
}

function pageOf(events: readonly AuditEvent[], next: PagePosition | null) {
  return { events, nextPageToken: next === null ? '' : tokenOf(next) };
}

function positionOf(event: AuditEvent | undefined): PagePosition | null {
  return event === undefined ? null : { createdAt: event.createdAt, id: event.eventId };
}

function readType(text: string, faults: FieldViolation[]): AuditEventType | null {
  const type = AUDIT_EVENT_TYPES.find((known) => known === text) ?? null;
  if (type === null && text !== '') {
    faults.push({ field: 'type', message: 'must be a type of event, as login.failed' });
  }
  return type;
}

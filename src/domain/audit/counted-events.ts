import type { AuditFacts, AuditOrigin } from './audit-event.ts';

/** An event on its way into the log. */
export interface ToldEvent {
  readonly facts: AuditFacts;
  readonly origin: AuditOrigin;
}

/** So many of a kind are listed in a minute, each with all that is known of it: more than a person mistypes. */
const LISTED_A_MINUTE = 10;
const MINUTE_MS = 60_000;
/** Kinds that are kept apart; those beyond are counted without their organization. Some 300 bytes each. */
const MAX_KINDS = 1_000;
/** While so many wait to be written, as where the store cannot be, all further ones are counted. */
const MAX_WAITING = 1_000;

/** Events of one organization, class of caller, type and reason in one minute. */
interface Kind {
  readonly beganAt: number;
  listed: number;
  counted: number;
  readonly event: ToldEvent;
}

/**
 * Events that strangers can cause at will: of each organization, class, type and reason the first ten of a minute are listed, and
 * the others become one event that says how many they were. The sum of all counts is the number of events, whatever came.
 */
export class CountedEvents {
  readonly #kinds = new Map<string, Kind>();
  #listed: ToldEvent[] = [];

  /** Takes an event; `origin.at` is now, of a clock that does not go back. */
  add(told: ToldEvent): void {
    const kind = this.#kindOf(told);
    if (kind.listed < LISTED_A_MINUTE && this.#listed.length < MAX_WAITING) {
      kind.listed += 1;
      this.#listed.push(told);
    } else {
      kind.counted += told.facts.count ?? 1;
    }
  }

  /** Whether there is something to be written, now or later. */
  get isEmpty(): boolean {
    return this.#listed.length === 0 && this.#kinds.size === 0;
  }

  /** What is to be written at this instant: what is listed, and the counts of minutes that are over; `all`: every count. */
  take(now: number, all = false): readonly ToldEvent[] {
    const taken = this.#listed;
    this.#listed = [];
    for (const [name, kind] of this.#kinds) {
      if (all || now - kind.beganAt >= MINUTE_MS) {
        this.#kinds.delete(name);
        taken.push(...countOf(kind, now));
      }
    }
    return taken;
  }

  #kindOf(told: ToldEvent): Kind {
    const name = nameOf(told);
    const present = this.#kinds.get(name);
    if (present !== undefined) {
      return present;
    }
    if (this.#kinds.size >= MAX_KINDS && told.facts.orgId !== null) {
      return this.#kindOf({ ...told, facts: { ...told.facts, orgId: null } });
    }
    const kind = { beganAt: told.origin.at, listed: 0, counted: 0, event: told };
    this.#kinds.set(name, kind);
    return kind;
  }
}

function nameOf({ facts: { orgId, type, reason }, origin: { actor } }: ToldEvent): string {
  return `${orgId ?? ''} ${actor} ${type} ${reason ?? ''}`;
}

/** None where all were listed. */
function countOf({ counted, beganAt, event: { facts, origin } }: Kind, at: number): readonly ToldEvent[] {
  if (counted === 0) {
    return [];
  }
  const { type, orgId, reason = null } = facts;
  // Of many callers: what is known of one would be told of all.
  const several = { keyId: null, requestId: null, address: '', claimedClientIp: '', claimedUserAgent: '' };
  return [
    {
      facts: { type, orgId, reason, count: counted, details: { counted_for_ms: Math.max(0, at - beganAt) } },
      origin: { actor: origin.actor, ...several, at },
    },
  ];
}

import {
  type AuditEvent,
  type AuditEventType,
  type AuditFacts,
  type AuditOrigin,
  auditEventOf,
} from '../domain/audit/audit-event.ts';
import { CountedEvents } from '../domain/audit/counted-events.ts';
import type { Ports } from '../domain/ports.ts';
import { within } from '../domain/within.ts';
import { errorFields, type Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

/** So long an event that no write causes waits for others, which share its commit. */
const WRITE_EVERY_MS = 1_000;
/** Of one commit. Each is a short insert. */
const WRITTEN_AT_ONCE = 200;
/** So long a stop waits for the store: a thousand events take less, and one that is out of reach would hold it up by ten seconds. */
const CLOSED_WITHIN_MS = 2_000;

/** Which events wake somebody, by the label that the metric and its rule have (deploy/prometheus). */
export const ALARMS = {
  'user.hard_locked': 'hard_lock',
  'api_key.seen_in_browser': 'api_key_in_browser',
  'api_key.used_after_revocation': 'revoked_api_key',
  'clock.jumped': 'clock_jump',
  'shedding.began': 'shedding',
} as const satisfies Partial<Record<AuditEventType, string>>;

export type AlarmingType = keyof typeof ALARMS;

export interface AuditTrailOptions {
  readonly ports: Pick<Ports, 'storage' | 'clock' | 'ids'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Events that no write causes, on their way into the audit log: failed tries, and what the service notices. They are written
 * together, once a second, and all of them when it is closed; what strangers can cause at will is counted ({@link CountedEvents}).
 * While the store cannot be written they wait, in bounds.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #events = new CountedEvents();
  #unwritten: readonly AuditEvent[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #isClosed = false;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    options.metrics.nameAlarms(Object.values(ALARMS));
  }

  /** Takes an event, and counts it as an alarm where it is one. */
  add(facts: AuditFacts, origin: AuditOrigin): void {
    this.#events.add({ facts, origin });
    if (isAlarming(facts.type)) {
      this.alarm(facts.type);
    }
    this.#timer ??= setTimeout(() => this.#write(), WRITE_EVERY_MS).unref();
  }

  /** Counts an alarm whose event a write has told. */
  alarm(type: AlarmingType): void {
    this.#options.metrics.recordAlarm(ALARMS[type]);
  }

  /**
   * Writes all that there is, within two seconds. What is not written by then is told in the log by its number; of a write that the
   * store has not answered, some may be there.
   */
  async close(): Promise<void> {
    await within(CLOSED_WITHIN_MS, this.#writeLast());
    this.#isClosed = true;
    const unwritten = this.#unwritten.reduce((sum, { count }) => sum + count, 0);
    const untaken = this.#events.take(this.#options.ports.clock.now(), true);
    const lost = untaken.reduce((sum, { facts }) => sum + (facts.count ?? 1), unwritten);
    if (lost > 0) {
      this.#options.logger.error('audit_events_lost', { events: lost });
    }
  }

  async #writeLast(): Promise<void> {
    await this.#writing;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    if (!this.#isClosed) {
      await this.#writeAll(true);
    }
  }

  #write(): void {
    this.#writing = this.#writeAll(false).finally(() => {
      this.#writing = null;
      this.#timer =
        this.#isClosed || (this.#events.isEmpty && this.#unwritten.length === 0)
          ? null
          : setTimeout(() => this.#write(), WRITE_EVERY_MS).unref();
    });
  }

  async #writeAll(all: boolean): Promise<void> {
    const { logger, ports } = this.#options;
    try {
      // Those that failed before come first, and no others are taken until they are written: they wait where they are bounded.
      await this.#writeOut();
      this.#unwritten = this.#events
        .take(ports.clock.now(), all)
        .map(({ facts, origin }) => auditEventOf(ports.ids.uuidV7(origin.at), facts, origin));
      await this.#writeOut();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.#isFailing = true;
        logger.error('audit_events_not_written', errorFields(error));
      }
    }
  }

  async #writeOut(): Promise<void> {
    while (this.#unwritten.length > 0) {
      await this.#options.ports.storage.recordAuditEvents(this.#unwritten.slice(0, WRITTEN_AT_ONCE));
      this.#unwritten = this.#unwritten.slice(WRITTEN_AT_ONCE);
    }
  }
}

function isAlarming(type: AuditEventType): type is AlarmingType {
  return type in ALARMS;
}

import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricsSnapshot, TryCounts } from './metrics-snapshot.ts';

/** A call that was answered. Every text is one of a closed set: no tenant, e-mail, path or id. */
export interface MeasuredCall {
  readonly entrance: string;
  /** The RPC's name, as `Validate`. */
  readonly method: string;
  /** Null for a success. */
  readonly reason: string | null;
  readonly durationMs: number;
}

/** Where the passwords wait; read when somebody asks for the metrics. */
export interface HashQueue {
  /** Passwords that wait or are being hashed. */
  readonly length: () => number;
  /** Passwords hashed since the start, checks included. */
  readonly hashes: () => number;
  /** Calls that were told OVERLOADED since the start, by class of caller: a closed set. */
  readonly refused: () => Readonly<Record<string, number>>;
}

/** Limits of how often something may be asked for; read when somebody asks for the metrics. */
export interface Limits {
  /** Buckets by limit: a closed set. */
  readonly held: () => Readonly<Record<string, number>>;
  readonly refused: () => readonly LimitedCalls[];
}

/** Calls that were told RATE_LIMITED since the start. Every text is one of a closed set. */
export interface LimitedCalls {
  /** The RPC's name. */
  readonly method: string;
  readonly limit: string;
  readonly callerClass: string;
  readonly calls: number;
}

/** What is counted of a store across a network. */
export interface StoreCounts {
  readonly idle: number;
  readonly busy: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** Connections that could not be made since the start. */
  readonly connectionFailures: number;
  /** How often acknowledged writes were found to be gone since the start. */
  readonly losses: number;
}

/** What was refused before it was read, and the load by which that is decided. Every text is one of a closed set. */
export interface AdmissionCounts {
  /** Calls refused before they were read since the start, by kind and class of caller. */
  readonly shed: readonly { readonly call: string; readonly callerClass: string; readonly count: number }[];
  /** How many kinds of calls are refused so, whoever calls. */
  readonly level: number;
  /** How late the event loop runs and does not catch up. */
  readonly standingLagSeconds: number;
  /** Connections, and streams of HTTP/2, that were ended since the start because their callers never waited. */
  readonly ended: number;
}

/** What became of mails in this process since the start, and what the outbox held when it last looked. */
export interface MailActivity {
  readonly sent: number;
  /** Those that were given up. */
  readonly failed: number;
  /** Tries that failed. */
  readonly refusals: number;
  /** Null before it has looked. */
  readonly outbox: {
    readonly waiting: number;
    readonly kept: number;
    readonly failed: number;
    readonly oldestDueMs: number;
  } | null;
}

/** The content type of the text that {@link Metrics.render} gives (Prometheus, "exposition formats"). */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Upper bounds of the histogram's buckets in milliseconds: from a remembered token to the 10 s that end every call. */
export const DURATION_BUCKETS_MS: readonly number[] = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
];

/** How often the event loop's delay is looked at. */
const EVENT_LOOP_RESOLUTION_MS = 20;

/** The quantiles of its delay that are shown. */
const DELAY_QUANTILES = [0.5, 0.99, 1];

/** The calls of one entrance and method. */
interface CallSeries {
  readonly entrance: string;
  readonly method: string;
  /** Calls by reason; `OK` for a success. */
  readonly reasons: Map<string, number>;
  /** Calls by the bucket they fall into, not summed up; the last one holds what is longer than every bound. */
  readonly buckets: number[];
  durationSumMs: number;
}

// The closed sets make about 50 series of a few reasons. Beyond these a fault of ours would make the metrics grow.
const MAX_SERIES = 200;
const MAX_REASONS = 64;
const OTHER = 'other';

/**
 * What the service counts about itself. Counting is plain arithmetic (well under a microsecond a call); the
 * Prometheus library is fed when somebody asks.
 */
export class Metrics {
  readonly #series = new Map<string, Map<string, CallSeries>>();
  readonly #eventLoopDelay: ELDHistogram = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  readonly #alarms = new Map<string, number>();
  #seriesCount = 0;
  #hashQueue: HashQueue | null = null;
  #limits: Limits | null = null;
  #tries: (() => TryCounts) | null = null;
  #heldBytes: (() => number) | null = null;
  #admission: (() => AdmissionCounts) | null = null;
  #store: (() => StoreCounts | null) | null = null;
  #mail: (() => MailActivity) | null = null;
  #isReady: (() => boolean) | null = null;
  #certificateEndsAt: (() => number | null) | null = null;
  #prometheus: Promise<typeof import('./prometheus.ts')> | null = null;

  constructor() {
    this.#eventLoopDelay.enable();
  }

  /** Counts one call. */
  recordCall({ entrance, method, reason, durationMs }: MeasuredCall): void {
    const series = this.#series.get(entrance)?.get(method) ?? this.#addSeries(entrance, method);
    const label = reason ?? 'OK';
    const count = series.reasons.get(label);
    if (count !== undefined || series.reasons.size < MAX_REASONS) {
      series.reasons.set(label, (count ?? 0) + 1);
    } else {
      series.reasons.set(OTHER, (series.reasons.get(OTHER) ?? 0) + 1);
    }
    const bucket = bucketOf(durationMs);
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    series.durationSumMs += durationMs;
  }

  /** Names every alarm there can be: one that never was is shown as 0, so that its first is seen as an increase. */
  nameAlarms(names: readonly string[]): void {
    for (const name of names) {
      this.#alarms.set(name, this.#alarms.get(name) ?? 0);
    }
  }

  /** Counts an alarm, one of a closed set. */
  recordAlarm(name: string): void {
    this.#alarms.set(name, (this.#alarms.get(name) ?? 0) + 1);
  }

  /** Names the queue whose length and work are shown. */
  watchHashQueue(queue: HashQueue): void {
    this.#hashQueue = queue;
  }

  /** Names the limits whose buckets and refusals are shown. */
  watchLimits(limits: Limits): void {
    this.#limits = limits;
  }

  /** Names what tells what locks did. */
  watchTries(tries: () => TryCounts): void {
    this.#tries = tries;
  }

  /** Names what tells how many bytes of requests wait for their end. */
  watchHeldBytes(heldBytes: () => number): void {
    this.#heldBytes = heldBytes;
  }

  /** Names what tells of calls that were refused before they were read. */
  watchAdmission(admission: () => AdmissionCounts): void {
    this.#admission = admission;
  }

  /** Names what tells of the store; null where it is a file. */
  watchStore(store: () => StoreCounts | null): void {
    this.#store = store;
  }

  /** Names what tells of mails. */
  watchMail(mail: () => MailActivity): void {
    this.#mail = mail;
  }

  /** Names what tells whether `/readyz` says that calls can be served. */
  watchReadiness(isReady: () => boolean): void {
    this.#isReady = isReady;
  }

  /** Names what tells when the certificate that both ports show ends, in seconds since 1970; null in clear text. */
  watchCertificate(endsAt: () => number | null): void {
    this.#certificateEndsAt = endsAt;
  }

  /** Loads the library behind {@link render}, which a call of it otherwise waits for. Rejected when it cannot be read. */
  async load(): Promise<void> {
    await this.#load();
  }

  /** What there is to show now, as data. Event loop delays are those since the last time. */
  snapshot(): MetricsSnapshot {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const snapshot = {
      isReady: this.#isReady?.() ?? null,
      certificateEndsAt: this.#certificateEndsAt?.() ?? null,
      calls: [...this.#series.values()].flatMap((byMethod) =>
        [...byMethod.values()].map((series) => ({ ...series, reasons: [...series.reasons] })),
      ),
      hashQueue: this.#hashQueue && {
        length: this.#hashQueue.length(),
        hashes: this.#hashQueue.hashes(),
        refused: this.#hashQueue.refused(),
      },
      limits: this.#limits && { held: this.#limits.held(), refused: this.#limits.refused() },
      tries: this.#tries?.() ?? null,
      alarms: [...this.#alarms],
      heldBytes: this.#heldBytes?.() ?? null,
      admission: this.#admission?.() ?? null,
      store: this.#store?.() ?? null,
      mail: this.#mail?.() ?? null,
      process: {
        cpuSeconds: (user + system) / 1e6,
        startedAt: Math.round(Date.now() / 1000 - process.uptime()),
        residentBytes: rss,
        heapBytes: heapUsed,
      },
      eventLoopDelays: DELAY_QUANTILES.map((quantile) => ({
        quantile,
        seconds: lateness(this.#eventLoopDelay, quantile * 100),
      })),
      workers: null,
    };
    this.#eventLoopDelay.reset();
    return snapshot;
  }

  /** Everything in Prometheus' text format: of this process, or what was put together of several. */
  async render(snapshot?: MetricsSnapshot): Promise<string> {
    const { renderPrometheus } = await this.#load();
    return renderPrometheus(snapshot ?? this.snapshot());
  }

  /** Stops watching the event loop. */
  close(): void {
    this.#eventLoopDelay.disable();
  }

  #load(): Promise<typeof import('./prometheus.ts')> {
    this.#prometheus ??= import('./prometheus.ts');
    return this.#prometheus;
  }

  #addSeries(entrance: string, method: string): CallSeries {
    if (this.#seriesCount >= MAX_SERIES && !(entrance === OTHER && method === OTHER)) {
      return this.#series.get(OTHER)?.get(OTHER) ?? this.#addSeries(OTHER, OTHER);
    }
    const series = {
      entrance,
      method,
      reasons: new Map(),
      buckets: new Array<number>(DURATION_BUCKETS_MS.length + 1).fill(0),
      durationSumMs: 0,
    };
    const byMethod = this.#series.get(entrance) ?? new Map<string, CallSeries>();
    this.#series.set(entrance, byMethod.set(method, series));
    this.#seriesCount += 1;
    return series;
  }
}

function bucketOf(durationMs: number): number {
  let bucket = 0;
  while (durationMs > (DURATION_BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY)) {
    bucket += 1;
  }
  return bucket;
}

// Node measures from one tick of its timer to the next, the timer's own interval included.
function lateness(eventLoopDelay: ELDHistogram, percentile: number): number {
  return Math.max(0, eventLoopDelay.percentile(percentile) / 1e9 - EVENT_LOOP_RESOLUTION_MS / 1000);
}

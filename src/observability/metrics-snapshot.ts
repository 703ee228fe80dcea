import type { AdmissionCounts, LimitedCalls, MailActivity, StoreCounts } from './metrics.ts';

/** What the metrics show at one moment, as plain data that can be sent to another process. */
export interface MetricsSnapshot {
  /** Whether `/readyz` says so. Null: another process is asked. */
  readonly isReady: boolean | null;
  /** When the certificate that both ports show ends, in seconds since 1970; null in clear text. */
  readonly certificateEndsAt: number | null;
  readonly calls: readonly CallCounts[];
  /** Null: it is counted elsewhere. */
  readonly hashQueue: HashQueueCounts | null;
  /** Null: there are none. */
  readonly limits: LimitCounts | null;
  /** Null: another process counts them. */
  readonly tries: TryCounts | null;
  /** Security events that wake somebody, since the start. */
  readonly alarms: readonly (readonly [name: string, count: number])[];
  /** Null: nobody counts them. */
  readonly heldBytes: number | null;
  /** Null: nobody is let in here. */
  readonly admission: AdmissionCounts | null;
  /** Null: the store is a file. */
  readonly store: StoreCounts | null;
  /** Null: nobody sends mails here. */
  readonly mail: MailActivity | null;
  readonly process: ProcessFacts;
  /** How late the event loop ran since the last snapshot. */
  readonly eventLoopDelays: readonly { readonly quantile: number; readonly seconds: number }[];
  /** Null where one process is all. */
  readonly workers: { readonly running: number; readonly replaced: number } | null;
}

/** The calls of one entrance and method. */
export interface CallCounts {
  readonly entrance: string;
  readonly method: string;
  /** Calls by reason; `OK` for a success. */
  readonly reasons: readonly (readonly [reason: string, calls: number])[];
  /** Calls by the bucket they fall into, not summed up; the last one holds what is longer than every bound. */
  readonly buckets: readonly number[];
  readonly durationSumMs: number;
}

export interface HashQueueCounts {
  readonly length: number;
  readonly hashes: number;
  readonly refused: Readonly<Record<string, number>>;
}

export interface LimitCounts {
  /** Buckets by limit. */
  readonly held: Readonly<Record<string, number>>;
  readonly refused: readonly LimitedCalls[];
}

/** Tries at passwords, since the start. */
export interface TryCounts {
  /** Those that a lock refused. */
  readonly refused: number;
  /** Failures that locked a user for good. */
  readonly hardLocks: number;
}

export interface ProcessFacts {
  readonly cpuSeconds: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** What remains of a process that has ended: its counters, which must not go back. */
export function countersOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  return {
    ...snapshot,
    isReady: null,
    certificateEndsAt: null,
    limits: snapshot.limits && { ...snapshot.limits, held: {} },
    heldBytes: null,
    admission: snapshot.admission && { ...snapshot.admission, level: 0, standingLagSeconds: 0 },
    store: snapshot.store && { ...snapshot.store, idle: 0, busy: 0, waiting: 0 },
    mail: snapshot.mail && { ...snapshot.mail, outbox: null },
    process: { ...snapshot.process, residentBytes: 0, heapBytes: 0 },
    eventLoopDelays: [],
  };
}

/**
 * The snapshots of several processes as one. Everything is summed up, but for the event loop's delays, of which the longest
 * are shown as of what is shed the highest level, and the start and the end of the certificate, which are the first. They are ready where all of them are. There is to be
 * one at least.
 */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const held = snapshots.flatMap(({ heldBytes }) => heldBytes ?? []);
  const ready = snapshots.flatMap(({ isReady }) => isReady ?? []);
  const ends = snapshots.flatMap(({ certificateEndsAt }) => certificateEndsAt ?? []);
  return {
    isReady: ready.length === 0 ? null : ready.every(Boolean),
    certificateEndsAt: ends.length === 0 ? null : Math.min(...ends),
    calls: mergeCalls(snapshots.flatMap(({ calls }) => calls)),
    hashQueue: mergeHashQueues(snapshots.flatMap(({ hashQueue }) => hashQueue ?? [])),
    limits: mergeLimits(snapshots.flatMap(({ limits }) => limits ?? [])),
    tries: mergeTries(snapshots.flatMap(({ tries }) => tries ?? [])),
    alarms: mergeAlarms(snapshots.flatMap(({ alarms }) => alarms)),
    heldBytes: held.length === 0 ? null : sum(held),
    admission: mergeAdmissions(snapshots.flatMap(({ admission }) => admission ?? [])),
    store: mergeStores(snapshots.flatMap(({ store }) => store ?? [])),
    mail: mergeMail(snapshots.flatMap(({ mail }) => mail ?? [])),
    process: {
      cpuSeconds: sum(snapshots.map(({ process }) => process.cpuSeconds)),
      startedAt: Math.min(...snapshots.map(({ process }) => process.startedAt)),
      residentBytes: sum(snapshots.map(({ process }) => process.residentBytes)),
      heapBytes: sum(snapshots.map(({ process }) => process.heapBytes)),
    },
    eventLoopDelays: longestDelays(snapshots),
    workers: snapshots.find(({ workers }) => workers !== null)?.workers ?? null,
  };
}

function mergeHashQueues(all: readonly HashQueueCounts[]): HashQueueCounts | null {
  if (all.length === 0) {
    return null;
  }
  const refused: Record<string, number> = {};
  for (const [callerClass, calls] of all.flatMap((queue) => Object.entries(queue.refused))) {
    refused[callerClass] = (refused[callerClass] ?? 0) + calls;
  }
  return { length: sum(all.map(({ length }) => length)), hashes: sum(all.map(({ hashes }) => hashes)), refused };
}

function mergeLimits(all: readonly LimitCounts[]): LimitCounts | null {
  if (all.length === 0) {
    return null;
  }
  const held = new Map<string, number>();
  for (const [limit, buckets] of all.flatMap((limits) => Object.entries(limits.held))) {
    held.set(limit, (held.get(limit) ?? 0) + buckets);
  }
  const refused = new Map<string, LimitedCalls>();
  for (const counted of all.flatMap((limits) => limits.refused)) {
    const name = `${counted.method} ${counted.limit} ${counted.callerClass}`;
    refused.set(name, { ...counted, calls: counted.calls + (refused.get(name)?.calls ?? 0) });
  }
  return { held: Object.fromEntries(held), refused: [...refused.values()] };
}

function mergeTries(tries: readonly TryCounts[]): TryCounts | null {
  const total = (name: keyof TryCounts) => sum(tries.map((counts) => counts[name]));
  return tries.length === 0 ? null : { refused: total('refused'), hardLocks: total('hardLocks') };
}

function mergeAlarms(alarms: MetricsSnapshot['alarms']): MetricsSnapshot['alarms'] {
  return [...Map.groupBy(alarms, ([name]) => name)].map(([name, counts]) => [name, sum(counts.map(([, n]) => n))]);
}

function mergeAdmissions(admissions: readonly AdmissionCounts[]): AdmissionCounts | null {
  const shed = new Map<string, AdmissionCounts['shed'][number]>();
  for (const counted of admissions.flatMap((admission) => admission.shed)) {
    const name = `${counted.call} ${counted.callerClass}`;
    shed.set(name, { ...counted, count: counted.count + (shed.get(name)?.count ?? 0) });
  }
  return admissions.length === 0
    ? null
    : {
        shed: [...shed.values()],
        level: Math.max(...admissions.map(({ level }) => level)),
        standingLagSeconds: Math.max(...admissions.map(({ standingLagSeconds }) => standingLagSeconds)),
        ended: sum(admissions.map(({ ended }) => ended)),
      };
}

function mergeStores(stores: readonly StoreCounts[]): StoreCounts | null {
  const total = (name: keyof StoreCounts) => sum(stores.map((store) => store[name]));
  return stores.length === 0
    ? null
    : {
        idle: total('idle'),
        busy: total('busy'),
        waiting: total('waiting'),
        connectionFailures: total('connectionFailures'),
        losses: total('losses'),
      };
}

/** All of them look at one outbox. */
function mergeMail(all: readonly MailActivity[]): MailActivity | null {
  const total = (name: 'sent' | 'failed' | 'refusals') => sum(all.map((activity) => activity[name]));
  return all.length === 0
    ? null
    : {
        sent: total('sent'),
        failed: total('failed'),
        refusals: total('refusals'),
        outbox: all.find(({ outbox }) => outbox !== null)?.outbox ?? null,
      };
}

function mergeCalls(calls: readonly CallCounts[]): readonly CallCounts[] {
  const merged = new Map<string, CallCounts>();
  for (const series of calls) {
    const name = `${series.entrance} ${series.method}`;
    const other = merged.get(name);
    merged.set(name, other === undefined ? series : addCalls(other, series));
  }
  return [...merged.values()];
}

function addCalls(one: CallCounts, other: CallCounts): CallCounts {
  const reasons = new Map(one.reasons);
  for (const [reason, calls] of other.reasons) {
    reasons.set(reason, (reasons.get(reason) ?? 0) + calls);
  }
  return {
    ...one,
    reasons: [...reasons],
    buckets: one.buckets.map((calls, bucket) => calls + (other.buckets[bucket] ?? 0)),
    durationSumMs: one.durationSumMs + other.durationSumMs,
  };
}

function longestDelays(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot['eventLoopDelays'] {
  const longest = new Map<number, number>();
  for (const { quantile, seconds } of snapshots.flatMap(({ eventLoopDelays }) => eventLoopDelays)) {
    longest.set(quantile, Math.max(seconds, longest.get(quantile) ?? 0));
  }
  return [...longest].map(([quantile, seconds]) => ({ quantile, seconds }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

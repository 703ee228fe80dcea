import type { ELDHistogram } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type CallSeries,
  DURATION_BUCKETS_MS,
  EVENT_LOOP_RESOLUTION_MS,
  type HashQueue,
  type StoreCounts,
} from './metrics.ts';

/** What is shown. */
export interface MetricsSnapshot {
  readonly calls: readonly CallSeries[];
  readonly hashQueue: HashQueue | null;
  /** Null: nobody counts them. */
  readonly heldBytes: number | null;
  /** Null: the store is a file. */
  readonly store: StoreCounts | null;
  /** Is reset once it was read. */
  readonly eventLoopDelay: ELDHistogram;
}

/** The snapshot in Prometheus' text format, from a registry of its own. */
export function renderPrometheus(snapshot: MetricsSnapshot): Promise<string> {
  const registry = new Registry();
  registerCalls(registry, snapshot.calls);
  registerHashQueue(registry, snapshot.hashQueue);
  if (snapshot.heldBytes !== null) {
    gauge(
      registry,
      'authflow_request_bytes_held',
      'Bytes of requests that wait for their end, on both ports.',
      snapshot.heldBytes,
    );
  }
  registerStore(registry, snapshot.store);
  registerProcess(registry, snapshot.eventLoopDelay);
  return registry.metrics();
}

function registerCalls(registry: Registry, calls: readonly CallSeries[]): void {
  const total = new Counter({
    name: 'authflow_calls_total',
    help: 'Calls that were answered, by entrance, call and reason (OK: success).',
    labelNames: ['entrance', 'call', 'reason'],
    registers: [registry],
  });
  for (const { entrance, method, reasons } of calls) {
    for (const [reason, count] of reasons) {
      total.inc({ entrance, call: method, reason }, count);
    }
  }
  registry.registerMetric(new CountedHistogram(calls));
}

/** A histogram of buckets that were counted elsewhere: the library's own has no way to take them. */
class CountedHistogram extends Gauge<'entrance' | 'call' | 'le'> {
  readonly #calls: readonly CallSeries[];

  constructor(calls: readonly CallSeries[]) {
    super({ ...DURATION, registers: [] });
    this.#calls = calls;
  }

  override async get() {
    const empty = await new Histogram({ ...DURATION, registers: [] }).get();
    return { ...empty, values: this.#calls.flatMap(durationValues) };
  }
}

const DURATION = {
  name: 'authflow_call_duration_seconds',
  help: 'How long calls took, by entrance and call.',
} as const;

function durationValues({ entrance, method, buckets, durationSumMs }: CallSeries) {
  const labels = { entrance, call: method };
  let count = 0;
  const values = buckets.map((calls, index) => {
    count += calls;
    const bound = DURATION_BUCKETS_MS[index];
    const le = bound === undefined ? '+Inf' : bound / 1000;
    return { metricName: `${DURATION.name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...values,
    { metricName: `${DURATION.name}_sum`, labels, value: durationSumMs / 1000 },
    { metricName: `${DURATION.name}_count`, labels, value: count },
  ];
}

function registerHashQueue(registry: Registry, hashQueue: HashQueue | null): void {
  if (hashQueue === null) {
    return;
  }
  gauge(
    registry,
    'authflow_password_hash_queue_length',
    'Passwords that wait or are being hashed.',
    hashQueue.length(),
  );
  new Counter({
    name: 'authflow_password_hashes_total',
    help: 'Passwords hashed since the start, checks included.',
    registers: [registry],
  }).inc(hashQueue.hashes());
  const refused = new Counter({
    name: 'authflow_password_hash_refusals_total',
    help: 'Calls that were told OVERLOADED since the start, by class of caller.',
    labelNames: ['caller_class'],
    registers: [registry],
  });
  for (const [callerClass, count] of Object.entries(hashQueue.refused())) {
    refused.inc({ caller_class: callerClass }, count);
  }
}

function registerStore(registry: Registry, store: StoreCounts | null): void {
  if (store === null) {
    return;
  }
  const connections = new Gauge({
    name: 'authflow_store_connections',
    help: 'Connections to PostgreSQL, by state.',
    labelNames: ['state'],
    registers: [registry],
  });
  connections.set({ state: 'idle' }, store.idle);
  connections.set({ state: 'busy' }, store.busy);
  gauge(registry, 'authflow_store_waiting', 'Calls that wait for a connection to PostgreSQL.', store.waiting);
  new Counter({
    name: 'authflow_store_connection_failures_total',
    help: 'Connections to PostgreSQL that could not be made since the start.',
    registers: [registry],
  }).inc(store.connectionFailures);
  new Counter({
    name: 'authflow_writes_lost_total',
    help: 'How often acknowledged writes were gone after another server had taken over, since the start.',
    registers: [registry],
  }).inc(store.losses);
}

function registerProcess(registry: Registry, eventLoopDelay: ELDHistogram): void {
  const { user, system } = process.cpuUsage();
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of this process, user and system.',
    registers: [registry],
  }).inc((user + system) / 1e6);
  const { rss, heapUsed } = process.memoryUsage();
  const startedAt = Math.round(Date.now() / 1000 - process.uptime());
  gauge(registry, 'process_start_time_seconds', 'When this process started, in seconds since 1970.', startedAt);
  gauge(registry, 'process_resident_memory_bytes', 'Memory of this process.', rss);
  gauge(registry, 'nodejs_heap_used_bytes', 'JavaScript heap in use.', heapUsed);

  const delay = new Gauge({
    name: 'nodejs_eventloop_delay_seconds',
    help: 'How late the event loop ran, by quantile, since the last scrape.',
    labelNames: ['quantile'],
    registers: [registry],
  });
  for (const percentile of [50, 99, 100]) {
    delay.set({ quantile: percentile / 100 }, lateness(eventLoopDelay, percentile));
  }
  eventLoopDelay.reset();
}

// Node measures from one tick of its timer to the next, the timer's own interval included.
function lateness(eventLoopDelay: ELDHistogram, percentile: number): number {
  return Math.max(0, eventLoopDelay.percentile(percentile) / 1e9 - EVENT_LOOP_RESOLUTION_MS / 1000);
}

function gauge(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name, help, registers: [registry] }).set(value);
}

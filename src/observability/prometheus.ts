import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type AdmissionCounts, DURATION_BUCKETS_MS, type MailActivity, type StoreCounts } from './metrics.ts';
import type {
  CallCounts,
  HashQueueCounts,
  LimitCounts,
  MetricsSnapshot,
  ProcessFacts,
  TryCounts,
} from './metrics-snapshot.ts';

/** The snapshot in Prometheus' text format, from a registry of its own. */
export function renderPrometheus(snapshot: MetricsSnapshot): Promise<string> {
  const registry = new Registry();
  registerState(registry, snapshot);
  registerCalls(registry, snapshot.calls);
  registerHashQueue(registry, snapshot.hashQueue);
  registerLimits(registry, snapshot.limits);
  registerTries(registry, snapshot.tries);
  registerAlarms(registry, snapshot.alarms);
  if (snapshot.heldBytes !== null) {
    gauge(
      registry,
      'authflow_request_bytes_held',
      'Bytes of requests that wait for their end, on both ports.',
      snapshot.heldBytes,
    );
  }
  registerAdmission(registry, snapshot.admission);
  registerStore(registry, snapshot.store);
  registerMail(registry, snapshot.mail);
  registerWorkers(registry, snapshot.workers);
  registerProcess(registry, snapshot.process);
  registerDelays(registry, snapshot.eventLoopDelays);
  return registry.metrics();
}

function registerState(registry: Registry, { isReady, certificateEndsAt }: MetricsSnapshot): void {
  if (isReady !== null) {
    gauge(
      registry,
      'authflow_ready',
      'Whether /readyz says 200: 1, or 0; of several processes, whether all of them do.',
      isReady ? 1 : 0,
    );
  }
  if (certificateEndsAt !== null) {
    gauge(
      registry,
      'authflow_tls_certificate_expiration_timestamp_seconds',
      'When the certificate that both ports show ends, in seconds since 1970; of several processes, the first.',
      certificateEndsAt,
    );
  }
}

function registerCalls(registry: Registry, calls: readonly CallCounts[]): void {
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
  readonly #calls: readonly CallCounts[];

  constructor(calls: readonly CallCounts[]) {
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

function durationValues({ entrance, method, buckets, durationSumMs }: CallCounts) {
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

function registerHashQueue(registry: Registry, hashQueue: HashQueueCounts | null): void {
  if (hashQueue === null) {
    return;
  }
  gauge(registry, 'authflow_password_hash_queue_length', 'Passwords that wait or are being hashed.', hashQueue.length);
  new Counter({
    name: 'authflow_password_hashes_total',
    help: 'Passwords hashed since the start, checks included.',
    registers: [registry],
  }).inc(hashQueue.hashes);
  const refused = new Counter({
    name: 'authflow_password_hash_refusals_total',
    help: 'Calls that were told OVERLOADED since the start, by class of caller.',
    labelNames: ['caller_class'],
    registers: [registry],
  });
  for (const [callerClass, count] of Object.entries(hashQueue.refused)) {
    refused.inc({ caller_class: callerClass }, count);
  }
}

function registerLimits(registry: Registry, limits: LimitCounts | null): void {
  if (limits === null) {
    return;
  }
  const refused = new Counter({
    name: 'authflow_rate_limit_refusals_total',
    help: 'Calls that were told RATE_LIMITED since the start, by call, limit and class of caller.',
    labelNames: ['call', 'limit', 'caller_class'],
    registers: [registry],
  });
  for (const { method, limit, callerClass, calls } of limits.refused) {
    refused.inc({ call: method, limit, caller_class: callerClass }, calls);
  }
  const held = new Gauge({
    name: 'authflow_rate_limit_buckets',
    help: 'Buckets of a limit that are not full, or have not been looked at since they were.',
    labelNames: ['limit'],
    registers: [registry],
  });
  for (const [limit, buckets] of Object.entries(limits.held)) {
    held.set({ limit }, buckets);
  }
}

function registerTries(registry: Registry, tries: TryCounts | null): void {
  if (tries === null) {
    return;
  }
  new Counter({
    name: 'authflow_login_tries_refused_total',
    help: 'Logins that were told ACCOUNT_LOCKED since the start: nothing was hashed for them.',
    registers: [registry],
  }).inc(tries.refused);
  new Counter({
    name: 'authflow_hard_locks_total',
    help: 'Failed logins since the start that lock an e-mail to a class of callers until an administrator opens it, be it a user or not.',
    registers: [registry],
  }).inc(tries.hardLocks);
}

function registerAlarms(registry: Registry, alarms: MetricsSnapshot['alarms']): void {
  const total = new Counter({
    name: 'authflow_security_alarms_total',
    help: 'Security events that somebody should look at, since the start; the audit log tells of each.',
    labelNames: ['alarm'],
    registers: [registry],
  });
  for (const [alarm, count] of alarms) {
    total.inc({ alarm }, count);
  }
}

function registerAdmission(registry: Registry, admission: AdmissionCounts | null): void {
  if (admission === null) {
    return;
  }
  const shed = new Counter({
    name: 'authflow_calls_shed_total',
    help: 'Calls that were told OVERLOADED before they were read, since the start, by kind and class of caller.',
    labelNames: ['call', 'caller_class'],
    registers: [registry],
  });
  for (const { call, callerClass, count } of admission.shed) {
    shed.inc({ call, caller_class: callerClass }, count);
  }
  gauge(
    registry,
    'authflow_shedding_level',
    'How many kinds of calls are refused whoever calls: FooBar without a key, then SignUp, then Login; of several processes, the most.',
    admission.level,
  );
  gauge(
    registry,
    'authflow_event_loop_standing_lag_seconds',
    'How late the event loop runs and does not catch up; of several processes, the latest.',
    admission.standingLagSeconds,
  );
  new Counter({
    name: 'authflow_repeating_callers_ended_total',
    help: 'Connections, and streams of HTTP/2, that were ended because their callers never waited, since the start.',
    registers: [registry],
  }).inc(admission.ended);
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

function registerMail(registry: Registry, mail: MailActivity | null): void {
  if (mail === null) {
    return;
  }
  const counter = (name: string, help: string, value: number) =>
    new Counter({ name, help, registers: [registry] }).inc(value);
  counter('authflow_mails_sent_total', 'Mails that the mail server took since the start.', mail.sent);
  counter('authflow_mails_failed_total', 'Mails that were given up since the start.', mail.failed);
  counter('authflow_mail_refusals_total', 'Tries to send a mail that failed since the start.', mail.refusals);
  if (mail.outbox === null) {
    return;
  }
  const { oldestDueMs, ...states } = mail.outbox;
  const outbox = new Gauge({
    name: 'authflow_mails',
    help: 'Mails in the store: waiting to be sent, kept because nobody sends them, given up (failed); 10000 stands for more.',
    labelNames: ['state'],
    registers: [registry],
  });
  for (const [state, count] of Object.entries(states)) {
    outbox.set({ state }, count);
  }
  gauge(
    registry,
    'authflow_mail_oldest_due_seconds',
    'How long the oldest mail that is due, or request for one, has waited.',
    oldestDueMs / 1000,
  );
}

function registerWorkers(registry: Registry, workers: MetricsSnapshot['workers']): void {
  if (workers === null) {
    return;
  }
  gauge(registry, 'authflow_workers', 'Server processes that serve.', workers.running);
  new Counter({
    name: 'authflow_worker_deaths_total',
    help: 'Server processes that ended on their own and were replaced, since the start.',
    registers: [registry],
  }).inc(workers.replaced);
}

function registerProcess(registry: Registry, { cpuSeconds, startedAt, residentBytes, heapBytes }: ProcessFacts): void {
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of this process, user and system; of several, the sum.',
    registers: [registry],
  }).inc(cpuSeconds);
  gauge(registry, 'process_start_time_seconds', 'When this process started, in seconds since 1970.', startedAt);
  gauge(registry, 'process_resident_memory_bytes', 'Memory of this process; of several, the sum.', residentBytes);
  gauge(registry, 'nodejs_heap_used_bytes', 'JavaScript heap in use; of several processes, the sum.', heapBytes);
}

function registerDelays(registry: Registry, delays: MetricsSnapshot['eventLoopDelays']): void {
  const delay = new Gauge({
    name: 'nodejs_eventloop_delay_seconds',
    help: 'How late the event loop ran, by quantile, since the last page was made; of several processes, the latest.',
    labelNames: ['quantile'],
    registers: [registry],
  });
  for (const { quantile, seconds } of delays) {
    delay.set({ quantile }, seconds);
  }
}

function gauge(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name, help, registers: [registry] }).set(value);
}

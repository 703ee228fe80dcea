import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { Metrics, PROMETHEUS_CONTENT_TYPE } from '../../src/observability/metrics.ts';

function metrics(): Metrics {
  const made = new Metrics();
  onTestFinished(() => made.close());
  return made;
}

test('calls are counted by entrance, call and reason', async () => {
  const counted = metrics();
  for (const reason of [null, null, 'SESSION_REVOKED']) {
    counted.recordCall({ entrance: 'grpc', method: 'Validate', reason, durationMs: 1 });
  }
  counted.recordCall({ entrance: 'http', method: 'Login', reason: 'OVERLOADED', durationMs: 1 });
  const text = await counted.render();
  expect(PROMETHEUS_CONTENT_TYPE).toBe(Registry.PROMETHEUS_CONTENT_TYPE);
  expect(linesOf(text, 'authflow_calls_total')).toEqual([
    'authflow_calls_total{entrance="grpc",call="Validate",reason="OK"} 2',
    'authflow_calls_total{entrance="grpc",call="Validate",reason="SESSION_REVOKED"} 1',
    'authflow_calls_total{entrance="http",call="Login",reason="OVERLOADED"} 1',
  ]);
});

test('durations make a cumulative histogram in seconds', async () => {
  const counted = metrics();
  for (const durationMs of [0.1, 0.25, 3, 20_000]) {
    counted.recordCall({ entrance: 'grpc', method: 'Validate', reason: null, durationMs });
  }
  const text = await counted.render();
  expect(text).toContain('# TYPE authflow_call_duration_seconds histogram');
  const labels = 'entrance="grpc",call="Validate"';
  for (const line of [
    `_bucket{${labels},le="0.00025"} 2`,
    `_bucket{${labels},le="0.0025"} 2`,
    `_bucket{${labels},le="0.005"} 3`,
    `_bucket{${labels},le="10"} 3`,
    `_bucket{${labels},le="+Inf"} 4`,
    `_count{${labels}} 4`,
  ]) {
    expect(text).toContain(`authflow_call_duration_seconds${line}\n`);
  }
  const [sum = ''] = linesOf(text, 'authflow_call_duration_seconds_sum');
  expect(Number(sum.split(' ').at(-1))).toBeCloseTo(20.00335);
});

test('labels are bounded, even when a fault of ours makes them of what strangers send', async () => {
  const counted = metrics();
  for (let call = 0; call < 5_000; call += 1) {
    counted.recordCall({ entrance: `e${call % 7}`, method: `m${call}`, reason: null, durationMs: 1 });
    counted.recordCall({ entrance: 'grpc', method: 'Validate', reason: `r${call}`, durationMs: 1 });
  }
  const lines = linesOf(await counted.render(), 'authflow_calls_total');
  expect(lines.length).toBeLessThan(300);
  expect(lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(10_000);
});

test('the hash queue is read when asked', async () => {
  const counted = metrics();
  expect(await counted.render()).not.toContain('hash_queue');
  let length = 3;
  counted.watchHashQueue({ length: () => length, hashes: () => 9, refused: () => ({ token_key: 0, no_key: 7 }) });
  expect(await counted.render()).toContain('authflow_password_hash_queue_length 3');
  length = 4;
  const text = await counted.render();
  expect(text).toContain('authflow_password_hash_queue_length 4');
  expect(text).toContain('authflow_password_hashes_total 9');
  expect(linesOf(text, 'authflow_password_hash_refusals_total')).toEqual([
    'authflow_password_hash_refusals_total{caller_class="token_key"} 0',
    'authflow_password_hash_refusals_total{caller_class="no_key"} 7',
  ]);
});

test('R6: what is refused unread is shown by kind and class of caller, with its level, the standing lag and who was ended on', async () => {
  const counted = metrics();
  expect(await counted.render()).not.toMatch(/authflow_(calls_shed|shedding|event_loop)/);
  counted.watchAdmission(() => ({
    shed: [
      { call: 'foo_bar_without_key', callerClass: 'no_key', count: 5 },
      { call: 'login', callerClass: 'token_key', count: 7 },
    ],
    level: 2,
    standingLagSeconds: 0.25,
    ended: 3,
  }));
  const text = await counted.render();
  for (const line of [
    'authflow_calls_shed_total{call="foo_bar_without_key",caller_class="no_key"} 5',
    'authflow_calls_shed_total{call="login",caller_class="token_key"} 7',
    'authflow_shedding_level 2',
    'authflow_event_loop_standing_lag_seconds 0.25',
    'authflow_repeating_callers_ended_total 3',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('A1: tries that a lock refused and hard locks are counted', async () => {
  const counted = metrics();
  counted.watchTries(() => ({ refused: 4, hardLocks: 1 }));
  const lines = (await counted.render()).split('\n');
  expect(lines).toContain('authflow_login_tries_refused_total 4');
  expect(lines).toContain('authflow_hard_locks_total 1');
});

test('a store across a network shows its connections, and a file none', async () => {
  const counted = metrics();
  counted.watchStore(() => null);
  expect(await counted.render()).not.toContain('authflow_store');
  counted.watchStore(() => ({ idle: 2, busy: 3, waiting: 4, connectionFailures: 5, losses: 6 }));
  const text = await counted.render();
  for (const line of [
    'authflow_store_connections{state="idle"} 2',
    'authflow_store_connections{state="busy"} 3',
    'authflow_store_waiting 4',
    'authflow_store_connection_failures_total 5',
    'authflow_writes_lost_total 6',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('readiness and the end of the certificate are shown where there is somebody to tell them', async () => {
  const counted = metrics();
  counted.watchCertificate(() => null);
  expect(await counted.render()).not.toMatch(/authflow_ready|authflow_tls/);
  let isReady = true;
  counted.watchReadiness(() => isReady);
  counted.watchCertificate(() => 1_798_761_599);
  const text = await counted.render();
  expect(linesOf(text, 'authflow_ready')).toEqual(['authflow_ready 1']);
  const end = 'authflow_tls_certificate_expiration_timestamp_seconds';
  expect(linesOf(text, end)).toEqual([`${end} 1798761599`]);
  isReady = false;
  expect(linesOf(await counted.render(), 'authflow_ready')).toEqual(['authflow_ready 0']);
});

test('the process shows its processor time, memory and event loop, and two registries do not meet', async () => {
  const [one, two] = [metrics(), metrics()];
  one.recordCall({ entrance: 'grpc', method: 'Validate', reason: null, durationMs: 1 });
  const text = await two.render();
  for (const name of [
    'process_cpu_seconds_total',
    'process_start_time_seconds',
    'process_resident_memory_bytes',
    'nodejs_heap_used_bytes',
    'nodejs_eventloop_delay_seconds',
  ]) {
    const [line = ''] = linesOf(text, name);
    expect(Number(line.split(' ').at(-1)), name).toBeGreaterThanOrEqual(0);
  }
  expect(linesOf(text, 'authflow_calls_total')).toEqual([]);
});

function linesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(name));
}

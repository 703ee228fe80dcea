import { expect, test } from 'vitest';
import { callerOfEach, metric, startSupervised } from './supervised.ts';

test('a worker that is frozen for good is ended and replaced', async () => {
  const server = await startSupervised();
  await callerOfEach(server);
  process.kill(server.workers().get(1) ?? 0, 'SIGSTOP');
  await server.logged('worker_silent');
  await server.logged('worker_started', 3);
  await callerOfEach(server);
  expect(server.log().filter(({ event }) => event === 'worker_ended')).toEqual([
    expect.objectContaining({ worker: 1, signal: 'SIGKILL' }),
  ]);
});

test('while the supervisor is frozen, readiness and metrics are answered all the same', async () => {
  const server = await startSupervised();
  const [caller] = await callerOfEach(server);
  const page = await caller.send('/metrics');
  expect(metric(page.text, 'authflow_calls_total')).toBe(2);
  server.supervisor.kill('SIGSTOP');
  const [readyz, metrics] = [await caller.send('/readyz'), await caller.send('/metrics')];
  expect([readyz.outcome, metrics.outcome]).toEqual(['503', 'OK']);
  expect(metric(metrics.text, 'authflow_calls_total')).toBe(2);
  server.supervisor.kill('SIGCONT');
  await expect.poll(async () => (await caller.send('/readyz')).outcome).toBe('OK');
});

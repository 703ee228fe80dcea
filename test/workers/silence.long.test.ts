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
  expect(metric(page.text, 'authflow_ready')).toBe(1);
  server.supervisor.kill('SIGSTOP');
  // What the page has just asked holds for a second.
  await expect.poll(async () => (await caller.send('/readyz')).outcome).toBe('503');
  const metrics = await caller.send('/metrics');
  expect(metrics.outcome).toBe('OK');
  expect(metric(metrics.text, 'authflow_calls_total')).toBe(2);
  expect(metrics.text).toContain('\nauthflow_ready 0\n');
  server.supervisor.kill('SIGCONT');
  await expect.poll(async () => (await caller.send('/readyz')).outcome).toBe('OK');
});

import { expect, test } from 'vitest';
import { Metrics } from '../../src/observability/metrics.ts';
import { ConnectionLine } from '../../src/workers/connection-line.ts';
import { Supervisor } from '../../src/workers/supervisor.ts';

test('a fork that throws, as for want of memory, is tried again, and after three times told in a sentence', async () => {
  const metrics = new Metrics();
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const supervisor = new Supervisor({
    workers: 1,
    fork: () => {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    },
    ports: { http: 0, grpc: 0 },
    line: new ConnectionLine(),
    hashing: { cost: 10, acquire: () => Promise.reject(new Error('nobody asks')), close: async () => {} },
    longestCallMs: 10_000,
    answerWrites: () => () => undefined,
    snapshot: () => metrics.snapshot(),
    logger: { isEnabled: () => true, debug: log, info: log, warn: log, error: log },
  });
  await expect(supervisor.start()).rejects.toMatchObject({
    name: 'WorkersDiedError',
    message: expect.stringContaining('3 times within 10 s, the last one before it was made'),
  });
  expect(logged).toEqual(Array(3).fill('worker_not_made'));
  metrics.close();
});

import { expect, onTestFinished, test, vi } from 'vitest';
import type { MetricsSnapshot } from '../../src/observability/metrics-snapshot.ts';
import { type Counted, GatheredMetrics } from '../../src/workers/gathered-metrics.ts';

function snapshot(calls: number, delay = 0): MetricsSnapshot {
  const buckets = [calls, 0];
  return {
    isReady: true,
    certificateEndsAt: null,
    calls: [{ entrance: 'grpc', method: 'Validate', reasons: [['OK', calls]], buckets, durationSumMs: calls * 2 }],
    hashQueue: null,
    limits: null,
    mail: null,
    admission: {
      shed: [{ call: 'login', callerClass: 'unknown', count: calls }],
      level: 1,
      standingLagSeconds: delay,
      ended: 1,
    },
    store: null,
    tries: { refused: 2, hardLocks: 1 },
    heldBytes: 5,
    alarms: [['hard_lock', calls]],
    process: { cpuSeconds: calls, startedAt: 100, residentBytes: 10, heapBytes: 1 },
    eventLoopDelays: [{ quantile: 0.99, seconds: delay }],
    workers: null,
  };
}

const own = (): MetricsSnapshot => ({
  ...snapshot(0),
  isReady: null,
  calls: [],
  heldBytes: null,
  tries: null,
  admission: null,
  process: { cpuSeconds: 1, startedAt: 50, residentBytes: 10, heapBytes: 1 },
  workers: { running: 2, replaced: 0 },
});

/** By its clock half a second goes by between any two looks at it. */
function newGathered(): GatheredMetrics {
  let now = 0;
  return new GatheredMetrics(own, () => {
    now += 500;
    return now;
  });
}

/** A worker that answers at once, or never. */
function newWorker(gathered: GatheredMetrics, answer: () => MetricsSnapshot | null): Counted {
  const worker: Counted = {
    ask() {
      const given = answer();
      if (given !== null) {
        gathered.receive(worker, given);
      }
    },
  };
  gathered.add(worker);
  return worker;
}

test('workers are summed up, and of delays the longest is shown', async () => {
  const gathered = newGathered();
  newWorker(gathered, () => snapshot(3, 0.2));
  newWorker(gathered, () => snapshot(4, 0.1));
  expect(await gathered.gather()).toMatchObject({
    calls: [{ entrance: 'grpc', method: 'Validate', reasons: [['OK', 7]], buckets: [7, 0], durationSumMs: 14 }],
    heldBytes: 10,
    tries: { refused: 4, hardLocks: 2 },
    alarms: [['hard_lock', 7]],
    process: { cpuSeconds: 8, startedAt: 50, residentBytes: 30, heapBytes: 3 },
    eventLoopDelays: [{ quantile: 0.99, seconds: 0.2 }],
    workers: { running: 2 },
  });
});

test('R6: what workers refuse without asking for a hash is counted with what the queue of all refused', async () => {
  const queue = { length: 3, hashes: 9, refused: { private_key: 1, token_key: 0, no_key: 2 } };
  const gathered = new GatheredMetrics(() => ({ ...own(), hashQueue: queue }));
  const early = { length: 0, hashes: 0, refused: { private_key: 5, token_key: 1, no_key: 0 } };
  newWorker(gathered, () => ({ ...snapshot(0), hashQueue: early }));
  expect(await gathered.gather()).toMatchObject({
    hashQueue: { length: 3, hashes: 9, refused: { private_key: 6, token_key: 1, no_key: 2 } },
  });
});

test('they are ready where all workers are, and the certificate that ends first is shown', async () => {
  const gathered = newGathered();
  expect(await gathered.gather()).toMatchObject({ isReady: null, certificateEndsAt: null });
  let isReady = true;
  newWorker(gathered, () => ({ ...snapshot(0), certificateEndsAt: 2_000 }));
  const other = newWorker(gathered, () => ({ ...snapshot(0), isReady, certificateEndsAt: 1_000 }));
  expect(await gathered.gather()).toMatchObject({ isReady: true, certificateEndsAt: 1_000 });
  isReady = false;
  expect(await gathered.gather()).toMatchObject({ isReady: false });
  // One that has ended serves nobody.
  gathered.end(other);
  expect(await gathered.gather()).toMatchObject({ isReady: true, certificateEndsAt: 2_000 });
});

test('counters of a worker that ended stay, what it held does not', async () => {
  const gathered = newGathered();
  const ended = newWorker(gathered, () => snapshot(3));
  newWorker(gathered, () => snapshot(4));
  await gathered.gather();
  gathered.end(ended);
  newWorker(gathered, () => snapshot(1));
  expect(await gathered.gather()).toMatchObject({
    calls: [{ reasons: [['OK', 8]] }],
    heldBytes: 10,
    process: { cpuSeconds: 9, residentBytes: 30 },
  });
});

test('one that does not answer is shown as it was last, but not ready, and holds up nobody for longer than a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const gathered = newGathered();
  let isFrozen = false;
  newWorker(gathered, () => (isFrozen ? null : snapshot(3)));
  newWorker(gathered, () => snapshot(4));
  await gathered.gather();
  isFrozen = true;
  const [one, other] = [gathered.gather(), gathered.gather()];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await one).toMatchObject({ calls: [{ reasons: [['OK', 7]] }], isReady: false });
  expect(await other).toBe(await one);
  isFrozen = false;
  expect(await gathered.gather()).toMatchObject({ isReady: true });
});

test('however often they are asked for, workers are looked at twice a second', async () => {
  let [now, looks] = [0, 0];
  const gathered = new GatheredMetrics(own, () => now);
  newWorker(gathered, () => {
    looks += 1;
    return snapshot(looks);
  });
  for (let asked = 0; asked < 100; asked += 1) {
    await gathered.gather();
    now += 10;
  }
  expect(looks).toBe(2);
});

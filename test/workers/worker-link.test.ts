import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Metrics } from '../../src/observability/metrics.ts';
import type { MetricsSnapshot } from '../../src/observability/metrics-snapshot.ts';
import type { ToSupervisor, ToWorker } from '../../src/workers/messages.ts';
import { WorkerLink } from '../../src/workers/worker-link.ts';

test('while the supervisor does not answer for three seconds, metrics are as they were last, and what it says once it does', async () => {
  const { link, supervisor, own } = await linked();
  supervisor.answers = snapshotOf(7);
  expect(await link.metricsOfAll()).toEqual(snapshotOf(7));
  supervisor.answers = null;
  const asked = vi.fn();
  const answered = link.metricsOfAll().then((snapshot) => {
    asked();
    return snapshot;
  });
  await vi.advanceTimersByTimeAsync(2_999);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await answered).toEqual(snapshotOf(7));
  supervisor.answers = snapshotOf(9);
  expect(await link.metricsOfAll()).toEqual(snapshotOf(9));
  expect(own).not.toHaveBeenCalled();
});

test('where nobody has answered yet, and where the supervisor has gone, metrics are those of this worker', async () => {
  const { link, supervisor } = await linked();
  const first = link.metricsOfAll();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await first).toEqual(snapshotOf(1));
  const cutOff = link.metricsOfAll();
  supervisor.connected = false;
  supervisor.emit('disconnect');
  expect(await cutOff).toEqual(snapshotOf(1));
  expect(await link.metricsOfAll()).toEqual(snapshotOf(1));
});

/** The channel to a supervisor that answers who asks for metrics, or nobody. */
class FakeSupervisor extends EventEmitter {
  connected = true;
  answers: MetricsSnapshot | null = null;

  say(message: ToWorker): void {
    this.emit('message', message);
  }

  send(message: ToSupervisor): boolean {
    if (message.kind === 'metrics' && this.answers !== null) {
      this.say({ kind: 'metrics', id: message.id, snapshot: this.answers });
    }
    return true;
  }
}

async function linked() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const supervisor = new FakeSupervisor();
  const connecting = WorkerLink.connect(supervisor as unknown as NodeJS.Process);
  supervisor.say({ kind: 'welcome', worker: 1, ports: { http: 0, grpc: 0 } });
  const link = await connecting;
  if (link === null) {
    throw new Error('It is no worker.');
  }
  const own = vi.fn(async () => snapshotOf(1));
  link.watchMetrics(own);
  return { link, supervisor, own };
}

/** With so many bytes of requests. */
function snapshotOf(heldBytes: number): MetricsSnapshot {
  return { ...EMPTY, heldBytes };
}

const EMPTY: MetricsSnapshot = (() => {
  const metrics = new Metrics();
  try {
    return metrics.snapshot();
  } finally {
    metrics.close();
  }
})();

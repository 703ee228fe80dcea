import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Metrics } from '../../src/observability/metrics.ts';
import { ConnectionLine } from '../../src/workers/connection-line.ts';
import type { ToSupervisor, ToWorker } from '../../src/workers/messages.ts';
import { Supervisor } from '../../src/workers/supervisor.ts';

test('a fork that throws, as for want of memory, is tried again, and after three times told in a sentence', async () => {
  const { supervisor, logged } = newSupervisor(1, () => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
  });
  await expect(supervisor.start()).rejects.toMatchObject({
    name: 'WorkersDiedError',
    message: expect.stringContaining('3 times within 10 s, the last one before it was made'),
  });
  expect(logged).toEqual(Array(3).fill('worker_not_made'));
});

test('a worker that is silent for thirty seconds is killed and replaced; one that answers now and then is left alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const workers: FakeWorker[] = [];
  const { supervisor, logged } = newSupervisor(2, () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as ChildProcess;
  });
  await supervisor.start();
  const [silent, slow] = workers;
  if (silent === undefined || slow === undefined) {
    throw new Error('There are not two workers.');
  }
  silent.answers = false;
  for (let second = 1; second <= 30; second += 1) {
    slow.answers = second % 29 === 0;
    vi.advanceTimersByTime(1_000);
  }
  expect([silent.killedBy, logged]).toEqual([null, ['worker_started', 'worker_started']]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([silent.killedBy, slow.killedBy, workers.length]).toEqual(['SIGKILL', null, 3]);
  expect(logged.slice(2)).toEqual(['worker_silent', 'worker_ended', 'worker_started']);
  await end(supervisor);
});

test('a silent worker that takes its time to be gone is killed once, and told once', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const worker = new FakeWorker();
  const { supervisor, logged } = newSupervisor(1, () => worker as unknown as ChildProcess);
  await supervisor.start();
  worker.answers = false;
  worker.endsAtOnce = false;
  vi.advanceTimersByTime(60_000);
  expect([worker.kills, logged]).toEqual([1, ['worker_started', 'worker_silent']]);
  await end(supervisor);
});

test('a worker that starts is not silent, however long that takes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const worker = new FakeWorker();
  worker.answers = false;
  const { supervisor, logged } = newSupervisor(1, () => worker as unknown as ChildProcess);
  const started = supervisor.start();
  vi.advanceTimersByTime(120_000);
  expect([worker.killedBy, logged]).toEqual([null, []]);
  worker.say({ kind: 'ready' });
  await started;
  await end(supervisor);
});

/** A process with a channel, in this one. */
class FakeWorker extends EventEmitter {
  readonly pid = 1;
  connected = true;
  /** Whether it starts when it is welcomed, and answers pings. */
  answers = true;
  killedBy: string | null = null;
  kills = 0;
  /** Whether it is gone as soon as it is killed. */
  endsAtOnce = true;

  say(message: ToSupervisor): void {
    this.emit('message', message);
  }

  send(message: ToWorker): boolean {
    if (message.kind === 'line_ended') {
      this.#exit(0, null);
    } else if (this.answers && message.kind === 'welcome') {
      // Who forked it has not heard of it yet.
      queueMicrotask(() => this.say({ kind: 'ready' }));
    } else if (this.answers && message.kind === 'ping') {
      this.say({ kind: 'pong', handed: message.handed, open: { http: 0, grpc: 0 } });
    }
    return true;
  }

  kill(signal: string): boolean {
    this.killedBy = signal;
    this.kills += 1;
    if (this.endsAtOnce) {
      this.#exit(null, signal);
    }
    return true;
  }

  #exit(code: number | null, signal: string | null): void {
    this.connected = false;
    this.emit('exit', code, signal);
    this.emit('close');
  }
}

function newSupervisor(workers: number, fork: () => ChildProcess) {
  const metrics = new Metrics();
  onTestFinished(() => metrics.close());
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const supervisor = new Supervisor({
    workers,
    fork,
    ports: { http: 0, grpc: 0 },
    line: new ConnectionLine(),
    hashing: {
      parameters: { algorithm: 'bcrypt', cost: 10 },
      acquire: () => Promise.reject(new Error('nobody asks')),
      requirePlace: () => undefined,
      waitFor: () => null,
      close: async () => {},
    },
    budgets: { charge: () => null },
    longestCallMs: 10_000,
    answerWrites: () => () => undefined,
    snapshot: () => metrics.snapshot(),
    logger: { isEnabled: () => true, debug: log, info: log, warn: log, error: log },
  });
  return { supervisor, logged };
}

async function end(supervisor: Supervisor): Promise<void> {
  supervisor.beginStop();
  await supervisor.endStop(1_000);
}

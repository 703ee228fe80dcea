import { Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectionLine, type Taker } from '../../src/workers/connection-line.ts';
import type { PortName } from '../../src/workers/messages.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A worker that keeps what it is handed. */
class Worker implements Taker {
  readonly handed: Socket[] = [];
  readonly open = { http: 0, grpc: 0 };
  readonly #line: ConnectionLine;

  constructor(line: ConnectionLine) {
    this.#line = line;
    line.join(this);
  }

  hand(port: PortName, socket: Socket): void {
    this.handed.push(socket);
    this.open[port] += 1;
  }

  take(): void {
    this.#line.taken(this, { ...this.open });
  }
}

function add(line: ConnectionLine, count: number, port: PortName = 'grpc'): readonly Socket[] {
  return Array.from({ length: count }, () => {
    const socket = new Socket();
    line.add(port, socket);
    return socket;
  });
}

test('each goes to the worker with the fewest of its port, also when all come at once', () => {
  const line = new ConnectionLine();
  const [one, two] = [new Worker(line), new Worker(line)];
  add(line, 8);
  // The first is the faster one.
  for (let turn = 0; turn < 8; turn += 1) {
    one.take();
    one.take();
    two.take();
  }
  expect([one.open.grpc, two.open.grpc]).toEqual([4, 4]);
  line.count(one, { http: 0, grpc: 0 });
  add(line, 1, 'http');
  add(line, 1, 'grpc');
  expect(one.open.grpc).toBe(5);
});

test('one who does not come to what it was handed holds up that one alone', () => {
  const line = new ConnectionLine();
  const [frozen, other] = [new Worker(line), new Worker(line)];
  add(line, 6);
  other.take();
  other.take();
  for (let turn = 0; turn < 6; turn += 1) {
    vi.advanceTimersByTime(100);
    other.take();
  }
  expect([frozen.handed.length, other.handed.length]).toEqual([1, 5]);
});

test('what a worker had not taken when it ended is the next, in the order in which it came', () => {
  const line = new ConnectionLine();
  const lost = new Worker(line);
  const sockets = add(line, 3);
  expect(lost.handed).toEqual([sockets[0]]);
  line.leave(lost);
  const next = new Worker(line);
  for (let turn = 0; turn < 3; turn += 1) {
    next.take();
  }
  expect(next.handed).toEqual(sockets);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
});

test('the end waits until all are with workers, and cuts off what nobody took in time', async () => {
  const line = new ConnectionLine();
  const worker = new Worker(line);
  add(line, 2);
  const ended = line.end(60_000);
  worker.take();
  worker.take();
  await ended;

  const nobody = new ConnectionLine();
  const [left] = add(nobody, 1);
  const cut = nobody.end(5_000);
  vi.advanceTimersByTime(5_000);
  await cut;
  expect(left?.destroyed).toBe(true);
});

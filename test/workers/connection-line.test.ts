import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectionLine, type Handed, type Taker } from '../../src/workers/connection-line.ts';
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
  #last: { readonly id: number; readonly onFailed: () => void } | null = null;

  constructor(line: ConnectionLine) {
    this.#line = line;
    line.join(this);
  }

  hand({ id, port, socket }: Handed, onFailed: () => void): void {
    this.handed.push(socket);
    this.open[port] += 1;
    this.#last = { id, onFailed };
  }

  take(): void {
    if (this.#last !== null) {
      this.#line.taken(this, this.#last.id, { ...this.open });
    }
  }

  pong(handed: number): void {
    this.#line.passed(this, handed, { ...this.open });
  }

  fail(): void {
    this.#last?.onFailed();
  }
}

/** Connections as a listener has them, and their callers. */
async function connected(count: number) {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const callers = Array.from({ length: count }, () => connect((server.address() as AddressInfo).port, '127.0.0.1'));
  onTestFinished(() => {
    server.close();
    for (const socket of [...callers, ...sockets]) {
      socket.destroy();
    }
  });
  await vi.waitUntil(() => sockets.length === count);
  return { sockets, callers };
}

async function add(line: ConnectionLine, count: number, port: PortName = 'grpc'): Promise<readonly Socket[]> {
  const { sockets } = await connected(count);
  for (const socket of sockets) {
    line.add(port, socket);
  }
  return sockets;
}

test('each goes to the worker with the fewest of its port, also when all come at once', async () => {
  const line = new ConnectionLine();
  const [one, two] = [new Worker(line), new Worker(line)];
  await add(line, 8);
  // The first is the faster one.
  for (let turn = 0; turn < 8; turn += 1) {
    one.take();
    one.take();
    two.take();
  }
  expect([one.open.grpc, two.open.grpc]).toEqual([4, 4]);
  line.count(one, { http: 0, grpc: 0 });
  await add(line, 1, 'http');
  await add(line, 1, 'grpc');
  expect(one.open.grpc).toBe(5);
});

test('one who does not come to what it was handed holds up that one alone', async () => {
  const line = new ConnectionLine();
  const [frozen, other] = [new Worker(line), new Worker(line)];
  await add(line, 6);
  other.take();
  other.take();
  for (let turn = 0; turn < 6; turn += 1) {
    vi.advanceTimersByTime(100);
    other.take();
  }
  expect([frozen.handed.length, other.handed.length]).toEqual([1, 5]);
});

test('what a worker had not taken when it ended is the next, in the order in which it came', async () => {
  const line = new ConnectionLine();
  const lost = new Worker(line);
  const sockets = await add(line, 3);
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
  await add(line, 2);
  const ended = line.end(60_000);
  worker.take();
  worker.take();
  await ended;

  const nobody = new ConnectionLine();
  const [left] = await add(nobody, 1);
  const cut = nobody.end(5_000);
  vi.advanceTimersByTime(5_000);
  await cut;
  expect(left?.destroyed).toBe(true);
});

test('of both ports one is handed over in turn: a flood of one holds up the other by one', async () => {
  const line = new ConnectionLine();
  const worker = new Worker(line);
  const flood = await add(line, 20, 'grpc');
  const [other] = await add(line, 1, 'http');
  worker.take();
  worker.take();
  expect(worker.handed.slice(0, 3)).toEqual([flood[0], other, flood[1]]);
});

test('what its caller has reset while it stood in line takes no worker\u2019s time', async () => {
  const line = new ConnectionLine();
  const { sockets, callers } = await connected(3);
  await Promise.all(callers.slice(0, 2).map((caller) => once(caller.resetAndDestroy(), 'close')));
  for (const socket of sockets) {
    line.add('http', socket);
  }
  const worker = new Worker(line);
  expect(worker.handed).toEqual([sockets[2]]);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
});

test('what cannot be sent, or has not arrived when what was said after it has, is cut off; the next is handed over', async () => {
  const line = new ConnectionLine();
  const worker = new Worker(line);
  const sockets = await add(line, 3);
  worker.fail();
  expect(worker.handed).toEqual(sockets.slice(0, 2));
  worker.pong(line.lastId - 1);
  expect(worker.handed).toEqual(sockets.slice(0, 2));
  worker.pong(line.lastId);
  expect(worker.handed).toEqual(sockets);
  worker.take();
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
});

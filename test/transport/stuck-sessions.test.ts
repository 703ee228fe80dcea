import { once } from 'node:events';
import { connect as connectHttp2, createServer } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { LOOK_INTERVAL_MS } from '../../src/transport/net/connection.ts';
import { LOOKS_PER_SESSION_LOOK } from '../../src/transport/net/connections.ts';
import { HeldAnswers } from '../../src/transport/net/held-answers.ts';
import { Port } from '../../src/transport/net/port.ts';
import { frameBytes, PREFACE, settings, TYPE } from '../security/frames/http2-frames.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function startServer(): Promise<number> {
  const port = new Port({
    tls: null,
    maxConnections: 10,
    idleTimeoutMs: 300_000,
    onRefusedConnection: () => undefined,
    heldAnswers: new HeldAnswers(),
    http1: null,
    http2: createServer(),
  });
  onTestFinished(() => port.drain(0));
  return port.listen('127.0.0.1', 0);
}

function advanceToNextLook(): void {
  vi.advanceTimersByTime(LOOKS_PER_SESSION_LOOK * LOOK_INTERVAL_MS);
}

test('W8: a peer that says something, and then not even answers a ping, is ended', async () => {
  const socket = connectTcp(await startServer(), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  const ping = frameBytes({ type: TYPE.ping, payload: Buffer.from('from us!') });
  socket.write(Buffer.concat([PREFACE, settings(), ping]));
  await vi.waitUntil(() => Buffer.concat(received).includes('from us!'), { timeout: 120_000, interval: 5 });

  const ended = once(socket, 'close');
  // The first look sees what was read, the second asks, the others wait.
  for (let look = 0; look < 6; look += 1) {
    advanceToNextLook();
    expect(socket.destroyed).toBe(false);
  }
  advanceToNextLook();
  await ended;
});

test('W8: a peer that answers is asked once after what it said, and left alone', async () => {
  const session = connectHttp2(`http://127.0.0.1:${await startServer()}`);
  onTestFinished(() => session.destroy());
  let pings = 0;
  session.on('ping', () => {
    pings += 1;
  });
  await once(session, 'remoteSettings');
  const roundTrip = (): Promise<void> =>
    new Promise((resolve, reject) => {
      session.ping((error) => (error === null ? resolve() : reject(error)));
    });
  await roundTrip();
  for (let look = 0; look < 3; look += 1) {
    advanceToNextLook();
  }
  await vi.waitUntil(() => pings === 1, { timeout: 120_000, interval: 5 });
  // Behind the answer to a further ping of its own all that it was asked is answered.
  await roundTrip();
  for (let look = 0; look < 40; look += 1) {
    advanceToNextLook();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await roundTrip();
  expect(session.destroyed).toBe(false);
  expect(pings).toBe(2);
});

import { connect, type Socket } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FooBarResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { LOOK_INTERVAL_MS } from '../../src/transport/net/connection.ts';
import { TrustedProxies } from '../../src/transport/trusted-proxies.ts';
import { data, type Fields, frameBytes, headers, PREFACE, settings, TYPE } from '../security/frames/http2-frames.ts';
import { frame, startTestServer as startGrpc } from './grpc/test-server.ts';
import { startTestServer as startHttp } from './http/test-server.ts';

/** One of them is kept free. */
const MOST = 32;
const [HOARDER, CALLER, OTHER] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const WINDOW_OF_NOTHING = settings([4, 0]);
const ENHANCE_YOUR_CALM = 11;
const WAIT = { timeout: 120_000, interval: 5 };

const request = (path: string, method: string): Fields => [
  [':method', method],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'a'],
  ...(method === 'POST' ? ([['content-type', 'application/grpc']] as const) : []),
];
const FOO_BAR = request('/authflow.v1.AuthService/FooBar', 'POST');

/** A call whose answer is not taken. */
function untakenGet(stream: number): Buffer {
  return headers(stream, request('/healthz', 'GET'), { endStream: true });
}
function untakenCall(stream: number): Buffer {
  return Buffer.concat([headers(stream, FOO_BAR), data(stream, frame(Buffer.alloc(0)), { endStream: true })]);
}
/** Answered after what was sent before it: that has arrived. */
const PING = frameBytes({ type: TYPE.ping, payload: Buffer.alloc(8) });
const HALF_BODY = Buffer.from(
  'POST /auth/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n{',
);

interface Peer {
  readonly socket: Socket;
  received(): Buffer;
}

/** A connection that the server has taken with these bytes, or has closed. */
async function open(port: number, address: string, bytes: Buffer): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: address });
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  onTestFinished(() => void socket.destroy());
  const isHttp2 = bytes.subarray(0, PREFACE.length).equals(PREFACE);
  socket.write(isHttp2 ? Buffer.concat([bytes, PING]) : bytes);
  const peer = { socket, received: () => Buffer.concat(chunks) };
  const isTaken = (): boolean => (isHttp2 ? frameTypes(peer.received()).includes(TYPE.ping) : chunks.length > 0);
  await vi.waitUntil(() => isTaken() || socket.closed, WAIT);
  return peer;
}

async function openMany(port: number, address: string, { count, bytes }: { count: number; bytes: Buffer }) {
  const peers: Peer[] = [];
  for (let i = 0; i < count; i += 1) {
    peers.push(await open(port, address, bytes));
  }
  return peers;
}

function stillOpen(peers: readonly Peer[]): number {
  return peers.filter(({ socket }) => !socket.closed).length;
}

function resetsOf(peer: Peer): number {
  return frameTypes(peer.received()).filter((type) => type === TYPE.rstStream).length;
}

function frameTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    types.push(bytes.readUInt8(at + 3));
  }
  return types;
}

/** A connection that was answered: over HTTP/1.1, or a call over HTTP/2. */
async function answered(port: number, address: string, kind: Kind): Promise<Peer> {
  const http1 = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const peer = await open(
    port,
    address,
    kind === 'gRPC' ? Buffer.concat([PREFACE, settings(), untakenCall(1)]) : Buffer.from(http1),
  );
  const isAnswered = (): boolean =>
    kind === 'gRPC' ? frameTypes(peer.received()).includes(TYPE.data) : peer.received().includes('200 OK');
  await vi.waitUntil(isAnswered, WAIT);
  return peer;
}

type Kind = 'HTTP' | 'gRPC';

/** A server whose FooBar waits until the test is over, where it is told to. */
async function start(kind: Kind, { proxies = [] as string[], isStuck = false } = {}) {
  const fooBar = async () => {
    if (isStuck) {
      await new Promise((resolve) => onTestFinished(() => resolve(null)));
    }
    return create(FooBarResponseSchema, { token: 'nonce' });
  };
  const options = { maxConnections: MOST, proxies: new TrustedProxies(proxies) };
  return kind === 'HTTP' ? startHttp({ ...options, auth: { fooBar } }) : startGrpc({ fooBar }, options);
}

describe('R11: one network with more connections than all others', () => {
  test.each([
    ['answers that it does not take', 'HTTP', Buffer.concat([PREFACE, WINDOW_OF_NOTHING, untakenGet(1)]), false],
    ['bodies that it does not end', 'HTTP', HALF_BODY, false],
    ['answers that it does not take', 'gRPC', Buffer.concat([PREFACE, WINDOW_OF_NOTHING, untakenCall(1)]), false],
    ['calls under way', 'gRPC', Buffer.concat([PREFACE, settings(), untakenCall(1)]), true],
  ] as const)('takes the places of nobody else by %s (%s)', async (_name, kind, bytes, isStuck) => {
    const server = await start(kind, { isStuck });
    const honest = isStuck
      ? await openMany(server.port, CALLER, { count: 3, bytes: Buffer.concat([PREFACE, settings()]) })
      : [await answered(server.port, CALLER, kind), await answered(server.port, CALLER, kind)];
    const hoarded = await openMany(server.port, HOARDER, { count: 60, bytes });
    const room = MOST - 1 - honest.length;
    await expect.poll(() => stillOpen(hoarded), WAIT).toBe(room);
    expect(server.refusedConnection.length).toBe(60 - room);

    const newcomers = await openMany(server.port, OTHER, { count: 5, bytes });
    await expect.poll(() => stillOpen(hoarded), WAIT).toBe(room - 5);
    expect([stillOpen(honest), stillOpen(newcomers)]).toEqual([honest.length, 5]);
    if (!isStuck) {
      await answered(server.port, OTHER, kind);
    }
  });

  test('gives way until it holds as many as who comes, and no further', async () => {
    const server = await start('HTTP');
    const first = await openMany(server.port, HOARDER, { count: 20, bytes: HALF_BODY });
    const second = await openMany(server.port, OTHER, { count: 40, bytes: HALF_BODY });
    await expect.poll(() => [stillOpen(first), stillOpen(second)], WAIT).toEqual([16, 15]);
  });

  test('gives up none where it is a listed proxy; who comes beside it is refused', async () => {
    const server = await start('HTTP', { proxies: [HOARDER] });
    const proxied = await openMany(server.port, HOARDER, { count: MOST - 2, bytes: HALF_BODY });
    const direct = await openMany(server.port, OTHER, { count: 3, bytes: HALF_BODY });
    await expect.poll(() => stillOpen(direct), WAIT).toBe(1);
    expect(stillOpen(proxied)).toBe(MOST - 2);
    expect(server.refusedConnection).toEqual(['http', 'http']);
  });
});

describe('R11: a connection whose calls all wait for their peer', () => {
  afterEach(() => void vi.useRealTimers());

  test.each([
    ['answers not taken', 'HTTP', Buffer.concat([PREFACE, WINDOW_OF_NOTHING, untakenGet(1)])],
    ['half bodies', 'HTTP', HALF_BODY],
    ['answers not taken', 'gRPC', Buffer.concat([PREFACE, WINDOW_OF_NOTHING, untakenCall(1)])],
    ['half messages', 'gRPC', Buffer.concat([PREFACE, settings(), headers(1, FOO_BAR)])],
  ] as const)('is idle: for its own network it gives way first (%s, %s)', async (_name, kind, bytes) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const server = await start(kind);
    const idle = await answered(server.port, CALLER, kind);
    const stalled = await openMany(server.port, CALLER, { count: MOST - 3, bytes });
    const last = await answered(server.port, CALLER, kind);
    for (let look = 0; look < 2; look += 1) {
      vi.advanceTimersByTime(LOOK_INTERVAL_MS);
    }
    await answered(server.port, CALLER, kind);
    await expect.poll(() => stillOpen(stalled), WAIT).toBe(MOST - 4);
    expect([idle.socket.closed, last.socket.closed, server.refusedConnection]).toEqual([false, false, []]);
  });
});

describe('W3: a peer that takes no answer', () => {
  afterEach(() => void vi.useRealTimers());

  async function letTwoBeCut(kind: Kind, proxies: string[]) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const passTime = clockOfTest();
    const server = await start(kind, { proxies });
    const untaken = kind === 'HTTP' ? untakenGet : untakenCall;
    const peer = await open(server.port, HOARDER, Buffer.concat([PREFACE, WINDOW_OF_NOTHING, untaken(1)]));
    for (const stream of [3, 5]) {
      await vi.waitUntil(() => headersSeen(peer) >= (stream - 1) / 2, WAIT);
      passTime(13_000);
      vi.advanceTimersByTime(LOOK_INTERVAL_MS);
      if (stream === 3) {
        await vi.waitUntil(() => resetsOf(peer) === 1, WAIT);
        expect(peer.socket.closed).toBe(false);
        peer.socket.write(untaken(3));
      }
    }
    return peer;
  }

  test.each(['HTTP', 'gRPC'] as const)(
    'has its first stream reset, and its connection ended at the second (%s)',
    async (kind) => {
      const peer = await letTwoBeCut(kind, []);
      await vi.waitUntil(() => peer.socket.closed, WAIT);
      const bytes = peer.received();
      expect(frameTypes(bytes)).toContain(TYPE.goaway);
      expect(bytes.subarray(-34).includes(Buffer.from([0, 0, 0, ENHANCE_YOUR_CALM]))).toBe(true);
    },
  );

  test('is not ended where it is a listed proxy, which carries the calls of others', async () => {
    const peer = await letTwoBeCut('HTTP', [HOARDER]);
    await vi.waitUntil(() => resetsOf(peer) === 2, WAIT);
    expect(peer.socket.closed).toBe(false);
  });

  function headersSeen(peer: Peer): number {
    return frameTypes(peer.received()).filter((type) => type === TYPE.headers).length;
  }
});

/** The clock of connections, which goes forward by as much as it is told to, for the rest of the test. */
function clockOfTest(): (ms: number) => void {
  const now = performance.now.bind(performance);
  let passedMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
  onTestFinished(() => clock.mockRestore());
  return (ms) => {
    passedMs += ms;
  };
}

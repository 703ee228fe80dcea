import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HeldAnswers } from '../../src/transport/net/held-answers.ts';
import { TrustedProxies } from '../../src/transport/trusted-proxies.ts';
import { data, type Fields, headers, PREFACE, settings, TYPE } from '../security/frames/http2-frames.ts';
import { frame, startTestServer as startGrpc } from './grpc/test-server.ts';
import { ask, startTestServer as startHttp } from './http/test-server.ts';

const WAIT = { timeout: 120_000, interval: 5 };
const WINDOW_OF_NOTHING = settings([4, 0]);
const ENHANCE_YOUR_CALM = 11;
const MOST = 40;

interface Peer {
  readonly socket: Socket;
  /** Of each frame that came its type, its stream, and the first two numbers of its payload. */
  frames(): number[][];
}

function open(port: number, bytes: Buffer): Peer {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  onTestFinished(() => void socket.destroy());
  socket.write(bytes);
  return { socket, frames: () => framesOf(Buffer.concat(chunks)) };
}

function framesOf(bytes: Buffer): number[][] {
  const frames: number[][] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const payload = bytes.subarray(at + 9, at + 9 + length);
    const numberAt = (offset: number): number => (payload.length >= offset + 4 ? payload.readUInt32BE(offset) : -1);
    frames.push([bytes.readUInt8(at + 3), bytes.readUInt32BE(at + 5), numberAt(0), numberAt(4)]);
    at += 9 + length;
  }
  return frames;
}

function answersOf(peer: Peer): number {
  return peer.frames().filter(([type]) => type === TYPE.headers).length;
}

function calmedOf(peer: Peer): number[] {
  return peer
    .frames()
    .filter(([type, , code]) => type === TYPE.rstStream && code === ENHANCE_YOUR_CALM)
    .map(([, stream = 0]) => stream);
}

const request = (path: string, method: string): Fields => [
  [':method', method],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'a'],
  ...(method === 'POST' ? ([['content-type', 'application/grpc']] as const) : []),
];
const MESSAGE = frame(Buffer.alloc(0));
const getOf = (stream: number): Buffer => headers(stream, request('/healthz', 'GET'), { endStream: true });
const callOf = (stream: number): Buffer =>
  Buffer.concat([
    headers(stream, request('/authflow.v1.AuthService/FooBar', 'POST')),
    data(stream, MESSAGE, { endStream: true }),
  ]);

function asks(one: (stream: number) => Buffer, first: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => one(first + 2 * index)));
}

describe('W10: answers of HTTP/2 that nobody takes', () => {
  test.each([
    ['HTTP', getOf],
    ['gRPC', callOf],
  ] as const)('are cut beyond the most, and with the second of a connection all of it (%s)', async (kind, one) => {
    const heldAnswers = new HeldAnswers(MOST);
    const server = kind === 'HTTP' ? await startHttp({ heldAnswers }) : await startGrpc({}, { heldAnswers });
    const first = open(server.port, Buffer.concat([PREFACE, WINDOW_OF_NOTHING, asks(one, 1, MOST / 2)]));
    await vi.waitUntil(() => answersOf(first) === MOST / 2, WAIT);
    const second = open(server.port, Buffer.concat([PREFACE, WINDOW_OF_NOTHING, asks(one, 1, MOST / 2)]));
    await vi.waitUntil(() => answersOf(second) === MOST / 2, WAIT);
    expect([calmedOf(first), first.socket.closed]).toEqual([[], false]);

    second.socket.write(one(1 + MOST));
    await vi.waitUntil(() => first.socket.closed, WAIT);
    expect(first.frames().some(([type, , , code]) => type === TYPE.goaway && code === ENHANCE_YOUR_CALM)).toBe(true);
    await vi.waitUntil(() => answersOf(second) === MOST / 2 + 1, WAIT);
    expect(calmedOf(second)).toEqual([]);
  });

  test('of a listed proxy are cut one by one, those that waited the longest first', async () => {
    const heldAnswers = new HeldAnswers(MOST);
    const server = await startHttp({ heldAnswers, proxies: new TrustedProxies(['127.0.0.1']) });
    const peer = open(server.port, Buffer.concat([PREFACE, WINDOW_OF_NOTHING, asks(getOf, 1, MOST)]));
    await vi.waitUntil(() => answersOf(peer) === MOST, WAIT);
    peer.socket.write(getOf(1 + 2 * MOST));
    await vi.waitUntil(() => calmedOf(peer).length > 0, WAIT);
    await vi.waitUntil(() => answersOf(peer) === MOST + 1, WAIT);
    expect(calmedOf(peer)).toEqual([1, 3, 5, 7, 9]);
    expect(peer.socket.closed).toBe(false);
  });

  test('are none of those that are still worked on, however many', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const server = await startHttp({
      heldAnswers: new HeldAnswers(4),
      ops: {
        jwks: async () => '{"keys":[]}',
        isReady: async () => {
          await gate;
          return true;
        },
        metrics: async () => Buffer.alloc(0),
        metricsContentType: 'text/plain',
      },
    });
    const calls = Array.from({ length: 20 }, () => ask(server.origin, '/readyz'));
    const peer = openReady(server.port);
    await vi.waitUntil(() => peer.frames().some(([type]) => type === TYPE.ping), WAIT);
    open();
    await vi.waitUntil(() => answersOf(peer) === 20, WAIT);
    expect(calmedOf(peer)).toEqual([]);
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 200));
  });
});

function openReady(port: number): Peer {
  const ready = (stream: number): Buffer => headers(stream, request('/readyz', 'GET'), { endStream: true });
  const ping = Buffer.from([0, 0, 8, TYPE.ping, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  return open(port, Buffer.concat([PREFACE, settings(), asks(ready, 1, 20), ping]));
}

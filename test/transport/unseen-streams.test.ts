import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FLAG, frameBytes, headers, indexedBlock, PREFACE, settings, TYPE } from '../security/frames/http2-frames.ts';
import { startTestServer as startGrpc } from './grpc/test-server.ts';
import { startTestServer as startHttp } from './http/test-server.ts';

const GET = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'a'],
] as const;
const ENHANCE_YOUR_CALM = 11;
/** The first field of the table that a peer fills: RFC 7541, section 2.3.3. */
const LAST_INDEXED = 0x80 | 62;

/** A block of 4 kB that names one field of 3,900 bytes more often than Node takes fields. */
function tooLarge(stream: number): Buffer {
  const block = Buffer.concat([indexedBlock([...GET, ['x', 'y'.repeat(3_900)]]), Buffer.alloc(200, LAST_INDEXED)]);
  const flags = FLAG.endHeaders | FLAG.endStream;
  return frameBytes({ type: TYPE.headers, flags, stream, payload: block });
}

test.each([
  ['HTTP', startHttp],
  ['gRPC', startGrpc],
])(
  'W8: a peer whose headers are too large is reset stream by stream, and after some hundreds ended (%s)',
  async (_name, start) => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const frames = (): readonly number[][] => framesOf(Buffer.concat(received));
    const resets = (): number =>
      frames().filter(([type, , code]) => type === TYPE.rstStream && code === ENHANCE_YOUR_CALM).length;

    socket.write(Buffer.concat([PREFACE, settings(), ...streams(1, 100).map(tooLarge)]));
    await expect.poll(resets).toBe(100);
    socket.write(headers(201, GET, { endStream: true }));
    await expect.poll(() => frames().some(([type, stream]) => type === TYPE.headers && stream === 201)).toBe(true);

    socket.write(Buffer.concat(streams(203, 400).map(tooLarge)));
    await ended;
    expect(
      frames()
        .filter(([type]) => type === TYPE.goaway)
        .map(([, , , code]) => code),
    ).toContain(ENHANCE_YOUR_CALM);
  },
);

function streams(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + 2 * index);
}

/** Of each frame its type, its stream, and the first two numbers of its payload. */
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

import { setImmediate } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import {
  data,
  frameBytes,
  headers,
  numbered,
  PREFACE,
  settings,
  TYPE,
  uint32,
} from '../../security/frames/http2-frames.ts';
import { CERTIFICATES } from '../../support/certificates.js';
import { frame, startTestServer } from './test-server.ts';

const MESSAGE = frame(toBinary(ValidateRequestSchema, create(ValidateRequestSchema, { email: 'a@b.de' })));
const CALLS = 3_000;
const CALLS_IN_A_PACKET = 3;
/** Fewer than a connection may hold. */
const MOST_IN_FLIGHT = 90;

/** By TLS Node 24 reads on where a write is under way, and tells of the streams after it: each must find its message. */
test('calls that come several in a packet, while others are answered, are all answered', async () => {
  const server = await startTestServer({}, { tls: { ...CERTIFICATES.server, clientCa: null } });
  const socket = await open(server.port);
  let sent = 0;
  while (sent < CALLS) {
    if (sent - server.answered.length <= MOST_IN_FLIGHT - CALLS_IN_A_PACKET) {
      const packet = Array.from({ length: CALLS_IN_A_PACKET }, (_, i) => callFrames(1 + 2 * (sent + i)));
      socket.write(Buffer.concat(packet));
      sent += CALLS_IN_A_PACKET;
    }
    await setImmediate();
  }
  await expect.poll(() => server.answered.length).toBe(CALLS);
  expect(server.answered.filter(({ reason }) => reason !== null)).toEqual([]);
});

describe('a call that its caller takes back', () => {
  test.each([
    ['before its message', Buffer.alloc(0), 0],
    ['before its message, with an error', Buffer.alloc(0), 2],
    ['before the end of its message', MESSAGE.subarray(0, -1), 8],
    ['after its message, before its end', MESSAGE, 0],
    ['after its message, before its end, with an error', MESSAGE, 2],
  ])('%s is neither run nor told', async (_, sent, code) => {
    const server = await startTestServer({}, { tls: { ...CERTIFICATES.server, clientCa: null } });
    const socket = await open(server.port);
    const pings = (payload: string) => frameBytes({ type: TYPE.ping, payload: Buffer.from(payload) });
    socket.write(Buffer.concat([headers(1, FIELDS), data(1, sent)]));
    socket.write(Buffer.concat([numbered(TYPE.rstStream, 1, code), pings('answered')]));
    await received(socket, 'answered');
    socket.write(callFrames(3));
    await expect.poll(() => server.answered.length).toBeGreaterThan(0);
    expect(server.answered).toMatchObject([{ reason: null }]);
  });
});

const FIELDS = [
  [':method', 'POST'],
  [':scheme', 'https'],
  [':path', '/authflow.v1.AuthService/Validate'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const;

function callFrames(stream: number): Buffer {
  return Buffer.concat([headers(stream, FIELDS), data(stream, MESSAGE, { endStream: true })]);
}

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  socket.setNoDelay(true).resume();
  const window = frameBytes({ type: TYPE.windowUpdate, payload: uint32(2 ** 30) });
  socket.write(Buffer.concat([PREFACE, settings(), window]));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

function received(socket: TLSSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    let all = '';
    socket.on('data', (chunk: Buffer) => {
      all += chunk.toString('latin1');
      if (all.includes(text)) {
        resolve();
      }
    });
  });
}

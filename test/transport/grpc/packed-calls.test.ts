import { connect as connectTcp, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect } from 'node:tls';
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
const BY_TLS = { host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false };
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

describe('a request that breaks a rule of HTTP/2 after its message', () => {
  test.each([
    ['trailers with a field that only begins a message', [headers(1, [[':path', '/']], { endStream: true })]],
    ['trailers with a name in capitals', [headers(1, [['X-Note', 'a']], { endStream: true })]],
    ['trailers of a connection', [headers(1, [['connection', 'close']], { endStream: true })]],
    ['a stream of the server', [data(2, Buffer.alloc(1))]],
  ])('is neither run nor told: %s', async (_, frames) => {
    const server = await startTestServer();
    const broken = await open(server.port, connectTcp(server.port, '127.0.0.1'));
    const closed = new Promise((resolve) => broken.once('close', resolve));
    broken.write(Buffer.concat([headers(1, FIELDS), data(1, MESSAGE), ...frames]));
    broken.end();
    await closed;
    const other = await open(server.port, connectTcp(server.port, '127.0.0.1'));
    other.write(callFrames(1));
    await expect.poll(() => server.answered.length).toBeGreaterThan(0);
    expect(server.answered).toMatchObject([{ reason: null }]);
  });

  test('is neither run nor told: a length that it does not keep', async () => {
    const server = await startTestServer();
    const socket = await open(server.port, connectTcp(server.port, '127.0.0.1'));
    const fields = [...FIELDS, ['content-length', '500']] as const;
    socket.write(Buffer.concat([headers(1, fields), data(1, MESSAGE, { endStream: true }), callFrames(3)]));
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

/** A connection of HTTP/2 on which something came back; by TLS where no other is given. */
async function open(port: number, socket: Socket = connect({ port, ...BY_TLS })): Promise<Socket> {
  onTestFinished(() => void socket.destroy());
  socket.setNoDelay(true).resume();
  const window = frameBytes({ type: TYPE.windowUpdate, payload: uint32(2 ** 30) });
  socket.write(Buffer.concat([PREFACE, settings(), window]));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

function received(socket: Socket, text: string): Promise<void> {
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

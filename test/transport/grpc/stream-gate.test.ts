import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { Metadata, Server } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LogoutResponseSchema, ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { MAX_CALL_MS } from '../../../src/operations/call.ts';
import { toWireError } from '../../../src/transport/error-mapping.ts';
import { streamHandlerOf } from '../../../src/transport/grpc/library-streams.ts';
import { createGatedPort } from '../../../src/transport/grpc/stream-gate.ts';
import { HeldAnswers } from '../../../src/transport/net/held-answers.ts';
import { HeldBytes } from '../../../src/transport/net/held-bytes.ts';
import { data, frameBytes, headers, numbered, PREFACE, settings, TYPE } from '../../security/frames/http2-frames.ts';
import { countInflatedBytes } from '../../support/inflated-bytes.ts';
import { ask, authClient, deferred, errorOf, frame, rawCall, shown, startTestServer } from './test-server.ts';

const VALIDATE = '/authflow.v1.AuthService/Validate';
const REQUEST = toBinary(ValidateRequestSchema, create(ValidateRequestSchema, { email: 'ada@example.com' }));

describe('W1: a message', () => {
  test('of 64 KiB is taken, one byte more is RESOURCE_EXHAUSTED', async () => {
    const server = await startTestServer();
    const client = authClient(server.address);
    // Tag and length take four bytes.
    const largest = 64 * 1024 - 4;
    await expect(ask(client, 'validate', { email: 'a'.repeat(largest) })).resolves.toBeDefined();
    const error = await errorOf(ask(client, 'validate', { email: 'a'.repeat(largest + 1) }));
    expect(error.code).toBe(8);
    expect(server.answered.map(({ reason }) => reason)).toEqual([null, 'PAYLOAD_TOO_LARGE']);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])(
    'compressed by %s is counted by what it holds; a bomb is inflated no further than that',
    async (encoding, compress) => {
      const server = await startTestServer();
      const headers = { 'grpc-encoding': encoding };
      const small = frame(compress(REQUEST), { compressed: true });
      expect(await rawCall(server.address, VALIDATE, small, headers)).toMatchObject({ grpcStatus: 0 });
      const tooLarge = frame(compress(Buffer.alloc(64 * 1024 + 1)), { compressed: true });
      expect(await rawCall(server.address, VALIDATE, tooLarge, headers)).toMatchObject({ grpcStatus: 8 });

      const bomb = frame(compress(Buffer.alloc(64 * 1024 * 1024)), { compressed: true });
      const inflated = countInflatedBytes();
      expect(await rawCall(server.address, VALIDATE, bomb, headers)).toMatchObject({ grpcStatus: 8 });
      expect(inflated()).toBeGreaterThan(64 * 1024);
      expect(inflated()).toBeLessThan(3 * 64 * 1024);
      const reasons = server.answered.map(({ reason }) => reason);
      expect(reasons).toEqual([null, 'PAYLOAD_TOO_LARGE', 'PAYLOAD_TOO_LARGE']);
    },
  );

  test('compressed with more after it is refused before it is inflated', async () => {
    const server = await startTestServer();
    const one = frame(gzipSync(Buffer.alloc(60 * 1024)), { compressed: true });
    const many = Buffer.concat(Array.from({ length: 150 }, () => one));
    const inflated = countInflatedBytes();
    const answer = await rawCall(server.address, VALIDATE, many, { 'grpc-encoding': 'gzip' });
    expect(answer).toMatchObject({ grpcStatus: 12 });
    expect(inflated()).toBe(0);
  });

  test('in another compression is refused', async () => {
    const server = await startTestServer();
    const answer = await rawCall(server.address, VALIDATE, frame(REQUEST, { compressed: true }), {
      'grpc-encoding': 'br',
    });
    expect(answer).toMatchObject({ grpcStatus: 12 });
  });

  test('that is sent twice is refused', async () => {
    const server = await startTestServer();
    const answer = await rawCall(server.address, VALIDATE, Buffer.concat([frame(REQUEST), frame(REQUEST)]));
    expect(answer.grpcStatus).toBe(12);
    expect(server.answered.map(({ reason }) => reason)).toEqual(['INVALID_ARGUMENT']);
  });

  test('that does not come is refused', async () => {
    const server = await startTestServer();
    const answer = await rawCall(server.address, VALIDATE, Buffer.alloc(0));
    expect(answer.grpcStatus).toBe(12);
  });

  test.each([1, 3, 7, REQUEST.length + 4])('of several frames of %i bytes is whole with the last', async (bytes) => {
    const server = await startTestServer();
    const whole = frame(REQUEST);
    const pieces = Array.from({ length: Math.ceil(whole.length / bytes) }, (_, i) =>
      whole.subarray(i * bytes, (i + 1) * bytes),
    );
    expect(await inPieces(server.address, pieces)).toMatchObject({ 'grpc-status': '0' });
  });
});

describe('W1: metadata', () => {
  function metadataOf(bytes: number): Record<string, string> {
    return Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`x-fill-${i}`, 'a'.repeat(bytes / 4)]));
  }

  test('of nearly 16 KiB is taken, more is RESOURCE_EXHAUSTED with a sentence', async () => {
    const server = await startTestServer();
    expect(await rawCall(server.address, VALIDATE, frame(REQUEST), metadataOf(15 * 1024))).toMatchObject({
      grpcStatus: 0,
    });
    const answer = await rawCall(server.address, VALIDATE, frame(REQUEST), metadataOf(16 * 1024));
    expect(answer).toMatchObject({ grpcStatus: 8, grpcMessage: 'The metadata is larger than 16384 bytes.' });
    expect(server.answered).toHaveLength(1);
  });

  test('that is refused leaves the connection usable', async () => {
    const server = await startTestServer();
    const client = authClient(server.address);
    const metadata = new Metadata();
    metadata.set('x-fill', 'a'.repeat(16 * 1024));
    expect((await errorOf(ask(client, 'validate', {}, { metadata }))).code).toBe(8);
    await expect(ask(client, 'validate', {})).resolves.toBeDefined();
  });
});

test('W1: a connection may hold 100 streams', async () => {
  const server = await startTestServer();
  const session = connect(`http://${server.address}`);
  try {
    const settings = await new Promise<{ maxConcurrentStreams?: number }>((resolve) =>
      session.once('remoteSettings', resolve),
    );
    expect(settings.maxConcurrentStreams).toBe(100);
  } finally {
    session.destroy();
  }
});

test.each([0, 1, 8])(
  'W8: a stream that is reset (%i) while its service is being loaded is answered by nobody',
  async (code) => {
    const loading = deferred();
    const asked = deferred();
    const library = { handle: streamHandlerOf(new Server()), load: () => Promise.reject(new Error('It is loaded.')) };
    const gated = createGatedPort({
      library,
      tls: null,
      calls: new Map(),
      watchPath: '',
      maxConnections: 10,
      onRefusedConnection: () => undefined,
      heldBytes: new HeldBytes({ identifyApiKey: async () => null }),
      heldAnswers: new HeldAnswers(),
      tell: (error) => toWireError(error),
      loadAuxiliaryServices: () => {
        asked.resolve();
        return loading.promise;
      },
    });
    const port = await gated.listen('127.0.0.1', 0);
    onTestFinished(() => gated.drain(0));
    const socket = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const fields = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/late.Service/Late'],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
    ] as const;
    socket.write(Buffer.concat([PREFACE, settings(), headers(1, fields), data(1, Buffer.alloc(5))]));
    await asked.promise;
    const ping = frameBytes({ type: TYPE.ping, payload: Buffer.from('answered') });
    socket.write(Buffer.concat([numbered(TYPE.rstStream, 1, code), ping]));
    // What comes back after the answer to the ping was read after the reset.
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    await vi.waitUntil(() => Buffer.concat(received).includes('answered'), { timeout: 120_000, interval: 5 });
    loading.resolve();
    const answer = await rawCall(`127.0.0.1:${port}`, '/late.Service/Late', Buffer.alloc(5));
    expect(answer.grpcStatus).toBe(12);
  },
);

describe('W1: a deadline', () => {
  /** Expects a call to be given so long, counted from when it came in. */
  async function expectDeadline(headers: Record<string, string>, ms: number): Promise<void> {
    let [deadlineAt, seenAt] = [Number.NaN, Number.NaN];
    const server = await startTestServer({
      logout: async (_, call) => {
        [deadlineAt, seenAt] = [call.deadlineAt, performance.now()];
        return create(LogoutResponseSchema);
      },
    });
    const sentAt = performance.now();
    const answer = await rawCall(server.address, '/authflow.v1.AuthService/Logout', frame(new Uint8Array()), headers);
    expect(answer.grpcStatus).toBe(0);
    // grpc-js counts from whole milliseconds of the wall clock.
    expect(deadlineAt).toBeGreaterThanOrEqual(sentAt + ms - 5);
    expect(deadlineAt).toBeLessThanOrEqual(seenAt + ms);
  }

  test.each([
    ['absent', {}],
    ['of a minute', { 'grpc-timeout': '60S' }],
    // Its milliseconds do not fit into 32 bits: grpc-js alone answers DEADLINE_EXCEEDED at once.
    ['of thirty days', { 'grpc-timeout': '720H' }],
    ['as long as can be said', { 'grpc-timeout': '99999999H' }],
    ['malformed', { 'grpc-timeout': 'soon' }],
    ['malformed at its end', { 'grpc-timeout': '5Sx' }],
  ])('that is %s is cut to ten seconds, never refused', async (_, headers) => {
    await expectDeadline(headers as Record<string, string>, MAX_CALL_MS);
  });

  test('that is shorter is kept', async () => {
    await expectDeadline({ 'grpc-timeout': '9000m' }, 9_000);
  });

  test('that passes is answered with its reason, and tells the work that nobody waits', async () => {
    const { promise: ended, resolve: end } = deferred();
    const { promise: told, resolve: tell } = deferred();
    const server = await startTestServer({
      logout: async (_, call) => {
        await vi.waitUntil(() => call.isAbandoned(), { timeout: 120_000, interval: 5 });
        end();
        await told;
        return create(LogoutResponseSchema);
      },
    });
    const path = '/authflow.v1.AuthService/Logout';
    const answer = await rawCall(server.address, path, frame(new Uint8Array()), { 'grpc-timeout': '40m' });
    expect(answer.grpcStatus).toBe(4);
    expect(shown(answer.details)).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    await ended;
    tell();
  });

  test('ends a request that never ends', async () => {
    const server = await startTestServer();
    const answer = await rawCall(server.address, VALIDATE, null, { 'grpc-timeout': '1m' });
    expect(answer.grpcStatus).toBe(4);
  });

  test('is not needed for the work to learn that the caller has gone', async () => {
    const { promise: begun, resolve: begin } = deferred();
    const { promise: told, resolve: tell } = deferred();
    const server = await startTestServer({
      logout: async (_, call) => {
        begin();
        await vi.waitUntil(() => call.isAbandoned(), { timeout: 120_000, interval: 5 });
        tell();
        return create(LogoutResponseSchema);
      },
    });
    const session = connect(`http://${server.address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/authflow.v1.AuthService/Logout',
      'content-type': 'application/grpc',
    });
    stream.on('error', () => {});
    stream.end(frame(new Uint8Array()));
    await begun;
    stream.close(8);
    await told;
    session.destroy();
  });
});

test.each(['GET', 'HEAD', 'PUT', 'BREW'])('a request by %s is no call', async (method) => {
  const server = await startTestServer();
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const fields = { ':method': method, ':path': VALIDATE, 'content-type': 'application/grpc' };
  const stream = session.request(fields, { endStream: true });
  const [answer] = await once(stream, 'response');
  expect(answer).toMatchObject({ ':status': 405, allow: 'POST' });
  expect(server.answered).toEqual([]);
});

test('each reply says when it was made', async () => {
  const server = await startTestServer();
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const dateOfReply = async (): Promise<string | undefined> => {
    const { stream, answer } = open(session, VALIDATE);
    stream.end(frame(REQUEST));
    return (await answer).date;
  };
  const first = await dateOfReply();
  expect(first).toMatch(/GMT$/);
  await expect.poll(dateOfReply).not.toBe(first);
});

describe('a graceful stop', () => {
  test('answers what is in flight, refuses what comes, and ends idle connections', async () => {
    const { promise: gate, resolve: openGate } = deferred();
    const { promise: begun, resolve: begin } = deferred();
    const server = await startTestServer({
      logout: async () => {
        begin();
        await gate;
        return create(LogoutResponseSchema);
      },
    });
    const idle = connect(`http://${server.address}`);
    const busy = connect(`http://${server.address}`);
    const closed = [idle, busy].map((session) => new Promise((resolve) => session.once('close', resolve)));
    await Promise.all([idle, busy].map((session) => new Promise((resolve) => session.once('remoteSettings', resolve))));
    const inFlight = open(busy, '/authflow.v1.AuthService/Logout');
    inFlight.stream.end(frame(new Uint8Array()));
    await begun;

    const stopped = server.drain(10_000);
    expect(await rawError(`http://${server.address}`)).toBe('ECONNREFUSED');
    openGate();
    expect(await inFlight.answer).toMatchObject({ 'grpc-status': '0' });
    await stopped;
    await Promise.all(closed);
    await expect(server.drain(10_000)).resolves.toBeUndefined();
  });

  test('refuses new calls on open connections with a reason that allows a repeat', async () => {
    const server = await startTestServer();
    const session = connect(`http://${server.address}`);
    await new Promise((resolve) => session.once('remoteSettings', resolve));
    const { stream, answer } = open(session, VALIDATE);
    // Answered after the headers: they have arrived.
    await new Promise((resolve) => session.ping(resolve));
    const stopped = server.drain(10_000);
    stream.end(frame(new Uint8Array()));
    const refused = await answer;
    expect(refused['grpc-status']).toBe('14');
    expect(shown(refused['grpc-status-details-bin'])).toMatchObject({ reason: 'UNAVAILABLE' });
    await stopped;
  });

  test('does not wait longer than it may', async () => {
    const { promise: begun, resolve: begin } = deferred();
    const server = await startTestServer({
      logout: () => {
        begin();
        return new Promise(() => {});
      },
    });
    const call = errorOf(ask(authClient(server.address), 'logout', {}));
    await begun;
    await server.drain(50);
    expect((await call).code).toBe(14);
  });
});

/** The headers and trailers that answer a Validate whose body comes in pieces, each in a packet of its own. */
async function inPieces(address: string, pieces: readonly Buffer[]): Promise<Record<string, string>> {
  const session = connect(`http://${address}`);
  try {
    const { stream, answer } = open(session, VALIDATE);
    for (const piece of pieces) {
      stream.write(piece);
      await new Promise((resolve) => session.ping(resolve));
    }
    stream.end();
    return await answer;
  } finally {
    session.destroy();
  }
}

/** A unary call on an open session, with its headers sent; `answer` has the headers and trailers of its end. */
function open(
  session: ClientHttp2Session,
  path: string,
): { readonly stream: ClientHttp2Stream; readonly answer: Promise<Record<string, string>> } {
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  const seen: Record<string, string> = {};
  for (const event of ['response', 'trailers']) {
    stream.on(event, (received: object) => {
      for (const [name, value] of Object.entries(received)) {
        seen[name] = String(value);
      }
    });
  }
  stream.on('error', () => {});
  stream.resume();
  return { stream, answer: new Promise((resolve) => stream.on('close', () => resolve(seen))) };
}

function rawError(url: string): Promise<string> {
  return new Promise((resolve) => {
    const session = connect(url);
    session.once('connect', () => {
      session.destroy();
      resolve('connected');
    });
    session.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FooBarResponseSchema, ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { MAX_AUXILIARY_STREAMS } from '../../../src/transport/grpc/auxiliary-streams.ts';
import { CERTIFICATES } from '../../support/certificates.js';
import { settlesBefore } from '../../support/settles-before.ts';
import { bytesOfPost, openDeaf } from '../deaf-peer.ts';
import { ask, authClient, deferred, frame, startTestServer } from './test-server.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = '\0\0\0\x04\0\0\0\0\0';
const VALIDATE = '/authflow.v1.AuthService/Validate';
const FOO_BAR = '/authflow.v1.AuthService/FooBar';
const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';

/** Long beyond anything that is waited for. */
const WAIT = { timeout: 120_000, interval: 5 };
const tls = { ...CERTIFICATES.server, clientCa: null };

test('W3: peers that are silent, never end or do not read are cut within 15 s; others are left alone', async () => {
  const big = 'a'.repeat(60_000);
  const server = await startTestServer({ fooBar: async () => create(FooBarResponseSchema, { token: big }) });
  const secure = await startTestServer({}, { tls });
  const honest = openSession(server.address);
  const watcher = openStream(honest, WATCH);
  watcher.stream.end(Buffer.alloc(5));
  const client = authClient(server.address);
  await ask(client, 'validate', {});

  const cut = ['', 'PRI * HT', PREFACE, PREFACE + EMPTY_SETTINGS].map((bytes) => {
    const socket = openSocket(server.port);
    socket.write(bytes);
    return closed(socket);
  });
  cut.push(closed(openSocket(secure.port)));
  const handshaken = connectTls({ port: secure.port, ca: CERTIFICATES.ca, ALPNProtocols: ['h2'], host: '127.0.0.1' });
  onTestFinished(() => void handshaken.destroy());
  cut.push(closed(handshaken));
  for (const path of [VALIDATE, CHECK, WATCH, REFLECTION]) {
    const { stream, ended } = openStream(openSession(server.address), path);
    stream.write(path === REFLECTION ? LIST_SERVICES : Buffer.alloc(0));
    cut.push(ended.then(() => undefined));
  }
  // A window of nothing is never opened further: of nothing there is nothing to read.
  const narrow = openStream(openSession(server.address, { initialWindowSize: 0 }), FOO_BAR);
  narrow.stream.end(Buffer.alloc(5));
  cut.push(narrow.ended.then((seen) => expect(seen['grpc-status']).toBeUndefined()));

  expect(await settlesBefore(15_000, Promise.all(cut))).toBe(true);
  await ask(client, 'validate', {});
  expect(honest.destroyed || watcher.stream.destroyed).toBe(false);
});

test('W3: a stream of reflection that the caller keeps open ends after ten seconds with its status', async () => {
  const server = await startTestServer();
  const { stream, ended } = openStream(openSession(server.address), REFLECTION);
  stream.write(LIST_SERVICES);
  expect((await ended)['grpc-status']).toBe('4');
});

describe('W3: streams of health and reflection', () => {
  test('are bounded on a connection; more are RESOURCE_EXHAUSTED, and the calls are served', async () => {
    const server = await startTestServer();
    const session = openSession(server.address);
    const open = Array.from({ length: MAX_AUXILIARY_STREAMS }, () => openStream(session, WATCH));
    for (const { stream } of open) {
      stream.end(Buffer.alloc(5));
    }
    for (const path of [WATCH, CHECK, REFLECTION]) {
      const refused = openStream(session, path);
      refused.stream.end(Buffer.alloc(5));
      expect((await refused.ended)['grpc-status']).toBe('8');
    }
    const call = openStream(session, VALIDATE);
    call.stream.end(frame(toBinary(ValidateRequestSchema, create(ValidateRequestSchema, {}))));
    expect((await call.ended)['grpc-status']).toBe('0');
    open[0]?.stream.close();
    await open[0]?.ended;
    const next = openStream(session, CHECK);
    next.stream.end(Buffer.alloc(5));
    expect((await next.ended)['grpc-status']).toBe('0');
  });

  test('that watch are bounded on all connections together, and leave room for a check', async () => {
    const server = await startTestServer();
    const sessions = Array.from({ length: 126 }, () => openSession(server.address));
    const watches = sessions.flatMap((session) =>
      Array.from({ length: MAX_AUXILIARY_STREAMS }, () => openStream(session, WATCH)),
    );
    let refused = 0;
    for (const { stream, ended } of watches) {
      stream.end(Buffer.alloc(5));
      ended.then((seen) => {
        refused += Number(seen['grpc-status'] === '8');
      });
    }
    await vi.waitUntil(() => refused === 8, WAIT);
    const check = openStream(openSession(server.address), CHECK);
    check.stream.end(Buffer.alloc(5));
    expect((await check.ended)['grpc-status']).toBe('0');
    expect(refused).toBe(8);
  });
});

describe('a stop is not held up by', () => {
  test.each([
    ['a connection that said nothing', ''],
    ['a part of the preface', 'PRI * HT'],
    ['the preface alone', PREFACE],
    ['a connection that asked for nothing', PREFACE + EMPTY_SETTINGS],
  ])('%s', async (_name, bytes) => {
    const server = await startTestServer();
    await openDeaf(server.port, bytes);
    await ask(authClient(server.address), 'validate', {});
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
  });

  test('a peer that takes no notice of its end after a call', async () => {
    const server = await startTestServer();
    await openDeaf(server.port, await bytesOfPost(VALIDATE, 'application/grpc', frame(Buffer.alloc(0))));
    await vi.waitUntil(() => server.answered.length === 1, WAIT);
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
  });

  test('a TLS handshake that never ends, or a connection that says nothing after it', async () => {
    const server = await startTestServer({}, { tls });
    const silent = openSocket(server.port);
    const handshaken = connectTls({ port: server.port, ca: CERTIFICATES.ca, ALPNProtocols: ['h2'], host: '127.0.0.1' });
    onTestFinished(() => void handshaken.destroy());
    const ends = [closed(silent), closed(handshaken)];
    await new Promise((resolve) => handshaken.once('secureConnect', resolve));
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
    await Promise.all(ends);
  });

  test('silent ones while a call in flight is waited for', async () => {
    const { promise: gate, resolve: open } = deferred();
    const { promise: begun, resolve: begin } = deferred();
    const server = await startTestServer({
      fooBar: async () => {
        begin();
        await gate;
        return create(FooBarResponseSchema, { token: 'nonce' });
      },
    });
    const end = closed(openSocket(server.port));
    const call = ask(authClient(server.address), 'fooBar', {});
    await begun;
    const stopped = settlesBefore(2_000, server.drain(10_000));
    open();
    await expect(call).resolves.toMatchObject({ token: 'nonce' });
    expect(await stopped).toBe(true);
    await end;
  });
});

test('R11: a connection beyond the most is closed at once and told where none is idle; those that are open are served', async () => {
  const { promise: gate, resolve: open } = deferred();
  const { promise: begun, resolve: begin } = deferred();
  const server = await startTestServer(
    {
      fooBar: async () => {
        begin();
        await gate;
        return create(FooBarResponseSchema, { token: 'nonce' });
      },
    },
    // The last place of three is for callers from elsewhere.
    { maxConnections: 3 },
  );
  const client = authClient(server.address);
  const first = ask(client, 'fooBar', {});
  await begun;
  const second = openSession(server.address);
  const { stream, ended } = openStream(second, VALIDATE);
  const message = frame(Buffer.alloc(0));
  await new Promise((resolve) => stream.write(message.subarray(0, 1), resolve));
  // Answered after what was sent: that has arrived.
  await new Promise((resolve) => second.ping(resolve));
  await closed(openSocket(server.port));
  expect(server.refusedConnection).toEqual(['grpc']);
  stream.end(message.subarray(1));
  expect((await ended)['grpc-status']).toBe('0');
  open();
  await expect(first).resolves.toMatchObject({ token: 'nonce' });
  second.destroy();
  await vi.waitUntil(async () => {
    const session = openSession(server.address);
    return new Promise<boolean>((resolve) => {
      session.once('remoteSettings', () => resolve(true));
      session.once('close', () => resolve(false));
    });
  }, WAIT);
});

test('R11: near the most the longest idle connection is ended for one that comes, before it those that asked for nothing in 3 s', async () => {
  // One place of four is kept free.
  const server = await startTestServer({}, { maxConnections: 4 });
  const [longest, used] = [openSession(server.address), openSession(server.address)];
  for (const session of [longest, used]) {
    const { stream, ended } = openStream(session, VALIDATE);
    stream.end(frame(Buffer.alloc(0)));
    expect((await ended)['grpc-status']).toBe('0');
  }
  const unused = openSession(server.address);
  await new Promise((resolve) => unused.once('remoteSettings', resolve));
  passTime(3_000);
  for (const leaving of [unused, longest]) {
    const gone = new Promise((resolve) => leaving.once('close', resolve));
    const { stream, ended } = openStream(openSession(server.address), VALIDATE);
    stream.end(frame(Buffer.alloc(0)));
    expect((await ended)['grpc-status']).toBe('0');
    await gone;
  }
  expect(used.destroyed).toBe(false);
  expect(server.refusedConnection).toEqual([]);
});

/** Puts the clock of connections and calls forward, for the rest of the test. */
function passTime(ms: number): void {
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
  onTestFinished(() => clock.mockRestore());
}

/** A question to reflection, framed: list_services (field 7) of '*'. */
const LIST_SERVICES = frame(Buffer.from([0x3a, 1, 0x2a]));

function openSocket(port: number): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function openSession(address: string, settings: object = {}): ClientHttp2Session {
  const session = connect(`http://${address}`, { settings });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** A stream with its headers sent; `ended` has the headers and trailers that came. */
function openStream(
  session: ClientHttp2Session,
  path: string,
): { readonly stream: ClientHttp2Stream; readonly ended: Promise<Readonly<Record<string, string>>> } {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
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
  return { stream, ended: new Promise((resolve) => stream.on('close', () => resolve(seen))) };
}

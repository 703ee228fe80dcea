import { Agent } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { create } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AuthService, LogoutResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { type HttpExchange, headerOf } from '../../../src/transport/http/exchange.ts';
import { LINGER_MS } from '../../../src/transport/limits.ts';
import { CERTIFICATES } from '../../support/certificates.js';
import { settlesBefore } from '../../support/settles-before.ts';
import { bytesOfPost, openDeaf } from '../deaf-peer.ts';
import {
  ask,
  askHttp2,
  deferred,
  openHttp2,
  openSocket,
  post,
  sendRaw,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from './test-server.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = '\0\0\0\x04\0\0\0\0\0';
const LOGOUT_BY_HTTP2 = await bytesOfPost('/auth/logout', 'application/json', Buffer.from('{}'));

describe('clear text: one port', () => {
  test('serves HTTP/1.1 and HTTP/2 side by side, many calls a connection', async () => {
    const { origin } = await startTestServer();
    const session = openHttp2(origin);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 5; i++) {
      expect((await ask(origin, '/auth/validate', { agent })).json.statusCode).toBe(200);
      const reply = await askHttp2(session, '/auth/validate', {
        body: '{"email":"a"}',
        headers: { 'content-type': 'application/json' },
      });
      expect(reply.json.statusCode).toBe(200);
    }
  });

  test('knows the preface from any fragments', async () => {
    const { port } = await startTestServer();
    for (const at of [1, 2, 3, 14, 16, 23]) {
      const socket = openSocket(port);
      const first = new Promise<Buffer>((resolve) => socket.once('data', resolve));
      socket.write(PREFACE.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(PREFACE.slice(at) + EMPTY_SETTINGS);
      // A SETTINGS frame: nothing but HTTP/2 answers so.
      expect((await first)[3]).toBe(4);
    }
  });

  test('takes what begins like the preface and differs for HTTP/1.1', async () => {
    const { port, answered } = await startTestServer();
    const socket = openSocket(port);
    const first = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))));
    socket.write('P');
    await new Promise((resolve) => setImmediate(resolve));
    socket.write('OST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    expect(await first).toContain('HTTP/1.1 200 OK');
    expect(answered).toHaveLength(1);
    expect(await sendRaw(port, 'PRI * HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('never honours Upgrade: h2c', async () => {
    const { port } = await startTestServer();
    const reply = await sendRaw(
      port,
      'GET /auth/validate HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n' +
        'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
    );
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(reply).not.toContain('101');
  });

  test('outlives connections that are reset at every moment', async () => {
    const { origin, port } = await startTestServer();
    for (const bytes of ['', 'P', PREFACE, PREFACE + EMPTY_SETTINGS, 'GET /auth/validate HTTP/1.1\r\nHo']) {
      const socket = openSocket(port);
      await new Promise((resolve) => socket.once('connect', resolve));
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.resetAndDestroy();
    }
    expect((await ask(origin, '/healthz')).status).toBe(200);
  });
});

describe('W2: raw HTTP/1.1 that is ambiguous is refused', () => {
  const head = 'POST /auth/validate HTTP/1.1\r\nHost: x\r\n';
  const rows: Record<string, string> = {
    'Content-Length with Transfer-Encoding': `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'Transfer-Encoding in another spelling': `${head}Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    'two Content-Lengths': `${head}Content-Length: 0\r\nContent-Length: 1\r\n\r\n`,
    'a signed Content-Length': `${head}Content-Length: +0\r\n\r\n`,
    'a transfer coding of several': `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'chunked that is not last': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'an unknown transfer coding': `${head}Transfer-Encoding: xchunked\r\n\r\n`,
    'an obs-fold': `${head}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
    'a bare LF': 'GET /auth/validate HTTP/1.1\nHost: x\n\n',
    'a bare LF after a header': 'GET /auth/validate HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n',
    'a bare CR': 'GET /auth/validate HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n',
    'a bare LF in a chunk': `${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n`,
    'a space in a header name': 'GET /auth/validate HTTP/1.1\r\nHost : x\r\n\r\n',
    'no host': 'GET /auth/validate HTTP/1.1\r\n\r\n',
    'two hosts': 'GET /auth/validate HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    'a NUL in a header': 'GET /auth/validate HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n',
    'raw bytes in the target': 'GET /auth/validate?email=\xe9 HTTP/1.1\r\nHost: x\r\n\r\n',
    'another version': 'GET /auth/validate HTTP/3.0\r\nHost: x\r\n\r\n',
    'the version of another protocol': 'GET /auth/validate HTTP/2.0\r\nHost: x\r\n\r\n',
    'a version without headers': 'GET /auth/validate HTTP/0.9\r\nHost: x\r\n\r\n',
    'no HTTP': 'secret secret\r\n\r\n',
    'headers beyond 16 KiB': `GET /auth/validate HTTP/1.1\r\nHost: x\r\nX-A: ${'secret'.repeat(3_000)}\r\n\r\n`,
    'a target beyond 16 KiB': `GET /auth/validate?email=${'secret'.repeat(3_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  };

  test.each(Object.entries(rows))('%s', async (_name, bytes) => {
    const { port, seen } = await startTestServer();
    const reply = await sendRaw(port, bytes);
    expect(reply).toMatch(/^HTTP\/1\.1 (400|431) /);
    expect(reply.toLowerCase()).toContain('connection: close');
    expect(reply).not.toContain('secret');
    expect(seen).toEqual([]);
  });

  test('a body that breaks off reaches nobody and breaks nothing', async () => {
    const { origin, port, seen, failed } = await startTestServer();
    const json = 'Content-Type: application/json\r\n';
    for (const bytes of [
      `${head}${json}Content-Length: 50\r\n\r\n{"em`,
      `${head}${json}Transfer-Encoding: chunked\r\n\r\n5\r\n{"em`,
      `${head}${json}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    ]) {
      await sendRaw(port, bytes);
    }
    expect((await ask(origin, '/healthz')).status).toBe(200);
    expect([seen, failed]).toEqual([[], []]);
  });
});

describe('W3: a body that is not wanted', () => {
  test.each(['POST /healthz', 'GET /healthz', 'POST /no-such-path', 'OPTIONS /auth/login', 'PUT /auth/login'])(
    'is not taken without an end: %s is answered once, and its connection ended',
    async (line) => {
      const { port } = await startTestServer();
      const socket = openSocket(port);
      let received = '';
      socket.on('data', (data) => {
        received += data.toString('latin1');
      });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write(`${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n{`);
      await closed;
      expect(received.match(/^HTTP\/1\.1 \d+/gm)).toHaveLength(1);
    },
  );

  test.each(['GET /healthz', 'POST /no-such-path', 'OPTIONS /auth/login', 'PUT /auth/login', 'GET /auth/validate'])(
    'and cannot be dropped whole is told with the answer that the connection ends: %s',
    async (line) => {
      const { port } = await startTestServer();
      const reply = await sendRaw(port, `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n{`);
      expect(reply.match(/^HTTP\/1\.1 \d+/gm)).toHaveLength(1);
      expect(reply).toMatch(/^connection: close\r$/im);
    },
  );

  test('an answer comes whole to a caller who sends on all that it announced', async () => {
    const { origin } = await startTestServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (const method of ['POST', 'PUT']) {
      const body = 'x'.repeat(1_000_000);
      const { status, headers } = await ask(origin, '/no-such-path', { agent, method, body });
      expect(status).toBe(404);
      expect(headers.connection).toBe('close');
    }
  });

  test('that came in pieces, and went beyond the bound with its last, does not end the connection', async () => {
    const { port } = await startTestServer();
    const socket = openSocket(port);
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    const piece = `10001\r\n${'x'.repeat(65_537)}\r\n0\r\n\r\n`;
    socket.write(`POST /no-such-path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await expect.poll(() => received).toMatch(/^HTTP\/1\.1 404 /);
    socket.write(piece);
    received = '';
    await setTimeout(LINGER_MS + 200);
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => received).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('and one that is: who waits to be told to send it is told so, and answered', async () => {
    const { port } = await startTestServer();
    const socket = openSocket(port);
    const next = (): Promise<string> =>
      new Promise((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))));
    const told = next();
    const head = 'POST /auth/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2';
    socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n`);
    expect(await told).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    const answer = next();
    socket.write('{}');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const another = next();
    socket.write(`${head}\r\n\r\n{}`);
    expect(await another).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe('W7: bytes that no target may hold are refused alike over both versions and reach nobody', () => {
  const rows: Record<string, string> = {
    'UTF-8 in the query': '/auth/signUp?fullname=Jos\xc3\xa9',
    'UTF-8 in the path': '/auth/sign\xc3\x9cp',
    'UTF-8 in the path of an RPC': '/authflow.v1.AuthService/Login?\xc3\xa9',
    'Latin-1': '/auth/validate?email=\xe9',
    'UTF-8 beside the calls': '/healthz?\xc3\xa9',
  };

  test.each(Object.entries(rows))('%s', async (_name, target) => {
    const { origin, port, seen } = await startTestServer();
    const reply = await sendRaw(port, `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(reply.slice(reply.indexOf('\r\n\r\n') + 4)).toBe('');
    const over2 = await askHttp2(openHttp2(origin), target, { method: 'POST' });
    expect([over2.status, over2.text]).toEqual([400, '']);
    expect(seen).toEqual([]);
  });

  test('every byte beside the visible ASCII characters, which alone are taken', async () => {
    const { origin, port, seen } = await startTestServer();
    const session = openHttp2(origin);
    const taken: number[][] = [[], []];
    for (let byte = 0; byte <= 0xff; byte++) {
      const target = `/auth/validate?role=a${String.fromCharCode(byte)}b`;
      const line = sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      if (/^HTTP\/1\.1 200 /.test(await line)) {
        taken[0]?.push(byte);
      }
      // Some of them the protocol itself refuses: the stream is reset.
      const reply = await askHttp2(session, target).catch(() => null);
      if (reply?.status === 200) {
        taken[1]?.push(byte);
      }
    }
    // A "%" of its own is no encoding.
    const visible = Array.from({ length: 0x7f - 0x21 }, (_, i) => 0x21 + i).filter((byte) => byte !== 0x25);
    expect(taken).toEqual([visible, visible]);
    expect(seen).toHaveLength(2 * visible.length);
  });
});

describe('W1: limits of HTTP/2', () => {
  test('a hundred streams a connection', async () => {
    const session = openHttp2((await startTestServer()).origin);
    await askHttp2(session, '/healthz');
    expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
    expect(session.remoteSettings.maxHeaderListSize).toBe(16_384);
  });

  test('headers of 16 KiB', async () => {
    const { origin, seen } = await startTestServer();
    const session = openHttp2(origin);
    const outcome = await askHttp2(session, '/auth/validate', { headers: { 'x-a': 'x'.repeat(16_384) } }).then(
      ({ status }) => status,
      () => 'reset',
    );
    expect([431, 'reset']).toContain(outcome);
    expect((await askHttp2(session, '/auth/validate', { headers: { 'x-a': 'x'.repeat(15_000) } })).status).toBe(200);
    const long = await askHttp2(session, `/auth/validate?role=${'x'.repeat(16_300)}`).then(
      ({ status }) => status,
      () => 'reset',
    );
    expect([431, 'reset']).toContain(long);
    expect(seen).toHaveLength(1);
  });

  test('several authorization headers are all seen', () => {
    const request = {
      headers: { authorization: 'Bearer a' },
      rawHeaders: ['authorization', 'Bearer a', 'x-b', 'c', 'Authorization', 'Bearer b'],
    };
    const exchange = { request, stream: {} } as unknown as HttpExchange;
    expect(headerOf(exchange, 'authorization')).toBe('Bearer a, Bearer b');
    expect(headerOf(exchange, 'x-api-key')).toBeNull();
  });
});

describe('TLS', () => {
  const { ca, server: pair, client, foreign } = CERTIFICATES;

  test('serves HTTP/1.1 and HTTP/2 by ALPN', async () => {
    const { origin, port } = await startTestServer({ tls: { ...pair, clientCa: null } });
    const session = openHttp2(origin, { ca });
    expect((await askHttp2(session, '/auth/validate')).json.statusCode).toBe(200);
    for (const make of [createGrpcTransport, createConnectTransport]) {
      const transport = make({ baseUrl: origin, httpVersion: '2', nodeOptions: { ca } });
      expect((await createClient(AuthService, transport).login({})).token).toBe('jwt');
    }
    expect(await askTls(origin, { ca })).toBe(200);
    expect(await sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('HTTP/1.1');
  });

  test('is 1.2 or later', async () => {
    const { port } = await startTestServer({ tls: { ...pair, clientCa: null } });
    const outcome = await new Promise<string>((resolve) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
      socket.on('secureConnect', () => resolve('connected'));
      socket.on('error', () => resolve('refused'));
    });
    expect(outcome).toBe('refused');
  });

  test('with a client authority takes its clients alone, over both versions', async () => {
    const { origin, seen } = await startTestServer({ tls: { ...pair, clientCa: ca } });
    expect(await askTls(origin, { ca, ...client })).toBe(200);
    expect((await askHttp2(openHttp2(origin, { ca, ...client }), '/auth/validate')).status).toBe(200);
    for (const stranger of [{}, foreign]) {
      await expect(askTls(origin, { ca, ...stranger })).rejects.toThrow();
      await expect(askHttp2(openHttp2(origin, { ca, ...stranger }), '/auth/validate')).rejects.toThrow();
    }
    expect(seen).toHaveLength(2);
  });

  test('stops like clear text', async () => {
    const server = await startTestServer({ tls: { ...pair, clientCa: null } });
    const session = openHttp2(server.origin, { ca });
    await askHttp2(session, '/healthz');
    await server.drain(5_000);
    await expect.poll(() => session.destroyed).toBe(true);
  });
});

function askTls(origin: string, options: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${origin}/auth/validate`, { ...options, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}

describe('a server that stops', () => {
  /** A server whose Validate waits for the gate. */
  test('answers what is in flight, refuses what comes, and ends every connection', async () => {
    const server = await startGated();
    const { origin } = server;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const idleAgent = new Agent({ keepAlive: true });
    onTestFinished(() => {
      agent.destroy();
      idleAgent.destroy();
    });
    const session = openHttp2(origin);
    await ask(origin, '/healthz', { agent: idleAgent });
    const silent = openSocket(server.port);
    const inFlight = [
      ask(origin, '/auth/validate?email=1', { agent }),
      askHttp2(session, '/auth/validate?email=2'),
      createClient(AuthService, createGrpcTransport({ baseUrl: origin })).validate({ email: '3' }),
    ] as const;
    await expect.poll(server.waiting).toBe(3);

    const drained = server.drain(10_000);
    expect((await ask(origin, '/readyz', { agent: idleAgent })).status).toBe(503);
    const refused = await askHttp2(session, '/auth/logout', { method: 'POST' }).catch(() => null);
    expect([undefined, 'UNAVAILABLE']).toContain(refused?.json.error);
    await expect(ask(origin, '/healthz', { agent: new Agent() })).rejects.toThrow();
    server.open();
    const [one, two, three] = await Promise.all(inFlight);
    expect([one.json.email, two.json.email, three.email]).toEqual(['1', '2', '3']);
    await drained;
    await expect.poll(() => silent.destroyed && session.destroyed).toBe(true);
  });

  test('refuses a new call on an open connection with its reason, in every protocol, and closes it', async () => {
    const server = await startGated();
    const { origin, port } = server;
    const sockets = Array.from({ length: 3 }, () => openSocket(port));
    const received = sockets.map((socket) => {
      const chunks: string[] = [];
      socket.on('data', (data) => chunks.push(data.toString('latin1')));
      socket.write('GET /auth/logout HTTP/1.1\r\nHost: x\r\n\r\n');
      return () => chunks.join('');
    });
    await expect.poll(() => received.every((text) => text().includes('"statusCode":200'))).toBe(true);
    const held = ask(origin, '/auth/validate');
    await expect.poll(server.waiting).toBe(1);
    const drained = server.drain(10_000);
    const post_ = (path: string, type: string, body: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const rpc = '/authflow.v1.AuthService/Login';
    sockets[0]?.write(post_('/auth/login', 'application/json', '{}'));
    sockets[1]?.write(post_(rpc, 'application/json', '{}'));
    sockets[2]?.write(post_(rpc, 'application/grpc-web', '\0\0\0\0\0'));
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
    const [rest, connect, web] = received.map((text) => text());
    expect(rest).toMatch(/HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"error":"UNAVAILABLE"/i);
    expect(connect).toMatch(
      /HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"code":"unavailable"[\s\S]*"reason":"UNAVAILABLE"/i,
    );
    expect(web).toMatch(/connection: close[\s\S]*grpc-status: *14/i);
    server.open();
    expect((await held).status).toBe(200);
    await drained;
  });

  test('cuts off at the deadline what will not end', async () => {
    const server = await startGated();
    const cut = [
      ask(server.origin, '/auth/validate').catch(() => 'cut'),
      askHttp2(openHttp2(server.origin), '/auth/validate').then(
        ({ status }) => (status === 200 ? 'answered' : 'cut'),
        () => 'cut',
      ),
    ];
    await expect.poll(server.waiting).toBe(2);
    await Promise.all([server.drain(100), server.drain(100)]);
    expect(await Promise.all(cut)).toEqual(['cut', 'cut']);
  });
});

describe('a stop is not held up by', () => {
  const tls = { ...CERTIFICATES.server, clientCa: null };
  const secure = { host: '127.0.0.1', ca: CERTIFICATES.ca };

  test.each([
    ['a connection that said nothing', ''],
    ['a part of the preface', 'PRI * HT'],
    ['the preface alone', PREFACE],
    ['a connection that asked for nothing', PREFACE + EMPTY_SETTINGS],
    ['a part of a request', 'GET /healthz HTTP/1.1\r\nHo'],
  ])('%s', async (_name, bytes) => {
    const server = await startTestServer();
    await openDeaf(server.port, bytes);
    await ask(server.origin, '/healthz');
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
  });

  test.each([
    ['HTTP/1.1', 'POST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'],
    ['HTTP/1.1, with a part of the next', 'POST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nPOST'],
    ['HTTP/2', LOGOUT_BY_HTTP2],
  ])('a peer that takes no notice of its end after a call of %s', async (_name, bytes) => {
    const server = await startTestServer();
    await openDeaf(server.port, bytes);
    await expect.poll(() => server.answered.length).toBe(1);
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
  });

  test('a TLS handshake that never ends', async () => {
    const server = await startTestServer({ tls });
    const silent = openSocket(server.port);
    await askHttp2(openHttp2(server.origin, secure), '/healthz');
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
    await expect.poll(() => silent.destroyed).toBe(true);
  });

  test.each(['h2', 'http/1.1'])('a connection that says nothing after its handshake (%s)', async (protocol) => {
    const server = await startTestServer({ tls });
    const silent = connectTls({ ...secure, port: server.port, ALPNProtocols: [protocol] });
    onTestFinished(() => void silent.destroy());
    silent.on('error', () => {});
    await new Promise((resolve) => silent.once('secureConnect', resolve));
    await askHttp2(openHttp2(server.origin, secure), '/healthz');
    expect(await settlesBefore(2_000, server.drain(10_000))).toBe(true);
  });

  test('and a call in flight by TLS is answered all the same', async () => {
    const gate = deferred();
    let waiting = 0;
    const server = await startTestServer({
      tls,
      auth: {
        async logout() {
          waiting++;
          await gate.promise;
          return create(LogoutResponseSchema);
        },
      },
    });
    openSocket(server.port);
    const call = askHttp2(openHttp2(server.origin, secure), '/auth/logout', { method: 'POST' });
    await expect.poll(() => waiting).toBe(1);
    const stopped = settlesBefore(2_000, server.drain(10_000));
    gate.resolve();
    expect((await call).status).toBe(200);
    expect(await stopped).toBe(true);
  });
});

test('R11: a connection beyond the most is closed at once and told where none is idle; those that are open are served', async () => {
  // The last place of three is for callers from elsewhere.
  const server = await startGated({ maxConnections: 3 });
  const { origin, port, refusedConnection } = server;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const first = ask(origin, '/auth/validate', { agent });
  await expect.poll(server.waiting).toBe(1);
  const session = openHttp2(origin);
  const second = askHttp2(session, '/auth/validate');
  await expect.poll(server.waiting).toBe(2);
  const third = openSocket(port);
  await new Promise((resolve) => third.resume().once('close', resolve));
  expect(refusedConnection).toEqual(['http']);
  server.open();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  session.destroy();
  await expect.poll(() => ask(origin, '/healthz').catch(() => null)).toMatchObject({ status: 200 });
});

describe('an idle connection', () => {
  const tls = { ...CERTIFICATES.server, clientCa: null };
  const secure = { host: '127.0.0.1', ca: CERTIFICATES.ca };

  test.each([
    ['clear text', null],
    ['TLS', tls],
  ])('is kept for its time after an answer, by either protocol (%s)', async (_name, certificates) => {
    const server = await startTestServer({ tls: certificates, idleTimeoutMs: 300 });
    const socket = certificates === null ? openSocket(server.port) : openTls(server.port);
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await answered).toContain('HTTP/1.1 200');
    await closed;
    const session = openHttp2(server.origin, secure);
    const ended = new Promise((resolve) => session.once('close', resolve));
    expect((await askHttp2(session, '/healthz')).status).toBe(200);
    await ended;
  });

  test('is told how long that is, over HTTP/1.1', async () => {
    const { origin } = await startTestServer({ idleTimeoutMs: 620_000 });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const { headers } = await ask(origin, '/healthz', { agent });
    expect(headers['keep-alive']).toBe('timeout=620');
  });

  test.each([
    ['clear text', null],
    ['TLS', tls],
  ])(
    'is ended for one that comes when the port is nearly full, the longest idle first (%s)',
    async (_name, certificates) => {
      // One place of four is kept free.
      const server = await startGated({ tls: certificates, maxConnections: 4 });
      const connect = () => (certificates === null ? openSocket(server.port) : openTls(server.port));
      const busy = openHttp2(server.origin, secure);
      const held = askHttp2(busy, '/auth/validate');
      await expect.poll(server.waiting).toBe(1);
      const http2 = openHttp2(server.origin, secure);
      const http2Closed = new Promise((resolve) => http2.once('close', resolve));
      expect((await askHttp2(http2, '/healthz')).status).toBe(200);
      const http1 = connect();
      const http1Closed = new Promise((resolve) => http1.once('close', resolve));
      await answerOver(http1);
      // Used once more: the other has been idle for longer now.
      expect((await askHttp2(http2, '/healthz')).status).toBe(200);

      const third = connect();
      await Promise.all([http1Closed, answerOver(third)]);
      expect(http2.destroyed).toBe(false);
      const fourth = connect();
      await Promise.all([http2Closed, answerOver(fourth)]);
      expect([server.refusedConnection, busy.destroyed, third.destroyed]).toEqual([[], false, false]);
      server.open();
      expect((await held).status).toBe(200);
    },
  );

  function openTls(port: number): Socket {
    const socket = connectTls({ ...secure, port, ALPNProtocols: ['http/1.1'] });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  async function answerOver(socket: Socket): Promise<void> {
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await answered).toContain('HTTP/1.1 200');
  }
});

test('W3: slow clients are cut within 15 s while others are served', async () => {
  const { origin, port } = await startTestServer();
  const json = 'Content-Type: application/json\r\n';
  const slow = [
    '',
    'PRI * HT',
    PREFACE,
    PREFACE + EMPTY_SETTINGS,
    'GET /auth/validate HTTP/1.1\r\nHost: x\r\nX-A: ',
    `POST /auth/validate HTTP/1.1\r\nHost: x\r\n${json}Content-Length: 50\r\n\r\n{`,
    `POST /auth/validate HTTP/1.1\r\nHost: x\r\n${json}Transfer-Encoding: chunked\r\n\r\n1\r\n{`,
  ].map((bytes) => {
    const socket = openSocket(port);
    socket.write(bytes);
    socket.resume();
    // A byte now and then is no progress: it must not put off the end.
    const drip = setInterval(() => bytes.includes('X-A') && socket.write('x'), 500);
    return new Promise<void>((resolve) =>
      socket.on('close', () => {
        clearInterval(drip);
        resolve();
      }),
    );
  });
  const stream = openHttp2(origin).request({
    ':path': '/auth/validate',
    ':method': 'POST',
    'content-type': 'text/plain',
  });
  stream.on('error', () => {});
  const drip = setInterval(() => stream.write('x'), 500);
  slow.push(
    new Promise<void>((resolve) =>
      stream.on('close', () => {
        clearInterval(drip);
        resolve();
      }),
    ),
  );
  const cut = settlesBefore(15_000, Promise.all(slow));
  expect((await post(origin, '/auth/validate', {})).status).toBe(200);
  expect(await cut).toBe(true);
  expect((await post(origin, '/auth/validate', {})).status).toBe(200);
});

/** A server whose Validate waits until it is let go. */
async function startGated(
  options: TestServerOptions = {},
): Promise<TestServer & { open: () => void; waiting: () => number }> {
  const gate = deferred();
  let waiting = 0;
  const server = await startTestServer({
    ...options,
    auth: {
      async validate({ email }) {
        waiting++;
        await gate.promise;
        return {
          $typeName: 'authflow.v1.ValidateResponse',
          email,
          fullname: '',
          orgId: '',
          userId: '',
          sessionId: '',
          emailVerified: false,
          roles: [],
        };
      },
    },
  });
  return { ...server, open: gate.resolve, waiting: () => waiting };
}

describe('near the most connections', () => {
  /** Connections that have asked once and stay idle. */
  async function idleOnes(port: number, count: number): Promise<Socket[]> {
    const sockets = Array.from({ length: count }, () => openSocket(port));
    for (const socket of sockets) {
      const answered = new Promise((resolve) => socket.once('data', resolve));
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await answered;
    }
    return sockets;
  }

  test('a burst of newcomers ends idle connections, one for each, and none of its own', async () => {
    const server = await startTestServer({ maxConnections: 128 });
    const idle = await idleOnes(server.port, 124);
    const newcomers = Array.from({ length: 20 }, () => openSocket(server.port));
    const ended = newcomers.map((socket) => new Promise((resolve) => socket.once('close', () => resolve('ended'))));
    await Promise.all(newcomers.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const answers = newcomers.map(
      (socket, index) =>
        new Promise((resolve) => {
          socket.once('data', (data) => resolve(String(data).slice(0, 12)));
          socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
          void ended[index]?.then(resolve);
        }),
    );
    expect(await Promise.all(answers)).toEqual(newcomers.map(() => 'HTTP/1.1 200'));
    expect(server.refusedConnection).toEqual([]);
    // One for each that came: the port has room for 124.
    expect(idle.filter(({ destroyed }) => destroyed).length).toBeLessThanOrEqual(20);
  });

  test('a peer that has said that it goes, and stays, gives its place up', async () => {
    const server = await startTestServer({ maxConnections: 32 });
    const goaway = Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
      Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    for (let i = 0; i < 60; i += 1) {
      const socket = openSocket(server.port, { allowHalfOpen: true });
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(goaway);
    }
    for (let i = 0; i < 10; i += 1) {
      expect((await ask(server.origin, '/healthz')).status).toBe(200);
    }
  });
});

test('W10: a caller that sends requests ahead and takes no answers is ended after a hundred', async () => {
  const server = await startTestServer();
  const socket = openSocket(server.port);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.pause();
  const request = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(request.repeat(2_000));
  // Read once the server has had its turn: what it sent before it ended the connection, and no more.
  await expect.poll(() => ask(server.origin, '/healthz').then(({ status }) => status)).toBe(200);
  let received = 0;
  socket.on('data', (data) => {
    received += data.length;
  });
  socket.resume();
  await closed;
  const { text } = await ask(server.origin, '/openapi.json');
  expect(received).toBeLessThan(500 * text.length);
});

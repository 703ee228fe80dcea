import { Agent } from 'node:http';
import { type ClientHttp2Session, constants, type IncomingHttpHeaders } from 'node:http2';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import type { Admission, AdmissionOptions } from '../../src/transport/admission/admission.ts';
import { openAdmission } from '../support/open-admission.ts';
import { frame, shown, startTestServer as startGrpc } from './grpc/test-server.ts';
import { ask, openHttp2, openSocket, post, startTestServer as startHttp } from './http/test-server.ts';

const RPC = '/authflow.v1.AuthService/';
const WAIT = { timeout: 120_000, interval: 2 };
/** Refusals in a row, without a wait, with which a connection ends. */
const ENDED_AFTER = 129;

const OVERLOADED = new AuthError('OVERLOADED', { retryAfterMs: 1_000 });

/** Both ports over one admission. Whatever logs in is answered OVERLOADED where it is read, as by a full queue. */
async function start(options: Partial<AdmissionOptions> = {}, refusal = OVERLOADED) {
  const clock = { now: 0 };
  const read: string[] = [];
  const admission = openAdmission({
    now: () => clock.now,
    // Nothing is held.
    random: () => -6,
    ...options,
  });
  const login = async () => {
    read.push('login');
    throw refusal;
  };
  const http = await startHttp({ admission, auth: { login } });
  const grpc = await startGrpc({ login }, { admission });
  return { admission, clock, read, http, grpc };
}

type Scene = Awaited<ReturnType<typeof start>>;

/** The event loop lags, and does not catch up. */
function shedAll(admission: Admission): void {
  admission.look(10_000);
}

interface Ended {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly rstCode: number;
}

/** One stream of a session of its own, or of this one; `end`: whether it says that its request is whole. */
function stream(
  origin: string,
  headers: Record<string, string>,
  {
    body = '',
    end = true,
    session = openHttp2(origin),
  }: { body?: string | Buffer; end?: boolean; session?: ClientHttp2Session } = {},
): Promise<Ended> {
  const asked = session.request({ ':method': 'POST', te: 'trailers', ...headers });
  let seen: IncomingHttpHeaders = {};
  let text = '';
  for (const event of ['response', 'trailers']) {
    asked.on(event, (more: IncomingHttpHeaders) => {
      seen = { ...seen, ...more };
    });
  }
  asked.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  asked.on('error', () => undefined);
  if (end) {
    asked.end(body);
  } else {
    asked.write(body);
  }
  return new Promise((resolve) => asked.on('close', () => resolve({ headers: seen, text, rstCode: asked.rstCode })));
}

/** A connection of HTTP/1.1, with all that is said on it until its end. */
function talk(port: number) {
  const socket = openSocket(port);
  const talked = { text: '', isOver: false };
  socket.on('data', (data) => {
    talked.text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    talked.isOver = true;
  });
  return { socket, talked };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const GRPC_TYPE = { 'content-type': 'application/grpc' };

describe('R6: a call that is shed', () => {
  test('is refused before its body has come, with a wait, by every entrance', async () => {
    const { admission, read, http, grpc } = await start();
    shedAll(admission);
    const half = { body: '{"email":', end: false };
    const rest = await stream(http.origin, { ':path': '/auth/login', ...JSON_TYPE }, half);
    expect(rest.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
    expect(JSON.parse(rest.text)).toMatchObject({ statusCode: 429, error: 'OVERLOADED' });
    const connect = await stream(http.origin, { ':path': `${RPC}Login`, ...JSON_TYPE }, half);
    expect(connect.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
    const [info, wait] = JSON.parse(connect.text).details;
    expect([info.debug.reason, wait.type]).toEqual(['OVERLOADED', 'google.rpc.RetryInfo']);
    const halfFrame = { body: frame(Buffer.alloc(100)).subarray(0, 20), end: false };
    const grpcWeb = await stream(
      http.origin,
      { ':path': `${RPC}Login`, 'content-type': 'application/grpc-web' },
      halfFrame,
    );
    expect(grpcWeb.text).toMatch(/grpc-status: *8\r\n/);
    for (const origin of [http.origin, `http://${grpc.address}`]) {
      const { headers } = await stream(origin, { ':path': `${RPC}SignUp`, ...GRPC_TYPE }, halfFrame);
      expect(headers['grpc-status']).toBe('8');
      expect(shown(String(headers['grpc-status-details-bin']))).toMatchObject({
        reason: 'OVERLOADED',
        retrySeconds: 1,
      });
    }
    expect(read).toEqual([]);
    expect(http.seen).toEqual([]);
  });

  test('is counted and told like any other that is refused', async () => {
    const { admission, http, grpc } = await start();
    shedAll(admission);
    await post(http.origin, '/auth/fooBar', { identity: 'ada@example.com' });
    await stream(http.origin, { ':path': `${RPC}Login`, ...JSON_TYPE }, { body: '{}' });
    await stream(`http://${grpc.address}`, { ':path': `${RPC}Login`, ...GRPC_TYPE }, { body: frame(Buffer.alloc(0)) });
    const told = [...http.answered, ...grpc.answered].map(({ entrance, method, reason }) => [entrance, method, reason]);
    expect(told).toEqual([
      ['http', 'FooBar', 'OVERLOADED'],
      ['connect', 'Login', 'OVERLOADED'],
      ['grpc', 'Login', 'OVERLOADED'],
    ]);
    // The other connections have gone by now.
    expect(http.answered[0]?.origin().address).toBe('127.0.0.1');
  });

  test('over HTTP/1.1 leaves its connection to the next, though its body came late', async () => {
    const { admission, http } = await start();
    shedAll(admission);
    const socket = openSocket(http.port);
    let reply = '';
    socket.on('data', (data) => {
      reply += data.toString('latin1');
    });
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n`;
    const body = '{"email":"a@b.test"}';
    socket.write(head('/auth/login') + body.slice(0, 5));
    await vi.waitUntil(() => reply.includes('"OVERLOADED"'), WAIT);
    expect(reply).not.toMatch(/connection: close/i);
    socket.write(body.slice(5) + head('/auth/validate') + body);
    await vi.waitUntil(() => reply.includes('HTTP/1.1 200 OK'), WAIT);
    expect(http.seen).toMatchObject([{ method: 'validate', request: { email: 'a@b.test' } }]);
  });

  describe.each(['/auth/login', `${RPC}Login`])('by %s over HTTP/1.1', (path) => {
    const head = (field: string) =>
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${field}\r\n\r\n`;

    async function connection() {
      const { admission, http } = await start();
      shedAll(admission);
      return talk(http.port);
    }

    test('closes its connection where more is announced than a call may send', async () => {
      const { socket, talked } = await connection();
      socket.write(head('content-length: 65537'));
      await vi.waitUntil(() => talked.isOver, WAIT);
      expect(talked.text).toMatch(/^HTTP\/1\.1 429 .*connection: close/is);
    });

    test.each(['transfer-encoding: chunked', 'content-length: 20'])(
      'ends its connection where its body does not end: %s',
      async (field) => {
        const { socket, talked } = await connection();
        socket.write(head(field));
        await vi.waitUntil(() => talked.isOver, WAIT);
        expect(talked.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 429']);
      },
    );

    test('takes no more of a body without an end than an accepted call may send', async () => {
      const { socket, talked } = await connection();
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      socket.write(head('transfer-encoding: chunked'));
      // More than the buffers of both systems hold.
      let taken = 0;
      for (let sent = 0; sent < 512; sent += 1) {
        socket.write(chunk, (error) => {
          taken += error ? 0 : chunk.length;
        });
      }
      await vi.waitUntil(() => talked.isOver, WAIT);
      expect(talked.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 429']);
      expect(taken).toBeLessThan(16 * 2 ** 20);
    });

    test('is not told to continue', async () => {
      const { socket, talked } = await connection();
      socket.write(head('content-length: 20\r\nexpect: 100-continue'));
      await vi.waitUntil(() => talked.isOver, WAIT);
      expect(talked.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 429']);
      expect(talked.text).toMatch(/connection: close/i);
    });
  });

  test('is never Validate, Logout or ChangePassword, nor FooBar with a key, wherever that stands in the head', async () => {
    const { admission, http, grpc } = await start();
    shedAll(admission);
    const key = `af_${'k'.repeat(43)}`;
    const statuses = [];
    for (const path of ['/auth/validate', '/auth/logout', '/auth/changePassword']) {
      statuses.push((await post(http.origin, path, {})).status);
    }
    statuses.push((await post(http.origin, '/auth/fooBar', {}, { 'x-api-key': key })).status);
    statuses.push((await post(http.origin, '/auth/fooBar', {}, { authorization: `Bearer ${key}` })).status);
    statuses.push((await ask(http.origin, `/auth/fooBar?identity=a&api_key=${key}`)).status);
    const grpcCall = { ':path': `${RPC}Validate`, ...GRPC_TYPE };
    statuses.push(
      (await stream(`http://${grpc.address}`, grpcCall, { body: frame(Buffer.alloc(0)) })).headers['grpc-status'],
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, '0']);
  });
});

describe('R6: a caller that repeats without waiting', () => {
  /** One connection of HTTP/1.1, and how each of its logins was answered. */
  async function logins(
    { clock, http }: Scene,
    count: number,
    pauseMs: number,
    [path, contentType] = ['/auth/login', 'application/json'],
  ): Promise<(string | undefined)[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const connections: (string | undefined)[] = [];
    for (let login = 0; login < count; login += 1) {
      clock.now += pauseMs;
      const headers = { 'content-type': contentType };
      const reply = await ask(http.origin, path, { method: 'POST', body: '{}', headers, agent });
      expect(reply.status).toBe(429);
      expect(reply.headers['retry-after']).toBe('1');
      connections.push(reply.headers.connection);
    }
    return connections;
  }

  test('is refused unread while no place is left, and at last its connection of HTTP/1.1 ends with an answer', async () => {
    const scene = await start({ waitFor: () => 1_000 });
    const connections = await logins(scene, ENDED_AFTER, 10);
    expect(connections.lastIndexOf('keep-alive')).toBe(ENDED_AFTER - 2);
    expect(connections.at(-1)).toBe('close');
    expect(scene.read).toHaveLength(32);
  });

  test.each([
    ['/auth/login', 'text/plain'],
    [`${RPC}Login`, 'text/plain'],
    [`${RPC}Login`, 'application/json; charset=latin1'],
  ])('is ended on whatever it calls its body: %s as %s', async (...as) => {
    const scene = await start();
    shedAll(scene.admission);
    const connections = await logins(scene, ENDED_AFTER, 10, as);
    expect(connections.lastIndexOf('keep-alive')).toBe(ENDED_AFTER - 2);
    expect(connections.at(-1)).toBe('close');
  });

  test('after a limit that is over in milliseconds is ended on where it is told whole seconds', async () => {
    const scene = await start({}, new AuthError('RATE_LIMITED', { retryAfterMs: 5 }));
    const connections = await logins(scene, ENDED_AFTER, 10);
    expect(connections.lastIndexOf('keep-alive')).toBe(ENDED_AFTER - 2);
    expect(connections.at(-1)).toBe('close');
    const exact = await start({}, new AuthError('RATE_LIMITED', { retryAfterMs: 5 }));
    const rpc = [`${RPC}Login`, 'application/json'] as const;
    expect(new Set(await logins(exact, ENDED_AFTER, 10, [...rpc]))).toEqual(new Set(['keep-alive']));
  });

  test('at a locked account is ended on, and not where a key vouches for the person', async () => {
    const wait = { retryAfterMs: 1_000 };
    const scene = await start({}, new AuthError('ACCOUNT_LOCKED', { ...wait, waiter: 'acme ada@example.com' }));
    expect((await logins(scene, ENDED_AFTER, 10)).indexOf('close')).toBe(ENDED_AFTER - 1);
    const vouched = await start({}, new AuthError('ACCOUNT_LOCKED', { ...wait, waiter: null }));
    expect(new Set(await logins(vouched, 2 * ENDED_AFTER, 10))).toEqual(new Set(['keep-alive']));
  });

  test('is read again as soon as there is a place', async () => {
    let waitMs: number | null = 1_000;
    const scene = await start({ waitFor: () => waitMs });
    await logins(scene, 40, 10);
    waitMs = null;
    scene.read.length = 0;
    await logins(scene, 1, 10);
    // The 41st, on a connection of its own; one that goes on is as the pure rule says (admission.test.ts).
    expect(scene.read).toEqual(['login']);
  });

  test('is never closed on where it waits as told', async () => {
    const scene = await start({ waitFor: () => 1_000 });
    expect(new Set(await logins(scene, 2 * ENDED_AFTER, 1_000))).toEqual(new Set(['keep-alive']));
    expect(scene.read).toHaveLength(2 * ENDED_AFTER);
  });

  test('has its streams of HTTP/2 ended by a frame alone at last, while Validate is answered on the same connection', async () => {
    const kinds = [
      { path: '/auth/login', validate: '/auth/validate', type: JSON_TYPE, body: '{}' },
      { path: `${RPC}Login`, validate: `${RPC}Validate`, type: JSON_TYPE, body: '{}' },
      { path: `${RPC}Login`, validate: `${RPC}Validate`, type: GRPC_TYPE, body: frame(Buffer.alloc(0)) },
    ];
    for (const { path, validate, type, body } of kinds) {
      // Each from an address that is not known yet.
      const { clock, http, grpc } = await start({ waitFor: () => 1_000 });
      const origin = type === GRPC_TYPE ? `http://${grpc.address}` : http.origin;
      const session = openHttp2(origin);
      const ended: Ended[] = [];
      for (let login = 0; login < ENDED_AFTER; login += 1) {
        // All of them within the first wait.
        clock.now += 6;
        ended.push(await stream(origin, { ':path': path, ...type }, { body, session }));
      }
      expect(ended.findIndex(({ rstCode }) => rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM)).toBe(ENDED_AFTER - 1);
      expect(ended.at(-1)).toMatchObject({ headers: {}, text: '' });
      const { headers } = await stream(origin, { ':path': validate, ...type }, { body, session });
      expect(headers).toMatchObject(type === GRPC_TYPE ? { 'grpc-status': '0' } : { ':status': 200 });
      // Who is served there is no stranger: the next login is told its wait.
      const next = await stream(origin, { ':path': path, ...type }, { body, session });
      expect(next.headers).toMatchObject(type === GRPC_TYPE ? { 'grpc-status': '8' } : { ':status': 429 });
    }
  });

  test('over HTTP/2 is told each wait where its key is known, though it never waits', async () => {
    const kinds = [
      { path: '/auth/login', type: JSON_TYPE, body: '{}' },
      { path: `${RPC}Login`, type: JSON_TYPE, body: '{}' },
      { path: `${RPC}Login`, type: GRPC_TYPE, body: frame(Buffer.alloc(0)) },
    ];
    const identify = async () => ({ orgId: 'acme', keyId: 'key-1', callerClass: 'token_key' as const });
    for (const { path, type, body } of kinds) {
      const { clock, http, grpc } = await start({ waitFor: () => 1_000, identify });
      const origin = type === GRPC_TYPE ? `http://${grpc.address}` : http.origin;
      const headers = { ':path': path, ...type, 'x-api-key': `af_${'k'.repeat(43)}` };
      const session = openHttp2(origin);
      for (let login = 0; login < ENDED_AFTER + 10; login += 1) {
        clock.now += 6;
        const { headers: told, rstCode } = await stream(origin, headers, { body, session });
        expect(told).toMatchObject(
          type === GRPC_TYPE ? { 'grpc-status': '8' } : { ':status': 429, 'retry-after': '1' },
        );
        expect(rstCode).not.toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      }
    }
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthFlowClient, AuthFlowError, type SessionArguments, type SessionUser } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { Public, RequireRole, SessionGuard } from '@authflow/client/nest';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { APPS, type App, type StartApp } from './support/apps.ts';
import { newOrganization, newSession } from './support/organization.ts';
import { GRPC, HTTP } from './support/stand.ts';

const USER: SessionUser = {
  userId: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
  email: 'ada@example.com',
  fullname: 'Ada Lovelace',
  orgId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  sessionId: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c',
  expiresAt: new Date('2030-01-02T03:04:05Z'),
  emailVerified: true,
  roles: ['editor'],
};

let apiKey: string;
let client: AuthFlowClient;
let running: App | undefined;

beforeAll(async () => {
  ({ apiKey } = await newOrganization());
  client = new AuthFlowClient({ address: GRPC, apiKey });
});
afterEach(async () => {
  vi.useRealTimers();
  await running?.stop();
  running = undefined;
});

describe.each(APPS)('%s', (_, startApp) => {
  test('puts the user of a live session on the request', async () => {
    const { sessionToken, email } = await newSession(client);
    const user = await client.validate({ sessionToken, email });
    await start(startApp, client);
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      const reply = await get(`${scheme} ${sessionToken}`);
      expect(reply).toMatchObject({
        status: 200,
        body: { user: JSON.parse(JSON.stringify(user)), token: sessionToken },
      });
    }
  });

  test('works with the fake, and so without a server', async () => {
    const fake = new AuthFlowFake();
    const { sessionToken, email } = await newSession(fake);
    await start(startApp, fake);
    expect(await get(`Bearer ${sessionToken}`)).toMatchObject({ status: 200, body: { user: { email } } });
    fake.unreachable = true;
    expect(await get(`Bearer ${sessionToken}`)).toMatchObject({ status: 503 });
    fake.unreachable = false;
    await fake.logout({ sessionToken });
    expectRefused(await get(`Bearer ${sessionToken}`), 'SESSION_REVOKED', 1);
  });

  test('takes the session from a cookie when it is told to, and then from no header', async () => {
    const fake = new AuthFlowFake();
    const [ada, grace] = [await newSession(fake), await newSession(fake)];
    await start(startApp, fake, { cookie: 'session' });
    const cookie = `theme=dark; session=${ada.sessionToken}; session_old=x`;
    expect(await get(undefined, { cookie })).toMatchObject({ body: { user: { email: ada.email } } });
    expect(await get('Basic YTpi', { cookie })).toMatchObject({ body: { user: { email: ada.email } } });
    expect(await get(`Bearer ${grace.sessionToken}`, { cookie })).toMatchObject({
      body: { user: { email: ada.email } },
    });
    expectRefused(await get(`Bearer ${grace.sessionToken}`), 'SESSION_INVALID', 3);
    expectRefused(await get(undefined, { cookie: `not_session=${ada.sessionToken}` }), 'SESSION_INVALID', 3);
  });

  test('heeds no cookie that it was not told of', async () => {
    const fake = new AuthFlowFake();
    const { sessionToken } = await newSession(fake);
    await start(startApp, fake);
    expectRefused(await get(undefined, { cookie: `session=${sessionToken}` }), 'SESSION_INVALID');
  });

  test('takes the session from what a function makes of the request, and from nothing else', async () => {
    const fake = new AuthFlowFake();
    const { sessionToken, email } = await newSession(fake);
    await start(startApp, fake, { header: 'x-session' });
    expect(await get(undefined, { 'x-session': sessionToken })).toMatchObject({ body: { user: { email } } });
    expectRefused(await get(`Bearer ${sessionToken}`), 'SESSION_INVALID', 1);
  });

  test('lets everybody through where a session is optional, but for whom it cannot tell', async () => {
    const fake = new AuthFlowFake();
    const { sessionToken, email } = await newSession(fake);
    await start(startApp, fake, { optional: true });
    expect(await get(`Bearer ${sessionToken}`)).toMatchObject({ body: { user: { email }, token: sessionToken } });
    await fake.logout({ sessionToken });
    for (const authorization of [undefined, 'Bearer garbage', `Bearer ${sessionToken}`]) {
      expect(await get(authorization)).toMatchObject({ status: 200, body: { user: null, token: null } });
    }
    fake.unreachable = true;
    expect(await get(`Bearer ${sessionToken}`)).toMatchObject({ status: 503 });
    expect(await get(undefined)).toMatchObject({ status: 200 });
  });

  test('lets public paths through unasked, and no others', async () => {
    const validate = vi.fn();
    await start(startApp, { validate }, { public: ['/api/login', '/api/assets/*'] });
    const session = `Bearer ${tokenOf({ email: 'ada@example.com' })}`;
    for (const path of ['/api/login', '/api/login?next=/api/me', '/api/assets/logo.svg', '/api/assets/a/b']) {
      expect(await get(session, {}, path)).toMatchObject({ status: 200, body: { user: null } });
    }
    for (const path of ['/api/login/', '/api/LOGIN', '/api/assets', '/api/me?/api/login', '/api/assets/..%2Fme']) {
      expect(await get(undefined, {}, path)).toMatchObject({ status: 401 });
    }
    expect(validate).not.toHaveBeenCalled();
  });

  test('works with the fetch client too', async () => {
    const byFetch = new AuthFlowFetchClient({ url: HTTP, apiKey });
    const { sessionToken, email } = await newSession(byFetch);
    await start(startApp, byFetch);
    expect(await get(`Bearer ${sessionToken}`)).toMatchObject({ status: 200, body: { user: { email } } });
  });

  test.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['another scheme', `Basic ${btoa('ada:secret')}`],
    ['a scheme alone', 'Bearer'],
    ['garbage', 'Bearer garbage'],
    ['two tokens', 'Bearer a.b.c d.e.f'],
    ['no JSON', `Bearer ${['e30', btoa('no JSON'), 'c2ln'].join('.')}`],
    ['no UTF-8', `Bearer ${['e30', Buffer.from([0xff, 0x22]).toString('base64url'), 'c2ln'].join('.')}`],
    ['a token that is null', `Bearer ${tokenOf(null)}`],
    ['a token without an e-mail', `Bearer ${tokenOf({ sub: 'ada' })}`],
    ['an e-mail that is no text', `Bearer ${tokenOf({ email: { $ne: '' } })}`],
    ['an API key', `Bearer af_${'A'.repeat(43)}`],
    [
      'a token of more than 8,192 characters',
      `Bearer ${tokenOf({ email: 'ada@example.com', more: 'A'.repeat(6_150) })}`,
    ],
    ['a token that is not base64url', `Bearer ${tokenOf({ email: 'ada@example.com' })}~`],
  ])('answers 401 to %s and asks nobody', async (_, authorization) => {
    const validate = vi.fn();
    const onError = vi.fn();
    await start(startApp, { validate }, { onError });
    expectRefused(await get(authorization), 'SESSION_INVALID');
    expect(validate).not.toHaveBeenCalled();
    expect(onError).not.toHaveBeenCalled();
  });

  test('answers 401 to a session that the server refuses, with its reason', async () => {
    const onError = vi.fn();
    await start(startApp, client, { onError });
    const session = await newSession(client);
    expectRefused(await get(`Bearer ${tokenOf({ email: session.email })}`), 'SESSION_INVALID');
    expectRefused(await get(`Bearer ${tokenOf({ email: 'no e-mail' })}`), 'SESSION_INVALID');
    expectRefused(await get(`Bearer ${session.sessionToken.slice(0, -8)}AAAAAAAA`), 'SESSION_INVALID');
    await client.logout(session);
    expectRefused(await get(`Bearer ${session.sessionToken}`), 'SESSION_REVOKED');
    expect(onError).not.toHaveBeenCalled();
  });

  test('answers 503 when the server cannot be reached, and tells the hook', async () => {
    const onError = vi.fn();
    const nobody = new AuthFlowClient({ address: await freeAddress(), apiKey });
    await start(startApp, nobody, { onError });
    expectUnavailable(await get(`Bearer ${tokenOf({ email: 'ada@example.com' })}`));
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ name: 'AuthFlowError', code: 'UNAVAILABLE' })]]);
    nobody.close();
  });

  test('answers 503 when the API key is refused', async () => {
    const { sessionToken } = await newSession(client);
    const onError = vi.fn();
    const stranger = new AuthFlowClient({ address: GRPC, apiKey: `af_${'A'.repeat(43)}` });
    await start(startApp, stranger, { onError });
    expectUnavailable(await get(`Bearer ${sessionToken}`));
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: 'API_KEY_INVALID' }));
    stranger.close();
  });

  test('tells the console why it answers 503 where no hook hears of it, and no token or key', async () => {
    const { sessionToken } = await newSession(client);
    const written = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => written.mockRestore());
    const strangersKey = `af_${'A'.repeat(43)}`;
    const stranger = new AuthFlowClient({ address: GRPC, apiKey: strangersKey });
    await start(startApp, stranger);
    expectUnavailable(await get(`Bearer ${sessionToken}`));
    expect(written.mock.calls).toEqual([
      [expect.stringMatching(/AuthFlowError API_KEY_INVALID \(UNAUTHENTICATED\): \w/)],
    ]);
    stranger.close();
    await running?.stop();
    const validate = () =>
      Promise.reject(new TypeError(`a bug with ${strangersKey} and ${sessionToken}\nanother line`));
    await start(startApp, { validate });
    expectUnavailable(await get(`Bearer ${sessionToken}`));
    expect(written).toHaveBeenLastCalledWith(expect.stringMatching(/TypeError: a bug with … and … another line$/));
  });

  test.each([
    [
      'a limit',
      new AuthFlowError({ code: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMITED', message: '', retryAfterMs: 1_200 }),
      '2',
    ],
    ['an error of nobody', new TypeError('a bug'), null],
    [
      'a reason without a code of sessions',
      new AuthFlowError({ code: 'INTERNAL', reason: 'INTERNAL', message: '' }),
      null,
    ],
  ])('answers 503 to %s, with its wait, even when the hook fails', async (_, error, retryAfter) => {
    const onError = () => {
      throw new Error('no log');
    };
    await start(startApp, { validate: () => Promise.reject(error) }, { onError });
    const reply = await get(`Bearer ${tokenOf({ email: 'ada@example.com' })}`);
    expectUnavailable(reply);
    expect(reply.headers.get('retry-after')).toBe(retryAfter);
  });

  test('asks on every request by default', async () => {
    const session = await newSession(client);
    await start(startApp, client);
    expect(await get(`Bearer ${session.sessionToken}`)).toMatchObject({ status: 200 });
    await client.logout(session);
    expectRefused(await get(`Bearer ${session.sessionToken}`), 'SESSION_REVOKED', 1);
  });

  test('remembers a valid session for as long as it is told', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const validate = vi.fn(async ({ email = '' }: SessionArguments) => ({ ...USER, email }));
    await start(startApp, { validate }, { rememberMs: 1_000 });
    const authorization = `Bearer ${tokenOf({ email: 'ada@example.com' })}`;
    await get(authorization);
    vi.advanceTimersByTime(999);
    expect(await get(authorization)).toMatchObject({ status: 200, body: { user: { email: 'ada@example.com' } } });
    expect(validate).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    await get(authorization);
    expect(validate).toHaveBeenCalledTimes(2);
    expect(await get(`Bearer ${tokenOf({ email: 'alan@example.com' })}`)).toMatchObject({
      body: { user: { email: 'alan@example.com' } },
    });
  });

  test('lets users with any one of the roles through, and answers 403 to others', async () => {
    const fake = new AuthFlowFake();
    const [ada, grace] = [await newSession(fake), await newSession(fake)];
    fake.setRoles(ada.email, ['billing', 'editor']);
    await start(startApp, fake, { roles: ['admin', 'editor'] });
    const managed = (sessionToken: string) => get(`Bearer ${sessionToken}`, {}, '/api/managed');
    expect(await managed(ada.sessionToken)).toMatchObject({
      status: 200,
      body: { user: { email: ada.email, roles: ['billing', 'editor'] }, token: ada.sessionToken },
    });
    expect(await get(`Bearer ${grace.sessionToken}`)).toMatchObject({ status: 200, body: { user: { roles: [] } } });
    fake.setRoles(grace.email, ['edit', 'editors', 'constructor']);
    const forbidden = await managed(grace.sessionToken);
    expect(forbidden.status).toBe(403);
    expect(forbidden.body).toEqual({
      statusCode: 403,
      error: 'ACCESS_DENIED',
      message: expect.stringMatching(/\w/),
    });
    expect(forbidden.headers.get('cache-control')).toBe('no-store');
    expect(forbidden.headers.get('www-authenticate')).toBeNull();
    expectRefused(await get(undefined, {}, '/api/managed'), 'SESSION_INVALID', 2);
    // A role that is taken away ends the sessions.
    fake.setRoles(ada.email, ['billing']);
    expectRefused(await managed(ada.sessionToken), 'SESSION_REVOKED', 2);
  });

  test('answers 401 where a role is needed and a session is optional', async () => {
    await start(startApp, new AuthFlowFake(), { optional: true });
    expectRefused(await get(undefined, {}, '/api/managed'), 'SESSION_INVALID');
    expect(await get(undefined)).toMatchObject({ status: 200, body: { user: null } });
  });

  test('refuses to need no role, or what cannot be one', async () => {
    await expect(startApp(client, { roles: [] })).rejects.toThrow('needs a role');
    await expect(startApp(client, { roles: ['editor', 'Admin'] })).rejects.toThrow('"Admin"');
  });

  test('refuses to remember longer than a second', async () => {
    for (const rememberMs of [1_001, -1, Number.NaN]) {
      await expect(startApp(client, { rememberMs })).rejects.toThrow(RangeError);
    }
  });

  test('refuses what cannot be a path, a name of a cookie, or two sources', async () => {
    await expect(startApp(client, { public: ['login'] })).rejects.toThrow('"login"');
    await expect(startApp(client, { cookie: 'my session' })).rejects.toThrow('"my session"');
    await expect(startApp(client, { cookie: 'session', header: 'x-session' })).rejects.toThrow('extract');
  });

  function expectRefused(reply: Reply, reason: string, entered = 0): void {
    expect(reply).toMatchObject({
      status: 401,
      body: { statusCode: 401, error: reason, message: expect.stringMatching(/\w/) },
    });
    expect(Object.keys(reply.body)).toHaveLength(3);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(running?.entered()).toBe(entered);
  }

  function expectUnavailable(reply: Reply): void {
    expect(reply).toMatchObject({
      status: 503,
      body: { statusCode: 503, error: 'UNAVAILABLE', message: expect.stringMatching(/\w/) },
    });
    expect(reply.headers.get('www-authenticate')).toBeNull();
    expect(running?.entered()).toBe(0);
  }
});

test("Nest's guard lets everybody through to what is declared Public", async () => {
  const startNest = new Map(APPS).get('Nest');
  const validate = vi.fn();
  running = await startNest?.({ validate });
  expect(await get(undefined, {}, '/api/declared-public')).toMatchObject({ status: 200, body: { user: null } });
  expect(await get(undefined, {}, '/api/other')).toMatchObject({ status: 401 });
});

test("Nest's guard heeds what a method declares before what its controller does", async () => {
  class Api {
    open() {
      return {};
    }
    plain() {
      return {};
    }
  }
  class AppModule {}
  for (const name of ['open', 'plain'] as const) {
    Get(name)(Api.prototype, name, Object.getOwnPropertyDescriptor(Api.prototype, name) ?? {});
  }
  Public()(Api.prototype, 'open', Object.getOwnPropertyDescriptor(Api.prototype, 'open') ?? {});
  RequireRole('admin')(Api);
  Controller('api')(Api);
  Module({ controllers: [Api] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  const fake = new AuthFlowFake();
  const { email, sessionToken } = await newSession(fake);
  app.useGlobalGuards(new SessionGuard(fake));
  await app.listen(0, '127.0.0.1');
  running = { origin: await app.getUrl(), entered: () => 0, stop: () => app.close() };
  const authorization = `Bearer ${sessionToken}`;
  expect(await get(undefined, {}, '/api/open')).toMatchObject({ status: 200 });
  expect(await get(authorization, {}, '/api/plain')).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
  fake.setRoles(email, ['admin']);
  expect(await get(authorization, {}, '/api/plain')).toMatchObject({ status: 200 });
});

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function start(startApp: StartApp, ...args: Parameters<StartApp>): Promise<void> {
  running = await startApp(...args);
}

async function get(authorization: string | undefined, more = {}, path = '/api/me'): Promise<Reply> {
  const headers = { ...more, ...(authorization === undefined ? {} : { authorization }) };
  const response = await fetch(`${running?.origin}${path}`, { headers });
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: Object(body) };
}

/** Signed by nobody. */
function tokenOf(claims: unknown): string {
  return ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.');
}

/** Where nobody listens. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return `127.0.0.1:${port}`;
}

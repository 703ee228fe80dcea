import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { describe, expect, test } from 'vitest';
import { AuthService, LoginRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { AuthError } from '../../../src/domain/errors.ts';
import { countInflatedBytes } from '../../support/inflated-bytes.ts';
import { ask, askHttp2, deferred, openHttp2, post, type Reply, startTestServer } from './test-server.ts';

type MakeTransport = (options: { baseUrl: string; httpVersion: '1.1' | '2'; useBinaryFormat: boolean }) => Transport;

const TRANSPORTS: readonly [name: string, make: (baseUrl: string) => Transport][] = (
  [
    ['gRPC', createGrpcTransport as MakeTransport],
    ['gRPC-Web', createGrpcWebTransport as MakeTransport],
    ['Connect', createConnectTransport as MakeTransport],
  ] as const
).flatMap(([name, make]) =>
  (['1.1', '2'] as const).flatMap((httpVersion) =>
    [true, false].map((useBinaryFormat): [string, (baseUrl: string) => Transport] => [
      `${name} ${useBinaryFormat ? 'binary' : 'JSON'} over HTTP/${httpVersion}`,
      (baseUrl) => make({ baseUrl, httpVersion, useBinaryFormat }),
    ]),
  ),
);

const LOGIN = '/authflow.v1.AuthService/Login';

async function errorOf(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => ConnectError.from(error),
  );
}

function reasonOf(error: ConnectError): string | undefined {
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

describe.each(TRANSPORTS)('%s', (name, makeTransport) => {
  test('reaches both services', async () => {
    const { origin, seen, answered } = await startTestServer();
    const auth: Client<typeof AuthService> = createClient(AuthService, makeTransport(origin));
    const login = await auth.login({ email: 'é😀', password: 'p' }, { headers: { 'x-api-key': 'af_k' } });
    expect(login).toMatchObject({ token: 'jwt', fullname: 'Ada "L"', orgId: 'org-1' });
    expect(login.expiresAt?.seconds).toBe(1767323045n);
    expect((await auth.changePassword({})).endedSessions).toBe(0);
    const organizations = createClient(OrganizationService, makeTransport(origin));
    const closed = await organizations.closeOrganization({ orgId: 'o' });
    expect(closed).toMatchObject({ endedSessions: 3, organization: { name: 'Acme, "Inc."' } });
    expect(seen[0]?.request).toMatchObject({ email: 'é😀', password: 'p', foobar: '' });
    expect(seen[0]?.call.header('x-api-key')).toBe('af_k');
    expect(answered.map(({ entrance, method, reason }) => [entrance, method, reason])).toEqual([
      ['connect', 'Login', null],
      ['connect', 'ChangePassword', null],
      ['connect', 'CloseOrganization', null],
    ]);
  });

  test('tells an error by code, sentence and details', async () => {
    const { origin } = await startTestServer({
      auth: {
        async login() {
          throw new AuthError('ACCOUNT_LOCKED', { retryAfterMs: 1_500 });
        },
        async signUp() {
          throw new AuthError('INVALID_ARGUMENT', { violations: [{ field: 'email', message: 'is required' }] });
        },
      },
    });
    const client = createClient(AuthService, makeTransport(origin));
    const locked = await errorOf(client.login({}));
    expect(locked.code).toBe(Code.ResourceExhausted);
    expect(locked.rawMessage).toBe(new AuthError('ACCOUNT_LOCKED').message);
    expect(locked.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'ACCOUNT_LOCKED', domain: 'authflow' }]);
    expect(locked.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n, nanos: 500_000_000 } }]);
    const invalid = await errorOf(client.signUp({}));
    expect(invalid.code).toBe(Code.InvalidArgument);
    expect(invalid.findDetails(BadRequestSchema)).toMatchObject([
      { fieldViolations: [{ field: 'email', description: 'is required' }] },
    ]);
  });

  test('masks what is not ours', async () => {
    const { origin, failed } = await startTestServer({
      auth: {
        async login() {
          throw new Error('SELECT secret');
        },
        async logout() {
          throw new ConnectError('a secret of the library', Code.NotFound);
        },
      },
    });
    const client = createClient(AuthService, makeTransport(origin));
    for (const call of [() => client.login({}), () => client.logout({})]) {
      const error = await errorOf(call());
      expect([error.code, reasonOf(error)]).toEqual([Code.Internal, 'INTERNAL']);
      expect(error.message).not.toContain('secret');
      expect(error.message).toContain(failed.at(-1)?.requestId);
    }
  });

  test('keeps the deadline that the caller names', async () => {
    const { origin, seen } = await startTestServer({ auth: { logout: () => new Promise(() => {}) } });
    const client = createClient(AuthService, makeTransport(origin));
    // The client's own clock must not end the call first, so that the header alone names the timeout.
    const isGrpc = name.startsWith('gRPC');
    const headers = isGrpc ? { 'grpc-timeout': '20m' } : { 'connect-timeout-ms': '20' };
    const error = await errorOf(client.logout({}, { headers }));
    expect([error.code, reasonOf(error)]).toEqual([Code.DeadlineExceeded, 'DEADLINE_EXCEEDED']);
    for (const longer of isGrpc ? ['99999999H', 'nonsense'] : ['9999999999', '-1']) {
      await client.login({}, { headers: isGrpc ? { 'grpc-timeout': longer } : { 'connect-timeout-ms': longer } });
      expect((seen.at(-1)?.call.deadlineAt ?? 0) - performance.now()).toBeLessThanOrEqual(10_000);
    }
  });

  test('is told of a message beyond 64 KiB, plain or compressed', async () => {
    const { origin, seen } = await startTestServer();
    const error = await errorOf(createClient(AuthService, makeTransport(origin)).login({ email: 'x'.repeat(65_536) }));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(reasonOf(error)).toBeUndefined();
    expect(seen).toEqual([]);
  });
});

function framed(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** What a reply of any of the three protocols tells: the name or number of its code, and its text. */
function codeOf({ headers, text, json }: Reply): string | undefined {
  return /grpc-status: *(\d+)/.exec(text)?.[1] ?? (json.code as string | undefined) ?? String(headers['grpc-status']);
}

const HOSTILE = {
  'not protobuf': Buffer.from([0xff, 0xff, 0xff]),
  'a string that is not UTF-8': Buffer.from([0x12, 0x02, 0xc3, 0x28]),
  'not protobuf, after a string that is not UTF-8': Buffer.from([0x12, 0x02, 0xc3, 0x28, 0x13, 0x01]),
  'a length beyond the end': Buffer.from([0x12, 0x7f, 0x61]),
  'a wrong wire type': Buffer.from([0x13, 0x01]),
};

const HOSTILE_JSON = {
  'not JSON': '{"email":',
  'not an object': '[]',
  'a wrong type': '{"email":{"secret":1}}',
  'a repeated field': '{"email":"a","email":"b"}',
  'not UTF-8': Buffer.from('{"email":"secrét"}', 'latin1'),
  'a lone surrogate': '{"email":"\\ud800secret"}',
};

describe('W2: what cannot be read is INVALID_ARGUMENT, never INTERNAL, and not told back', () => {
  test.each(Object.entries(HOSTILE))('%s in protobuf', async (_name, message) => {
    const { origin, seen, failed } = await startTestServer();
    const connect = await ask(origin, LOGIN, { body: message, headers: { 'content-type': 'application/proto' } });
    expect([connect.status, connect.json.code]).toEqual([400, 'invalid_argument']);
    const web = await ask(origin, LOGIN, {
      body: framed(message),
      headers: { 'content-type': 'application/grpc-web+proto' },
    });
    expect(codeOf(web)).toBe(String(Code.InvalidArgument));
    const client = createClient(AuthService, createGrpcTransport({ baseUrl: origin }));
    expect((await client.logout({})).$typeName).toBe('authflow.v1.LogoutResponse');
    expect(seen).toHaveLength(1);
    expect(failed).toEqual([]);
  });

  test.each(Object.entries(HOSTILE_JSON))('%s in JSON', async (_name, body) => {
    const { origin, seen } = await startTestServer();
    const connect = await ask(origin, LOGIN, { body, headers: { 'content-type': 'application/json' } });
    expect([connect.status, connect.json.code]).toEqual([400, 'invalid_argument']);
    expect(JSON.stringify(connect.json.details)).toContain('"reason":"INVALID_ARGUMENT"');
    const web = await ask(origin, LOGIN, {
      body: framed(Buffer.from(body)),
      headers: { 'content-type': 'application/grpc-web+json' },
    });
    expect(codeOf(web)).toBe(String(Code.InvalidArgument));
    for (const { text } of [connect, web]) {
      expect(text).not.toContain('secr');
      expect(text).not.toContain('email');
    }
    expect(seen).toEqual([]);
  });

  test('framing that is wrong', async () => {
    const { origin, seen } = await startTestServer();
    const message = toBinary(LoginRequestSchema, create(LoginRequestSchema, { email: 'a' }));
    for (const body of [
      Buffer.alloc(0),
      framed(message).subarray(0, 4),
      framed(message).subarray(0, -1),
      Buffer.concat([framed(message), framed(message)]),
      framed(message, 1),
      framed(message, 0x80),
      Buffer.from([0, 0xff, 0xff, 0xff, 0xff]),
    ]) {
      const reply = await ask(origin, LOGIN, { body, headers: { 'content-type': 'application/grpc-web+proto' } });
      expect(reply.status).toBe(200);
      expect([Code.InvalidArgument, Code.Unimplemented, Code.ResourceExhausted].map(String)).toContain(codeOf(reply));
    }
    expect(seen).toEqual([]);
  });
});

describe('W1', () => {
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

  test('gzip is taken, its decompressed size counted; Brotli is not taken', async () => {
    const { origin, seen } = await startTestServer();
    expect((await ask(origin, LOGIN, { body: gzipSync('{"email":"a"}'), headers: gzip })).status).toBe(200);
    const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(65_536);
    const inflated = countInflatedBytes();
    const refused = await ask(origin, LOGIN, { body: bomb, headers: gzip });
    expect([refused.status, refused.json.code]).toEqual([429, 'resource_exhausted']);
    expect(inflated()).toBeGreaterThan(64 * 1024);
    expect(inflated()).toBeLessThan(3 * 64 * 1024);
    const web = await ask(origin, LOGIN, {
      body: framed(bomb, 1),
      headers: { 'content-type': 'application/grpc-web+json', 'grpc-encoding': 'gzip' },
    });
    expect(codeOf(web)).toBe(String(Code.ResourceExhausted));
    expect(inflated()).toBeLessThan(6 * 64 * 1024);
    for (const encoding of ['br', 'zstd', 'secret']) {
      const reply = await ask(origin, LOGIN, { body: '{}', headers: { ...gzip, 'content-encoding': encoding } });
      expect(reply.json.code).toBe('unimplemented');
      expect(reply.text).not.toContain('secret');
    }
    const garbage = await ask(origin, LOGIN, { body: 'not gzip', headers: gzip });
    expect(garbage.json.code).toBe('invalid_argument');
    expect(seen).toHaveLength(1);
  });

  test('replies are never compressed', async () => {
    const { origin } = await startTestServer();
    const connect = await ask(origin, LOGIN, {
      body: gzipSync('{}'),
      headers: { ...gzip, 'accept-encoding': 'gzip, br' },
    });
    expect(connect.headers['content-encoding']).toBeUndefined();
    expect(connect.json.token).toBe('jwt');
    const web = await ask(origin, LOGIN, {
      body: framed(Buffer.from('{}')),
      headers: { 'content-type': 'application/grpc-web+json', 'grpc-accept-encoding': 'gzip' },
    });
    expect(web.headers['grpc-encoding']).toBeUndefined();
    expect(web.text).toContain('"token":"jwt"');
  });

  test('there is no Connect GET', async () => {
    const { origin, seen } = await startTestServer();
    const reply = await ask(origin, `${LOGIN}?connect=v1&encoding=json&message=%7B%7D`);
    expect([reply.status, reply.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    expect(seen).toEqual([]);
  });

  test('a body beyond 64 KiB is refused before it is read, and the caller sees it', async () => {
    const { origin } = await startTestServer();
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const connect = await post(origin, LOGIN, `{"email":"${'x'.repeat(500_000)}"}`, headers);
      expect([connect.status, connect.json.code]).toEqual([429, 'resource_exhausted']);
    }
    const other = await ask(origin, LOGIN, { body: 'x'.repeat(500_000), headers: { 'content-type': 'text/plain' } });
    expect(other.json.error).toBe('UNSUPPORTED_MEDIA_TYPE');
    const overHttp2 = await askHttp2(openHttp2(origin), LOGIN, {
      body: 'x'.repeat(500_000),
      headers: { 'content-type': 'application/json' },
    });
    expect(overHttp2.json.code).toBe('resource_exhausted');
  });
});

test('a Connect JSON reply names fields as /auth does, writes zero counts and ignores unknown fields', async () => {
  const { origin, seen } = await startTestServer();
  const reply = await post(origin, '/authflow.v1.AuthService/ChangePassword', {
    sessionToken: 's',
    newPassword: 'n',
    org_id: 'o',
    api_key: 'k',
    role: ['admin'],
  });
  expect(reply.text).toBe('{"ended_sessions":0}');
  expect(reply.headers['cache-control']).toBe('no-store');
  expect(seen[0]?.request).toMatchObject({ sessionToken: 's', newPassword: 'n', orgId: 'o', apiKey: 'k' });
  const login = await post(origin, LOGIN, {});
  expect(login.json.expires_at).toBe('2026-01-02T03:04:05Z');
});

test('a Connect error carries the challenge and the wait that /auth carries', async () => {
  const { origin } = await startTestServer({
    auth: {
      async login() {
        throw new AuthError('OVERLOADED', { retryAfterMs: 300 });
      },
      async validate() {
        throw new AuthError('SESSION_INVALID');
      },
    },
  });
  const overloaded = await post(origin, LOGIN, {});
  expect([overloaded.status, overloaded.headers['retry-after']]).toEqual([429, '1']);
  const invalid = await post(origin, '/authflow.v1.AuthService/Validate', {});
  expect([invalid.status, invalid.headers['www-authenticate']]).toEqual([401, 'Bearer']);
});

test('an unknown content type is 415, an unknown method of the service 404', async () => {
  const { origin } = await startTestServer();
  for (const type of ['text/plain', 'application/connect+json', 'application/grpc-web-text', 'application/x']) {
    const reply = await ask(origin, LOGIN, { body: '{}', headers: { 'content-type': type } });
    expect([reply.status, reply.json.error]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  }
  expect((await post(origin, '/authflow.v1.AuthService/Nothing', {})).json.error).toBe('ROUTE_NOT_FOUND');
  expect((await post(origin, '/authflow.v1.AuthService/login', {})).status).toBe(404);
});

test('calls that the library refuses are counted like all others', async () => {
  const { origin, seen, answered, failed } = await startTestServer();
  const refusals: [headers: Record<string, string>, body: Uint8Array | string, reason: string][] = [
    [{ 'content-type': 'application/json' }, 'x'.repeat(70_000), 'PAYLOAD_TOO_LARGE'],
    [{ 'content-type': 'application/proto', 'content-encoding': 'gzip' }, BOMB, 'PAYLOAD_TOO_LARGE'],
    [{ 'content-type': 'application/json', 'content-encoding': 'br' }, '{}', 'UNSUPPORTED_MEDIA_TYPE'],
    [{ 'content-type': 'application/grpc-web' }, Buffer.alloc(10), 'UNSUPPORTED_MEDIA_TYPE'],
    [{ 'content-type': 'text/plain' }, '{}', 'UNSUPPORTED_MEDIA_TYPE'],
    [{ 'content-type': 'application/json' }, '{', 'INVALID_ARGUMENT'],
  ];
  for (const [headers, body] of refusals) {
    await ask(origin, LOGIN, { body, headers });
  }
  expect(answered.map(({ entrance, method, reason }) => [entrance, method, reason])).toEqual(
    refusals.map(([, , reason]) => ['connect', 'Login', reason]),
  );
  expect([seen, failed]).toEqual([[], []]);
});

const BOMB = gzipSync(Buffer.alloc(70_000));

test('a deadline runs from the headers, however late the body comes', async () => {
  const { origin, seen } = await startTestServer();
  for (const [path, type] of [
    [LOGIN, 'application/json'],
    ['/auth/login', 'application/json'],
  ] as const) {
    const session = openHttp2(origin);
    await askHttp2(session, '/healthz');
    const sentAt = performance.now();
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type });
    const answered = new Promise((resolve) => stream.on('response', ({ ':status': status }) => resolve(status)));
    // The headers have been seen once a call after them is answered.
    await askHttp2(session, '/healthz');
    const seenBy = performance.now();
    await expect.poll(() => performance.now()).toBeGreaterThan(seenBy);
    stream.end('{}');
    expect(await answered).toBe(200);
    const { deadlineAt = 0 } = seen.at(-1)?.call ?? {};
    expect(deadlineAt).toBeGreaterThanOrEqual(sentAt + 10_000);
    expect(deadlineAt).toBeLessThanOrEqual(seenBy + 10_000);
  }
});

test('a hundred calls at once on one connection are all answered', async () => {
  const gate = deferred();
  let waiting = 0;
  const { origin } = await startTestServer({
    auth: {
      async validate(request) {
        waiting++;
        await gate.promise;
        throw new AuthError('SESSION_INVALID', { message: request.email });
      },
    },
  });
  const client = createClient(AuthService, createGrpcTransport({ baseUrl: origin }));
  const calls = Array.from({ length: 100 }, (_, i) => errorOf(client.validate({ email: `${i}` })));
  await expect.poll(() => waiting).toBe(100);
  gate.resolve();
  expect((await Promise.all(calls)).map(({ rawMessage }) => rawMessage)).toEqual(calls.map((_, i) => `${i}`));
});

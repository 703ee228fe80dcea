import { describe, expect, test } from 'vitest';
import { AuthError } from '../../../src/domain/errors.ts';
import type { FakedCall } from '../../support/faked-services.ts';
import {
  ask,
  askHttp2,
  openHttp2,
  openSocket,
  post,
  type Reply,
  sendRaw,
  startTestServer,
  type TestServer,
} from './test-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** The fields that an INVALID_ARGUMENT names. */
function faultyFields({ status, json }: Reply): unknown {
  expect({ status, error: json.error }).toEqual({ status: 400, error: 'INVALID_ARGUMENT' });
  return (json.violations as { field: string }[] | undefined)?.map(({ field }) => field);
}

describe('the reply', () => {
  test('of a success is 200 with statusCode, message and the fields in the order of the contract', async () => {
    const { origin } = await startTestServer();
    const expected = {
      fooBar: '"token":"nonce","expires_at":"2026-01-02T03:04:05Z"',
      signUp: '"user_id":"user-1","email":"ada@example.com","fullname":"Ada \\"L\\"","org_id":"org-1"',
      login:
        '"token":"jwt","expires_at":"2026-01-02T03:04:05Z","email":"ada@example.com","fullname":"Ada \\"L\\"","org_id":"org-1","user_id":"user-1"',
      validate:
        '"email":"ada@example.com","fullname":"Ada \\"L\\"","org_id":"org-1","user_id":"user-1","session_id":"session-1","expires_at":"2026-01-02T03:04:05Z","email_verified":false,"roles":[]',
      changePassword: '"ended_sessions":0',
      logout: '',
    };
    for (const [name, fields] of Object.entries(expected)) {
      for (const reply of [await ask(origin, `/auth/${name}`), await post(origin, `/auth/${name}`, {})]) {
        expect(reply.status).toBe(200);
        expect(reply.headers['content-type']).toBe('application/json');
        expect(reply.headers['cache-control']).toBe('no-store');
        expect(reply.text).toBe(
          `{"statusCode":200,"message":"${reply.json.message}"${fields === '' ? '' : `,${fields}`}}`,
        );
      }
    }
  });

  test('is never compressed', async () => {
    const { origin } = await startTestServer();
    const reply = await ask(origin, '/auth/validate', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(reply.headers['content-encoding']).toBeUndefined();
  });

  test('of an error carries reason, sentence, violations, wait and challenge', async () => {
    const { origin, answered } = await startTestServer({
      auth: {
        login: async () => {
          throw new AuthError('ACCOUNT_LOCKED', { retryAfterMs: 1_001 });
        },
        validate: async () => {
          throw new AuthError('SESSION_REVOKED');
        },
        signUp: async () => {
          throw new AuthError('INVALID_ARGUMENT', { violations: [{ field: 'email', message: 'is required' }] });
        },
      },
    });
    const locked = await ask(origin, '/auth/login');
    expect(locked.status).toBe(429);
    expect(locked.headers['retry-after']).toBe('2');
    expect(Object.keys(locked.json)).toEqual(['statusCode', 'error', 'message']);
    expect(locked.json).toMatchObject({ statusCode: 429, error: 'ACCOUNT_LOCKED' });
    const revoked = await ask(origin, '/auth/validate');
    expect(revoked.status).toBe(401);
    expect(revoked.headers['www-authenticate']).toBe('Bearer');
    expect(revoked.headers['cache-control']).toBe('no-store');
    const invalid = await ask(origin, '/auth/signUp');
    expect(invalid.json.violations).toEqual([{ field: 'email', message: 'is required' }]);
    expect(answered.map(({ entrance, method, reason }) => [entrance, method, reason])).toEqual([
      ['http', 'Login', 'ACCOUNT_LOCKED'],
      ['http', 'Validate', 'SESSION_REVOKED'],
      ['http', 'SignUp', 'INVALID_ARGUMENT'],
    ]);
  });

  test('of a fault of ours is INTERNAL with a request id, and the fault goes to the observer alone', async () => {
    const fault = new Error('SELECT secret FROM users');
    const { origin, failed } = await startTestServer({
      auth: {
        login: async () => {
          throw fault;
        },
      },
    });
    const reply = await ask(origin, '/auth/login');
    expect(reply.json).toMatchObject({ statusCode: 500, error: 'INTERNAL' });
    expect(reply.text).not.toContain('SELECT');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.error).toBe(fault);
    expect(reply.json.message).toContain(failed[0]?.requestId);
  });
});

describe('parameters', () => {
  const SENT = { sessionToken: 'jwt', email: 'a+b@example.com', org_id: 'o', api_key: 'af_k' };
  const SEEN = { sessionToken: 'jwt', email: 'a+b@example.com', orgId: 'o', apiKey: 'af_k' };
  const FORM = 'sessionToken=jwt&email=a%2Bb%40example.com&org_id=o&api_key=af_k';

  test('come from the query, a JSON body or a form alike', async () => {
    const { origin, seen } = await startTestServer();
    await ask(origin, `/auth/validate?${FORM}`);
    await ask(origin, `/auth/validate?${FORM}`, { method: 'POST' });
    await post(origin, '/auth/validate', SENT);
    await post(origin, '/auth/validate', SENT, { 'content-type': 'application/json; charset=UTF-8' });
    await ask(origin, '/auth/validate', { body: FORM, headers: FORM_TYPE });
    expect(seen).toHaveLength(5);
    for (const { request } of seen) {
      expect(request).toMatchObject(SEEN);
    }
  });

  test('(client) in query and body are one when they are equal, 400 when they are not', async () => {
    const { origin, seen } = await startTestServer();
    const same = await post(origin, '/auth/login?api_key=af_k', { api_key: 'af_k', email: 'e' });
    expect(same.status).toBe(200);
    expect(seen[0]?.request).toMatchObject({ apiKey: 'af_k', email: 'e' });
    expect((await post(origin, '/auth/login?api_key=af_k', { api_key: '' })).status).toBe(200);
    expect((await post(origin, '/auth/login?api_key=', { api_key: 'af_k' })).status).toBe(200);
    expect(faultyFields(await post(origin, '/auth/login?api_key=af_k', { api_key: 'af_other' }))).toEqual(['api_key']);
  });

  test('W7: that are repeated are 400, and all faults come together', async () => {
    const { origin } = await startTestServer();
    const repeated = await ask(origin, '/auth/login?email=a&email=a&password=b&password=c&role=x&role=x');
    expect(faultyFields(repeated)).toEqual(['email', 'password', 'query']);
    expect(repeated.text).not.toContain('role');
    expect(faultyFields(await ask(origin, '/auth/login', { body: 'email=a&%65mail=a', headers: FORM_TYPE }))).toEqual([
      'email',
    ]);
    for (const body of ['{"email":"a","email":"a"}', '{"email":"a","\\u0065mail":"b"}', '{"x":1,"x":{"y":[":"]}}']) {
      expect(faultyFields(await post(origin, '/auth/login', body))).toEqual(['body']);
    }
  });

  test('that are nested in an unknown key may repeat there', async () => {
    const { origin } = await startTestServer();
    const reply = await post(
      origin,
      '/auth/login',
      '{"role":[{"a":1,"a":2},"\\"{:"],"username":{"a":1,"a":1},"email":"e"}',
    );
    expect(reply.status).toBe(200);
  });

  test('W7: of another type than string are 400 and name every field', async () => {
    const { origin } = await startTestServer();
    const reply = await post(origin, '/auth/login', { email: 1, password: ['x'], foobar: { a: 1 }, org_id: true });
    expect(faultyFields(reply)).toEqual(['foobar', 'email', 'password', 'org_id']);
  });

  test('W7: __proto__ is 400 wherever it stands', async () => {
    const { origin } = await startTestServer();
    expect(faultyFields(await ask(origin, '/auth/login?__proto__=a'))).toEqual(['query']);
    expect(faultyFields(await ask(origin, '/auth/login?%5f_proto__=a'))).toEqual(['query']);
    expect(faultyFields(await post(origin, '/auth/login', '{"__proto__":{"email":"x"}}'))).toEqual(['body']);
    expect(faultyFields(await post(origin, '/auth/login', '{"\\u005f_proto__":1}'))).toEqual(['body']);
    expect(faultyFields(await ask(origin, '/auth/login', { body: '__proto__=1', headers: FORM_TYPE }))).toEqual([
      'body',
    ]);
  });

  test('that are null, empty or absent are missing; unknown ones are ignored whatever they are', async () => {
    const { origin, seen } = await startTestServer();
    const body = { email: null, password: '', role: ['admin'], username: 7, constructor: {} };
    expect((await post(origin, '/auth/login?role=admin&=&x', body)).status).toBe(200);
    expect(seen[0]?.request).toMatchObject({ email: '', password: '', orgId: '' });
  });

  test('disclaimed is "true" or true; other strings and false are no fault, other types are', async () => {
    const { origin, seen } = await startTestServer();
    for (const value of ['true', true, 'false', false, 'yes', 'TRUE', null, '']) {
      expect((await post(origin, '/auth/signUp', { disclaimed: value })).status).toBe(200);
    }
    await ask(origin, '/auth/signUp?disclaimed=true');
    await post(origin, '/auth/signUp?disclaimed=true', { disclaimed: true });
    expect(seen.map(({ request }) => request.disclaimed)).toEqual([
      ...[true, true, false, false, false, false, false, false],
      ...[true, true],
    ]);
    for (const value of [1, [], {}]) {
      expect(faultyFields(await post(origin, '/auth/signUp', { disclaimed: value }))).toEqual(['disclaimed']);
    }
  });

  test('W7: that are not well-formed text or percent-encoding are 400', async () => {
    const { origin } = await startTestServer();
    for (const query of ['email=%', 'email=%zz', 'email=%ff', 'email=%ed%a0%80', '%=1', 'role=%c3%28']) {
      expect(faultyFields(await ask(origin, `/auth/login?${query}`))).toEqual(['query']);
    }
    const latin1 = Buffer.from('{"email":"é"}', 'latin1');
    expect(faultyFields(await ask(origin, '/auth/login', { body: latin1, headers: JSON_TYPE }))).toEqual(['body']);
    expect(
      faultyFields(await ask(origin, '/auth/login', { body: Buffer.from([0x61, 0xff]), headers: FORM_TYPE })),
    ).toEqual(['body']);
  });

  test('in a body that is no JSON object are 400', async () => {
    const { origin } = await startTestServer();
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    for (const body of ['[]', '"x"', '1', 'null', '{', '{"a":1}x', "{'a':1}", '\ufeff{}', deep]) {
      const reply = await post(origin, '/auth/login', body);
      expect(faultyFields(reply)).toEqual(['body']);
    }
  });

  test('may be absent altogether: an empty body needs no content type', async () => {
    const { origin } = await startTestServer();
    expect((await ask(origin, '/auth/login', { method: 'POST' })).status).toBe(200);
    expect((await ask(origin, '/auth/login', { body: '', headers: JSON_TYPE })).status).toBe(200);
    expect((await ask(origin, '/auth/login', { body: '', headers: { 'transfer-encoding': 'chunked' } })).status).toBe(
      200,
    );
  });

  test('reach the handler with the headers, several values of one joined', async () => {
    const { port, seen } = await startTestServer();
    await sendRaw(
      port,
      'GET /auth/login HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\nConnection: close\r\n\r\n',
    );
    expect(seen[0]?.call.header('authorization')).toBe('Bearer a, Bearer b');
    expect(seen[0]?.call.header('x-api-key')).toBeNull();
  });
});

describe('a body', () => {
  test('of another content type, or compressed, is 415', async () => {
    const { origin } = await startTestServer();
    const types = [
      'text/plain',
      'application/jsonx',
      'multipart/form-data',
      'application/json; charset=latin1',
      'x',
      '',
    ];
    for (const type of types) {
      const reply = await ask(origin, '/auth/login', { body: '{}', headers: { 'content-type': type } });
      expect(reply.json).toMatchObject({ statusCode: 415, error: 'UNSUPPORTED_MEDIA_TYPE' });
    }
    expect((await ask(origin, '/auth/login', { body: '{}' })).status).toBe(415);
    expect(await typed(origin, '/auth/login', 'application/json; charset=Latin1')).toMatchObject({
      error: 'UNSUPPORTED_MEDIA_TYPE',
      message: expect.stringContaining('Latin1'),
    });
    for (const encoding of ['gzip', 'br', 'identity, gzip']) {
      expect((await post(origin, '/auth/login', '{}', { 'content-encoding': encoding })).status).toBe(415);
    }
    expect((await post(origin, '/auth/login', '{}', { 'content-encoding': 'identity' })).status).toBe(200);
  });

  test('W1, P5: larger than 64 KiB is 413, whether announced or not, and the caller sees it', async () => {
    const { origin, seen } = await startTestServer();
    const fits = `{"role":"${'x'.repeat(65_536 - 11)}"}`;
    expect(fits).toHaveLength(65_536);
    expect((await post(origin, '/auth/login', fits)).status).toBe(200);
    for (const body of [`${fits} `, 'x'.repeat(1024 * 1024)]) {
      for (const headers of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
        const reply = await post(origin, '/auth/login', body, headers);
        expect(reply.json).toMatchObject({ statusCode: 413, error: 'PAYLOAD_TOO_LARGE' });
        expect(reply.headers.connection).toBe('close');
      }
    }
    expect(seen).toHaveLength(1);
  });
});

/** The reply to an empty object of a content type. */
async function typed(origin: string, path: string, type: string): Promise<Reply['json']> {
  return (await ask(origin, path, { body: '{}', headers: { 'content-type': type } })).json;
}

describe('a charset', () => {
  const UTF8 = ['utf-8', 'UTF-8', 'utf8', 'Utf8', '"utf-8"', '"UTF8"', "'utf-8'", '"utf\\-8"'];
  const OTHERS = ['latin1', 'utf-16', 'utf-7', '"iso-8859-1"', 'utf-8x', '', '""', 'utf-8, utf-8'];
  const AROUND = [
    (charset: string) => `; charset=${charset}`,
    (charset: string) => `;charset=${charset}`,
    (charset: string) => `\t;\t CharSet=${charset} ;`,
    (charset: string) => `; boundary="a;charset=latin1"; charset=${charset}; version=1`,
  ];
  const PATHS = ['/auth/login', '/organizations', '/authflow.v1.AuthService/Login'];

  test.each(PATHS)('of UTF-8 is taken in any spelling, another is 415: %s', async (path) => {
    const { origin, seen } = await startTestServer();
    for (const around of AROUND) {
      for (const charset of UTF8) {
        const type = `Application/JSON${around(charset)}`;
        expect({ type, ...(await typed(origin, path, type)) }).not.toHaveProperty('error');
      }
      const taken = seen.length;
      for (const charset of OTHERS) {
        const type = `application/json${around(charset)}`;
        expect({ type, ...(await typed(origin, path, type)) }).toMatchObject({ error: 'UNSUPPORTED_MEDIA_TYPE' });
      }
      expect([taken, seen.length]).toEqual([taken, taken]);
    }
    expect(seen).toHaveLength(UTF8.length * AROUND.length);
  });

  test('of a form, of protobuf, of gRPC-Web and of gRPC is read alike', async () => {
    const { origin, seen } = await startTestServer();
    const send = async (path: string, type: string, body: string | Uint8Array) =>
      (await ask(origin, path, { body, headers: { 'content-type': type } })).status;
    const rpc = '/authflow.v1.AuthService/Login';
    for (const [charset, status] of [
      ['; x=y; charset="utf8"', 200],
      ['; charset=latin1', 415],
    ] as const) {
      expect(await send('/auth/login', `application/x-www-form-urlencoded${charset}`, 'email=a')).toBe(status);
      expect(await send(rpc, `application/proto${charset}`, '')).toBe(status);
      expect(await send(rpc, `application/grpc-web+json${charset}`, '\0\0\0\0\x02{}')).toBe(status);
      const overHttp2 = await askHttp2(openHttp2(origin), rpc, {
        body: Buffer.alloc(5),
        headers: { 'content-type': `application/grpc${charset}` },
      });
      expect(overHttp2.status).toBe(status);
    }
    expect(seen).toHaveLength(4);
  });

  test('that is no name of one, or is told twice, is refused without being named', async () => {
    const { origin } = await startTestServer();
    for (const charset of ['a'.repeat(41), '"a b"', '"<b>"', `af_${'A'.repeat(43)}`, 'utf-8; charset=latin1']) {
      const { error, message } = await typed(origin, '/auth/login', `application/json; charset=${charset}`);
      expect(error).toBe('UNSUPPORTED_MEDIA_TYPE');
      expect(message).not.toContain(charset.replaceAll('"', ''));
    }
    for (const rest of ['; charset', '; =utf-8', ', application/json', ' x', '; a="b']) {
      expect(await typed(origin, '/auth/login', `application/json${rest}`)).toMatchObject({
        error: 'UNSUPPORTED_MEDIA_TYPE',
      });
    }
  });
});

describe('the address', () => {
  test('W2: matches exactly, else 404 in the envelope', async () => {
    const { origin, seen } = await startTestServer();
    const paths = [
      '/auth',
      '/auth/',
      '/auth/nothing',
      '/auth/Validate',
      '/AUTH/validate',
      '/auth/validate/',
      '/auth//validate',
      '//auth/validate',
      '/auth/./validate',
      '/x/../auth/validate',
      '/auth/%76alidate',
      '/auth%2fvalidate',
      '/%61uth/validate',
      '/auth/validate;x',
      '/auth/validate%3fx',
      '/auth/validate%00',
      '/auth/validate#x',
      '/%6frganizations',
      '/organizations/',
      '/organizations//keys',
      '/organizations/%31',
      '/organizations/..',
      '/organizations/a/keys/b/c',
      `/organizations/${'a'.repeat(65)}`,
      '/healthz/',
      '/.well-known/../healthz',
      'http://127.0.0.1/auth/./validate',
      'http://127.0.0.1//auth/validate',
      'http://127.0.0.1/auth/%76alidate',
      'http://127.0.0.1/AUTH/validate',
      'http://127.0.0.1/auth/validate/',
      'http://127.0.0.1/auth/validate#x',
      'http:///auth/validate',
      'http://user@127.0.0.1/auth/validate',
      'ftp://127.0.0.1/auth/validate',
      'httpx://127.0.0.1/auth/validate',
      '*',
    ];
    for (const path of paths) {
      const { status, json, text } = await ask(origin, path);
      expect({ path, status, error: json.error }).toEqual({ path, status: 404, error: 'ROUTE_NOT_FOUND' });
      expect(text).not.toContain('alidate');
    }
    expect(seen).toEqual([]);
  });

  test('in absolute form is taken as its path, whatever its host is', async () => {
    const { origin, port, seen } = await startTestServer();
    for (const host of ['http://127.0.0.1', 'HTTP://authflow.example:8080', 'https://[::1]:1', 'http://a.b.c.']) {
      expect(await ask(origin, `${host}/healthz`)).toMatchObject({ status: 200, json: { status: 'alive' } });
      expect(await ask(origin, `${host}?x`)).toMatchObject({ status: 200, json: { product: 'AuthFlow' } });
      const path = `${host}/auth/fooBar?identity=a%40example.com`;
      expect((await ask(origin, path)).status).toBe(200);
      expect((await post(origin, path, { api_key: 'af_1' })).status).toBe(200);
      expect(seen.at(-1)?.request).toMatchObject({ identity: 'a@example.com', apiKey: 'af_1' });
      expect((await ask(origin, `${host}/organizations/1?page_size=x`, { method: 'PUT' })).status).toBe(405);
      expect((await post(origin, `${host}/authflow.v1.AuthService/Login`, {})).json.token).toBe('jwt');
    }
    // A path that holds an address is still a path; CONNECT and its form of target are none of ours.
    expect((await ask(origin, '/http://127.0.0.1/healthz')).status).toBe(404);
    for (const line of ['CONNECT 127.0.0.1:80', 'GET 127.0.0.1:80', 'CONNECT http://127.0.0.1/healthz']) {
      expect(await sendRaw(port, `${line} HTTP/1.1\r\nHost: x\r\n\r\n`)).not.toContain(' 200 ');
    }
    await expect(askHttp2(openHttp2(origin), 'http://127.0.0.1/healthz')).rejects.toThrow('PROTOCOL_ERROR');
  });

  test('takes GET, POST and OPTIONS alone, HEAD no more than others', async () => {
    const { origin, seen } = await startTestServer();
    for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY']) {
      const reply = await ask(origin, '/auth/validate', { method });
      expect(reply.status).toBe(405);
      expect(reply.headers.allow).toBe('GET, POST, OPTIONS');
      expect(reply.text === '' ? 'METHOD_NOT_ALLOWED' : reply.json.error).toBe('METHOD_NOT_ALLOWED');
    }
    expect(seen).toEqual([]);
  });
});

describe('/organizations', () => {
  async function all(server: TestServer): Promise<Reply[]> {
    const { origin } = server;
    return [
      await post(origin, '/organizations', { name: 'Acme' }),
      await ask(origin, '/organizations?page_size=7&page_token=t'),
      await ask(origin, '/organizations/org-1'),
      await ask(origin, '/organizations/org-1/close', { method: 'POST' }),
      await ask(origin, '/organizations/org-1/reopen', { method: 'POST' }),
      await post(origin, '/organizations/org-1/keys', { label: 'l', in_tokens: true }),
      await ask(origin, '/organizations/org-1/keys?page_size=200'),
      await ask(origin, '/organizations/org-1/keys/key-1?end_sessions=true', { method: 'DELETE' }),
    ];
  }

  test('has every call of OrganizationService', async () => {
    const server = await startTestServer();
    const replies = await all(server);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(server.seen.map(({ method, request }) => ({ method, ...request }))).toMatchObject([
      { method: 'createOrganization', name: 'Acme' },
      { method: 'listOrganizations', pageSize: 7, pageToken: 't' },
      { method: 'getOrganization', orgId: 'org-1' },
      { method: 'closeOrganization', orgId: 'org-1' },
      { method: 'reopenOrganization', orgId: 'org-1' },
      { method: 'createApiKey', orgId: 'org-1', label: 'l', inTokens: true },
      { method: 'listApiKeys', orgId: 'org-1', pageSize: 200, pageToken: '' },
      { method: 'revokeApiKey', orgId: 'org-1', keyId: 'key-1', endSessions: true },
    ]);
  });

  test('answers with the fields of the messages', async () => {
    const [created, listed, , closed, , , keys, revoked] = await all(await startTestServer());
    expect(created?.json).toMatchObject({ statusCode: 200, org_id: 'org-1', name: 'Acme', api_key: 'af_new' });
    const at = '2026-01-02T03:04:05Z';
    const organization = { org_id: 'org-1', name: 'Acme, "Inc."', created_at: at };
    expect(listed?.json.organizations).toEqual([organization, { ...organization, closed_at: at }]);
    expect(listed?.json.next_page_token).toBe('next');
    expect(closed?.json).toMatchObject({ organization, ended_sessions: 3 });
    const key = { key_id: 'key-1', label: '', created_at: at, revoked_at: at, in_tokens: true };
    expect(keys?.json).toMatchObject({ api_keys: [key], next_page_token: '' });
    expect(revoked?.json).toMatchObject({ api_key: key, ended_sessions: 0 });
  });

  test('refuses numbers and flags that are none, and ids that differ from the path', async () => {
    const { origin } = await startTestServer();
    for (const size of ['x', '-1', '1.5', '1e3', '9999999999']) {
      expect(faultyFields(await ask(origin, `/organizations?page_size=${size}`))).toEqual(['page_size']);
    }
    expect(faultyFields(await post(origin, '/organizations/org-1/keys', { in_tokens: 'yes' }))).toEqual(['in_tokens']);
    expect(faultyFields(await post(origin, '/organizations/org-1/close?org_id=org-2', {}))).toEqual(['org_id']);
  });

  test('names the methods of each address', async () => {
    const { origin } = await startTestServer();
    expect((await ask(origin, '/organizations', { method: 'PUT' })).headers.allow).toBe('POST, GET, OPTIONS');
    expect((await ask(origin, '/organizations/o/keys/k')).headers.allow).toBe('DELETE, OPTIONS');
    expect((await ask(origin, '/organizations/o/close')).json.error).toBe('METHOD_NOT_ALLOWED');
  });
});

test('a call has a deadline of 10 s, and sees that its caller has gone', async () => {
  const calls: FakedCall[] = [];
  const { origin, port } = await startTestServer({
    auth: {
      async validate(_request, incoming) {
        calls.push(incoming);
        return new Promise(() => {});
      },
    },
  });
  for (const begin of [() => callAndLeave(port), () => callAndLeaveHttp2(origin)]) {
    const before = calls.length;
    const begunAt = performance.now();
    const leave = begin();
    await expect.poll(() => calls.length).toBe(before + 1);
    const call = calls[before];
    expect(call?.isAbandoned()).toBe(false);
    expect(call?.deadlineAt).toBeGreaterThanOrEqual(begunAt + 10_000);
    expect(call?.deadlineAt).toBeLessThanOrEqual(performance.now() + 10_000);
    leave();
    await expect.poll(() => call?.isAbandoned()).toBe(true);
  }
});

function callAndLeave(port: number): () => void {
  const socket = openSocket(port);
  socket.write('GET /auth/validate HTTP/1.1\r\nHost: x\r\n\r\n');
  return () => socket.destroy();
}

function callAndLeaveHttp2(origin: string): () => void {
  const stream = openHttp2(origin).request({ ':path': '/auth/validate' });
  stream.on('error', () => {});
  return () => stream.close();
}

import { describe, expect, test } from 'vitest';
import { AuthError } from '../../../src/domain/errors.ts';
import type { IncomingCall } from '../../../src/transport/call.ts';
import {
  ask,
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
        '"email":"ada@example.com","fullname":"Ada \\"L\\"","org_id":"org-1","user_id":"user-1","session_id":"session-1","expires_at":"2026-01-02T03:04:05Z"',
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

describe('the address', () => {
  test('W2: matches exactly, else 404 in the envelope', async () => {
    const { origin, seen } = await startTestServer();
    const paths = [
      '/',
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
      'http://127.0.0.1/auth/validate',
      '*',
    ];
    for (const path of paths) {
      const { status, json, text } = await ask(origin, path);
      expect({ path, status, error: json.error }).toEqual({ path, status: 404, error: 'ROUTE_NOT_FOUND' });
      expect(text).not.toContain('alidate');
    }
    expect(seen).toEqual([]);
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
  const calls: IncomingCall[] = [];
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

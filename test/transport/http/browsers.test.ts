import { describe, expect, test } from 'vitest';
import { BrowserGuard } from '../../../src/transport/http/browser-guard.ts';
import type { HttpExchange } from '../../../src/transport/http/exchange.ts';
import { TrustedProxies } from '../../../src/transport/trusted-proxies.ts';
import { ask, askHttp2, openHttp2, post, SIX_CALLS, startTestServer } from './test-server.ts';

const SIGNS: readonly Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: '' },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-dest': 'empty' },
  { cookie: 'a=b' },
];
const LISTED = 'https://app.example';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('K3: a browser', () => {
  test('is refused by every call and every entrance of the port', async () => {
    const { origin, seen, answered } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    let requests = 0;
    for (const sign of SIGNS) {
      for (const { path, rpc } of SIX_CALLS) {
        const replies = [
          await ask(origin, `${path}?email=a`, { headers: sign }),
          await post(origin, path, { email: 'a' }, sign),
          await post(origin, path, 'not JSON', sign),
        ];
        for (const { status, json, headers } of replies) {
          expect([status, json.statusCode, json.error]).toEqual([401, 401, 'ORIGIN_REFUSED']);
          expect(headers['access-control-allow-origin']).toBeUndefined();
        }
        for (const body of [{ email: 'a' }, 'not JSON']) {
          const connect = await post(origin, rpc, body, sign);
          expect([connect.status, connect.json.code]).toEqual([401, 'unauthenticated']);
          expect(connect.text).toContain('ORIGIN_REFUSED');
        }
        for (const body of [Buffer.alloc(5), Buffer.from('nonsense')]) {
          const web = await ask(origin, rpc, { body, headers: { 'content-type': 'application/grpc-web', ...sign } });
          expect(web.text).toMatch(/grpc-status: *16/);
        }
        requests += 7;
      }
      for (const [method, path] of [
        ['GET', '/organizations'],
        ['POST', '/organizations'],
        ['GET', '/organizations/o'],
        ['DELETE', '/organizations/o/keys/k'],
      ] as const) {
        expect((await ask(origin, path, { method, headers: sign })).json.error).toBe('ORIGIN_REFUSED');
        requests++;
      }
      const rpc = await post(origin, '/authflow.v1.OrganizationService/ListOrganizations', {}, sign);
      expect(rpc.json.code).toBe('unauthenticated');
      requests++;
    }
    expect(seen).toEqual([]);
    expect(answered).toHaveLength(requests);
    expect(new Set(answered.map(({ reason }) => reason))).toEqual(new Set(['ORIGIN_REFUSED']));
  });

  test('is told by which header it was taken for one: a balancer may have set its cookie on a backend', async () => {
    const { origin } = await startTestServer();
    const messageOf = async (headers: Record<string, string>) =>
      String((await ask(origin, '/auth/validate', { headers })).json.message);
    expect(await messageOf({ cookie: 'AWSALB=secret' })).toMatch(/: Cookie\.$/);
    expect(await messageOf({ origin: LISTED, 'sec-fetch-site': 'none' })).toMatch(/: Origin, Sec-Fetch-Site\.$/);
    expect(await messageOf({ cookie: 'AWSALB=secret' })).not.toContain('AWSALB');
  });

  test('is refused over HTTP/2 too', async () => {
    const { origin } = await startTestServer();
    const session = openHttp2(origin);
    for (const sign of SIGNS) {
      expect((await askHttp2(session, '/auth/validate', { headers: sign })).json.error).toBe('ORIGIN_REFUSED');
    }
  });

  test('may read what stands beside the calls', async () => {
    const { origin } = await startTestServer();
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/.well-known/jwks.json']) {
      expect((await ask(origin, path, { headers: { origin: LISTED, cookie: 'a=b' } })).status).toBe(200);
    }
  });

  test('is not what sends Sec-Fetch-Mode alone, as fetch of Node does', async () => {
    const { origin } = await startTestServer();
    expect((await ask(origin, '/auth/validate', { headers: { 'sec-fetch-mode': 'cors' } })).status).toBe(200);
    expect((await fetch(`${origin}/auth/validate`, { method: 'POST', body: '{}', headers: JSON_TYPE })).status).toBe(
      200,
    );
  });
});

describe('a listed origin', () => {
  test('calls and reads the reply', async () => {
    const { origin, seen } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    const headers = { origin: LISTED, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'empty', cookie: 'a=b' };
    for (const reply of [
      await post(origin, '/auth/login', {}, headers),
      await post(origin, '/authflow.v1.AuthService/Login', {}, headers),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.headers['access-control-allow-origin']).toBe(LISTED);
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
      expect(reply.headers.vary).toBe('Origin');
      expect(reply.headers['access-control-expose-headers']).toBe(
        'grpc-status, grpc-message, grpc-status-details-bin, retry-after',
      );
    }
    expect(seen).toHaveLength(2);
    const near = ['https://app.example.evil', 'https://app.example:8443', 'http://app.example', 'HTTPS://APP.EXAMPLE'];
    for (const other of [...near, `${LISTED}, ${LISTED}`]) {
      const reply = await ask(origin, '/auth/login', { headers: { origin: other } });
      expect([reply.json.error, reply.headers.vary]).toEqual(['ORIGIN_REFUSED', 'Origin']);
    }
  });

  test('is named by Vary in every reply to a call, whoever asked; nowhere, when none is listed', async () => {
    const { origin } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    const rpc = '/authflow.v1.AuthService/Login';
    for (const reply of [
      await post(origin, '/auth/login', {}),
      await post(origin, rpc, {}),
      await post(origin, rpc, 'not JSON'),
      await ask(origin, '/auth/login', { method: 'HEAD' }),
      await ask(origin, '/organizations', { method: 'OPTIONS' }),
      await askHttp2(openHttp2(origin), '/auth/validate'),
    ]) {
      expect(reply.headers.vary).toBe('Origin');
    }
    expect((await ask(origin, '/healthz')).headers.vary).toBeUndefined();
    expect((await post((await startTestServer()).origin, '/auth/login', {})).headers.vary).toBeUndefined();
  });

  test('gets an answer to its preflight; another gets 401, and who names none 204 with Allow', async () => {
    const { origin, seen } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    for (const path of ['/auth/login', '/authflow.v1.AuthService/Login', '/organizations/o/keys/k']) {
      const preflight = await ask(origin, path, {
        method: 'OPTIONS',
        headers: { origin: LISTED, 'access-control-request-method': 'POST', 'sec-fetch-mode': 'cors' },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers['access-control-allow-origin']).toBe(LISTED);
      expect(preflight.headers['access-control-allow-methods']).toBe(preflight.headers.allow);
      expect(preflight.headers['access-control-allow-headers']?.split(', ')).toEqual([
        'content-type',
        'authorization',
        'x-api-key',
        'connect-protocol-version',
        'connect-timeout-ms',
        'grpc-timeout',
        'x-grpc-web',
        'x-user-agent',
      ]);
      expect(preflight.headers.vary).toBe('Origin, Access-Control-Request-Headers');
      const other = await ask(origin, path, { method: 'OPTIONS', headers: { origin: 'null' } });
      expect([other.status, other.json.error]).toEqual([401, 'ORIGIN_REFUSED']);
      expect(other.headers['access-control-allow-methods']).toBeUndefined();
      const nobody = await ask(origin, path, { method: 'OPTIONS' });
      expect([nobody.status, nobody.text]).toEqual([204, '']);
      expect(nobody.headers.allow).toContain('OPTIONS');
      expect(nobody.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(seen).toEqual([]);
  });
});

describe('a preflight of a listed origin', () => {
  async function allowed(origin: string, requested: string): Promise<string | undefined> {
    const headers = { origin: LISTED, 'access-control-request-method': 'POST' };
    const asking = { ...headers, 'access-control-request-headers': requested };
    const preflight = await ask(origin, '/authflow.v1.AuthService/Login', { method: 'OPTIONS', headers: asking });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(LISTED);
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    expect(preflight.headers.vary).toBe('Origin, Access-Control-Request-Headers');
    return preflight.headers['access-control-allow-headers'];
  }

  test('is allowed the headers that it asks for', async () => {
    const { origin } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    for (const requested of [
      'traceparent',
      'baggage,content-type,sentry-trace,traceparent,x-api-key',
      'X-Datadog-Trace-Id , b3',
      Array.from({ length: 60 }, (_, i) => `x-header-${i}`).join(','),
    ]) {
      expect(await allowed(origin, requested)).toBe(requested);
    }
  });

  test('that asks for what are no names, or too many, is allowed those that every call may have', async () => {
    const { origin } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    for (const requested of [
      '',
      '*',
      ',',
      'a,,b',
      'a b',
      'a;b',
      '"a"',
      'a,',
      `a${',a'.repeat(600)}`,
      'a'.repeat(1_025),
    ]) {
      expect(await allowed(origin, requested)).toContain('content-type, authorization, x-api-key');
    }
  });

  test('is told nothing back when its origin is another', async () => {
    const { origin } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    const headers = { origin: 'https://other.example', 'access-control-request-headers': 'traceparent' };
    const preflight = await ask(origin, '/auth/login', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(401);
    expect(JSON.stringify(preflight)).not.toContain('traceparent');
  });
});

describe('a key that a browser sent', () => {
  const evil = { origin: 'https://evil.example' };

  test('is reported by its id, wherever it stood', async () => {
    const { origin, leakedKeys } = await startTestServer();
    const rpc = '/authflow.v1.AuthService/Login';
    await ask(origin, '/auth/login?api_key=af_known1', { headers: evil });
    await post(origin, '/auth/login', { api_key: 'af_known2', email: 7 }, evil);
    await ask(origin, '/auth/login', { headers: { ...evil, 'x-api-key': 'af_known3' } });
    await ask(origin, '/auth/login', { headers: { ...evil, authorization: 'bearer af_known4' } });
    await post(origin, rpc, { api_key: 'af_known5' }, evil);
    await post(origin, rpc, 'not JSON', { ...evil, 'x-api-key': 'af_known6' });
    await ask(origin, '/auth/login?api_key=af_strange', { headers: evil });
    await ask(origin, '/auth/login', { headers: { ...evil, authorization: 'Bearer jwt' } });
    await expect.poll(() => leakedKeys.length).toBe(6);
    expect([...leakedKeys].sort()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `id-of-af_known${n}`));
  });

  test('is reported once a minute, and not by a listed origin', async () => {
    const { origin, leakedKeys } = await startTestServer({ allowedOrigins: new Set([LISTED]) });
    await ask(origin, '/auth/login?api_key=af_known_listed', { headers: { origin: LISTED } });
    for (let i = 0; i < 5; i++) {
      await ask(origin, '/auth/login?api_key=af_known1', { headers: evil });
      await ask(origin, '/auth/login?api_key=af_known2', { headers: evil });
    }
    await expect.poll(() => leakedKeys.length).toBe(2);
    expect(leakedKeys).toEqual(['id-of-af_known1', 'id-of-af_known2']);
  });

  test('is told with the address that it came from, behind listed proxies', async () => {
    const told: string[][] = [];
    const { origin } = await startTestServer({
      proxies: new TrustedProxies(['127.0.0.1']),
      reportLeakedKey: ({ orgId, keyId }, { address }) => told.push([orgId, keyId, address]),
    });
    const headers = { ...evil, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
    await ask(origin, '/auth/login?api_key=af_known1', { headers });
    await expect.poll(() => told).toEqual([['org', 'id-of-af_known1', '203.0.113.9']]);
  });

  test('is looked up in bounded numbers, and a store that fails is no matter', async () => {
    let lookups = 0;
    const guard = new BrowserGuard({
      allowedOrigins: new Set(),
      identifyApiKey: () => {
        lookups++;
        return Promise.reject(new Error('no store'));
      },
      proxies: new TrustedProxies([]),
      reportLeakedKey: () => expect.unreachable(),
    });
    const exchange = { request: { headers: {}, rawHeaders: [] }, stream: null } as unknown as HttpExchange;
    const call = { requestId: 'an id' };
    for (let i = 0; i < 100; i++) {
      guard.alarm(exchange, `af_${i}`, call);
    }
    expect(lookups).toBe(16);
    // The failed ones give their places back.
    await new Promise((resolve) => setImmediate(resolve));
    guard.alarm(exchange, 'af_', call);
    expect(lookups).toBe(17);
  });
});

import { expect, test } from 'vitest';
import { ask, askHttp2, openHttp2, startTestServer } from './test-server.ts';

const OPS = ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/.well-known/jwks.json'];

test('the addresses beside the calls take GET and HEAD', async () => {
  const { origin } = await startTestServer();
  for (const path of OPS) {
    const got = await ask(origin, path);
    expect(got.status).toBe(200);
    const head = await ask(origin, path, { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', got.headers['content-length']]);
    const posted = await ask(origin, path, { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await ask(origin, path, { method: 'OPTIONS' })).status).toBe(204);
    expect((await askHttp2(openHttp2(origin), path)).text).toBe(got.text);
  }
});

test('/ names the product, its version, and the addresses beside the calls', async () => {
  const { origin } = await startTestServer();
  const { json, headers } = await ask(origin, '/');
  expect(headers['content-type']).toBe('application/json');
  expect(json).toEqual({
    product: 'AuthFlow',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    addresses: expect.anything(),
  });
  expect(Object.values(json.addresses ?? {}).toSorted()).toEqual(OPS.slice(1).toSorted());
});

test('each gives what it is asked for', async () => {
  const { origin } = await startTestServer();
  const jwks = await ask(origin, '/.well-known/jwks.json');
  expect(jwks.json).toEqual({ keys: [] });
  expect(jwks.headers['cache-control']).toContain('max-age=300');
  const metrics = await ask(origin, '/metrics');
  expect(metrics.text).toBe('calls_total 1\n');
  expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4');
});

test('/readyz is 503 while the store does not answer; /healthz stays', async () => {
  for (const isReady of [async () => false, () => Promise.reject(new Error('secret'))]) {
    const ops = {
      jwks: async () => '',
      metrics: async () => Buffer.alloc(0),
      metricsContentType: 'text/plain',
      isReady,
    };
    const { origin } = await startTestServer({ ops });
    expect((await ask(origin, '/readyz')).status).toBe(503);
    expect((await ask(origin, '/healthz')).status).toBe(200);
  }
});

test('a fault of a source is INTERNAL, and told to the observer alone', async () => {
  const fail = () => Promise.reject(new Error('secret'));
  const ops = { jwks: fail, metrics: fail, metricsContentType: 'text/plain', isReady: fail };
  const { origin, failed } = await startTestServer({ ops });
  for (const path of ['/metrics', '/.well-known/jwks.json']) {
    const reply = await ask(origin, path);
    expect(reply.json).toMatchObject({ statusCode: 500, error: 'INTERNAL' });
    expect(reply.text).not.toContain('secret');
  }
  expect(failed).toHaveLength(2);
});

import { describe, expect, test } from 'vitest';
import { ERROR_REASONS } from '../../../src/domain/errors.ts';
import { ask, askHttp2, openHttp2, startTestServer } from './test-server.ts';

const OPS = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/.well-known/jwks.json'];

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
    const ops = { jwks: async () => '', metrics: async () => '', metricsContentType: 'text/plain', isReady };
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

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { readonly required: string[] }> };
}

interface Operation {
  readonly operationId: string;
  readonly parameters: { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: { properties: object } }> };
  readonly responses: Record<string, { readonly description: string; readonly content: object }>;
}

describe('/openapi.json', () => {
  async function read(): Promise<Document> {
    const { origin } = await startTestServer();
    return (await ask(origin, '/openapi.json')).json as unknown as Document;
  }

  test('tells of every address under /auth and /organizations with its methods, and of no other', async () => {
    const { paths, openapi, info } = await read();
    expect([openapi, info.version]).toEqual(['3.1.0', '1.2.3']);
    expect(Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]))).toEqual({
      '/auth/fooBar': ['get', 'post'],
      '/auth/signUp': ['get', 'post'],
      '/auth/login': ['get', 'post'],
      '/auth/validate': ['get', 'post'],
      '/auth/changePassword': ['get', 'post'],
      '/auth/logout': ['get', 'post'],
      '/organizations': ['post', 'get'],
      '/organizations/{org_id}': ['get'],
      '/organizations/{org_id}/close': ['post'],
      '/organizations/{org_id}/reopen': ['post'],
      '/organizations/{org_id}/keys': ['post', 'get'],
      '/organizations/{org_id}/keys/{key_id}': ['delete'],
    });
  });

  test('names parameters, bodies, success fields and errors by reason', async () => {
    const { paths, components } = await read();
    const operations = Object.values(paths).flatMap((item) => Object.values(item));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    const validate = paths['/auth/validate']?.post;
    const names = ['sessionToken', 'email', 'org_id', 'api_key'];
    expect(validate?.parameters.map(({ name }) => name)).toEqual(names);
    for (const { schema } of Object.values(validate?.requestBody?.content ?? {})) {
      expect(Object.keys(schema.properties)).toEqual(names);
    }
    expect(components.schemas.ValidateResponse?.required).toEqual([
      ...['email', 'fullname', 'org_id', 'user_id', 'session_id', 'expires_at'],
    ]);
    expect(validate?.responses['401']?.description).toContain('SESSION_REVOKED');
    expect(paths['/organizations']?.post?.responses['409']?.description).toContain('ORGANIZATION_EXISTS');
    const text = JSON.stringify(operations);
    const reserved = ['ROUTE_NOT_FOUND', 'SECOND_FACTOR_REQUIRED', 'EMAIL_NOT_VERIFIED', 'PASSWORD_CHANGE_REQUIRED'];
    expect(ERROR_REASONS.filter((reason) => !text.includes(`"${reason}"`))).toEqual(reserved);
  });

  test('holds no reference to nothing', async () => {
    const document = await read();
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    for (const [, name = ''] of references) {
      expect(document.components.schemas).toHaveProperty(name);
    }
  });
});

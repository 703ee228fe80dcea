import type { Check, HttpPort } from '../check.ts';
import { authPath, EVERY_CALL } from '../entrance.ts';
import { isObject, jsonObject } from '../http-client.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';
import { publicKeys } from './tokens.ts';

const SECTION = '6 Beside the calls';

/** The addresses beside the calls. */
export const OPERATION_CHECKS: readonly Check<HttpPort>[] = [
  {
    section: SECTION,
    title: '/healthz and /readyz answer 200',
    async run({ http }) {
      for (const path of ['/healthz', '/readyz']) {
        demandEqual(path, 200, (await http.send({ method: 'GET', path })).status);
      }
    },
  },
  {
    section: SECTION,
    title: '/metrics is text of Prometheus',
    async run({ http }) {
      const { status, body } = await http.send({ method: 'GET', path: '/metrics' });
      demandEqual('/metrics', 200, status);
      demand(/^# TYPE \w+ \w+$/m.test(body.toString('utf8')), 'lines of # TYPE', 'none');
    },
  },
  {
    section: SECTION,
    title: '/openapi.json describes GET and POST of each call',
    async run({ http }) {
      const reply = await http.send({ method: 'GET', path: '/openapi.json' });
      demandEqual('/openapi.json', 200, reply.status);
      const { openapi, paths } = jsonObject(reply) ?? {};
      demand(/^3\./.test(String(openapi)), 'OpenAPI 3', `openapi: ${shown(openapi)}`);
      for (const path of EVERY_CALL.map(authPath)) {
        const described = isObject(paths) ? paths[path] : undefined;
        const methods = isObject(described) ? Object.keys(described) : [];
        const hasBoth = methods.includes('get') && methods.includes('post');
        demand(hasBoth, `${path}: get and post`, `${path}: ${shown(methods.join(', '))}`);
      }
    },
  },
  {
    section: SECTION,
    title: 'they are open to a browser',
    async run({ http }) {
      const headers = { origin: 'https://browser.invalid' };
      for (const path of ['/healthz', '/openapi.json', '/.well-known/jwks.json']) {
        demandEqual(path, 200, (await http.send({ method: 'GET', path, headers })).status);
      }
    },
  },
  {
    section: '3 Tokens and keys',
    title: 'the JWKS holds public ES256 keys, kept for 300 s',
    async run({ http }) {
      await publicKeys({ http });
      const { headers } = await http.send({ method: 'GET', path: '/.well-known/jwks.json' });
      const cacheControl = headers['cache-control'] ?? '';
      const isKept = /\bmax-age=300\b/.test(cacheControl);
      demand(isKept, 'Cache-Control: max-age=300', `Cache-Control: ${shown(cacheControl)}`);
    },
  },
  {
    section: SECTION,
    title: 'health and reflection are not on the HTTP port',
    async run({ http }) {
      const headers = { 'content-type': 'application/json' };
      const services = ['grpc.health.v1.Health/Check', 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo'];
      for (const service of services) {
        const reply = await http.send({ method: 'POST', path: `/${service}`, headers, body: '{}' });
        demandEqual(service, 404, reply.status);
      }
    },
  },
];

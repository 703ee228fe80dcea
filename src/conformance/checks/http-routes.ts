import type { Check, HttpPort } from '../check.ts';
import { authPath, EVERY_CALL, rpcPath } from '../entrance.ts';
import { type HttpReply, jsonObject } from '../http-client.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';

const SECTION = '1 /auth bodies';
const PATHS = EVERY_CALL.map(authPath);

/** Methods and paths of `/auth`. */
export const ROUTE_CHECKS: readonly Check<HttpPort>[] = [
  {
    section: SECTION,
    title: 'each call takes GET and POST',
    async run({ http }) {
      for (const path of PATHS) {
        for (const method of ['GET', 'POST']) {
          // Without parameters: what is refused is not the method.
          const reply = await http.send({ method, path });
          demandEqual(`${method} ${path}`, '400 INVALID_ARGUMENT', told(reply));
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'other methods are 405 with Allow',
    async run({ http }) {
      for (const path of PATHS) {
        for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH']) {
          const reply = await http.send({ method, path });
          const what = `${method} ${path}`;
          // A reply to HEAD has no body that could tell a reason.
          demandEqual(what, method === 'HEAD' ? '405' : '405 METHOD_NOT_ALLOWED', told(reply));
          demandAllow(what, reply, ['GET', 'POST']);
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'OPTIONS without an origin is 204 with Allow',
    async run({ http }) {
      const reply = await http.send({ method: 'OPTIONS', path: '/auth/login' });
      demandEqual('OPTIONS', 204, reply.status);
      demandAllow('OPTIONS', reply, ['GET', 'POST']);
    },
  },
  {
    section: '5 Backend only',
    title: 'OPTIONS from another origin is 401',
    async run({ http }) {
      const headers = { origin: 'https://browser.invalid', 'access-control-request-method': 'POST' };
      const reply = await http.send({ method: 'OPTIONS', path: '/auth/login', headers });
      demandEqual('OPTIONS', '401 ORIGIN_REFUSED', told(reply));
      const allowed = reply.headers['access-control-allow-origin'];
      demandEqual('Access-Control-Allow-Origin', 'nothing', allowed ?? 'nothing');
    },
  },
  {
    section: SECTION,
    title: 'a path matches exactly, else 404 in the same body shape',
    async run({ http }) {
      for (const path of MISSPELLED) {
        const reply = await http.send({ method: 'GET', path: `${path}?identity=ada%40example.com` });
        demandEqual(path, '404 ROUTE_NOT_FOUND', told(reply));
        const { statusCode, message } = jsonObject(reply) ?? {};
        demand(statusCode === 404 && typeof message === 'string', `${path}: statusCode and message`, 'another body');
      }
    },
  },
  {
    section: '1 Content types',
    title: 'a target in absolute form is taken as its path',
    async run({ http }) {
      for (const address of ['http://authflow.invalid', 'https://authflow.invalid:8443']) {
        // Without parameters: what is refused is not the target.
        const reply = await http.send({ method: 'GET', path: `${address}/auth/fooBar` });
        demandEqual(`${address}/auth/fooBar`, '400 INVALID_ARGUMENT', told(reply));
        const misspelled = await http.send({ method: 'GET', path: `${address}/auth/foobar` });
        demandEqual(`${address}/auth/foobar`, '404 ROUTE_NOT_FOUND', told(misspelled));
      }
    },
  },
  {
    section: '1 The six calls',
    title: 'there is no Connect GET',
    async run({ http }) {
      const message = encodeURIComponent('{"identity":"ada@example.com"}');
      const path = `${rpcPath('fooBar')}?connect=v1&encoding=json&message=${message}`;
      const reply = await http.send({ method: 'GET', path });
      demandEqual('GET', 405, reply.status);
      demandAllow('GET', reply, ['POST']);
    },
  },
];

const MISSPELLED = [
  '/auth/fooBar/',
  '//auth/fooBar',
  '/auth//fooBar',
  '/auth/x/../fooBar',
  '/auth/./fooBar',
  '/auth/foobar',
  '/AUTH/fooBar',
  '/auth/foo%42ar',
  '/auth/fooBar;x',
  '/auth/fooBar%00',
  '/auth',
  '/auth/nothing',
];

/** The status, and the reason where there is one. */
export function told(reply: HttpReply): string {
  const error = jsonObject(reply)?.error;
  return typeof error === 'string' ? `${reply.status} ${shown(error)}` : String(reply.status);
}

function demandAllow(what: string, { headers }: HttpReply, methods: readonly string[]): void {
  const allowed = (headers.allow ?? '').split(',').map((method) => method.trim());
  const allowsAll = methods.every((method) => allowed.includes(method));
  demand(allowsAll, `${what}: Allow: ${methods.join(', ')}`, `${what}: Allow: ${shown(headers.allow)}`);
}

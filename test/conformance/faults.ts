import { generateKeyPairSync } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { ErrorInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import type { Fault, ProxiedRequest } from './faulty-proxy.ts';
import type { FaultyServer } from './faulty-server.ts';
import { type Body, bodyOf, json, onReply, without } from './spoil.ts';

/** Servers that keep another contract of the six calls, or of what is beside them. */
export const FAULTY_SERVERS: Readonly<Record<string, FaultyServer>> = {
  'answers 201 to a sign-up': {
    fault: onReply('/auth/signUp', (reply, body) =>
      reply.status === 200 ? json({ ...reply, status: 201 }, { ...body, statusCode: 201 }) : reply,
    ),
    found: ['success is 200, never 201'],
  },
  'leaves statusCode out': {
    fault: onReply('/auth/', (reply, { statusCode: _, ...body }) => json(reply, body)),
    found: [
      'statusCode is equal to the HTTP status',
      'an error has statusCode, error and message alone',
      'a path matches exactly, else 404 in the same body shape',
    ],
  },
  'leaves message out of a success': {
    fault: onReply('/auth/', (reply, { message, ...body }) =>
      json(reply, reply.status === 200 ? body : { message, ...body }),
    ),
    found: ['message is a sentence'],
  },
  'renames a field of validate': {
    fault: onReply('/auth/validate', (reply, { session_id, ...body }) =>
      json(reply, session_id === undefined ? body : { ...body, sessionId: session_id }),
    ),
    found: ['validate tells whose session it is', 'sid is the session_id of validate'],
  },
  'takes a nonce twice': {
    entrances: ['auth-json', 'grpc'],
    fault: async (request, pass) => {
      const reply = await pass(request);
      if (request.path !== '/auth/login' || bodyOf(reply).error !== 'NONCE_USED') {
        return reply;
      }
      const fields = bodyOf(request);
      const path = `/auth/fooBar?identity=${encodeURIComponent(String(fields.email).trim())}`;
      const { token } = bodyOf(await pass({ method: 'GET', path, headers: {}, body: Buffer.alloc(0) }));
      return pass({ ...request, body: Buffer.from(JSON.stringify({ ...fields, foobar: token })) });
    },
    found: ['a nonce is good for one login', 'a nonce is spent by an attempt that the account refuses'],
  },
  'refuses GET': {
    entrances: ['auth-get', 'auth-json'],
    fault: async (request, pass) => pass({ ...request, method: isAuth(request, 'GET') ? 'PUT' : request.method }),
    found: ['each call takes GET and POST'],
    withOthers: true,
  },
  'takes PUT': {
    fault: async (request, pass) => pass({ ...request, method: isAuth(request, 'PUT') ? 'POST' : request.method }),
    found: ['other methods are 405 with Allow'],
  },
  'lets replies be cached': {
    fault: onReply('/auth/', (reply) => without(reply, 'cache-control')),
    found: ['Cache-Control is no-store'],
  },
  'does not challenge': {
    fault: onReply('/auth/', (reply) => without(reply, 'www-authenticate')),
    found: ['WWW-Authenticate: Bearer comes with 401, and with it alone'],
  },
  'leaves the reason out of ErrorInfo': {
    entrances: ['auth-json', 'connect-json', 'connect'],
    fault: onReply('/authflow.v1.AuthService/', (reply, body) => {
      const info = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { domain: 'authflow' }));
      const value = Buffer.from(info).toString('base64').replace(/=+$/, '');
      const details = Array.isArray(body.details) ? body.details : [];
      const spoiled = details.map((detail) =>
        detail.type === ErrorInfoSchema.typeName ? { ...detail, value } : detail,
      );
      return reply.status === 200 ? reply : json(reply, { ...body, details: spoiled });
    }),
    found: ['the reason is in ErrorInfo, with the domain authflow'],
    withOthers: true,
  },
  'keeps the session after a logout': {
    fault: async (request, pass) => {
      const isLogout = request.path === '/auth/logout';
      const reply = await pass(isLogout ? { ...request, path: '/auth/validate' } : request);
      return isLogout && reply.status === 200 ? json(reply, { statusCode: 200, message: 'Done.' }) : reply;
    },
    found: ['an ended session before the present password', 'SESSION_REVOKED: a session after its logout'],
  },
  'refuses a second logout': {
    fault: refusingRepeats('/auth/logout'),
    found: ['a second logout of the same session succeeds'],
  },
  'serves a path with a trailing slash': {
    fault: async (request, pass) => pass({ ...request, path: request.path.replace(/\/(?=\?|$)/, '') || '/' }),
    found: ['a path matches exactly, else 404 in the same body shape'],
  },
  'overlooks the query beside a body': {
    fault: async (request, pass) =>
      pass(isAuth(request, 'POST') ? { ...request, path: request.path.replace(/\?.*/, '') } : request),
    found: ['api_key in query and body is 400 when it differs', 'a POST takes parameters from query and body together'],
  },
  'takes the last of repeated parameters': {
    fault: async (request, pass) => {
      const [path, query] = request.path.split('?');
      const once = new URLSearchParams(Object.fromEntries(new URLSearchParams(query)));
      return pass(query === undefined ? request : { ...request, path: `${path}?${once}` });
    },
    found: ['a repeated parameter or JSON key is 400'],
  },
  'serves browsers': {
    fault: async (request, pass) => {
      const { origin: _, cookie: __, 'sec-fetch-site': ___, 'sec-fetch-dest': ____, ...headers } = request.headers;
      return pass({ ...request, headers });
    },
    found: ["a browser's request is ORIGIN_REFUSED", 'OPTIONS from another origin is 401'],
  },
  'publishes other keys than it signs with': {
    fault: onReply('/.well-known/jwks.json', (reply, body) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x, y } = publicKey.export({ format: 'jwk' });
      const keys = Array.isArray(body.keys) ? body.keys : [];
      return json(reply, { keys: keys.map((key) => ({ ...key, x, y })) });
    }),
    found: ['the JWKS verifies the session token: ES256, session+jwt'],
  },
  'does not tell whether a user exists': {
    fault: onReply('/auth/login', (reply, body) =>
      body.error === 'USER_NOT_FOUND'
        ? json(
            { ...reply, status: 401, headers: { ...reply.headers, 'www-authenticate': 'Bearer' } },
            { ...body, statusCode: 401, error: 'CREDENTIALS_INVALID' },
          )
        : reply,
    ),
    found: ['USER_NOT_FOUND: nobody has the e-mail', 'deleteAccount removes the user and ends the sessions'],
  },
  'looks at the key first': {
    fault: async (request, pass) =>
      bodyOf(request).api_key === 'af_short'
        ? pass({
            ...request,
            path: '/auth/fooBar',
            body: Buffer.from('{"identity":"ada@example.com","api_key":"af_short"}'),
          })
        : pass(request),
    found: [
      'parameters before the API key',
      'the password policy before disclaimer and key',
      'the disclaimer before the key',
    ],
  },
  'names no faulty parameters': {
    fault: onReply('/auth/', (reply, { violations: _, ...body }) => json(reply, body)),
    found: ['violations are objects of field and message'],
    withOthers: true,
  },
  'takes any origin in a preflight': {
    fault: async (request, pass) => {
      const { origin: _, ...headers } = request.headers;
      return pass(request.method === 'OPTIONS' ? { ...request, headers } : request);
    },
    found: ['OPTIONS from another origin is 401'],
  },
  'overlooks what follows a comma in an authorization': {
    fault: async (request, pass) => {
      const [authorization] = request.headers.authorization?.split(',') ?? [];
      return pass(
        authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } },
      );
    },
    found: ['one authorization may hold a key and a session', 'an authorization that holds anything else is refused'],
  },
  'ignores every authorization that is no good key': {
    fault: async (request, pass) => {
      const { authorization = '', ...headers } = request.headers;
      return pass(/^Bearer af(m|adm)_|^Basic|^af_/.test(authorization) ? { ...request, headers } : request);
    },
    found: [
      'an authorization that holds anything else is refused',
      'a bearer for management is API_KEY_INVALID',
      'an unknown management key is API_KEY_INVALID where its kind opens a call',
    ],
  },
  'knows targets in origin form alone': {
    fault: async (request, pass) => pass({ ...request, path: request.path.replace(/^https?:/, '/') }),
    found: ['a target in absolute form is taken as its path'],
  },
  'is strict about parameters of content types': {
    fault: async (request, pass) => {
      const type = request.headers['content-type']?.replace(/;.*[xX"8]/, '; charset=latin1');
      return pass(type === undefined ? request : { ...request, headers: { ...request.headers, 'content-type': type } });
    },
    found: [
      'UTF-8 is a charset in any case or quotes, and other parameters are ignored',
      'another charset is 415 and named',
    ],
  },
  'overlooks charsets': {
    fault: async (request, pass) => {
      const [type] = request.headers['content-type']?.split(';') ?? [];
      return pass(type === undefined ? request : { ...request, headers: { ...request.headers, 'content-type': type } });
    },
    found: ['another charset is 415 and named'],
  },
  'forgets a call in /openapi.json': {
    fault: onReply('/openapi.json', (reply, body) => {
      const { '/auth/logout': _, ...paths } = body.paths as Body;
      return json(reply, { ...body, paths });
    }),
    found: ['/openapi.json describes GET and POST of each call'],
  },
};

/** Refuses what has succeeded before. */
function refusingRepeats(path: string): Fault {
  const done = new Set<string>();
  return async (request, pass) => {
    const body = request.body.toString();
    const isRepeat = request.path === path && done.has(body);
    const reply = await pass(isRepeat ? { ...request, body: Buffer.from('{}') } : request);
    if (reply.status === 200) {
      done.add(body);
    }
    return reply;
  };
}

function isAuth({ method, path }: ProxiedRequest, wanted: string): boolean {
  return method === wanted && path.startsWith('/auth/');
}

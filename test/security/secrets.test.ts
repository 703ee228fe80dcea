import { create, type DescMethodUnary, toBinary } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { ACCOUNTS } from '../../src/operations/accounts.ts';
import { AUTH } from '../../src/operations/auth.ts';
import type { TestServer } from '../support/running-server.ts';
import { ask, authClient, frame } from '../transport/grpc/test-server.ts';
import {
  Backend,
  type Call,
  inParallel,
  PASSWORD,
  type Reply,
  SESSION_CALLS,
  SIX_CALLS,
  send,
  serverOfTest,
  tally,
} from './backend.ts';
import { EMAIL, MARK, MarkedSecrets, MarkedTraffic } from './marked-secrets.ts';

const SECRETS = 10_000;
const ROUNDS = 2_000;

type Way = (traffic: MarkedTraffic, secrets: MarkedSecrets, call: Call) => Promise<void>;

/** Of the calls under `/auth`, by the end of their paths. */
const METHODS = new Map(
  [AUTH, ACCOUNTS].flatMap(({ operations }) => operations.map(({ method, rest }) => [rest.path, method] as const)),
);

function methodOf(call: Call): DescMethodUnary {
  const method = METHODS.get(`/auth/${call}`);
  if (method === undefined) {
    throw new Error(`There is no call ${call}.`);
  }
  return method;
}

const rpcOf = (call: Call): string => `/${methodOf(call).parent.typeName}/${methodOf(call).name}`;
const queryOf = (secrets: MarkedSecrets): string => new URLSearchParams(secrets.fields()).toString();

/** A message of the call with every secret that it has a field for. */
function messageOf(call: Call, secrets: MarkedSecrets): Buffer {
  const { api_key: apiKey = '', disclaimed: _, ...fields } = secrets.fields();
  const schema = methodOf(call).input;
  const known = new Set<string>(schema.fields.map(({ localName }) => localName));
  const init = Object.fromEntries(Object.entries({ ...fields, apiKey }).filter(([name]) => known.has(name)));
  return Buffer.from(toBinary(schema, create(schema, init)));
}

const requestHead = (secrets: MarkedSecrets, call: Call): string =>
  `POST /auth/${call}?${queryOf(secrets)} HTTP/1.1\r\nHost: x\r\n`;
const rawHeaders = (secrets: MarkedSecrets): string =>
  Object.entries(secrets.headers())
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** What the calls answer: refused credentials and parameters. */
const CALLS: readonly Way[] = [
  (to, secrets, call) => to.http(`/auth/${call}`, { body: secrets.fields(), headers: secrets.headers() }),
  (to, secrets, call) => to.http(`/auth/${call}?${queryOf(secrets)}`, { method: 'GET', headers: secrets.headers() }),
  (to, secrets, call) =>
    to.http(`/auth/${call}`, { body: secrets.fields(), headers: { cookie: secrets.secret('cookie') } }),
  (to, secrets, call) => {
    const headers = { ...secrets.headers(), 'content-type': 'application/x-www-form-urlencoded' };
    return to.http(`/auth/${call}`, { body: queryOf(secrets), headers });
  },
  (to, secrets, call) => {
    const { disclaimed: _, ...fields } = secrets.fields();
    return to.http(rpcOf(call), { body: fields, headers: secrets.headers() });
  },
  ...['verify-email', 'reset-password', 'forgot-password', 'change-email', 'deleteUser'].flatMap((path): Way[] => [
    (to, secrets) => to.http(`/auth/${path}`, { body: secrets.fields(), headers: secrets.headers() }),
    (to, secrets) => to.http(`/auth/${path}?${queryOf(secrets)}`, { method: 'GET', headers: secrets.headers() }),
  ]),
  (to, secrets) => {
    const { disclaimed: _, ...fields } = secrets.fields();
    return to.http('/authflow.v1.AccountService/ResetPassword', { body: fields, headers: secrets.headers() });
  },
  (to, secrets) => to.http('/organizations', { body: secrets.fields(), headers: secrets.headers() }),
  (to, secrets, call) => to.grpc(rpcOf(call), frame(messageOf(call, secrets)), secrets.headers()),
];

/** Parse errors: JSON, forms, types, Protobuf, frames. */
const UNREADABLE: readonly Way[] = [
  (to, secrets, call) => to.http(`/auth/${call}`, { body: JSON.stringify(secrets.fields()).slice(0, -1) }),
  (to, secrets, call) => to.http(`/auth/${call}`, { body: `{"${secrets.secret('a')}":1,"${secrets.secret('a')}":2}` }),
  (to, secrets, call) =>
    to.http(`/auth/${call}`, { body: { [secrets.secret('key')]: {}, password: [secrets.fields()] } }),
  (to, secrets, call) => to.http(rpcOf(call), { body: JSON.stringify(secrets.fields()).slice(0, -1) }),
  (to, secrets, call) =>
    to.http(rpcOf(call), { body: { email: [secrets.secret('list')], password: secrets.fields() } }),
  (to, secrets, call) => to.http(`/auth/${call}?${queryOf(secrets)}&password=${secrets.secret('twice')}`),
  (to, secrets, call) => to.http(`/auth/${call}?${queryOf(secrets)}`, { body: new MarkedSecrets(0).fields() }),
  (to, secrets, call) => to.grpc(rpcOf(call), frame(Buffer.from(queryOf(secrets))), secrets.headers()),
  (to, secrets, call) => to.grpc(rpcOf(call), Buffer.from(queryOf(secrets)), secrets.headers()),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(Buffer.from(queryOf(secrets)), { compressed: true }), { 'grpc-encoding': 'gzip' }),
];

/** 404, 405, 413, 414, 415, 431, and what Node and grpc-js refuse by themselves. */
const REFUSED: readonly Way[] = [
  (to, secrets) => to.http(`/auth/${secrets.secret('path')}?${queryOf(secrets)}`, { headers: secrets.headers() }),
  (to, secrets, call) => to.http(`/auth/${call}?${queryOf(secrets)}`, { method: 'PUT', headers: secrets.headers() }),
  (to, secrets, call) => to.http(`/auth/${call}`, { body: { ...secrets.fields(), fullname: 'x'.repeat(70_000) } }),
  (to, secrets, call) => {
    const headers = { ...secrets.headers(), 'content-type': `text/${secrets.secret('type')}` };
    return to.http(`/auth/${call}`, { body: queryOf(secrets), headers });
  },
  (to, secrets, call) => to.http(`/auth/${call}?${queryOf(secrets)}&long=${'x'.repeat(17_000)}`, { method: 'GET' }),
  (to, secrets, call) =>
    to.raw(`${requestHead(secrets, call)}x-long: ${'x'.repeat(17_000)}\r\n${rawHeaders(secrets)}\r\n`),
  (to, secrets, call) => to.raw(`GET /auth/${call}?${queryOf(secrets)} HTTP/9.9\r\n${rawHeaders(secrets)}\r\n`),
  (to, secrets, call) => to.raw(`${requestHead(secrets, call)}${secrets.secret('bare')}\r\n${rawHeaders(secrets)}\r\n`),
  (to, secrets) => to.raw(`${secrets.secret('method')} ${queryOf(secrets)}\r\n${rawHeaders(secrets)}\r\n`),
  (to, secrets, call) =>
    to.raw(
      `${requestHead(secrets, call)}transfer-encoding: chunked\r\n${rawHeaders(secrets)}\r\n${queryOf(secrets)}\r\n`,
    ),
  (to, secrets, call) =>
    to.raw(`${requestHead(secrets, call)}transfer-encoding: ${secrets.secret('coding')}\r\n${rawHeaders(secrets)}\r\n`),
  (to, secrets) => to.raw(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${queryOf(secrets)}${rawHeaders(secrets)}`),
  (to, secrets) => to.raw(`\x16\x03\x01${queryOf(secrets)}`),
  // Not in the path itself: grpc-js quotes it to the caller who made it up.
  (to, secrets, call) =>
    to.grpc('/authflow.v1.AuthService/Nothing', frame(messageOf(call, secrets)), secrets.headers()),
  (to, secrets, call) => to.grpc('/authflow.v1.Nothing/Login', frame(messageOf(call, secrets)), secrets.headers()),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), { ...secrets.headers(), 'x-long': 'x'.repeat(17_000) }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), {
      ...secrets.headers(),
      'grpc-encoding': secrets.secret('coding'),
    }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), {
      ...secrets.headers(),
      'x-binary-bin': secrets.secret('binary'),
    }),
  (to, secrets) =>
    to.grpc('/grpc.health.v1.Health/Check', frame(Buffer.alloc(0)), {
      // What is no ASCII text grpc-js logs with its value.
      ...secrets.headers(),
      'x-note': `${secrets.secret('note')}\u00e9`,
    }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), {
      ...secrets.headers(),
      'x-note': `${secrets.secret('note')}\u00e9`,
    }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), {
      ...secrets.headers(),
      'grpc-timeout': secrets.secret('wait'),
    }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(messageOf(call, secrets)), { 'content-type': `application/${secrets.secret('type')}` }),
  (to, secrets, call) =>
    to.grpc(rpcOf(call), frame(Buffer.concat([messageOf(call, secrets), Buffer.alloc(70_000)])), secrets.headers()),
];

const ASKED: readonly Call[] = [...SIX_CALLS, ...SESSION_CALLS];

const WAYS = [...CALLS, ...UNREADABLE, ...REFUSED];

describe('W5: secrets stay out of logs, metrics, errors and the audit log', () => {
  test(`${SECRETS} marked secrets through ${WAYS.length} ways in, 0 found`, async () => {
    const server = await serverOfTest();
    const traffic = new MarkedTraffic(server);
    await inParallel(ROUNDS, 16, async (index) => {
      const way = WAYS[index % WAYS.length];
      const call = ASKED[Math.floor(index / WAYS.length) % ASKED.length];
      if (call !== undefined) {
        await way?.(traffic, new MarkedSecrets(index), call);
      }
    });
    expect(traffic.count).toBeGreaterThanOrEqual(SECRETS);
    expect(traffic.replies).toHaveLength(ROUNDS);
    expect(traffic.replies.filter((reply) => reply.includes(MARK))).toEqual([]);
    await expectNoneIn(server, [MARK]);
    // grpc-js did have something to say.
    expect(server.logLines.some((line) => line.includes('grpc_library'))).toBe(true);
  });

  test('nor do those of calls that succeed, or the ones that a fault inside quotes, wherever it happens', async () => {
    const server = await serverOfTest();
    const { apiKey } = await server.createOrganization();
    const backend = new Backend(server.httpAddress, apiKey);
    await backend.signUp(EMAIL);
    const session = (await backend.login(EMAIL)).field('token');
    const foobar = await backend.nonce(EMAIL);
    const secrets = [apiKey, session, foobar, PASSWORD, MARK, server.adminToken];
    const errors: string[] = [];

    // What a driver says quotes its input at worst.
    const quoting = new Error(`near "${MARK}": ${session} ${apiKey} ${PASSWORD}`, {
      cause: new Error(`${MARK} ${foobar} ${server.adminToken}`),
    });
    for (const [round, fail] of faultsOf(server).entries()) {
      const restore = fail(quoting);
      const replies = await everyCall(server, backend, { round, session, foobar });
      restore();
      expect(tally(replies.map(({ outcome }) => outcome)).INTERNAL).toBeGreaterThan(0);
      errors.push(...replies.filter(({ outcome }) => outcome !== 'OK').map(({ text }) => text));
    }
    for (const secret of secrets) {
      expect(errors.filter((text) => text.includes(secret))).toEqual([]);
    }
    await expectNoneIn(server, secrets);
    expect(server.logLines.filter((line) => line.includes('call_failed')).length).toBeGreaterThan(20);
  });
});

/** All of it, once what waited a second is written. */
async function auditLogOf({ ports }: TestServer): Promise<string> {
  const read = () => ports.storage.readAuditFeed({ after: 0, missing: [], limit: 100_000 });
  await vi.waitUntil(async () => (await read()).length > 1, { timeout: 120_000 });
  return JSON.stringify(await read());
}

async function expectNoneIn(server: TestServer, secrets: readonly string[]): Promise<void> {
  const audit = await auditLogOf(server);
  const metrics = (await send(server.httpAddress, '/metrics', { method: 'GET' })).text;
  for (const secret of secrets) {
    expect(server.logLines.filter((line) => line.includes(secret))).toEqual([]);
    expect(metrics).not.toContain(secret);
    expect(audit).not.toContain(secret);
  }
}

/** Ways to make one port fail with an error, each gives what undoes it. */
function faultsOf({ ports }: TestServer): readonly ((error: Error) => () => void)[] {
  const steps = [
    'findApiKey',
    'findSession',
    'findUserCredentials',
    'beginLogin',
    'beginSignUp',
    'createSession',
    'createUser',
    'endSession',
    'changePassword',
    'findUser',
    'renewSession',
    'listLiveSessions',
    'endMySessions',
    'updateProfile',
    'createOrganization',
  ] as const;
  return [
    ...steps.map((step) => (error: Error) => {
      const spy = vi.spyOn(ports.storage, step).mockRejectedValue(error);
      return () => spy.mockRestore();
    }),
    (error) => {
      const spy = vi.spyOn(ports.nonces, 'verify').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.sessionTokens, 'sign').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.passwords, 'acquire').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.adminTokens, 'verify').mockRejectedValue(error);
      return () => spy.mockRestore();
    },
  ];
}

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** The six calls as JSON, by Connect and by gRPC, and CreateOrganization, with right credentials. */
async function everyCall(
  server: TestServer,
  backend: Backend,
  { round, session, foobar }: { readonly round: number; readonly session: string; readonly foobar: string },
): Promise<readonly Pick<Reply, 'outcome' | 'text'>[]> {
  const nonce = (await backend.nonce(EMAIL)) || foobar;
  const fields = { foobar: nonce, email: EMAIL, password: PASSWORD, sessionToken: session, newPassword: PASSWORD };
  const metadata = new Metadata();
  metadata.set('x-api-key', backend.apiKey);
  const client = authClient(server.grpcAddress, credentials.createInsecure());
  const overGrpc = async (method: 'validate' | 'logout') => {
    const failed = await ask(client, method, { email: EMAIL, sessionToken: 'x.y.z' }, { metadata }).catch(String);
    return { outcome: 'gRPC', text: String(failed) };
  };
  const newEmail = `new${round}@example.com`;
  const signUp = { ...fields, email: newEmail, fullname: 'Ada', disclaimed: 'true' };
  return [
    await backend.call('fooBar', { identity: EMAIL }),
    await backend.call('signUp', { ...signUp, foobar: await backend.nonce(newEmail) }),
    await backend.call('login', fields),
    await backend.validate(EMAIL, session),
    await backend.changePassword(EMAIL, session, PASSWORD),
    ...(await inParallel(SESSION_CALLS.length, 1, (index) =>
      backend.call(SESSION_CALLS[index] ?? 'me', { ...fields, fullname: 'Ada' }),
    )),
    await backend.logout(EMAIL, (await backend.login(EMAIL)).field('token') || 'x.y.z'),
    await send(server.httpAddress, rpcOf('validate'), { body: { ...fields, api_key: backend.apiKey } }),
    await send(server.httpAddress, '/organizations', {
      body: { name: `${MARK} and company ${round}` },
      headers: { authorization: `Bearer ${server.adminToken}` },
    }),
    await overGrpc('validate'),
    await overGrpc('logout'),
  ];
}

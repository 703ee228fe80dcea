import { connect } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ValidateRequest, ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { frame, shown } from './grpc/test-server.ts';
import { sendRaw } from './http/test-server.ts';
import { createWorld, type World } from './matrix/world.ts';

let server: TestServer;
let world: World;

beforeAll(async () => {
  server = await startTestServer();
  world = await createWorld(server);
});

afterAll(() => server[Symbol.asyncDispose]());

/** One header for each pair, sent as they are: a name may repeat. */
type RawHeaders = readonly (readonly [name: string, value: string])[];

interface Told {
  /** '' for a success. */
  readonly reason: string;
  readonly fields: readonly string[];
}

/** What is sent besides the e-mail. */
interface Sent {
  readonly headers: RawHeaders;
  readonly sessionToken?: string;
  readonly apiKey?: string;
}

const ACCEPTED: Told = { reason: '', fields: [] };
const refused = (reason: string, ...fields: string[]): Told => ({ reason, fields });
const authorization = (...values: string[]): RawHeaders => values.map((value) => ['authorization', value]);

const CASES: Readonly<Record<string, (world: World, session: string) => Sent & { readonly told: Told }>> = {
  'a session as bearer': (_, session) => ({ headers: authorization(`Bearer ${session}`), told: ACCEPTED }),
  'a key and a session in one header': ({ acme }, session) => ({
    headers: authorization(`Bearer ${acme.apiKey}, bearer ${session}`),
    told: ACCEPTED,
  }),
  'a session and a key in two headers': ({ acme }, session) => ({
    headers: authorization(`Bearer ${session}`, `Bearer ${acme.apiKey}`),
    told: ACCEPTED,
  }),
  'another key in the second header': ({ globex }, session) => ({
    headers: authorization(`Bearer ${session}`, `Bearer ${globex.apiKey}`),
    told: refused('SESSION_INVALID'),
  }),
  'one session twice': (_, session) => ({
    headers: authorization(`Bearer ${session}`, `Bearer ${session}`),
    told: ACCEPTED,
  }),
  'two sessions in one header': ({ closedSession }, session) => ({
    headers: authorization(`Bearer ${session}, Bearer ${closedSession.token}`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'two sessions in two headers': ({ closedSession }, session) => ({
    headers: authorization(`Bearer ${session}`, `Bearer ${closedSession.token}`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'two keys in two headers': ({ acme, globex }, sessionToken) => ({
    sessionToken,
    headers: authorization(`Bearer ${acme.apiKey}`, `Bearer ${globex.apiKey}`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'a session and anything': (_, session) => ({
    headers: authorization(`Bearer ${session}, anything`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'anything in the second header': (_, session) => ({
    headers: authorization(`Bearer ${session}`, 'anything'),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'another scheme beside a session': (_, session) => ({
    headers: authorization('Basic YTpi', `Bearer ${session}`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'nothing after a comma': (_, session) => ({
    headers: authorization(`Bearer ${session},`),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'another scheme alone': (_, sessionToken) => ({ sessionToken, headers: authorization('Basic YTpi'), told: ACCEPTED }),
  'a key without a scheme': ({ acme }, sessionToken) => ({
    sessionToken,
    headers: authorization(acme.apiKey),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'a key without a scheme, in place of a session': ({ acme }) => ({
    headers: authorization(acme.apiKey),
    told: refused('INVALID_ARGUMENT', 'authorization'),
  }),
  'the admin token': (_, sessionToken) => ({
    sessionToken,
    headers: authorization(`Bearer afadm_${'A'.repeat(43)}`),
    told: refused('API_KEY_INVALID'),
  }),
  'a management key beside a good key': ({ acme }, sessionToken) => ({
    sessionToken,
    apiKey: acme.apiKey,
    headers: authorization(`Bearer afm_${'A'.repeat(43)}`),
    told: refused('API_KEY_INVALID'),
  }),
  'a key in the header and another as field': ({ acme, globex }, sessionToken) => ({
    sessionToken,
    apiKey: acme.apiKey,
    headers: authorization(`Bearer ${globex.apiKey}`),
    told: refused('INVALID_ARGUMENT', 'api_key'),
  }),
  'x-api-key twice, alike': ({ acme }, sessionToken) => ({
    sessionToken,
    headers: [
      ['x-api-key', acme.apiKey],
      ['x-api-key', acme.apiKey],
    ],
    told: ACCEPTED,
  }),
  'x-api-key twice, at odds': ({ acme, globex }, sessionToken) => ({
    sessionToken,
    headers: [
      ['x-api-key', acme.apiKey],
      ['x-api-key', globex.apiKey],
    ],
    told: refused('INVALID_ARGUMENT', 'x-api-key'),
  }),
  'x-api-key and anything': ({ acme }, sessionToken) => ({
    sessionToken,
    headers: [['x-api-key', `${acme.apiKey}, anything`]],
    told: refused('INVALID_ARGUMENT', 'x-api-key'),
  }),
};

describe.each(Object.entries(CASES))('several authorizations: %s', (_, caseOf) => {
  test.each(['HTTP/1.1', 'HTTP/2', 'Connect', 'gRPC on the HTTP port', 'gRPC'])('by %s', async (entrance) => {
    const { told, ...sent } = caseOf(world, world.adaSession);
    const { email } = world.ada;
    const request = { email, sessionToken: sent.sessionToken ?? '', apiKey: sent.apiKey ?? '' };
    expect(await ask(entrance, request, sent.headers)).toEqual(told);
  });
});

const TOKEN = `afadm_${'A'.repeat(43)}`;

test.each([
  [authorization(`Bearer ${TOKEN}`), true],
  [authorization(`Bearer ${TOKEN}`, `Bearer ${TOKEN}`), true],
  [authorization(`Bearer ${TOKEN}, anything`), false],
  [authorization(`Bearer ${TOKEN}`, 'anything'), false],
  [authorization('Basic YTpi', `Bearer ${TOKEN}`), false],
  [authorization(`Bearer ${TOKEN}`, `Bearer ${TOKEN}B`), false],
  [authorization(`Bearer ${TOKEN},`), false],
  [authorization(TOKEN), false],
])('management takes one admin token and nothing beside it: %j', async (headers, isTaken) => {
  const path = '/authflow.v1.OrganizationService/ListOrganizations';
  const grpc = await callGrpc(server.grpcAddress, path, new Uint8Array(), headers);
  const http = await sendHttp1('GET', '/organizations', headers, '');
  const expected = isTaken ? [0, 200] : [16, 401];
  expect([grpc.code, http.status]).toEqual(expected);
  expect(grpc.reason).toBe(isTaken ? null : 'ADMIN_TOKEN_INVALID');
});

test('other headers that Node reads once over HTTP/2 are read whole too', async () => {
  const address = server.httpAddress.replace('http://', '');
  const reasonOf = async (headers: RawHeaders) =>
    toldByEnvelope(await sendHttp2(address, '/auth/fooBar', headers, '{"identity":"ada@example.com"}')).reason;
  expect(await reasonOf([['content-encoding', 'identity']])).toBe('');
  expect(await reasonOf([['content-type', 'application/json']])).toBe('UNSUPPORTED_MEDIA_TYPE');
  expect(
    await reasonOf([
      ['content-encoding', 'identity'],
      ['content-encoding', 'gzip'],
    ]),
  ).toBe('UNSUPPORTED_MEDIA_TYPE');
});

type Request = Pick<ValidateRequest, 'email' | 'sessionToken' | 'apiKey'>;

/** Asks Validate. */
async function ask(entrance: string, request: Request, headers: RawHeaders): Promise<Told> {
  const { email, sessionToken, apiKey } = request;
  const json = JSON.stringify({ email, sessionToken, api_key: apiKey });
  const path = '/authflow.v1.AuthService/Validate';
  const message = toBinary(ValidateRequestSchema, create(ValidateRequestSchema, request));
  const httpAddress = server.httpAddress.replace('http://', '');
  switch (entrance) {
    case 'HTTP/1.1':
      return toldByEnvelope((await sendHttp1('POST', '/auth/validate', headers, json)).body);
    case 'HTTP/2':
      return toldByEnvelope(await sendHttp2(httpAddress, '/auth/validate', headers, json));
    case 'Connect':
      return toldByConnect((await sendHttp1('POST', path, headers, json)).body);
    default: {
      const address = entrance === 'gRPC' ? server.grpcAddress : httpAddress;
      const { code, reason, fields } = await callGrpc(address, path, message, headers);
      return code === 0 ? ACCEPTED : { reason: reason ?? '?', fields };
    }
  }
}

function toldByEnvelope(body: string): Told {
  const { error = '', violations = [] } = JSON.parse(body);
  return { reason: error, fields: violations.map(({ field }: { field: string }) => field) };
}

function toldByConnect(body: string): Told {
  const { details = [] } = JSON.parse(body);
  const debug = details.map((detail: { debug: object }) => detail.debug);
  const violations = debug[1]?.fieldViolations ?? [];
  return { reason: debug[0]?.reason ?? '', fields: violations.map(({ field }: { field: string }) => field) };
}

async function sendHttp1(
  method: string,
  path: string,
  headers: RawHeaders,
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    'Content-Type: application/json',
    ...(method === 'GET' ? [] : [`Content-Length: ${body.length}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const port = Number(new URL(server.httpAddress).port);
  const reply = await sendRaw(port, `${lines.join('\r\n')}\r\n\r\n${body}`, 20_000);
  return { status: Number(reply.split(' ')[1]), body: reply.split('\r\n\r\n')[1] ?? '' };
}

async function sendHttp2(address: string, path: string, headers: RawHeaders, body: string): Promise<string> {
  return (await callRaw(address, path, 'application/json', Buffer.from(body), headers)).body;
}

async function callGrpc(
  address: string,
  path: string,
  message: Uint8Array,
  headers: RawHeaders,
): Promise<{ readonly code: number; readonly reason: string | null; readonly fields: readonly string[] }> {
  const { seen } = await callRaw(address, path, 'application/grpc', frame(message), headers);
  const { reason, violations } = shown(seen['grpc-status-details-bin']);
  return { code: Number(seen['grpc-status']), reason, fields: violations.map(({ field }) => field) };
}

/** A request of HTTP/2 with its headers as they are: Node would not send a name twice that it reads once. */
async function callRaw(
  address: string,
  path: string,
  contentType: string,
  body: Uint8Array,
  headers: RawHeaders,
): Promise<{ readonly seen: Readonly<Record<string, string>>; readonly body: string }> {
  const session = connect(`http://${address}`, { strictSingleValueFields: false } as object);
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const pseudo = [':method', 'POST', ':path', path, ':scheme', 'http', ':authority', address];
      const stream = session.request([...pseudo, 'content-type', contentType, 'te', 'trailers', ...headers.flat()]);
      const seen: Record<string, string> = {};
      for (const event of ['response', 'trailers']) {
        stream.on(event, (received: object) => {
          for (const [name, value] of Object.entries(received)) {
            seen[name] = String(value);
          }
        });
      }
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('error', reject);
      stream.on('close', () => resolve({ seen, body: text }));
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}

import { type Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders as H2Headers } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { create, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import {
  AuthService,
  ChangePasswordResponseSchema,
  FooBarResponseSchema,
  LoginResponseSchema,
  LogoutResponseSchema,
  SignUpResponseSchema,
  ValidateResponseSchema,
} from '#gen/authflow/v1/auth_service_pb.js';
import {
  CloseOrganizationResponseSchema,
  CreateApiKeyResponseSchema,
  CreateOrganizationResponseSchema,
  GetOrganizationResponseSchema,
  ListApiKeysResponseSchema,
  ListOrganizationsResponseSchema,
  ReopenOrganizationResponseSchema,
  RevokeApiKeyResponseSchema,
  UpdateOrganizationResponseSchema,
} from '#gen/authflow/v1/organization_service_pb.js';
import { AuthError } from '../../../src/domain/errors.ts';
import { timestampOf } from '../../../src/operations/timestamp.ts';
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../../src/transport/http/start-http-server.ts';
import { HeldAnswers } from '../../../src/transport/net/held-answers.ts';
import { HeldBytes } from '../../../src/transport/net/held-bytes.ts';
import { TrustedProxies } from '../../../src/transport/trusted-proxies.ts';
import {
  type AuthFakes,
  type FakedCall,
  fakedOperations,
  type Observed,
  type OrganizationFakes,
} from '../../support/faked-services.ts';
import { openAdmission } from '../../support/open-admission.ts';
import { seeWhatCameIn } from '../../support/settles-before.ts';

/** A call as the fakes saw it. */
export interface SeenCall {
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly call: FakedCall;
}

/** A server over fakes, with what it told of its calls. It ends with the test. */
export interface TestServer extends HttpServer, Observed {
  readonly origin: string;
  readonly seen: SeenCall[];
  readonly leakedKeys: string[];
}

export interface TestServerOptions extends Partial<Omit<HttpServerOptions, 'operations'>> {
  readonly auth?: Partial<AuthFakes>;
  readonly organization?: Partial<OrganizationFakes>;
}

export const INSTANT = Date.UTC(2026, 0, 2, 3, 4, 5);
const expiresAt = timestampOf(INSTANT);
const organization = { orgId: 'org-1', name: 'Acme, "Inc."', createdAt: expiresAt };
const apiKey = { keyId: 'key-1', label: '', createdAt: expiresAt, revokedAt: expiresAt, inTokens: true };

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const seen: SeenCall[] = [];
  const leakedKeys: string[] = [];
  const { auth, organization: organizationFakes, ...others } = options;
  const { operations, ...observed } = fakedOperations({ ...fakesOf(seen), ...auth, ...organizationFakes });
  const server = await startHttpServer({
    operations,
    proxies: new TrustedProxies([]),
    host: '127.0.0.1',
    port: 0,
    tls: null,
    maxConnections: 1_000,
    idleTimeoutMs: 620_000,
    heldBytes: new HeldBytes({ identifyApiKey: async () => null }),
    heldAnswers: new HeldAnswers(),
    admission: openAdmission(),
    ops: {
      jwks: async () => '{"keys":[]}',
      isReady: async () => true,
      metrics: async () => Buffer.from('calls_total 1\n'),
      metricsContentType: 'text/plain; version=0.0.4',
    },
    version: '1.2.3',
    allowedOrigins: new Set(),
    identifyApiKey: async (key) => (key.startsWith('af_known') ? { keyId: `id-of-${key}`, orgId: 'org' } : null),
    reportLeakedKey: ({ keyId }) => leakedKeys.push(keyId),
    ...others,
  });
  onTestFinished(() => server.drain(0));
  const scheme = options.tls ? 'https' : 'http';
  return { ...server, origin: `${scheme}://127.0.0.1:${server.port}`, ...observed, seen, leakedKeys };
}

function fakesOf(seen: SeenCall[]): AuthFakes & OrganizationFakes {
  function fake<S extends DescMessage>(method: string, schema: S, answer: MessageInitShape<S>) {
    return async (request: object, call: FakedCall): Promise<MessageShape<S>> => {
      seen.push({ method, request: request as SeenCall['request'], call });
      if (call.faults.length > 0) {
        throw new AuthError('INVALID_ARGUMENT', { violations: call.faults });
      }
      return create(schema, answer);
    };
  }
  const user = { email: 'ada@example.com', fullname: 'Ada "L"', orgId: 'org-1', userId: 'user-1' };
  return {
    fooBar: fake('fooBar', FooBarResponseSchema, { token: 'nonce', expiresAt }),
    signUp: fake('signUp', SignUpResponseSchema, user),
    login: fake('login', LoginResponseSchema, { ...user, token: 'jwt', expiresAt }),
    validate: fake('validate', ValidateResponseSchema, { ...user, sessionId: 'session-1', expiresAt }),
    changePassword: fake('changePassword', ChangePasswordResponseSchema, { endedSessions: 0 }),
    logout: fake('logout', LogoutResponseSchema, {}),
    createOrganization: fake('createOrganization', CreateOrganizationResponseSchema, {
      orgId: 'org-1',
      name: 'Acme',
      apiKey: 'af_new',
    }),
    getOrganization: fake('getOrganization', GetOrganizationResponseSchema, { organization }),
    listOrganizations: fake('listOrganizations', ListOrganizationsResponseSchema, {
      organizations: [organization, { ...organization, closedAt: expiresAt }],
      nextPageToken: 'next',
    }),
    updateOrganization: fake('updateOrganization', UpdateOrganizationResponseSchema, { organization }),
    closeOrganization: fake('closeOrganization', CloseOrganizationResponseSchema, { organization, endedSessions: 3 }),
    reopenOrganization: fake('reopenOrganization', ReopenOrganizationResponseSchema, { organization }),
    createApiKey: fake('createApiKey', CreateApiKeyResponseSchema, {
      keyId: 'key-1',
      apiKey: 'af_new',
      createdAt: expiresAt,
    }),
    listApiKeys: fake('listApiKeys', ListApiKeysResponseSchema, { apiKeys: [apiKey], nextPageToken: '' }),
    revokeApiKey: fake('revokeApiKey', RevokeApiKeyResponseSchema, { apiKey, endedSessions: 0 }),
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; an empty object for another one. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}

/** One HTTP/1.1 request; the path is sent as it is. */
export function ask(origin: string, path: string, { method, headers, body, agent }: Ask = {}): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        ...(headers ? { headers } : {}),
        ...(agent ? { agent } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(reply(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** One POST of a JSON value. */
export function post(origin: string, path: string, value: unknown, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return ask(origin, path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

/** An HTTP/2 session that ends with the test. */
export function openHttp2(origin: string, options: object = {}): ClientHttp2Session {
  const session = connectHttp2(origin, options);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** One HTTP/2 request. */
export function askHttp2(
  session: ClientHttp2Session,
  path: string,
  { method, headers, body }: { method?: string; headers?: H2Headers; body?: string | Uint8Array } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':path': path,
      ':method': method ?? (body === undefined ? 'GET' : 'POST'),
      ...headers,
    });
    let received: IncomingHttpHeaders | null = null;
    const chunks: Buffer[] = [];
    stream.on('response', (responseHeaders) => {
      received = responseHeaders;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('close', () => {
      if (received === null || !stream.readableEnded) {
        reject(new Error('The stream ended without an answer.'));
      } else {
        resolve(reply(Number(received[':status']), received, Buffer.concat(chunks)));
      }
    });
    stream.on('error', reject);
    stream.end(body);
  });
}

/** Sends bytes on a connection of their own; all that came back when it closed or fell silent for `quietMs`. */
export function sendRaw(port: number, bytes: string | Uint8Array, quietMs = 200): Promise<string> {
  return new Promise((resolve) => {
    const socket = openSocket(port);
    let received = '';
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', finish);
    socket.on('connect', () =>
      socket.setTimeout(quietMs, async () => {
        const before = received;
        await seeWhatCameIn();
        if (received === before) {
          finish();
        }
      }),
    );
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

/** A connection that ends with the test. */
export function openSocket(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Socket {
  const socket = connectTcp({ ...options, port, host: '127.0.0.1' });
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

/** A promise to be fulfilled from outside. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let fulfil = (): void => {};
  const promise = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  return { promise, resolve: () => fulfil() };
}

/** The paths of the six calls with their RPCs' paths. */
export const SIX_CALLS = AuthService.methods.map((method) => ({
  path: `/auth/${method.localName}`,
  rpc: `/${method.parent.typeName}/${method.name}`,
  name: method.localName,
}));

function reply(status: number, headers: IncomingHttpHeaders, body: Buffer): Reply {
  const text = body.toString('utf8');
  return { status, headers, text, json: parse(text) };
}

function parse(text: string): Reply['json'] {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

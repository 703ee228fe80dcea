import { connect } from 'node:http2';
import { create, fromBinary, type Message, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  type ChannelCredentials,
  type Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import {
  AuthService,
  FooBarResponseSchema,
  LogoutResponseSchema,
  ValidateResponseSchema,
} from '#gen/authflow/v1/auth_service_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { type Status, StatusSchema } from '#gen/google/rpc/status_pb.js';
import type { FieldViolation } from '../../../src/domain/errors.ts';
import type { LogFields, Logger } from '../../../src/observability/logger.ts';
import type { Admission } from '../../../src/transport/admission/admission.ts';
import { type GrpcServer, startGrpcServer } from '../../../src/transport/grpc/grpc-server.ts';
import { HeldAnswers } from '../../../src/transport/net/held-answers.ts';
import { HeldBytes } from '../../../src/transport/net/held-bytes.ts';
import type { TlsCertificates } from '../../../src/transport/net/tls.ts';
import { rpcPath } from '../../../src/transport/rpc-paths.ts';
import { TrustedProxies } from '../../../src/transport/trusted-proxies.ts';
import { type AuthFakes, fakedOperations, type Observed } from '../../support/faked-services.ts';
import { openAdmission } from '../../support/open-admission.ts';

/** A server over fakes, with what it told of its calls. It ends with the test. */
export interface TestServer extends GrpcServer, Observed {
  readonly address: string;
  readonly logged: string[];
}

export async function startTestServer(
  fakes: Partial<AuthFakes> = {},
  {
    tls = null,
    port = 0,
    maxConnections = 1_000,
    heldBytes = new HeldBytes({ identifyApiKey: async () => null }),
    heldAnswers = new HeldAnswers(),
    proxies = new TrustedProxies([]),
    admission = openAdmission(),
  }: {
    tls?: TlsCertificates | null;
    port?: number;
    maxConnections?: number;
    heldBytes?: HeldBytes;
    heldAnswers?: HeldAnswers;
    proxies?: TrustedProxies;
    admission?: Admission;
  } = {},
): Promise<TestServer> {
  const logged: string[] = [];
  const log = (event: string, fields?: LogFields): number => logged.push(JSON.stringify({ event, ...fields }));
  const { operations, ...observed } = fakedOperations({ ...ECHO, ...fakes });
  const server = await startGrpcServer({
    operations,
    proxies,
    host: '127.0.0.1',
    port,
    tls,
    maxConnections,
    heldBytes,
    heldAnswers,
    admission,
    log: { debug: log, info: log, warn: log, error: log, isEnabled: () => true } satisfies Logger,
  });
  onTestFinished(() => server.drain(0));
  return { ...server, address: `127.0.0.1:${server.port}`, ...observed, logged };
}

/** Answers that show what arrived. */
const ECHO: Partial<AuthFakes> = {
  fooBar: async ({ identity }) => create(FooBarResponseSchema, { token: identity }),
  validate: async ({ email, sessionToken }, call) =>
    create(ValidateResponseSchema, { email, sessionId: sessionToken, orgId: call.header('x-api-key') ?? '' }),
  logout: async () => create(LogoutResponseSchema),
};

/** A client of AuthService. It is closed with the test. */
export function authClient(address: string, channel: ChannelCredentials = credentials.createInsecure()): Client {
  const Constructor = makeGenericClientConstructor(clientDefinition(), 'AuthService');
  const client = new Constructor(address, channel);
  onTestFinished(() => client.close());
  return client;
}

function clientDefinition(): ServiceDefinition {
  return Object.fromEntries(
    AuthService.methods.map((method) => [
      method.localName,
      {
        path: rpcPath(method),
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      },
    ]),
  );
}

type Methods = typeof AuthService.method;

/** One unary call. Rejects with the ServiceError. */
export function ask<M extends keyof Methods>(
  client: Client,
  method: M,
  request: MessageInitShape<Methods[M]['input']>,
  { metadata = new Metadata(), deadlineMs }: { metadata?: Metadata; deadlineMs?: number } = {},
): Promise<Message> {
  const call = Reflect.get(client, method) as (...args: unknown[]) => ClientUnaryCall;
  const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const message = create<Methods[M]['input']>(AuthService.method[method].input, request);
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response: Message): void =>
      error === null ? resolve(response) : reject(error);
    call.call(client, message, metadata, options, done);
  });
}

/** A promise to be fulfilled from outside. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let fulfil = (): void => {};
  const promise = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  return { promise, resolve: () => fulfil() };
}

/** The error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: ServiceError) => error,
  );
}

export interface ErrorShown {
  readonly code: number;
  readonly message: string;
  readonly reason: string | null;
  readonly domain: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retrySeconds: number | null;
}

/** What a client reads from `grpc-status-details-bin`. */
export function shown(details: Uint8Array | string | undefined): ErrorShown {
  const bytes = typeof details === 'string' ? Buffer.from(details, 'base64') : (details ?? new Uint8Array());
  const status: Status = fromBinary(StatusSchema, bytes);
  const find = (name: string) => status.details.find(({ typeUrl }) => typeUrl.endsWith(`.${name}`));
  const info = find('ErrorInfo');
  const badRequest = find('BadRequest');
  const retry = find('RetryInfo');
  const errorInfo = info && anyUnpack(info, ErrorInfoSchema);
  const violations = (badRequest && anyUnpack(badRequest, BadRequestSchema)?.fieldViolations) ?? [];
  const delay = retry && anyUnpack(retry, RetryInfoSchema)?.retryDelay;
  return {
    code: status.code,
    message: status.message,
    reason: errorInfo?.reason ?? null,
    domain: errorInfo?.domain ?? null,
    metadata: errorInfo?.metadata ?? {},
    violations: violations.map(({ field, description }) => ({ field, message: description })),
    retrySeconds: delay ? Number(delay.seconds) + delay.nanos / 1e9 : null,
  };
}

/** What `google.rpc` details the error of a grpc-js client holds. */
export function shownBy(error: ServiceError): ErrorShown {
  const [details] = error.metadata.get('grpc-status-details-bin');
  return shown(details as Buffer | undefined);
}

export interface RawAnswer {
  readonly httpStatus: number;
  readonly grpcStatus: number | null;
  readonly grpcMessage: string;
  readonly details: string | undefined;
  readonly body: Buffer;
  /** The code of the RST_STREAM that ended it; 0 for none. */
  readonly resetCode: number;
}

/** A call by hand over HTTP/2: frames as given, headers beside those that gRPC demands. */
export async function rawCall(
  address: string,
  path: string,
  body: Uint8Array | null,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  try {
    return await new Promise<RawAnswer>((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      let status: Record<string, unknown> = {};
      const chunks: Buffer[] = [];
      stream.on('response', (response) => {
        status = { ...status, ...response };
      });
      stream.on('trailers', (trailers) => {
        status = { ...status, ...trailers };
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => {});
      session.on('error', reject);
      stream.on('close', () =>
        resolve({
          httpStatus: Number(status[':status'] ?? 0),
          grpcStatus: status['grpc-status'] === undefined ? null : Number(status['grpc-status']),
          grpcMessage: decodeURI(String(status['grpc-message'] ?? '')),
          details: status['grpc-status-details-bin'] as string | undefined,
          body: Buffer.concat(chunks),
          resetCode: stream.rstCode ?? 0,
        }),
      );
      if (body === null) {
        stream.write(Buffer.alloc(0));
      } else {
        stream.end(body);
      }
    });
  } finally {
    session.destroy();
  }
}

/** A message in gRPC's framing. */
export function frame(message: Uint8Array, { compressed = false } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { Code, ConnectError, createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { AuthError } from '../../domain/errors.ts';
import { type IncomingCall, withDeadline } from '../call.ts';
import type { CallObserver } from '../call-observer.ts';
import { errorDetails, toWireError, type WireError } from '../error-mapping.ts';
import type { Handlers } from '../handlers.ts';
import { endAndLinger, errorHeaders, sendError, sendErrorAndLinger } from './envelope.ts';
import { type HttpExchange, headerOf, isHttp2, pathOf } from './exchange.ts';
import { CallReport, HttpCall } from './http-call.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { blankRequest, codeOf, once, readWhole, timeoutOf, type WholeResponse } from './rpc-protocols.ts';

/** What the RPCs are made of. */
export interface RpcServerOptions {
  readonly handlers: Handlers;
  readonly observer: CallObserver;
  /** Told of every request refused for its origin, with the API key that came as a field; '' without one. */
  onOriginRefused(exchange: HttpExchange, apiKey: string): void;
}

/** The RPCs of both services, by gRPC, gRPC-Web and Connect alike. */
export interface RpcServer {
  /**
   * Answers a request to the path of one of them. A `body` of null was larger than 64 KiB. With a `refusal` nothing
   * is asked of the handlers: it is told in the shape of the request's own protocol.
   */
  serve(exchange: HttpExchange, body: Uint8Array | null, refusal: AuthError | null): Promise<void>;
}

/** The library with both services, its limits set. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const router = createConnectRouter({
    // Node 20's Brotli decoder has a known flaw, so gzip alone; and replies are never compressed.
    acceptCompression: [compressionGzip],
    compressMinBytes: Number.MAX_SAFE_INTEGER,
    readMaxBytes: MAX_MESSAGE_BYTES,
    binaryOptions: { readUnknownFields: false },
    jsonOptions: JSON_OPTIONS,
  });
  addService(router, AuthService, options.handlers.auth, options);
  addService(router, OrganizationService, options.handlers.organization, options);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return {
    async serve(exchange, body, refusal) {
      const handler = handlers.get(pathOf(exchange));
      if (handler === undefined) {
        throw new Error('There is no RPC at this path.');
      }
      await serve(handler, exchange, body, refusal);
    },
  };
}

const JSON_OPTIONS = {
  // Zero counts are written too (contract.md, section 1).
  alwaysEmitImplicit: true,
  ignoreUnknownFields: true,
  // Not in the type of these options, though the library reads it: without it bytes that are not UTF-8 are replaced.
  textDecoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
};

/** What passes from {@link serve} through the library to the implementation of a method, and back. */
interface Passage {
  readonly exchange: HttpExchange;
  /** Thrown in place of calling the handler. */
  readonly refusal: AuthError | ConnectError | null;
  /** Whether the library got through to our code. Otherwise it refused the request by itself. */
  reached: boolean;
  /** The failure that was answered, for the headers that belong to it. */
  failure: WireError | null;
}

const PASSAGE = createContextKey<Passage | null>(null, { description: 'the HTTP exchange of a call' });

type Handle = (request: Message, call: IncomingCall) => Promise<Message>;

function addService(
  router: ReturnType<typeof createConnectRouter>,
  service: DescService,
  handlers: Readonly<Record<string, unknown>>,
  options: RpcServerOptions,
): void {
  for (const method of service.methods) {
    const handle = handlers[method.localName] as Handle;
    router.rpc(method as DescMethod & { methodKind: 'unary' }, (request, { values }) => {
      const passage = values.get(PASSAGE);
      if (passage === null) {
        throw new Error('A call came by no exchange.');
      }
      return answer(method, handle, request, passage, options);
    });
  }
}

async function answer(
  method: DescMethod,
  handle: Handle,
  request: Message,
  passage: Passage,
  { observer, onOriginRefused }: RpcServerOptions,
): Promise<Message> {
  const { exchange, refusal } = passage;
  passage.reached = true;
  if (refusal instanceof ConnectError) {
    throw refusal;
  }
  const report = new CallReport(observer, 'connect', method.name);
  try {
    if (refusal?.reason === 'ORIGIN_REFUSED') {
      onOriginRefused(exchange, 'apiKey' in request && typeof request.apiKey === 'string' ? request.apiKey : '');
    }
    if (refusal !== null) {
      throw refusal;
    }
    const timeoutMs = timeoutOf(headerOf(exchange, 'grpc-timeout'), headerOf(exchange, 'connect-timeout-ms'));
    const call = new HttpCall(exchange, [], timeoutMs);
    const response = await withDeadline(call, () => handle(request, call));
    report.succeeded();
    return response;
  } catch (error) {
    passage.failure = report.failed(error);
    throw connectError(passage.failure);
  }
}

/** The only errors that the library ever sees of ours: it would publish the message of any other. */
function connectError(error: WireError): ConnectError {
  return new ConnectError(error.message, error.grpcCode, undefined, errorDetails(error));
}

async function serve(
  handler: UniversalHandler,
  exchange: HttpExchange,
  body: Uint8Array | null,
  refusal: AuthError | null,
): Promise<void> {
  const contentType = headerOf(exchange, 'content-type') ?? '';
  if (!handler.supportedContentType(contentType)) {
    refuseContentType(exchange, refusal);
    return;
  }
  if (body === null) {
    await refuse(handler, exchange, refusal ?? tooLarge());
    return;
  }
  const passage: Passage = { exchange, refusal, reached: false, failure: null };
  const response = await run(handler, requestOf(exchange, contentType, body), passage);
  if (passage.reached) {
    send(exchange, response, passage.failure);
  } else {
    await refuse(handler, exchange, refusal ?? libraryRefusal(codeOf(response)));
  }
}

/** Answers with an error in the protocol of the request, whatever its body is. */
async function refuse(
  handler: UniversalHandler,
  exchange: HttpExchange,
  refusal: AuthError | ConnectError,
): Promise<void> {
  const contentType = headerOf(exchange, 'content-type') ?? '';
  const passage: Passage = { exchange, refusal, reached: false, failure: null };
  const response = await run(handler, blankRequest(contentType, ANY_ORIGIN + handler.requestPath), passage);
  if (passage.reached) {
    send(exchange, response, passage.failure);
  } else {
    // A variant of a protocol that the library knows by name and does not serve.
    refuseContentType(exchange, refusal instanceof AuthError ? refusal : null);
  }
}

/** Tells, in the envelope, that the request is of none of the protocols; or first of all why it is refused anyway. */
function refuseContentType(exchange: HttpExchange, refusal: AuthError | null): void {
  const isOfBody = refusal === null || refusal.reason === 'INVALID_ARGUMENT';
  const error = toWireError(isOfBody ? new AuthError('UNSUPPORTED_MEDIA_TYPE', { message: NOT_RPC }) : refusal);
  if (exchange.request.complete) {
    sendError(exchange, error);
  } else {
    sendErrorAndLinger(exchange, error);
  }
}

async function run(
  handler: UniversalHandler,
  request: UniversalServerRequest,
  passage: Passage,
): Promise<WholeResponse> {
  const contextValues = createContextValues().set(PASSAGE, passage);
  return readWhole(await handler({ ...request, contextValues }));
}

/** The request as the library sees it: without what it must not act on (timeouts, wishes for compressed replies). */
function requestOf(exchange: HttpExchange, contentType: string, body: Uint8Array): UniversalServerRequest {
  const header = new Headers({ 'content-type': contentType });
  for (const name of ['content-encoding', 'grpc-encoding', 'connect-protocol-version']) {
    const value = headerOf(exchange, name);
    if (value !== null) {
      header.set(name, value);
    }
  }
  return {
    httpVersion: exchange.request.httpVersion,
    url: ANY_ORIGIN + pathOf(exchange),
    method: 'POST',
    header,
    body: once(body),
    signal: new AbortController().signal,
  };
}

/**
 * What is told in place of the library's own refusals: they quote the request, and call a message that cannot be
 * read an internal error.
 */
function libraryRefusal(code: Code): AuthError | ConnectError {
  switch (code) {
    case Code.ResourceExhausted:
      return tooLarge();
    case Code.Unimplemented:
      return new ConnectError('The server takes one message, plain or compressed with gzip.', code);
    default:
      return new AuthError('INVALID_ARGUMENT', { message: 'The request is not a readable message.' });
  }
}

function tooLarge(): ConnectError {
  return new ConnectError('The request message is larger than 64 KiB.', Code.ResourceExhausted);
}

const NOT_RPC = 'The content type is none of gRPC, gRPC-Web or Connect.';

// The library wants a whole URL and uses its path alone.
const ANY_ORIGIN = 'http://localhost';

function send(
  exchange: HttpExchange,
  { status, header, body, trailer }: WholeResponse,
  failure: WireError | null,
): void {
  const { request, response } = exchange;
  const fields: Record<string, string | number> = { 'cache-control': 'no-store' };
  header.forEach((value, name) => {
    fields[name] = value;
  });
  if (status !== 200 && failure !== null) {
    Object.assign(fields, errorHeaders(failure));
  }
  if (trailer === null) {
    fields['content-length'] = body.byteLength;
  } else if (!isHttp2(exchange)) {
    fields.trailer = Array.from(trailer.keys()).join(', ');
  }
  if (!request.complete && !isHttp2(exchange)) {
    fields.connection = 'close';
  }
  response.writeHead(status, fields);
  if (trailer !== null) {
    response.addTrailers(Object.fromEntries(trailer.entries()));
  }
  if (!request.complete) {
    endAndLinger(exchange, body);
  } else {
    response.end(body);
  }
}

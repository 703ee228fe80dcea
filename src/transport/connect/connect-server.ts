import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { ConnectError, createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import type { AuthError } from '../../domain/errors.ts';
import { deadlineAfter, type IncomingCall, withDeadline } from '../call.ts';
import type { CallObserver } from '../call-observer.ts';
import { CallReport } from '../call-report.ts';
import { errorDetails, type WireError } from '../error-mapping.ts';
import type { Handlers } from '../handlers.ts';
import { charsetRefusal, readContentType } from '../http/content-type.ts';
import { sendError, sendErrorAndLinger } from '../http/envelope.ts';
import { type HttpExchange, headerOf, pathOf } from '../http/exchange.ts';
import { HttpCall } from '../http/http-call.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { unreadableError } from '../request-decoding.ts';
import { ACCEPTED_COMPRESSIONS } from './compression.ts';
import {
  blankRequest,
  codeOf,
  hasUnknownFlag,
  illFormedText,
  once,
  readWhole,
  timeoutOf,
  type WholeResponse,
} from './protocols.ts';
import { contentTypeRefusal, type LibraryRefusal, refusalFor, tooLarge } from './refusals.ts';
import { sendReply } from './reply.ts';

/** What the RPCs are made of. */
export interface RpcServerOptions {
  readonly handlers: Handlers;
  readonly observer: CallObserver;
  /** Told of every request refused for its origin, with the API key that came as a field; '' without one. */
  onOriginRefused(exchange: HttpExchange, apiKey: string): void;
}

/** The RPCs of both services, by gRPC, gRPC-Web and Connect alike. */
export interface RpcServer {
  /** Answers a request to the path of one of them. */
  serve(request: RpcRequest): Promise<void>;
}

export interface RpcRequest {
  readonly exchange: HttpExchange;
  /** When its headers came, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
  /** Null: it was larger than 64 KiB. */
  readonly body: Uint8Array | null;
  /** With one nothing is asked of the handlers: it is told in the shape of the request's own protocol. */
  readonly refusal: AuthError | null;
}

/** The library with both services, its limits set. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const router = createConnectRouter({
    acceptCompression: [...ACCEPTED_COMPRESSIONS],
    // Replies are never compressed.
    compressMinBytes: Number.MAX_SAFE_INTEGER,
    readMaxBytes: MAX_MESSAGE_BYTES,
    binaryOptions: { readUnknownFields: false },
    jsonOptions: JSON_OPTIONS,
  });
  addService(router, AuthService, options.handlers.auth, options);
  addService(router, OrganizationService, options.handlers.organization, options);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return {
    async serve(request) {
      const handler = handlers.get(pathOf(request.exchange));
      if (handler === undefined) {
        throw new Error('There is no RPC at this path.');
      }
      await serve(handler, request, options.observer);
    },
  };
}

const JSON_OPTIONS = {
  // Zero counts are written too (docs/contract.md, section 1).
  alwaysEmitImplicit: true,
  ignoreUnknownFields: true,
  // Not in the type of these options, though the library reads it: without it bytes that are not UTF-8 are replaced.
  textDecoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
};

/** What passes from {@link serve} through the library to the implementation of a method, and back. */
interface Passage {
  readonly exchange: HttpExchange;
  readonly arrivedAt: number;
  /** Told in place of calling the handler. */
  readonly refusal: AuthError | LibraryRefusal | null;
  /** Given to the handler in place of what the library read. */
  readonly message: Message | null;
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
  const { exchange, refusal, arrivedAt } = passage;
  passage.reached = true;
  const report = new CallReport(observer, 'connect', method.name);
  if (refusal !== null && 'countsAs' in refusal) {
    report.refused(refusal.countsAs);
    throw refusal.error;
  }
  try {
    if (refusal?.reason === 'ORIGIN_REFUSED') {
      onOriginRefused(exchange, 'apiKey' in request && typeof request.apiKey === 'string' ? request.apiKey : '');
    }
    if (refusal !== null) {
      throw refusal;
    }
    const timeoutMs = timeoutOf(headerOf(exchange, 'grpc-timeout'), headerOf(exchange, 'connect-timeout-ms'));
    const call = new HttpCall(exchange, [], deadlineAfter(timeoutMs, arrivedAt));
    const response = await withDeadline(call, () => handle(passage.message ?? request, call));
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

async function serve(handler: UniversalHandler, rpc: RpcRequest, observer: CallObserver): Promise<void> {
  const { exchange, body, refusal } = rpc;
  const read = readContentType(headerOf(exchange, 'content-type') ?? '');
  const contentType = read.mediaType;
  if (!handler.supportedContentType(contentType) || charsetRefusal(read) !== null) {
    refuseContentType(handler, rpc, observer, charsetRefusal(read));
    return;
  }
  if (body === null) {
    await answerBlank(handler, rpc, { refusal: refusal ?? tooLarge(), message: null }, observer);
    return;
  }
  if (hasUnknownFlag(contentType, body)) {
    await answerBlank(handler, rpc, { refusal: refusal ?? unreadableError(), message: null }, observer);
    return;
  }
  const passage: Passage = { ...rpc, message: null, reached: false, failure: null };
  const response = await run(handler, requestOf(exchange, contentType, body), passage);
  if (passage.reached) {
    sendReply(exchange, response, passage.failure);
    return;
  }
  const instead = refusal ?? refusalFor(codeOf(response));
  const message =
    refusal !== null || 'countsAs' in instead ? null : illFormedText(handler.method.input, contentType, body);
  await answerBlank(handler, rpc, { refusal: message === null ? instead : null, message }, observer);
}

/** Answers in the protocol of the request, whatever its body is. */
async function answerBlank(
  handler: UniversalHandler,
  rpc: RpcRequest,
  instead: Pick<Passage, 'refusal' | 'message'>,
  observer: CallObserver,
): Promise<void> {
  const { exchange } = rpc;
  const contentType = readContentType(headerOf(exchange, 'content-type') ?? '').mediaType;
  const passage: Passage = { ...rpc, ...instead, reached: false, failure: null };
  const response = await run(handler, blankRequest(contentType, ANY_ORIGIN + handler.requestPath), passage);
  if (passage.reached) {
    sendReply(exchange, response, passage.failure);
  } else {
    // A variant of a protocol that the library knows by name and does not serve.
    refuseContentType(handler, rpc, observer);
  }
}

/** Tells, in the envelope, that the request is of none of the protocols, or in another charset. */
function refuseContentType(
  { method }: UniversalHandler,
  { exchange, refusal }: RpcRequest,
  observer: CallObserver,
  foreignCharset: AuthError | null = null,
): void {
  const error = new CallReport(observer, 'connect', method.name).failed(contentTypeRefusal(refusal, foreignCharset));
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

// The library wants a whole URL and uses its path alone.
const ANY_ORIGIN = 'http://localhost';

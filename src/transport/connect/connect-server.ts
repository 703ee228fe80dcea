import { createRegistry, type DescFile } from '@bufbuild/protobuf';
import { ConnectError, createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import type { AuthError } from '../../domain/errors.ts';
import type { ReadRequest } from '../../operations/call.ts';
import { CallReport, type UnreadRefusal } from '../../operations/call-report.ts';
import type { Operation, Service } from '../../operations/operation.ts';
import type { Arrival } from '../admission/admission.ts';
import { AT_ONCE, type Manner } from '../admission/repeats.ts';
import { errorDetails, type WireError, wireError } from '../error-mapping.ts';
import { inManner, sendRefusal as sendEnvelope } from '../http/admitted.ts';
import type { CallEndpointOptions } from '../http/call-endpoint.ts';
import { charsetRefusal, readContentType } from '../http/content-type.ts';
import { sendError, sendErrorAndLinger } from '../http/envelope.ts';
import { type HttpExchange, headerOf, pathOf } from '../http/exchange.ts';
import { HttpCall, peerAddressOf } from '../http/http-call.ts';
import type { BodyReading } from '../http/request-body.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { crowdedError } from '../net/held-bytes.ts';
import { unreadableError } from '../request-decoding.ts';
import { byRpcPath } from '../rpc-paths.ts';
import { stoppingError } from '../stopping.ts';
import { ACCEPTED_COMPRESSIONS } from './compression.ts';
import { codeOf, hasUnknownFlag, refusalReply, requestOf, timeoutOf, wholeReply } from './protocols.ts';
import { contentTypeRefusal, type Refusal, refusalFor, tooLarge } from './refusals.ts';
import { sendReply } from './reply.ts';

/** The RPCs of all services, by gRPC, gRPC-Web and Connect alike. */
export interface ConnectServer {
  /** Answers a request to the path of one of them. */
  serve(request: RpcRequest): Promise<void>;
}

export interface RpcRequest {
  readonly exchange: HttpExchange;
  /** When its headers came, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
  /** Null for a call that is never shed. */
  readonly arrival: Arrival | null;
  readonly body: BodyReading | UnreadBody;
}

/** Of a call that is refused for want of room before it is read. */
interface UnreadBody {
  readonly outcome: 'unread';
  readonly refusal: UnreadRefusal;
}

/** A request on its way through the library to the operation and back. */
interface Passage extends RpcRequest {
  /** Whether the library got through to our code. Otherwise it refused the request by itself. */
  reached: boolean;
  /** The failure that was answered, for the headers that belong to it. */
  failure: WireError | null;
}

const PASSAGE = createContextKey<Passage | null>(null, { description: 'the HTTP exchange of a call' });

/** The library with all services, its limits set. */
export function createConnectServer(options: CallEndpointOptions): ConnectServer {
  const router = createConnectRouter({
    acceptCompression: [...ACCEPTED_COMPRESSIONS],
    // Replies are never compressed.
    compressMinBytes: Number.MAX_SAFE_INTEGER,
    readMaxBytes: MAX_MESSAGE_BYTES,
    binaryOptions: { readUnknownFields: false },
    jsonOptions: { ...JSON_OPTIONS, registry: createRegistry(...options.operations.services.map(fileOf)) },
  });
  const operations = byRpcPath(options.operations.services);
  for (const operation of operations.values()) {
    router.rpc(operation.method, async (message, { values }) => {
      const passage = values.get(PASSAGE);
      if (passage === null) {
        throw new Error('A call came by no exchange.');
      }
      const call = callOf(passage, { message, faults: [] }, options);
      passage.reached = true;
      const answer = await options.operations.answer(operation, call);
      if ('reply' in answer) {
        return answer.reply;
      }
      passage.failure = wireError(answer.failure);
      throw connectError(passage.failure);
    });
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return {
    async serve(request) {
      const path = pathOf(request.exchange);
      const handler = handlers.get(path);
      const operation = operations.get(path);
      if (handler === undefined || operation === undefined) {
        throw new Error('There is no RPC at this path.');
      }
      await serve(handler, operation, request, options);
    },
  };
}

/** Where JSON finds the messages that a `google.protobuf.Any` may hold. */
function fileOf({ descriptor }: Service): DescFile {
  return descriptor.file;
}

const JSON_OPTIONS = {
  // Zero counts are written too (docs/contract.md, section 1).
  alwaysEmitImplicit: true,
  ignoreUnknownFields: true,
  // Not in the type of these options, though the library reads it: without it bytes that are not UTF-8 are replaced.
  textDecoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
};

async function serve(
  handler: UniversalHandler,
  operation: Operation,
  request: RpcRequest,
  options: CallEndpointOptions,
): Promise<void> {
  const { exchange, body } = request;
  const peerAddress = () => peerAddressOf(exchange, options.proxies);
  const { observer } = options.operations;
  const report = new CallReport(observer, 'connect', operation.method.name, request.arrivedAt, { peerAddress });
  if (body.outcome === 'unread' && body.refusal.caller !== null) {
    report.identified(body.refusal.caller, null);
  }
  const contentType = readContentType(headerOf(exchange, 'content-type') ?? '');
  const { mediaType } = contentType;
  const foreignCharset = charsetRefusal(contentType);
  // The library knows the text form of gRPC-Web by name and does not serve it.
  const isServed = handler.supportedContentType(mediaType) && !mediaType.startsWith('application/grpc-web-text');
  const originRefusal = options.guard.refusal(exchange);
  const refusal = refusalBeforeReading(request, { mediaType, originRefusal, isDraining: options.isDraining() });
  if (!isServed || foreignCharset !== null) {
    const error = wireError(report.failed(contentTypeRefusal(refusal ?? originRefusal, foreignCharset)));
    if (body.outcome === 'unread') {
      inManner(exchange, mannerOf(request, error), (ends) => sendEnvelope(exchange, error, ends));
    } else if (exchange.request.complete) {
      sendError(exchange, error);
    } else {
      sendErrorAndLinger(exchange, error);
    }
    return;
  }
  const refuse = (reason: Refusal): void => {
    if (reason === originRefusal) {
      options.guard.alarm(exchange, '', report);
    }
    sendRefusal(request, mediaType, reason, report);
  };
  if (refusal !== null || body.outcome !== 'read') {
    refuse(refusal ?? tooLarge());
    return;
  }
  const passage: Passage = { ...request, reached: false, failure: null };
  const contextValues = createContextValues().set(PASSAGE, passage);
  const reply = await wholeReply(handler({ ...requestOf(exchange, mediaType, body.body), contextValues }));
  if (passage.reached) {
    const { failure } = passage;
    const manner = mannerOf(request, failure);
    inManner(exchange, manner, (ends) => sendReply(exchange, reply, failure, { ends }));
  } else {
    refuse(originRefusal ?? refusalFor(codeOf(reply)));
  }
}

interface BeforeReading {
  readonly mediaType: string;
  readonly originRefusal: AuthError | null;
  readonly isDraining: boolean;
}

/** Why a request is refused before the library sees it; null where it is not. */
function refusalBeforeReading(
  { body }: RpcRequest,
  { mediaType, originRefusal, isDraining }: BeforeReading,
): Refusal | null {
  if (isDraining) {
    return stoppingError();
  }
  if (body.outcome === 'crowded') {
    return crowdedError();
  }
  if (body.outcome === 'unread') {
    return body.refusal.error;
  }
  if (body.outcome !== 'read') {
    return originRefusal ?? tooLarge();
  }
  return hasUnknownFlag(mediaType, body.body) ? (originRefusal ?? unreadableError()) : null;
}

/** Tells a refusal in the form of the request's own protocol. */
function sendRefusal(request: RpcRequest, mediaType: string, refusal: Refusal, report: CallReport): void {
  const { exchange, body } = request;
  if ('countsAs' in refusal) {
    report.refused(refusal.countsAs);
    sendReply(exchange, refusalReply(mediaType, refusal.error), null);
    return;
  }
  const failure = wireError(report.failed(refusal));
  const isUnread = body.outcome === 'unread';
  inManner(exchange, isUnread ? mannerOf(request, failure) : AT_ONCE, (ends) =>
    sendReply(exchange, refusalReply(mediaType, connectError(failure)), failure, { ends, isUnread }),
  );
}

function mannerOf({ arrival }: RpcRequest, failure: WireError | null): Manner {
  return arrival?.mannerOf(failure) ?? AT_ONCE;
}

function callOf({ exchange, arrivedAt }: Passage, request: ReadRequest, options: CallEndpointOptions): HttpCall {
  const { guard, proxies } = options;
  return new HttpCall(exchange, {
    entrance: 'connect',
    arrivedAt,
    timeoutMs: timeoutOf(headerOf(exchange, 'grpc-timeout'), headerOf(exchange, 'connect-timeout-ms')),
    proxies,
    read(asked) {
      const refusal = guard.refusal(exchange);
      if (refusal !== null) {
        guard.alarm(exchange, 'apiKey' in request.message ? String(request.message.apiKey) : '', asked);
        throw refusal;
      }
      return request;
    },
  });
}

/** The only errors that the library ever sees of ours: it would publish the message of any other. */
function connectError(error: WireError): ConnectError {
  return new ConnectError(error.message, error.grpcCode, undefined, [...errorDetails(error)]);
}

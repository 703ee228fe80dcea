import { AuthError } from '../../domain/errors.ts';
import type { ReadRequest, RequestIdentity } from '../../operations/call.ts';
import { CallReport } from '../../operations/call-report.ts';
import type { Failure } from '../../operations/failure.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Arrival } from '../admission/admission.ts';
import { AT_ONCE, type Manner } from '../admission/repeats.ts';
import { retryAfterSeconds, wireError } from '../error-mapping.ts';
import { inManner, peerOf, sendRefusal } from '../http/admitted.ts';
import type { CallEndpointOptions } from '../http/call-endpoint.ts';
import { charsetRefusal, readContentType } from '../http/content-type.ts';
import { membersWriter, sendErrorAndLinger, sendJson, successBody } from '../http/envelope.ts';
import { type HttpExchange, headerOf, queryOf } from '../http/exchange.ts';
import { HttpCall, peerAddressOf } from '../http/http-call.ts';
import { type BodyReading, readBody } from '../http/request-body.ts';
import { dropBody } from '../http/rest-of-request.ts';
import type { Endpoint, PathParameters } from '../http/route-index.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { crowdedError } from '../net/held-bytes.ts';
import { stoppingError } from '../stopping.ts';
import { type BodyKind, type ParameterReader, type ParameterSources, parameterReader } from './parameters.ts';

/** The endpoint of one operation as JSON over HTTP. */
export function restEndpoint(operation: Operation, options: CallEndpointOptions): Endpoint {
  const { operations, guard, admission, proxies, heldBytes, isDraining } = options;
  const { method, rest } = operation;
  const readParameters = parameterReader(method.input);
  const writeMembers = membersWriter(method.output);
  return async (exchange, path) => {
    const arrivedAt = performance.now();
    const arrival = isDraining() ? null : admission.arrive(operation, peerOf(exchange));
    if (arrival !== null && arrival.refusal !== null) {
      dropBody(exchange);
      const peerAddress = () => peerAddressOf(exchange, proxies);
      const report = new CallReport(operations.observer, 'http', method.name, arrivedAt, { peerAddress });
      const failure = report.refusedUnread(arrival.refusal);
      inManner(exchange, mannerOf(arrival, failure), (ends) => sendRefusal(exchange, wireError(failure), ends));
      return;
    }
    const body = exchange.request.method === 'GET' ? NO_BODY : await readBody(exchange, MAX_MESSAGE_BYTES, heldBytes);
    if (body.outcome === 'broken') {
      // Nobody waits for an answer.
      return;
    }
    const read = (asked: RequestIdentity): ReadRequest => {
      const bytes = wholeBody(body);
      if (isDraining()) {
        throw stoppingError();
      }
      const refusal = guard.refusal(exchange);
      if (refusal !== null) {
        guard.alarm(exchange, apiKeyOf(readParameters, exchange, path, bytes), asked);
        throw refusal;
      }
      return readParameters(sourcesOf(exchange, path, bytes));
    };
    const call = new HttpCall(exchange, { entrance: 'http', arrivedAt, timeoutMs: null, proxies, read });
    const answer = await operations.answer(operation, call);
    const manner = arrival === null ? AT_ONCE : mannerOf(arrival, 'failure' in answer ? answer.failure : null);
    if ('reply' in answer) {
      sendJson(exchange, 200, successBody(rest.success, writeMembers(answer.reply)));
      return;
    }
    const error = wireError(answer.failure);
    // The rest of the body may still be on its way.
    if (body.outcome === 'too_large' || (body.outcome === 'crowded' && !exchange.request.complete)) {
      sendErrorAndLinger(exchange, error);
    } else {
      inManner(exchange, manner, (ends) => sendRefusal(exchange, error, ends));
    }
  };
}

/** A wait is told in whole seconds here: who comes sooner has not waited as told. */
function mannerOf(arrival: Arrival, failure: Failure | null): Manner {
  const seconds = failure && retryAfterSeconds(failure);
  return arrival.mannerOf(failure && { ...failure, retryAfterMs: seconds && seconds * 1_000 });
}

const NO_BODY: BodyReading = { outcome: 'read', body: new Uint8Array(0) };

/** Throws PAYLOAD_TOO_LARGE, OVERLOADED. */
function wholeBody(reading: BodyReading): Uint8Array {
  switch (reading.outcome) {
    case 'read':
      return reading.body;
    case 'crowded':
      throw crowdedError();
    default:
      throw new AuthError('PAYLOAD_TOO_LARGE');
  }
}

/** Throws UNSUPPORTED_MEDIA_TYPE for a body that is neither JSON nor a form in UTF-8, or is compressed. */
function sourcesOf(exchange: HttpExchange, path: PathParameters, body: Uint8Array): ParameterSources {
  const query = queryOf(exchange);
  if (body.length === 0) {
    return { path, query, body: null, bodyKind: 'json' };
  }
  const encoding = headerOf(exchange, 'content-encoding');
  const contentType = readContentType(headerOf(exchange, 'content-type') ?? '');
  const bodyKind = BODY_KINDS.get(contentType.mediaType);
  if (bodyKind === undefined || (encoding !== null && encoding.toLowerCase() !== 'identity')) {
    throw new AuthError('UNSUPPORTED_MEDIA_TYPE');
  }
  const refusal = charsetRefusal(contentType);
  if (refusal !== null) {
    throw refusal;
  }
  return { path, query, body, bodyKind };
}

const BODY_KINDS: ReadonlyMap<string, BodyKind> = new Map([
  ['application/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
]);

/** The API key of a browser's request, as far as it can be read: it is refused in any case. */
function apiKeyOf(read: ParameterReader, exchange: HttpExchange, path: PathParameters, body: Uint8Array): string {
  try {
    const { message } = read(sourcesOf(exchange, path, body));
    return 'apiKey' in message ? String(message.apiKey) : '';
  } catch {
    return '';
  }
}

import { AuthError } from '../../domain/errors.ts';
import { deadlineAfter, withDeadline } from '../call.ts';
import type { CallObserver } from '../call-observer.ts';
import { CallReport } from '../call-report.ts';
import type { BrowserGuard } from '../http/browser-guard.ts';
import { charsetRefusal, readContentType } from '../http/content-type.ts';
import { sendError, sendErrorAndLinger, sendJson } from '../http/envelope.ts';
import { type HttpExchange, headerOf, queryOf } from '../http/exchange.ts';
import { HttpCall } from '../http/http-call.ts';
import { readBody } from '../http/request-body.ts';
import type { Endpoint, PathParameters } from '../http/route-index.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { crowdedError, type HeldBytes } from '../net/held-bytes.ts';
import { stoppingError } from '../stopping.ts';
import type { BodyKind, ParameterSources } from './parameters.ts';
import type { RestRoute } from './rest-routes.ts';

/** What all endpoints of calls share. */
export interface CallEndpointOptions {
  readonly guard: BrowserGuard;
  readonly observer: CallObserver;
  /** Where bodies are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** Whether the server is stopping: calls that arrive now are refused UNAVAILABLE. */
  isDraining(): boolean;
}

/** The endpoint of one operation under `/auth` or `/organizations`. */
export function restEndpoint(route: RestRoute, options: CallEndpointOptions): Endpoint {
  const { guard, observer, heldBytes, isDraining } = options;
  return async (exchange, path) => {
    const report = new CallReport(observer, 'http', route.name);
    try {
      const body = exchange.request.method === 'GET' ? null : await bodyOf(exchange, heldBytes);
      if (isDraining()) {
        throw stoppingError();
      }
      const refusal = guard.refusal(exchange);
      if (refusal !== null) {
        guard.alarm(exchange, apiKeyOf(route, exchange, path, body));
        throw refusal;
      }
      const prepared = route.read(sourcesOf(exchange, path, body));
      const call = new HttpCall(exchange, prepared.faults, deadlineAfter(null, report.startedAt));
      const reply = await withDeadline(call, () => prepared.answer(call));
      report.succeeded();
      sendJson(exchange, 200, reply);
    } catch (error) {
      if (error instanceof BrokenBody) {
        return;
      }
      const wire = report.failed(error);
      // The rest of the body may still be on its way.
      if (wire.reason === 'PAYLOAD_TOO_LARGE' || (wire.reason === 'OVERLOADED' && !exchange.request.complete)) {
        sendErrorAndLinger(exchange, wire);
      } else {
        sendError(exchange, wire);
      }
    }
  };
}

/** Nobody waits for an answer. */
class BrokenBody extends Error {}

/** Throws PAYLOAD_TOO_LARGE, OVERLOADED. */
async function bodyOf(exchange: HttpExchange, heldBytes: HeldBytes): Promise<Uint8Array> {
  const reading = await readBody(exchange, MAX_MESSAGE_BYTES, heldBytes);
  switch (reading.outcome) {
    case 'read':
      return reading.body;
    case 'too_large':
      throw new AuthError('PAYLOAD_TOO_LARGE');
    case 'crowded':
      throw crowdedError();
    case 'broken':
      throw new BrokenBody();
  }
}

/** Throws UNSUPPORTED_MEDIA_TYPE for a body that is neither JSON nor a form in UTF-8, or is compressed. */
function sourcesOf(exchange: HttpExchange, path: PathParameters, body: Uint8Array | null): ParameterSources {
  const query = queryOf(exchange);
  if (body === null || body.length === 0) {
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
function apiKeyOf(route: RestRoute, exchange: HttpExchange, path: PathParameters, body: Uint8Array | null): string {
  try {
    return route.read(sourcesOf(exchange, path, body)).apiKey;
  } catch {
    return '';
  }
}

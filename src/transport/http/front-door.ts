import { AuthError, type ErrorReason } from '../../domain/errors.ts';
import type { CallObserver } from '../../operations/call-observer.ts';
import { CallReport } from '../../operations/call-report.ts';
import { toWireError, wireError } from '../error-mapping.ts';
import { headerBytes, MAX_HEADER_BYTES } from '../limits.ts';
import type { BrowserGuard } from './browser-guard.ts';
import { type HeaderFields, sendError, sendErrorAndLinger } from './envelope.ts';
import { type HttpExchange, isHttp2, pathOf } from './exchange.ts';
import { canGoOnAfter, dropBody } from './rest-of-request.ts';
import type { RouteIndex } from './route-index.ts';

export interface FrontDoorOptions {
  readonly index: RouteIndex;
  readonly guard: BrowserGuard;
  isDraining(): boolean;
  readonly observer: CallObserver;
}

/**
 * What every request of the port passes first, whatever its protocol: limits that Node has no option for, the exact
 * path, the method, preflights, and the headers for listed origins.
 */
export function frontDoor({ index, guard, isDraining, observer }: FrontDoorOptions): (exchange: HttpExchange) => void {
  const fail = (exchange: HttpExchange, error: unknown): void =>
    sendError(exchange, wireError(new CallReport(observer, 'http', 'unknown').failed(error)));

  return (exchange) => {
    try {
      enter(exchange);
    } catch (error) {
      // Node calls this from its parsers: what is thrown here would end the process.
      fail(exchange, error);
    }
  };

  function enter(exchange: HttpExchange): void {
    const { request, response, stream } = exchange;
    if (stream === null && isDraining()) {
      response.setHeader('connection', 'close');
    }
    if (isMalformed(exchange)) {
      refuseBare(exchange, 400);
      return;
    }
    if (stream !== null && headerBytes(request.rawHeaders) > MAX_HEADER_BYTES) {
      refuseBare(exchange, 431);
      return;
    }
    const found = index.find(pathOf(exchange));
    const endpoint = found?.endpoints.get(request.method ?? '');
    if (endpoint === undefined || found === null || found.area === 'open' || hasNoBody(request.method)) {
      dropBody(exchange);
    }
    if (found === null) {
      refuse(exchange, 'ROUTE_NOT_FOUND');
      return;
    }
    if (found.area === 'call') {
      guard.shareReply(exchange);
    }
    if (endpoint !== undefined) {
      endpoint(exchange, found.path).catch((error: unknown) => fail(exchange, error));
    } else if (request.method === 'OPTIONS') {
      answerOptions(exchange, found.allow, found.area === 'call' ? guard : null);
    } else {
      refuse(exchange, 'METHOD_NOT_ALLOWED', { allow: found.allow });
    }
  }
}

/** Whatever body comes with it is not read. */
function hasNoBody(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

function answerOptions(exchange: HttpExchange, allow: string, guard: BrowserGuard | null): void {
  if (guard?.refusesOptions(exchange)) {
    sendError(exchange, toWireError(new AuthError('ORIGIN_REFUSED')));
    return;
  }
  exchange.response.writeHead(204, guard === null ? { allow } : guard.preflightHeaders(exchange, allow));
  exchange.response.end();
}

/**
 * What Node lets through and HTTP does not: the version of another protocol (RFC 9112, section 2.3), several hosts
 * (section 3.2), transfer codings that we do not take off (section 6.1), which a proxy in front may read as another
 * message, and bytes in the target that have no place there (RFC 3986, section 2): Node reads them as Latin-1, and a name
 * in UTF-8 would be kept as other letters.
 */
function isMalformed(exchange: HttpExchange): boolean {
  const { headers, httpVersionMajor, url = '' } = exchange.request;
  const coding = headers['transfer-encoding'];
  return (
    // `GET / HTTP/2.0` in a connection of HTTP/1.1.
    (!isHttp2(exchange) && httpVersionMajor !== 1) ||
    headers.host?.includes(',') === true ||
    (coding !== undefined && coding.toLowerCase() !== 'chunked') ||
    // Node's parser of HTTP/1.1 refuses them itself.
    (isHttp2(exchange) && FOREIGN_TO_TARGETS.test(url))
  );
}

const FOREIGN_TO_TARGETS = /[^\x21-\x7e]/;

/** Before anything of its body is read: a caller who has much to send is told first, and may go on sending for a moment. */
function refuse(exchange: HttpExchange, reason: ErrorReason, headers?: HeaderFields): void {
  const send = exchange.request.complete || canGoOnAfter(exchange) ? sendError : sendErrorAndLinger;
  send(exchange, toWireError(new AuthError(reason)), headers);
}

function refuseBare(exchange: HttpExchange, status: number): void {
  const { response } = exchange;
  response.writeHead(status, isHttp2(exchange) ? {} : { connection: 'close' });
  response.end();
}

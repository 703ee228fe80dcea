import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { isClosed, joinedValues } from '../net/streams.ts';

/**
 * A request with its response, of HTTP/1.1 or HTTP/2. Node's HTTP/2 objects follow the same interface for all that
 * is used here; where they differ, `stream` tells which they are: the version that a request names is its own claim.
 */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of HTTP/2; null in HTTP/1.1. */
  readonly stream: ServerHttp2Stream | null;
  /** The IP address of the other end, as the request came: later Node may not know it any more. Undefined where there was none. */
  readonly peer: string | undefined;
}

/** Whether the exchange came over a connection of HTTP/2. */
export function isHttp2({ stream }: HttpExchange): boolean {
  return stream !== null;
}

/** Whether the caller has gone away. */
export function isGone({ response, stream }: HttpExchange): boolean {
  return stream === null ? response.destroyed : isClosed(stream);
}

/**
 * Fulfilled when the response is the next that its connection takes: over HTTP/1.1 once those to the requests before it were taken by
 * the system, so that of what is large one waits there at most. Never where the connection ends before.
 */
export async function turnOf({ response, stream }: HttpExchange): Promise<void> {
  if (stream === null && response.socket === null) {
    await new Promise<void>((resolve) => response.once('socket', () => resolve()));
  }
}

/** A header by its lower-case name, its values joined by ', '; null when it was not sent. */
export function headerOf(exchange: HttpExchange, name: string): string | null {
  const value = exchange.request.headers[name];
  if (value === undefined) {
    return null;
  }
  // Node's HTTP/2 keeps the first of several `authorization` headers alone; its HTTP/1.1 was told to join them.
  return isHttp2(exchange) ? joinedValues(exchange.request.rawHeaders, name) : String(value);
}

/** The path of the request, exactly as it was sent; of a target in absolute form without what stands before it. */
export function pathOf(exchange: HttpExchange): string {
  const target = targetOf(exchange);
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
}

/** The query of the request, as it was sent, without the '?'. */
export function queryOf(exchange: HttpExchange): string {
  const target = targetOf(exchange);
  const mark = target.indexOf('?');
  return mark === -1 ? '' : target.slice(mark + 1);
}

/**
 * The target in origin form. Proxies and what is told to use one send the absolute form in HTTP/1.1, and every server
 * must take it (RFC 9112, section 3.2.2); whose address it names is no matter here. Any other is left as it is, and
 * is no path of ours.
 */
function targetOf(exchange: HttpExchange): string {
  const { url = '' } = exchange.request;
  if (url.startsWith('/') || isHttp2(exchange)) {
    return url;
  }
  const [address = ''] = ADDRESS.exec(url) ?? [];
  if (address === '') {
    return url;
  }
  const rest = url.slice(address.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

// With a host, and without the user's name that it could hold (RFC 9110, sections 4.2.1 and 4.2.4).
const ADDRESS = /^https?:\/\/[^/?#@]+(?=[/?]|$)/i;

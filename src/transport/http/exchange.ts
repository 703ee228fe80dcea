import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { isClosed } from '../streams.ts';

/**
 * A request with its response, of HTTP/1.1 or HTTP/2. Node's HTTP/2 objects follow the same interface for all that
 * is used here; where they differ, `stream` tells which they are: the version that a request names is its own claim.
 */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of HTTP/2; null in HTTP/1.1. */
  readonly stream: ServerHttp2Stream | null;
}

/** Whether the exchange came over a connection of HTTP/2. */
export function isHttp2({ stream }: HttpExchange): boolean {
  return stream !== null;
}

/** Whether the caller has gone away. */
export function isGone({ response, stream }: HttpExchange): boolean {
  return stream === null ? response.destroyed : isClosed(stream);
}

/** A header by its lower-case name, its values joined by ', '; null when it was not sent. */
export function headerOf(exchange: HttpExchange, name: string): string | null {
  const value = exchange.request.headers[name];
  if (value === undefined) {
    return null;
  }
  // Node's HTTP/2 keeps the first of several `authorization` headers alone; its HTTP/1.1 was told to join them.
  return isHttp2(exchange) ? rawValues(exchange.request.rawHeaders, name) : String(value);
}

/** The path of the request, exactly as it was sent. */
export function pathOf({ request: { url = '' } }: HttpExchange): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}

/** The query of the request, as it was sent, without the '?'. */
export function queryOf({ request: { url = '' } }: HttpExchange): string {
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark + 1);
}

function rawValues(rawHeaders: readonly string[], name: string): string {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) {
      values.push(rawHeaders[i + 1] ?? '');
    }
  }
  return values.join(', ');
}

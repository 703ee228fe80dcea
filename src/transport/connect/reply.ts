import type { WireError } from '../error-mapping.ts';
import { endAndLinger, errorHeaders } from '../http/envelope.ts';
import { type HttpExchange, isHttp2 } from '../http/exchange.ts';
import { canGoOnAfter } from '../http/rest-of-request.ts';
import type { WholeReply } from './protocols.ts';

export interface ReplyOptions {
  /** Whether the connection of HTTP/1.1 ends with it; by default where the request is not whole. */
  readonly ends?: boolean;
  /** Whether the rest of the request is dropped as it comes, and the connection goes on where it can. */
  readonly isUnread?: boolean;
}

/** Sends a reply, with the headers of the failure that it tells, if it tells one. */
export function sendReply(
  exchange: HttpExchange,
  { status, header, body, trailer }: WholeReply,
  failure: WireError | null,
  { ends = false, isUnread = false }: ReplyOptions = {},
): void {
  const { request, response } = exchange;
  const lingers = !request.complete && (!isUnread || ends || isHttp2(exchange) || !canGoOnAfter(exchange));
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
  if ((lingers || ends) && !isHttp2(exchange)) {
    fields.connection = 'close';
  }
  response.writeHead(status, fields);
  if (trailer !== null) {
    response.addTrailers(Object.fromEntries(trailer.entries()));
  }
  if (lingers) {
    endAndLinger(exchange, body);
  } else {
    response.end(body);
  }
}

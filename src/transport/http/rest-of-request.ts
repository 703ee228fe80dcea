import { LINGER_MS, MAX_MESSAGE_BYTES } from '../limits.ts';
import type { HttpExchange } from './exchange.ts';

/**
 * Whether the connection can go on after an answer that does not wait for the body: of HTTP/1.1 not where more of that is announced
 * than an accepted call may have, nor where the caller waits to be told to send it: then nobody knows whether it will.
 */
export function canGoOnAfter({ request, stream }: HttpExchange): boolean {
  return stream !== null || (!(Number(request.headers['content-length']) > MAX_MESSAGE_BYTES) && !waitsToSend(request));
}

/** Whether the caller waits to be told to send its body (RFC 9110, section 10.1.1). HTTP/1.0 knows no such wait. */
export function waitsToSend({ headers, httpVersion }: HttpExchange['request']): boolean {
  // Node answers every other expectation by itself.
  return headers.expect !== undefined && httpVersion !== '1.0';
}

/**
 * Drops the body of a request that is answered without it, as it comes. Over HTTP/1.1 at most as much as an accepted call may send,
 * and for a second after the answer: a connection whose request is not whole then is ended, for Node would take it until the
 * request's time is over, and answer a second time. One that cannot go on is told to end with the answer.
 */
export function dropBody(exchange: HttpExchange): void {
  const { request, response, stream } = exchange;
  if (!canGoOnAfter(exchange)) {
    response.setHeader('connection', 'close');
  }
  if (stream !== null || !hasBody(request)) {
    request.resume();
    return;
  }
  let bytes = 0;
  request.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength;
    if (bytes > MAX_MESSAGE_BYTES) {
      request.pause();
    }
  });
  response.once('finish', () => {
    if (!request.complete) {
      // A body that was announced in pieces may have ended with the one that went beyond the bound: nothing waits for it then.
      const timer = setTimeout(() => request.complete || request.socket.destroy(), LINGER_MS);
      request.once('end', () => clearTimeout(timer));
      request.once('close', () => clearTimeout(timer));
    }
  });
}

function hasBody({ headers }: HttpExchange['request']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

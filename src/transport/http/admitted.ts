import { constants } from 'node:http2';
import type { Peer } from '../admission/admission.ts';
import type { Manner } from '../admission/repeats.ts';
import type { WireError } from '../error-mapping.ts';
import { sendError, sendErrorAndLinger } from './envelope.ts';
import { type HttpExchange, headerOf, isGone, isHttp2, queryOf } from './exchange.ts';
import { canGoOnAfter } from './rest-of-request.ts';

/** A call of the HTTP port, as admission sees it before it is read. */
export function peerOf(exchange: HttpExchange): Peer {
  const { request, stream, peer } = exchange;
  return {
    connection: stream === null ? request.socket : stream.session,
    isShared: stream !== null,
    address: peer,
    header: (name) => headerOf(exchange, name),
    hasKeyInQuery: () => KEY_IN_QUERY.test(queryOf(exchange)),
  };
}

/**
 * Gives an answer in its manner. `send` is told whether the connection is to end with it: of HTTP/2 its stream is ended in its place,
 * by a frame of a few bytes (RFC 9113, section 7: ENHANCE_YOUR_CALM).
 */
export function inManner(exchange: HttpExchange, { holdMs, ends }: Manner, send: (ends: boolean) => void): void {
  if (holdMs === 0) {
    give();
  } else {
    setTimeout(give, holdMs);
  }

  function give(): void {
    if (isGone(exchange)) {
      return;
    }
    if (ends && exchange.stream !== null) {
      exchange.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    } else {
      send(ends);
    }
  }
}

/** Sends a refusal in the envelope. Over HTTP/1.1 the connection goes on where it can, but where it ends; a stream of HTTP/2 is over. */
export function sendRefusal(exchange: HttpExchange, error: WireError, ends: boolean): void {
  if (!exchange.request.complete && (ends || isHttp2(exchange) || !canGoOnAfter(exchange))) {
    sendErrorAndLinger(exchange, error);
  } else {
    sendError(exchange, error, ends ? { connection: 'close' } : {});
  }
}

const KEY_IN_QUERY = /(?:^|&)api_key=./;

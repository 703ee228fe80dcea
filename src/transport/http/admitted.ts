import { constants } from 'node:http2';
import type { Peer } from '../admission/admission.ts';
import type { Manner } from '../admission/repeats.ts';
import { type HttpExchange, headerOf, isGone, queryOf } from './exchange.ts';

/** A call of the HTTP port, as admission sees it before it is read. */
export function peerOf(exchange: HttpExchange): Peer {
  const { request, stream } = exchange;
  return {
    connection: stream === null ? request.socket : stream.session,
    isShared: stream !== null,
    address: stream === null ? request.socket.remoteAddress : stream.session?.socket.remoteAddress,
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

const KEY_IN_QUERY = /(?:^|&)api_key=./;

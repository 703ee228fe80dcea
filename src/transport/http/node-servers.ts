import type { Server as Http1Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { HEADERS_TIMEOUT_MS, MAX_CONCURRENT_STREAMS, MAX_HEADER_BYTES, REQUEST_TIMEOUT_MS, RESETS } from '../limits.ts';
import { isClosed } from '../net/streams.ts';
import type { HttpExchange } from './exchange.ts';

// An import of node:http reads all of its names, one of which loads undici: a twentieth of the start.
const { createServer: createHttp1Server } = process.getBuiltinModule('node:http');

/** The server of HTTP/1.1, with its limits. It is handed its connections, and never listens. */
export function createHttp1(idleTimeoutMs: number, receive: (exchange: HttpExchange) => void): Http1Server {
  const server = createHttp1Server(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: idleTimeoutMs,
      // Node would keep the first of several `authorization` headers and say nothing of the others.
      joinDuplicateHeaders: true,
    },
    (request, response) => receive({ request, response, stream: null, peer: request.socket.remoteAddress }),
  );
  // Without a listener Node itself tells the caller to continue, which may be refused unread.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  return server;
}

/** The same of HTTP/2. */
export function createHttp2(receive: (exchange: HttpExchange) => void): Http2Server {
  const server = createHttp2Server({
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
    ...RESETS,
    // Beside these, Node's own limits hold: memory (10 MB), pings, invalid frames.
  });
  // A request can be taken back in the packet that brought it: Node tells of it when it has read the whole packet.
  const receiveOpen = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    const { stream } = request;
    if (!isClosed(stream)) {
      const peer = stream.session?.socket.remoteAddress;
      receive({ request, response, stream, peer } as unknown as HttpExchange);
    }
  };
  server.on('request', receiveOpen);
  // Without a listener Node itself tells the caller to continue, which may be refused unread, and throws where the stream has gone.
  server.on('checkContinue', receiveOpen);
  return server;
}

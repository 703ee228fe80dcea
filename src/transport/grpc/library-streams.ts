import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** Serves the call on a stream that was not answered. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * How grpc-js takes a stream of HTTP/2 and serves the call on it. This is the one inside of the library that is touched. In
 * public it takes whole connections alone (`bindAsync`, `createConnectionInjector`), and acts on each of their streams before
 * anybody else sees it; the limits that it has no option for need to come first (docs/security.md, W1 to W10). Its version is
 * pinned, and a test guards that this is found and serves calls.
 */
export function streamHandlerOf(server: Server): StreamHandler {
  const handle: unknown = Reflect.get(server, '_streamHandler');
  if (typeof handle !== 'function') {
    throw new Error('This version of @grpc/grpc-js does not show how it takes a stream: install the pinned version.');
  }
  // Its first argument are the interceptors of credentials.
  return (stream, headers) => void handle.call(server, [], stream, headers);
}

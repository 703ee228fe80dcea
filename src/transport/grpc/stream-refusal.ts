import { constants, type ServerHttp2Stream } from 'node:http2';

/** Answers a stream that grpc-js has not seen with RESOURCE_EXHAUSTED and a sentence, and ends it. */
export function refuseStream(stream: ServerHttp2Stream, sentence: string): void {
  ignoreErrors(stream);
  stream.respond(
    { 'content-type': 'application/grpc+proto', 'grpc-status': 8, 'grpc-message': encodeURI(sentence) },
    { endStream: true },
  );
  endAnswered(stream);
}

/**
 * Ends a stream that was answered before the end of its request: it would stay half open. A turn later, because a reset
 * overtakes an answer that is not written yet: Node 26 sends nothing else then.
 */
export function endAnswered(stream: ServerHttp2Stream): void {
  setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
}

/** For a stream that nobody listens to yet: its reset would otherwise be an error that nobody handles. */
export function ignoreErrors(stream: ServerHttp2Stream): void {
  stream.on('error', () => undefined);
}

/** Resets the stream when more than its first message arrives. Must be called before grpc-js listens for data. */
export function allowOneMessage(stream: ServerHttp2Stream): void {
  const prefix = Buffer.alloc(5);
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    if (received < prefix.length) {
      chunk.copy(prefix, received);
    }
    received += chunk.length;
    if (received > prefix.length && received > prefix.length + prefix.readUInt32BE(1)) {
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  });
}

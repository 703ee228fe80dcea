import { constants, type ServerHttp2Stream } from 'node:http2';
import { toStatusBytes, type WireError } from '../error-mapping.ts';
import { isClosed } from '../streams.ts';

/** Answers a stream that grpc-js has not seen with RESOURCE_EXHAUSTED and a sentence, and ends it. One that is gone is left alone. */
export function refuseStream(stream: ServerHttp2Stream, sentence: string): void {
  ignoreErrors(stream);
  if (isClosed(stream)) {
    return;
  }
  stream.respond(
    { 'content-type': 'application/grpc+proto', 'grpc-status': 8, 'grpc-message': encodeURI(sentence) },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/**
 * Answers a stream that grpc-js has seen, and not answered yet, in its place, with the error's codes and details; one that it
 * has begun to answer is reset. grpc-js takes it for cancelled.
 */
export function refuseCall(stream: ServerHttp2Stream, error: WireError): void {
  if (isClosed(stream)) {
    return;
  }
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    return;
  }
  stream.respond(
    {
      'content-type': 'application/grpc+proto',
      'grpc-status': error.grpcCode,
      'grpc-message': encodeURI(error.message),
      'grpc-status-details-bin': Buffer.from(toStatusBytes(error)).toString('base64'),
    },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
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

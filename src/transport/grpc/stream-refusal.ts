import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { toStatusBytes, toWireError, type WireError } from '../error-mapping.ts';
import { isClosed } from '../net/streams.ts';
import { unreadableError } from '../request-decoding.ts';

/** Answers a stream with a code and a sentence, without a reason, and ends it, unless it was answered or has gone. Never throws. */
export function refuseStream(
  stream: ServerHttp2Stream,
  code: number,
  sentence: string,
  headers: OutgoingHttpHeaders = {},
): void {
  endRefused(stream, { ...headers, 'grpc-status': code, 'grpc-message': encodeURI(sentence) });
}

/** The same with an error of ours, its codes and details. */
export function refuseStreamWith(stream: ServerHttp2Stream, error: WireError): void {
  endRefused(stream, statusHeaders(error));
}

/** Answers a stream that grpc-js has seen in its place; one that it has begun to answer is reset. Never throws. */
export function refuseSeenStream(stream: ServerHttp2Stream, refuse: () => void): void {
  if (isClosed(stream)) {
    return;
  }
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    return;
  }
  refuse();
  takeFromLibrary(stream);
}

/** For a stream that nobody listens to yet: its reset would otherwise be an error that nobody handles. */
export function ignoreErrors(stream: ServerHttp2Stream): void {
  stream.on('error', () => undefined);
}

/**
 * Tells what grpc-js refuses by itself on this stream in our words: its own quote the request, at any length, and
 * call bytes that are no message or cannot be inflated an internal error.
 */
export function rewordRefusals(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  const sendTrailers = stream.sendTrailers.bind(stream);
  stream.respond = (headers = {}, options) => respond(reworded(headers as OutgoingHttpHeaders), options);
  stream.sendTrailers = (trailers) => sendTrailers(reworded(trailers));
}

function reworded(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const { 'grpc-status': code, 'grpc-message': message, 'grpc-status-details-bin': details } = headers;
  if (code === undefined || details !== undefined) {
    return headers;
  }
  if (Number(code) === INTERNAL) {
    return { ...headers, ...statusHeaders(toWireError(unreadableError())) };
  }
  const text = String(message ?? '');
  return text.length <= MAX_MESSAGE_CHARACTERS ? headers : { ...headers, 'grpc-message': cut(text) };
}

const INTERNAL = 13;

/** The most of a library's sentence that is told, escaped: docs/security.md, W9. */
const MAX_MESSAGE_CHARACTERS = 512;

/** Cut before an escape, never within one. */
function cut(message: string): string {
  return message.slice(0, MAX_MESSAGE_CHARACTERS).replace(/(?:%[0-9A-F]{0,2})+$/i, '');
}

/** The trailers that tell an error. */
export function statusHeaders(wire: WireError): OutgoingHttpHeaders {
  return {
    'grpc-status': wire.grpcCode,
    'grpc-message': encodeURI(wire.message),
    'grpc-status-details-bin': Buffer.from(toStatusBytes(wire)).toString('base64'),
  };
}

/** Answers a stream with trailers alone and ends it, unless it was answered or has gone. Never throws. */
export function endRefused(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  ignoreErrors(stream);
  // Taken back in the packet that brought it, or answered while its data was on the way: `respond` would throw.
  if (isClosed(stream) || stream.headersSent) {
    return;
  }
  stream.respond({ 'content-type': 'application/grpc+proto', ...headers }, { endStream: true });
  // Or it would stay half open where its request has not ended. Not in the turn of its answer: Node 26 drops an answer that is
  // still to be sent when the stream is reset.
  setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
}

/**
 * Keeps grpc-js, which may know the stream, from what is left of it: a request that was refused must not be run, and a
 * second answer throws.
 */
function takeFromLibrary(stream: ServerHttp2Stream): void {
  stream.removeAllListeners('data').removeAllListeners('end').resume();
  stream.respond = () => undefined;
  stream.sendTrailers = () => undefined;
}

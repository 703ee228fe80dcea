import { constants, type ServerHttp2Stream } from 'node:http2';
import { unreadableError } from '../request-decoding.ts';
import { refuseStream, refuseStreamWith } from './stream-refusal.ts';

/** The compressions of a request that grpc-js takes off, and says in every answer. The other port takes the same. */
const ENCODINGS: ReadonlySet<string> = new Set(['identity', 'deflate', 'gzip']);

const UNIMPLEMENTED = 12;

/**
 * Refuses a stream whose messages are said to be compressed in a way that is not taken; whether it did. grpc-js would
 * look at the first compressed message alone, and quote the name.
 */
export function refuseEncoding(stream: ServerHttp2Stream, encoding: string): boolean {
  if (ENCODINGS.has(encoding)) {
    return false;
  }
  const acceptable = { 'grpc-accept-encoding': [...ENCODINGS].join(',') };
  refuseStream(stream, UNIMPLEMENTED, 'Messages may be compressed with gzip or deflate alone.', acceptable);
  return true;
}

/**
 * Refuses what grpc-js lets pass in the frame of a first message: a flag of compression where no compression is named,
 * which it takes for a plain message, and flags that do not exist. In a compressed stream it also resets the stream
 * when more than the first message arrives: grpc-js inflates all messages of a data frame at once, each to the limit.
 *
 * To be called in the tick in which grpc-js begins to listen, and before it does: the listener makes the data flow.
 */
export function guardFraming(stream: ServerHttp2Stream, encoding: string): void {
  if (encoding === 'identity') {
    stream.once('data', refuseFlagged);
  } else {
    allowOneMessage(stream);
  }
}

const PREFIX_BYTES = 5;

function refuseFlagged(this: ServerHttp2Stream, chunk: Buffer): void {
  if (chunk[0] !== 0) {
    refuseStreamWith(this, unreadableError());
  }
}

function allowOneMessage(stream: ServerHttp2Stream): void {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    if (received === 0 && Number(chunk[0]) > 1) {
      refuseStreamWith(stream, unreadableError());
      return;
    }
    if (received < PREFIX_BYTES) {
      chunk.copy(prefix, received);
    }
    received += chunk.length;
    if (received > PREFIX_BYTES && received > PREFIX_BYTES + prefix.readUInt32BE(1)) {
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  });
}

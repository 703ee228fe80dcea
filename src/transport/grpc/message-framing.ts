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
 * Refuses a message of a stream without compression that has a flag: one of compression grpc-js takes for none, and others do
 * not exist. Whether it has none.
 */
export function refuseFlagged(stream: ServerHttp2Stream, firstPiece: Buffer): boolean {
  const isPlain = firstPiece[0] === 0 || firstPiece.length === 0;
  if (!isPlain) {
    refuseStreamWith(stream, unreadableError());
  }
  return isPlain;
}

const PREFIX_BYTES = 5;

/**
 * Refuses an unknown flag in a compressed stream, and resets it when more than the first message arrives: grpc-js inflates
 * all messages of a data frame at once, each to the limit. To be called in the tick in which grpc-js begins to listen, and
 * before it does: the listener makes the data flow.
 */
export function allowOneMessage(stream: ServerHttp2Stream): void {
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

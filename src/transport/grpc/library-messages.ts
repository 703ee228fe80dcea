import { constants, type ServerHttp2Stream } from 'node:http2';
import { toWireError } from '../error-mapping.ts';
import { unreadableError } from '../request-decoding.ts';
import { PREFIX_BYTES } from './request-message.ts';
import { refuseSeenStream, refuseStreamWith } from './stream-refusal.ts';

/**
 * Refuses a message of a stream without compression that has a flag: one of compression grpc-js takes for none, and others do
 * not exist. Whether it has none.
 */
export function refuseFlagged(stream: ServerHttp2Stream, firstPiece: Buffer): boolean {
  const isPlain = firstPiece[0] === 0 || firstPiece.length === 0;
  if (!isPlain) {
    refuseUnreadable(stream);
  }
  return isPlain;
}

function refuseUnreadable(stream: ServerHttp2Stream): void {
  // One that was refused by its headers keeps that answer.
  if (stream.headersSent) {
    return;
  }
  refuseSeenStream(stream, () => refuseStreamWith(stream, toWireError(unreadableError())));
}

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
      refuseUnreadable(stream);
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

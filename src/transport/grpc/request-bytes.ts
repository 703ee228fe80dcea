import type { ServerHttp2Stream } from 'node:http2';
import type { AuthError } from '../../domain/errors.ts';
import { crowdedError, type HeaderReader, type HeldBytes } from '../net/held-bytes.ts';
import { isClosed } from '../net/streams.ts';

/** What a piece costs beside its bytes: its view, and its place in the library's list. */
const PIECE_BYTES = 128;

/** How much more than itself a piece may keep of what was read with it. */
const MAX_SPARE_BYTES = 4_096;

export interface RequestBytesOptions {
  readonly heldBytes: HeldBytes;
  readonly header: HeaderReader;
  /** Called at most once, with why the request may not wait for its end. Nothing more of it arrives. */
  refuse(error: AuthError): void;
}

/**
 * Counts what arrives of a request of gRPC until it is whole: grpc-js keeps it, and has no limit for all of them together. To
 * be called before anything was read. It stands where Node hands the bytes to the stream: a stream that grpc-js has paused
 * keeps them too; and Node's pieces are views, so that one of a few bytes would keep all that was read with it.
 */
export function countRequestBytes(stream: ServerHttp2Stream, { heldBytes, header, refuse }: RequestBytesOptions): void {
  if (stream.endAfterHeaders) {
    return;
  }
  const hold = heldBytes.begin(header);
  const push = stream.push.bind(stream);
  let bytes = 0;
  let isAsking = false;
  let isOver = false;
  stream.push = (piece: Buffer | null): boolean => {
    if (piece === null) {
      end();
      return push(null);
    }
    if (isOver) {
      return true;
    }
    bytes += piece.length + PIECE_BYTES;
    hold.set(bytes);
    lookForRoom();
    return push(owned(piece));
  };
  stream.once('close', end);
  lookForRoom();

  function lookForRoom(): void {
    if (!isAsking && hold.isCrowded()) {
      isAsking = true;
      // A request whose end has come in the same packet waits for nothing.
      setImmediate(askToWait);
    }
  }

  async function askToWait(): Promise<void> {
    if (!isOver && !(await hold.mayWait()) && !isOver && !isClosed(stream)) {
      end();
      refuse(crowdedError());
    }
    isAsking = false;
  }

  function end(): void {
    isOver = true;
    hold.release();
  }
}

function owned(piece: Buffer): Buffer {
  if (piece.buffer.byteLength - piece.length <= MAX_SPARE_BYTES) {
    return piece;
  }
  const own = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(own);
  return own;
}

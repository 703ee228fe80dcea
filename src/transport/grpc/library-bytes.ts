import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { HeldBytes } from '../net/held-bytes.ts';

/** What a piece costs beside its bytes: its view, and its place in the library's list. */
const PIECE_BYTES = 128;

/** How much more than itself a piece may keep of what was read with it. */
const MAX_SPARE_BYTES = 4_096;

export interface LibraryBytesOptions {
  readonly headers: IncomingHttpHeaders;
  readonly heldBytes: HeldBytes;
  /** The most bytes. */
  readonly mostBytes: number;
  /** Called at most once, where there are more. Nothing more of it arrives. */
  refuseLong(): void;
  /** Called at most once, where the request may not wait for its end. Nothing more of it arrives. */
  refuse(): void;
  /** Whether the request may begin with this piece; otherwise it and all that comes after it is dropped. Null: any may. */
  readonly mayBegin: ((stream: ServerHttp2Stream, piece: Buffer) => boolean) | null;
}

/**
 * Counts what arrives of a request to grpc-js until it is whole: the library keeps it, and has no limit for all of them together. To
 * be called before anything was read. It stands where Node hands the bytes to the stream: a stream that grpc-js has paused
 * keeps them too; and Node's pieces are views, so that one of a few bytes would keep all that was read with it.
 */
export function countLibraryBytes(
  stream: ServerHttp2Stream,
  { headers, heldBytes, mostBytes, refuse, refuseLong, mayBegin }: LibraryBytesOptions,
): void {
  if (stream.endAfterHeaders) {
    return;
  }
  let bytes = 0;
  let received = 0;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    hold.release();
  };
  const hold = heldBytes.begin(headers, () => {
    isOver = true;
    refuse();
  });
  /** Whether the piece is let through. */
  const count = (piece: Buffer): boolean => {
    if (isOver || (bytes === 0 && mayBegin?.(stream, piece) === false)) {
      end();
      return false;
    }
    received += piece.length;
    if (received > mostBytes) {
      end();
      refuseLong();
      return false;
    }
    bytes += piece.length + PIECE_BYTES;
    hold.set(bytes);
    return true;
  };
  const { push } = stream;
  stream.push = (piece: Buffer | null): boolean => {
    if (piece === null) {
      end();
      return push.call(stream, null);
    }
    return count(piece) ? push.call(stream, owned(piece)) : true;
  };
  stream.on('close', end);
  // By TLS Node 24 reads on where a write is under way, and tells of the streams after it: such a stream has kept what it was sent.
  const kept: Buffer | null = stream.readableLength > 0 ? stream.read() : null;
  if (kept !== null && count(kept)) {
    stream.unshift(owned(kept));
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

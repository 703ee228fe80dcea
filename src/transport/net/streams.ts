import type { Http2Stream } from 'node:http2';

/**
 * Whether nothing can be answered on a stream any more: its reset was sent or read. Node's own methods throw then, all
 * but those that write and end. A stream that was reset without an error is not destroyed before its data are read.
 */
export function isClosed(stream: Http2Stream): boolean {
  return stream.closed || stream.destroyed;
}

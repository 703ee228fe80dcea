import type { Http2Stream } from 'node:http2';

/**
 * Whether nothing can be answered on a stream any more: its reset was sent or read. Node's own methods throw then, all
 * but those that write and end. A stream that was reset without an error is not destroyed before its data are read.
 */
export function isClosed(stream: Http2Stream): boolean {
  return stream.closed || stream.destroyed;
}

/** All values of a header by its lower-case name, joined by ', '; Node joins those of most headers, and of some keeps one. */
export function joinedValues(rawHeaders: readonly string[], name: string): string {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) {
      values.push(rawHeaders[i + 1] ?? '');
    }
  }
  return values.join(', ');
}

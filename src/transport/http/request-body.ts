import type { IncomingMessage } from 'node:http';

/** What became of reading a body. */
export type BodyReading =
  | { readonly outcome: 'read'; readonly body: Uint8Array }
  /** The rest of the body is still to come. */
  | { readonly outcome: 'too_large' }
  /** The caller went away, or the body's framing is wrong: there is nobody to answer. */
  | { readonly outcome: 'broken' };

const EMPTY = new Uint8Array(0);

/** Reads a body of at most `maxBytes`. Never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyReading> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length']) > maxBytes) {
      resolve({ outcome: 'too_large' });
      return;
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onBroken);
    // Stays: an error that comes after the body must find a listener too.
    request.on('error', onBroken);

    function onData(chunk: Uint8Array): void {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) {
        request.pause();
        finish({ outcome: 'too_large' });
      }
    }

    function onEnd(): void {
      const [first = EMPTY] = chunks;
      finish({ outcome: 'read', body: chunks.length <= 1 ? first : Buffer.concat(chunks, bytes) });
    }

    function onBroken(): void {
      finish({ outcome: 'broken' });
    }

    function finish(reading: BodyReading): void {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onBroken);
      resolve(reading);
    }
  });
}

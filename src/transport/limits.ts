/** Limits of both ports (docs/security.md, W1, W3, W4). The libraries' own are open or far longer. */

/** The largest message, decompressed, of any call. */
export const MAX_MESSAGE_BYTES = 65_536;

/** The largest block of headers of a request, gRPC metadata included, as {@link headerBytes} counts it. */
export const MAX_HEADER_BYTES = 16_384;

/** The most streams at once on one HTTP/2 connection. */
export const MAX_CONCURRENT_STREAMS = 100;

/** The most bytes of requests that wait for their end, in the whole process (docs/security.md, W10). */
export const MAX_HELD_BYTES = 64 * 1_048_576;

/**
 * From here on only requests may wait whose headers show a valid API key. A quarter holds 200 of the largest requests at once,
 * where a call's own is a few hundred bytes and comes whole; and each byte held leaves about as much behind until it is collected.
 */
export const STRANGERS_HELD_BYTES = MAX_HELD_BYTES / 4;

/** What a request that waits costs beside its bytes: 8,000 streams of six bytes each add 100 MB. */
export const HELD_REQUEST_BYTES = 8_192;

/**
 * The most answers of HTTP/2 that wait to be taken, in the whole process (docs/security.md, W10). With what its stream costs each is
 * some 12 KB (60,000 of them took 730 MB): 16 MB in all.
 */
export const MAX_HELD_ANSWERS = 1_365;

/** How long a connection may take to show what it speaks, TLS or plain, and to send a block of headers. */
export const HEADERS_TIMEOUT_MS = 10_000;

/**
 * How many requests a peer may take back on one connection of HTTP/2: so many at once, then so many a second; more end it. Each
 * costs as much as a call and is not among the streams that are open at once. Node's own burst is 1,000.
 */
export const RESETS = { streamResetBurst: 200, streamResetRate: 33 };

/**
 * How long an HTTP/1.1 request may take to arrive and its answer to be taken, and a stream of HTTP/2 may live: longer than any
 * deadline, and with the second from one look at them to the next within the 15 s of docs/security.md, W3.
 */
export const REQUEST_TIMEOUT_MS = 13_000;

/** How long the rest of a refused body is read and dropped, so that the refusal is not lost in a TCP reset. */
export const LINGER_MS = 1_000;

/** The size of a block of headers as HTTP/2 counts it: name, value and 32 bytes for each (RFC 9113, section 6.5.2). */
export function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = rawHeaders.length * 16;
  for (const text of rawHeaders) {
    bytes += text.length;
  }
  return bytes;
}

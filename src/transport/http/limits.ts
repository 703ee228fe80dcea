/** Limits of the HTTP port (security.md, rows W1, W3, W4). The libraries' own are open or far longer. */

/** The largest body, decompressed, of any call. */
export const MAX_MESSAGE_BYTES = 65_536;

/** The largest header block of a request; counted as HTTP/2 does: name, value and 32 bytes for each field. */
export const MAX_HEADER_BYTES = 16_384;

/** The most calls at once on one HTTP/2 connection. */
export const MAX_CONCURRENT_STREAMS = 100;

/** How long a connection may take to show what it speaks, and to send a block of headers. */
export const HEADERS_TIMEOUT_MS = 10_000;

/** How long a request may take to arrive. With a second of checking interval that is within the 15 s of row W3. */
export const REQUEST_TIMEOUT_MS = 13_000;

/** How long an HTTP/2 stream may live: longer than any deadline, within the 15 s of row W3. */
export const STREAM_TIMEOUT_MS = 14_000;

/** How long a connection that has served a call may stay idle. Longer than the 60 s of common proxies' pools. */
export const IDLE_TIMEOUT_MS = 65_000;

/** How long the rest of a refused body is read and dropped, so that the refusal is not lost in a TCP reset. */
export const LINGER_MS = 1_000;

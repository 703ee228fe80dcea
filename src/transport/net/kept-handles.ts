import type { ServerHttp2Session } from 'node:http2';

/**
 * Turns of the event loop from the end of a session until its streams are freed: Node puts off to the next turn that a
 * stream is destroyed while it reads, and once more that it is freed. The others are to spare.
 */
const TURNS = 4;

/**
 * Keeps the memory of a session of HTTP/2 for a moment longer than its streams. Node lets a session be collected while
 * streams of it wait to be freed; where one of these still holds a block of headers that never ended (trailers that the
 * peer broke off), an assertion ends the process (`current_nghttp2_memory_`). So a stranger could end it with a few frames
 * and luck in time. Node has no public name for what has to be kept; a test guards that it is found.
 */
export function keepHandle(session: ServerHttp2Session): void {
  const handle = handleOf(session);
  session.once('close', () => holdFor(TURNS, handle));
}

/** What Node's own code is bound to for as long as the session is open; undefined where this Node calls it otherwise. */
export function handleOf(session: ServerHttp2Session): unknown {
  const name = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'kHandle');
  return name === undefined ? undefined : Reflect.get(session, name);
}

function holdFor(turns: number, handle: unknown): void {
  if (turns > 0) {
    setImmediate(holdFor, turns - 1, handle);
  }
}

import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** Connections of a port that goes on without them. */
export interface SentAway {
  readonly sessions: Iterable<ServerHttp2Session>;
  /** All of them, those of the sessions included. */
  readonly sockets: Iterable<Socket>;
}

/** Ends sessions of HTTP/2 once their open streams have ended, and cuts off what is left of all after `withinMs`. */
export function sendAway({ sessions, sockets }: SentAway, withinMs: number): void {
  const leaving = [...sessions, ...sockets];
  for (const session of sessions) {
    session.close();
  }
  setTimeout(() => {
    for (const closable of leaving) {
      closable.destroy();
    }
  }, withinMs).unref();
}

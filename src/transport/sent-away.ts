import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { sayFarewell } from './farewell.ts';
import { endInSilence } from './silence.ts';

/** Connections of a port that goes on without them. */
export interface SentAway {
  readonly sessions: Iterable<ServerHttp2Session>;
  /** All of them, those of the sessions included. */
  readonly sockets: Iterable<Socket>;
}

/**
 * Asks peers of HTTP/2 to go, and ends their sessions once they know and their streams have ended, or they say nothing any
 * more; what is left of all after `withinMs` is cut off.
 */
export function sendAway({ sessions, sockets }: SentAway, withinMs: number): void {
  const leavingSessions = Array.from(sessions);
  const leavingSockets = new Set(sockets);
  for (const session of leavingSessions) {
    sayFarewell(session);
  }
  for (const socket of leavingSockets) {
    socket.once('close', () => leavingSockets.delete(socket));
  }
  const stopLooking = endInSilence({
    sockets: leavingSockets,
    endIdle() {
      for (const session of leavingSessions) {
        session.close();
      }
    },
  });
  setTimeout(() => {
    stopLooking();
    for (const closable of [...leavingSessions, ...leavingSockets]) {
      closable.destroy();
    }
  }, withinMs).unref();
}

import { constants, type ServerHttp2Session } from 'node:http2';

/**
 * Asks the peer to open no more streams, and ends the session once the peer has answered behind that, and its open
 * streams have ended: whatever it sent before is served, and it knows of anything else that it was not taken
 * (RFC 9113, section 6.8). A peer that does not answer keeps the session open.
 */
export function sayFarewell(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) {
    return;
  }
  session.goaway(constants.NGHTTP2_NO_ERROR, HIGHEST_STREAM_ID);
  session.ping((error) => {
    if (error === null && !session.destroyed) {
      session.close();
    }
  });
}

const HIGHEST_STREAM_ID = 2 ** 31 - 1;

import type { Socket } from 'node:net';

/** The first bytes of an HTTP/2 connection with prior knowledge (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export type HttpProtocol = 'http1' | 'http2';

/**
 * Waits for the first bytes of a connection, puts them back and tells which protocol they begin. A fragment of the
 * preface is waited on until it differs from it. A connection that ends or fails before that is destroyed and nothing
 * is told.
 */
export function detectProtocol(socket: Socket, serve: (protocol: HttpProtocol) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  socket.on('readable', onReadable);
  socket.on('end', drop);
  socket.on('error', drop);
  socket.on('close', leave);

  function onReadable(): void {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      return;
    }
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, PREFACE.length);
    const isLikePreface = PREFACE.compare(seen, 0, compared, 0, compared) === 0;
    if (isLikePreface && compared < PREFACE.length) {
      return;
    }
    leave();
    // Put back and never resumed: a flowing socket would lose bytes before the protocol's own parser reads them.
    socket.unshift(seen);
    serve(isLikePreface ? 'http2' : 'http1');
  }

  function drop(): void {
    leave();
    // A reset that comes after the decision to drop must find a listener.
    socket.on('error', () => undefined);
    socket.destroy();
  }

  function leave(): void {
    socket.off('readable', onReadable);
    socket.off('end', drop);
    socket.off('error', drop);
    socket.off('close', leave);
  }
}

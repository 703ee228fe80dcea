import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Http2Session } from './http2-sessions.ts';

/** One connection of a port, from its first byte on. */
export class Connection {
  /** The one that speaks TLS, once the handshake is done. */
  socket: Socket;
  /** Null for HTTP/1.1, and before it is known what is spoken. */
  session: Http2Session | null = null;
  /** Whether it speaks HTTP/1.1, whose timeouts are Node's. */
  isHttp1 = false;
  /** Whether it began under authorities that were replaced. */
  isOutdated = false;
  /** Answers of HTTP/1.1 that are not finished. */
  readonly openReplies = new Set<ServerResponse>();
  readonly begunAt = performance.now();
  /** When the last request was over; null where it has asked for nothing yet. */
  idleSince: number | null = null;
  #isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get isBusy(): boolean {
    return this.openReplies.size > 0 || (this.session?.openStreams ?? 0) > 0;
  }

  /** Whether it may be ended for another. */
  get isSpare(): boolean {
    return !this.isBusy && !this.#isEnded;
  }

  /** Takes no more requests, and ends once the open ones are answered; of HTTP/1.1 only where its answer has not begun. */
  leave(): void {
    this.session?.close();
    for (const reply of this.openReplies) {
      if (!reply.headersSent) {
        reply.setHeader('connection', 'close');
      }
    }
  }

  /** Ends it as it is. */
  end(): void {
    this.#isEnded = true;
    if (this.session === null) {
      this.socket.destroy();
    } else {
      this.session.destroy();
    }
  }

  /** The same, without leaving the peer time to read that it is over. */
  destroy(): void {
    this.end();
    this.socket.destroy();
  }
}

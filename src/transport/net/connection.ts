import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { Http2Session } from './http2-sessions.ts';

/** How often connections are looked at. */
export const LOOK_INTERVAL_MS = 1_000;

/** One connection of a port, from its first byte on. */
export class Connection {
  /** The one that speaks TLS, once the handshake is done. */
  socket: Socket;
  /** Null for HTTP/1.1, and before it is known what is spoken. */
  session: Http2Session | null = null;
  /** Whether it speaks HTTP/1.1, whose timeouts are Node's but for answers that are not taken. */
  isHttp1 = false;
  /** Whether it began under authorities that were replaced. */
  isOutdated = false;
  /** Answers of HTTP/1.1 that are not finished. */
  readonly openReplies = new Set<ServerResponse>();
  readonly begunAt = performance.now();
  /** When the last request was over; null where it has asked for nothing yet. */
  idleSince: number | null = null;
  /** Whether it is on its way out; its socket may take a while. */
  isEnded = false;
  /** Of what is to be written, what the system had taken when that was last found to have changed. */
  #taken = 0;
  /** When that was found; null where nothing waits. */
  #waitingSince: number | null = null;

  /** Whose address its other end has ({@link networkOf}). */
  readonly network: string;
  /** Whether that is a listed proxy, which carries the calls of many. */
  readonly isProxy: boolean;
  /** The first of its calls at the last look where all of them waited for the peer, and whether that was so at the look before. */
  #waitingFirst: object | null = null;
  #isStalled = false;

  constructor(socket: Socket, network: string, isProxy: boolean) {
    this.socket = socket;
    this.network = network;
    this.isProxy = isProxy;
  }

  /** How many calls are not over. */
  get openCalls(): number {
    return this.openReplies.size + (this.session?.openStreams ?? 0);
  }

  get isBusy(): boolean {
    return this.openCalls > 0;
  }

  /** Whether it is busy with calls that all have waited for their peer since two looks: to send its request, or to take its answer. */
  get isStalled(): boolean {
    return this.#isStalled && this.#firstCall === this.#waitingFirst && this.#waitsForPeer;
  }

  /** To be called at every look. */
  lookForStall(): void {
    const first = this.isBusy && this.#waitsForPeer ? this.#firstCall : null;
    this.#isStalled = first !== null && first === this.#waitingFirst;
    this.#waitingFirst = first;
  }

  get #firstCall(): object | null {
    const [reply] = this.openReplies;
    return reply ?? this.session?.oldestStream ?? null;
  }

  get #waitsForPeer(): boolean {
    for (const reply of this.openReplies) {
      if (!reply.writableEnded && reply.req.complete) {
        return false;
      }
    }
    return this.session?.waitsForPeer ?? true;
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

  /**
   * Of HTTP/1.1: ends it where its peer takes no answer. To be called at every look. Node's own timeout begins anew with the part that
   * fits into the system's buffers, and with each byte that is taken later.
   */
  cutSlow(now: number): void {
    const { bytesWritten, writableLength } = this.socket;
    if (writableLength === 0) {
      this.#waitingSince = null;
      return;
    }
    const taken = bytesWritten - writableLength;
    if (this.#waitingSince === null || taken !== this.#taken) {
      this.#waitingSince = now;
      this.#taken = taken;
    } else if (now - this.#waitingSince >= REQUEST_TIMEOUT_MS - LOOK_INTERVAL_MS) {
      // It may have begun to wait right after the look before that one.
      this.destroy();
    }
  }

  /** Ends it as it is. */
  end(): void {
    this.isEnded = true;
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

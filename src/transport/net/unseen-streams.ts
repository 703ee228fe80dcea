import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { RESETS } from '../limits.ts';

/** So many bytes pass before streams are counted again: a session that says little costs nothing. */
const BYTES_BETWEEN_COUNTS = 1_000;

/**
 * The streams of a session that Node resets without a word, because their headers are larger than it takes: it counts those that
 * break a rule, and not these, though each costs the decoding of its block. They are told by their ids, of which a peer uses one
 * after the other (RFC 9113, section 5.1.1, lets it leave some out; no client is known that does so by the hundred).
 */
export class UnseenStreams {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  #seen = 0;
  #unseen = 0;
  #allowed = RESETS.streamResetBurst;
  #readAtCount = 0;
  #countedAt = performance.now();

  constructor(session: ServerHttp2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
  }

  /** Node has told of a stream. */
  see(): void {
    this.#seen += 1;
  }

  /** Whether there were more than a peer may have reset itself ({@link RESETS}). To be called every second. */
  areTooMany(now: number): boolean {
    const { bytesRead } = this.#socket;
    if (bytesRead - this.#readAtCount < BYTES_BETWEEN_COUNTS || this.#session.closed) {
      return false;
    }
    this.#readAtCount = bytesRead;
    const begun = Math.ceil((this.#session.state.lastProcStreamID ?? 0) / 2);
    const unseen = Math.max(this.#unseen, begun - this.#seen);
    const seconds = (now - this.#countedAt) / 1_000;
    this.#allowed = Math.min(RESETS.streamResetBurst, this.#allowed + RESETS.streamResetRate * seconds);
    this.#allowed -= unseen - this.#unseen;
    this.#countedAt = now;
    this.#unseen = unseen;
    return this.#allowed < 0;
  }
}

import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { REQUEST_TIMEOUT_MS } from '../limits.ts';
import { keepHandle } from './kept-handles.ts';
import { UnseenStreams } from './unseen-streams.ts';

/** How many looks a peer has to answer in: with one every five seconds 20 s. */
const LOOKS_TO_ANSWER = 4;

/**
 * A session of HTTP/2 with what Node leaves to its user: streams that stall, and sessions that Node has forgotten. By TLS a
 * session can wait for ever for the end of a write to a peer that has gone: it reads no more, so it never hears of the end,
 * and even once it is destroyed its socket stays open. About one connection in a hundred that breaks off in the middle of
 * its frames ends so, and keeps its descriptor. So does one whose peer broke a rule for which nghttp2 stops to read and
 * Node does nothing.
 */
export class Http2Session {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #onFinish: () => void;
  /** When each began. */
  readonly #streams = new Map<ServerHttp2Stream, number>();
  readonly #unseen: UnseenStreams;
  /** What had been read of the socket at the last look, and when the peer was last known to be heard. */
  #readAtLook = 0;
  #readWhenHeard = 0;
  /** Looks since the peer was asked; null: it was not, or has answered. */
  #looksSinceAsked: number | null = null;
  #wasDestroyed = false;

  /** `socket` is what the session was made over. `onFinish` is called when a stream has closed, and counts no more. */
  constructor(session: ServerHttp2Session, socket: Socket, onFinish: () => void) {
    this.#session = session;
    this.#socket = socket;
    this.#onFinish = onFinish;
    this.#unseen = new UnseenStreams(session, socket);
    keepHandle(session);
    // Before it is told to anybody else.
    session.prependListener('stream', (stream: ServerHttp2Stream) => {
      this.#unseen.see();
      this.#streams.set(stream, performance.now());
      stream.on('close', () => this.#finish(stream));
    });
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Takes no more streams, and ends once the open ones have ended. May be repeated. */
  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** Ends the streams that have lasted too long, after every deadline: those that stall, in either direction. */
  cutSlow(now: number, untimed: ReadonlySet<ServerHttp2Stream>): void {
    for (const [stream, begunAt] of this.#streams) {
      if (now - begunAt < REQUEST_TIMEOUT_MS || untimed.has(stream)) {
        continue;
      }
      if (stream.destroyed) {
        // It had closed before it was told of.
        this.#finish(stream);
      } else if (stream.closed) {
        // It waits for its last bytes to be read, which a slow peer never does.
        stream.destroy();
      } else {
        stream.close(constants.NGHTTP2_CANCEL);
      }
    }
  }

  /** Ends a peer that begins one stream after the other that Node resets unseen. To be called every second. */
  endWasteful(now: number): void {
    if (this.#unseen.areTooMany(now)) {
      this.#endHastily();
    }
  }

  /**
   * To be called every five seconds. A peer that falls silent after it said something is asked by a ping once, and is ended
   * where nothing comes in the looks that it has to answer in; so is one that said it goes and stays. The socket of a
   * destroyed session is destroyed at the second look.
   */
  look(): void {
    if (this.#session.destroyed) {
      this.#lookAtDestroyed();
    } else {
      this.#lookAtOpen();
    }
  }

  /** Tells the peer why. */
  #endHastily(): void {
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#session.destroy();
  }

  #finish(stream: ServerHttp2Stream): void {
    this.#streams.delete(stream);
    this.#onFinish();
  }

  #lookAtDestroyed(): void {
    // The first look leaves it time to write what is left.
    if (this.#wasDestroyed) {
      this.#socket.destroy();
    }
    this.#wasDestroyed = true;
  }

  #lookAtOpen(): void {
    const { bytesRead } = this.#socket;
    if (bytesRead !== this.#readAtLook) {
      this.#readAtLook = bytesRead;
      this.#looksSinceAsked = null;
      return;
    }
    if (this.#looksSinceAsked !== null) {
      this.#looksSinceAsked += 1;
      if (this.#looksSinceAsked > LOOKS_TO_ANSWER) {
        this.#session.destroy();
      }
      return;
    }
    if (bytesRead !== this.#readWhenHeard || this.#session.closed) {
      this.#ask();
    }
  }

  #ask(): void {
    this.#looksSinceAsked = 0;
    const isAsked = this.#session.ping((error) => {
      if (error === null) {
        this.#looksSinceAsked = null;
        this.#readAtLook = this.#socket.bytesRead;
        this.#readWhenHeard = this.#socket.bytesRead;
      }
    });
    if (!isAsked) {
      // Pings of others are on their way, whose answer is as good.
      this.#looksSinceAsked = null;
    }
  }
}

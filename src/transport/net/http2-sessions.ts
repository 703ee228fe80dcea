import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { HeldAnswers } from './held-answers.ts';
import { keepHandle } from './kept-handles.ts';
import { UnseenStreams } from './unseen-streams.ts';

/** At which of its streams that was reset because nobody took its answer a connection is ended. */
const MOST_UNTAKEN = 2;

/** How many looks a peer has to answer in: with one every five seconds 20 s. */
const LOOKS_TO_ANSWER = 4;

export interface Http2SessionOptions {
  /** What the session was made over. */
  readonly socket: Socket;
  /** Whether its peer is a listed proxy, whose callers are not ended for one of them. */
  readonly carriesMany: boolean;
  readonly heldAnswers: HeldAnswers;
  /** Called when a stream has closed, and counts no more. */
  onFinish(): void;
}

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
  readonly #carriesMany: boolean;
  readonly #heldAnswers: HeldAnswers;
  readonly #onFinish: () => void;
  #untaken = 0;
  /** When each began. */
  readonly #streams = new Map<ServerHttp2Stream, number>();
  readonly #unseen: UnseenStreams;
  /** What had been read of the socket at the last look, and when the peer was last known to be heard. */
  #readAtLook = 0;
  #readWhenHeard = 0;
  /** Looks since the peer was asked; null: it was not, or has answered. */
  #looksSinceAsked: number | null = null;
  #wasDestroyed = false;

  constructor(session: ServerHttp2Session, { socket, carriesMany, heldAnswers, onFinish }: Http2SessionOptions) {
    this.#session = session;
    this.#socket = socket;
    this.#carriesMany = carriesMany;
    this.#heldAnswers = heldAnswers;
    this.#onFinish = onFinish;
    this.#unseen = new UnseenStreams(session, socket);
    keepHandle(session);
    // Before it is told to anybody else.
    session.prependListener('stream', (stream: ServerHttp2Stream) => {
      this.#unseen.see();
      this.#streams.set(stream, performance.now());
      heldAnswers.add(stream, () => this.#cut(stream, constants.NGHTTP2_ENHANCE_YOUR_CALM));
      stream.on('close', () => this.#finish(stream));
    });
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get oldestStream(): ServerHttp2Stream | null {
    const [stream] = this.#streams.keys();
    return stream ?? null;
  }

  /** Whether every open stream waits for the rest of its request, or for its answer to be taken. */
  get waitsForPeer(): boolean {
    for (const stream of this.#streams.keys()) {
      if (!stream.writableEnded && !stream.closed && (stream.endAfterHeaders || stream.readableEnded)) {
        return false;
      }
    }
    return true;
  }

  /** Takes no more streams, and ends once the open ones have ended. May be repeated. */
  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /**
   * Ends the streams that have lasted too long, after every deadline: those that stall, in either direction; and at the second whose
   * answer was not taken the session.
   */
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
      } else if (this.#cut(stream, constants.NGHTTP2_CANCEL) === 'all') {
        return;
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

  #cut(stream: ServerHttp2Stream, code: number): 'one' | 'all' {
    if (stream.writableEnded && !this.#carriesMany) {
      this.#untaken += 1;
      if (this.#untaken >= MOST_UNTAKEN) {
        this.#endHastily();
        return 'all';
      }
    }
    stream.on('error', () => undefined);
    stream.close(code);
    return 'one';
  }

  /** Tells the peer why. */
  #endHastily(): void {
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#session.destroy();
  }

  #finish(stream: ServerHttp2Stream): void {
    this.#streams.delete(stream);
    this.#heldAnswers.delete(stream);
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

import type { Http2Session, ServerHttp2Stream } from 'node:http2';

/**
 * The most streams beside the calls (health, reflection) at once: on one connection, where a client that checks and
 * watches needs two; and of those that watch, on all. Watching lasts, the others end within ten seconds: so nobody's
 * watching takes the place of another's check.
 */
export const MAX_AUXILIARY_STREAMS = 8;
const MAX_WATCHES = 1_000;

/** The open streams of a port that are no calls. */
export class AuxiliaryStreams {
  /** Those that are open, and of these those that watch, from when that was asked for. */
  readonly open = new Set<ServerHttp2Stream>();
  readonly watching = new Set<ServerHttp2Stream>();
  readonly #bySession = new WeakMap<Http2Session, number>();
  #watches = 0;

  /** Counts the stream until it closes; false, and not counted, where there are too many. */
  admit(stream: ServerHttp2Stream, isWatch: boolean): boolean {
    const { session } = stream;
    if (session === undefined) {
      return false;
    }
    const onSession = this.#bySession.get(session) ?? 0;
    if (onSession >= MAX_AUXILIARY_STREAMS || (isWatch && this.#watches >= MAX_WATCHES)) {
      return false;
    }
    this.open.add(stream);
    this.#bySession.set(session, onSession + 1);
    this.#watches += Number(isWatch);
    if (isWatch) {
      stream.once('end', () => this.watching.add(stream));
    }
    stream.once('close', () => {
      this.watching.delete(stream);
      this.open.delete(stream);
      this.#bySession.set(session, (this.#bySession.get(session) ?? 1) - 1);
      this.#watches -= Number(isWatch);
    });
    return true;
  }
}

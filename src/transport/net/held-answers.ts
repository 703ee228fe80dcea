import type { ServerHttp2Stream } from 'node:http2';
import { MAX_HELD_ANSWERS } from '../limits.ts';

/** All are looked through once for this part of the most: a flood must not cost a look for each. */
const LOOK_PART = 1 / 8;

/**
 * The answers of HTTP/2 that nobody has taken yet, of all connections of both ports (docs/security.md, W10): each costs its stream,
 * some 12 KB whatever it says, and a connection may have a hundred. Beyond the most those are cut that have waited the longest. One
 * whose caller takes it waits for no longer than the system takes its bytes, and calls that are under way are never cut.
 */
export class HeldAnswers {
  readonly #most: number;
  readonly #step: number;
  /** All open streams, the oldest first, with what cuts each. */
  readonly #streams = new Map<ServerHttp2Stream, () => void>();
  /** With how many open streams they are looked through again. */
  #lookAt: number;

  /** `most` replaces {@link MAX_HELD_ANSWERS}. */
  constructor(most = MAX_HELD_ANSWERS) {
    this.#most = most;
    this.#step = Math.ceil(most * LOOK_PART);
    this.#lookAt = most;
  }

  /** A stream has begun. `cut` ends it, or more: called at most once, where its answer waits to be taken. */
  add(stream: ServerHttp2Stream, cut: () => void): void {
    this.#streams.set(stream, cut);
    if (this.#streams.size > this.#lookAt) {
      this.#look();
    }
  }

  /** A stream is over. May be repeated. */
  delete(stream: ServerHttp2Stream): void {
    this.#streams.delete(stream);
    this.#lookAt = Math.min(this.#lookAt, this.#nextLook());
  }

  #nextLook(): number {
    return Math.max(this.#most, this.#streams.size + this.#step);
  }

  #look(): void {
    const waiting = [...this.#streams].filter(([stream]) => stream.writableEnded);
    const excess = waiting.length - this.#most + this.#step;
    for (const [stream, cut] of waiting.slice(0, Math.max(0, excess))) {
      // Those before it may have ended their whole session.
      if (this.#streams.delete(stream) && !stream.destroyed) {
        cut();
      }
    }
    this.#lookAt = this.#nextLook();
  }
}

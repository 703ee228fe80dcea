import type { RateLimit } from './rate-limit.ts';
import { fullAfterTaking, isFull, type Pace, paceOf, waitForToken } from './token-bucket.ts';

/** 65,536 buckets take some 13 MiB with their keys (measured), and are more than the callers of a day. */
const MOST_BUCKETS = 65_536;

/** So many buckets are looked at for a newcomer at most: some microseconds. */
const LOOKS_FOR_ROOM = 64;

/**
 * The buckets of one limit, by key. A full one is forgotten: each charge looks at one, in turn. There are
 * {@link MOST_BUCKETS} at most: beyond them a newcomer takes the place of one that is full again, and where none of the next 64 is,
 * shares one bucket with all such newcomers until there is room. Those who have a bucket keep it.
 */
export class Buckets {
  readonly #pace: Pace;
  readonly #most: number;
  /** When each is full again, in ticks of the pace. */
  readonly #fullAt = new Map<string, number>();
  #hand: MapIterator<[string, number]> = this.#fullAt.entries();
  #newcomersFullAt = 0;

  constructor(limit: RateLimit, most = MOST_BUCKETS) {
    this.#pace = paceOf(limit);
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** How long until a token is there, in whole milliseconds; 0 where one is. */
  waitMs(key: string, nowMs: number): number {
    const fullAt = this.#fullAt.get(key) ?? (this.#hasRoom(nowMs) ? 0 : this.#newcomersFullAt);
    return waitForToken(this.#pace, fullAt, nowMs);
  }

  /** Takes one token, whether it is there or not. */
  take(key: string, nowMs: number): void {
    const fullAt = this.#fullAt.get(key);
    if (fullAt !== undefined || this.#hasRoom(nowMs)) {
      this.#fullAt.set(key, fullAfterTaking(this.#pace, fullAt ?? 0, nowMs));
    } else {
      this.#newcomersFullAt = fullAfterTaking(this.#pace, this.#newcomersFullAt, nowMs);
    }
    this.#forgetNext(nowMs);
  }

  #hasRoom(nowMs: number): boolean {
    for (let looks = 0; this.#fullAt.size >= this.#most && looks < LOOKS_FOR_ROOM; looks += 1) {
      this.#forgetNext(nowMs);
    }
    return this.#fullAt.size < this.#most;
  }

  /** Looks at the next bucket, and forgets it where it is full. */
  #forgetNext(nowMs: number): void {
    const { value, done } = this.#hand.next();
    if (done) {
      this.#hand = this.#fullAt.entries();
    } else if (isFull(this.#pace, value[1], nowMs)) {
      this.#fullAt.delete(value[0]);
    }
  }
}

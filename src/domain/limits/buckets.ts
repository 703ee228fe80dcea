import type { RateLimit } from './rate-limit.ts';
import { fullAfterTaking, isFull, type Pace, paceOf, waitForToken } from './token-bucket.ts';

/** 65,536 buckets take some 15 MiB with their keys (measured), and are more than the callers of a day. */
const MOST_BUCKETS = 65_536;

/** So many buckets are looked at for a newcomer at most: some microseconds. */
const LOOKS_FOR_ROOM = 64;

/** One who can make keys up has no more than this part of all buckets … */
const OWNERS_PART = 1 / 8;
/** … once so many of all are taken: one who is alone has more. */
const CROWDED_FROM = 1 / 2;

/** Whose bucket it is. */
export interface BucketName {
  readonly key: string;
  /** Who made the key up, where somebody could. */
  readonly owner?: string;
}

interface Bucket {
  /** When it is full again, in ticks of the pace. */
  fullAt: number;
  readonly owner: Owner | null;
}

interface Owner {
  readonly name: string;
  buckets: number;
  /** That of the bucket which those of its keys share that have none of their own. */
  readonly newcomers: Bucket;
}

/**
 * The buckets of one limit, by key. A full one is forgotten: each charge looks at one, in turn. There are
 * {@link MOST_BUCKETS} at most, and once half of them are taken an eighth of one owner: beyond them a newcomer takes the place of one that is full again, and
 * where none of the next 64 is, shares one bucket with all such newcomers, or with those of its owner, until there is room. Those who
 * have a bucket keep it.
 */
export class Buckets {
  readonly #pace: Pace;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();
  /** Those who have buckets. */
  readonly #owners = new Map<string, Owner>();
  #hand: MapIterator<[string, Bucket]> = this.#buckets.entries();
  readonly #newcomers: Bucket = { fullAt: 0, owner: null };

  constructor(limit: RateLimit, most = MOST_BUCKETS) {
    this.#pace = paceOf(limit);
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#buckets.size;
  }

  /** How long until a token is there, in whole milliseconds; 0 where one is. */
  waitMs(name: BucketName, nowMs: number): number {
    const bucket = this.#buckets.get(name.key) ?? this.#sharedBy(name, nowMs);
    return waitForToken(this.#pace, bucket?.fullAt ?? 0, nowMs);
  }

  /** Takes one token, whether it is there or not. */
  take(name: BucketName, nowMs: number): void {
    const bucket = this.#buckets.get(name.key) ?? this.#sharedBy(name, nowMs) ?? this.#add(name);
    bucket.fullAt = fullAfterTaking(this.#pace, bucket.fullAt, nowMs);
    this.#forgetNext(nowMs);
  }

  /** What a newcomer shares with others; null where there is room for one of its own. */
  #sharedBy({ owner: name }: BucketName, nowMs: number): Bucket | null {
    let owner = name === undefined ? undefined : this.#owners.get(name);
    for (let looks = 0; !this.#hasRoom(owner) && looks < LOOKS_FOR_ROOM; looks += 1) {
      this.#forgetNext(nowMs);
      owner = name === undefined ? undefined : this.#owners.get(name);
    }
    if (owner !== undefined && this.#hasItsPart(owner)) {
      return owner.newcomers;
    }
    return this.#buckets.size < this.#most ? null : this.#newcomers;
  }

  #hasRoom(owner: Owner | undefined): boolean {
    return this.#buckets.size < this.#most && (owner === undefined || !this.#hasItsPart(owner));
  }

  #hasItsPart({ buckets }: Owner): boolean {
    return buckets >= this.#most * OWNERS_PART && this.#buckets.size >= this.#most * CROWDED_FROM;
  }

  #add({ key, owner: name }: BucketName): Bucket {
    const bucket: Bucket = { fullAt: 0, owner: name === undefined ? null : this.#ownerOf(name) };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** With one bucket more. */
  #ownerOf(name: string): Owner {
    const owner = this.#owners.get(name) ?? { name, buckets: 0, newcomers: { fullAt: 0, owner: null } };
    owner.buckets += 1;
    this.#owners.set(name, owner);
    return owner;
  }

  /** Looks at the next bucket, and forgets it where it is full. */
  #forgetNext(nowMs: number): void {
    const { value, done } = this.#hand.next();
    if (done) {
      this.#hand = this.#buckets.entries();
      return;
    }
    const [key, { fullAt, owner }] = value;
    if (isFull(this.#pace, fullAt, nowMs)) {
      this.#buckets.delete(key);
      this.#leave(owner);
    }
  }

  #leave(owner: Owner | null): void {
    if (owner !== null) {
      owner.buckets -= 1;
      if (owner.buckets === 0) {
        this.#owners.delete(owner.name);
      }
    }
  }
}

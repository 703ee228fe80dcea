import { RecentIds } from './recent-ids.ts';
import type { AuditStorage, PositionedAuditEvent } from './storage.ts';

/** How far before a position others may still have one to commit: more writes than any store has under way at once. */
const LOOKED_BACK = 1_000;
/** Of a gap so many are waited for: PostgreSQL leaves out some dozen positions when it is restarted, and more where it is set on. */
const MAX_MISSING = 10_000;
/** How long a position is waited for: longer than any transaction of ours lives, a wait for a standby included. */
const MISSED_FOR_MS = 15 * 60_000;
const READ_AT_ONCE = 500;
/** How far it goes back where writes were lost: more than any store commits in the seconds that a standby is late. */
const GONE_BACK = 10_000;

/** What a follower reads. */
export type FollowedLog = Pick<AuditStorage, 'firstAuditPosition' | 'lastAuditPosition' | 'readAuditFeed'>;

/**
 * Gives every event that becomes visible after {@link start}, each once, in the order of their positions as far as that can be. Where
 * several write at once an event may become visible after one of a later position: what is missing between two is asked for
 * until it comes, or can come no more, because its write was undone. A failover that loses writes gives their positions to others:
 * where the last event that was read has gone, it is read again from before. A read that throws changes nothing: the next one gives
 * what it would have given.
 */
export class AuditFollower {
  readonly #storage: FollowedLog;
  /** With the instant from which each is missing. */
  readonly #missing = new Map<number, number>();
  /** Of all that can be read again. */
  readonly #seen = new RecentIds(2 * GONE_BACK);
  #last = 0;
  /** At {@link #last}, where that was read. */
  #lastRead: PositionedAuditEvent | null = null;
  /** Nothing of before is asked for: it was not read. */
  #first = 0;

  constructor(storage: FollowedLog) {
    this.#storage = storage;
  }

  /**
   * From an instant on, or from now on where that is null: {@link next} gives what there was since then first, and some of before
   * with it. `now` is on any clock that does not go back, in milliseconds.
   */
  async start(from: number | null, now: number): Promise<void> {
    // Asked for first: what becomes visible meanwhile comes after it.
    const last = await this.#storage.lastAuditPosition();
    const first = from === null ? null : await this.#storage.firstAuditPosition(from);
    this.#first = Math.max(0, Math.min(last, first === null ? last : first - 1) - LOOKED_BACK);
    this.#last = this.#first;
    while (from === null && this.#last < last) {
      if ((await this.#read(now)) === null) {
        return;
      }
    }
  }

  /** What became visible since the last time; empty where nothing did. */
  async next(now: number): Promise<readonly PositionedAuditEvent[]> {
    let unseen: readonly PositionedAuditEvent[] | null;
    do {
      unseen = await this.#read(now);
    } while (unseen?.length === 0);
    return unseen ?? [];
  }

  /** Those that were not seen before, of which there may be none; null at the end. */
  async #read(now: number): Promise<readonly PositionedAuditEvent[] | null> {
    const missing = this.#stillMissing(now);
    const lastRead = this.#lastRead;
    const asked = lastRead === null ? missing : [...missing, lastRead.position];
    const read = await this.#storage.readAuditFeed({ after: this.#last, missing: asked, limit: READ_AT_ONCE });
    if (lastRead !== null && isGone(lastRead, read)) {
      await this.#goBack();
      return [];
    }
    const events = read.filter(({ eventId }) => eventId !== lastRead?.eventId);
    for (const event of events) {
      this.#moveTo(event, now);
    }
    while (this.#missing.size > MAX_MISSING) {
      const [oldest] = this.#missing.keys();
      this.#missing.delete(oldest ?? 0);
    }
    return events.length === 0 ? null : events.filter(({ eventId }) => this.#seen.add(eventId));
  }

  #stillMissing(now: number): readonly number[] {
    for (const [position, since] of this.#missing) {
      if (now - since > MISSED_FOR_MS) {
        this.#missing.delete(position);
      }
    }
    return [...this.#missing.keys()];
  }

  #moveTo(event: PositionedAuditEvent, now: number): void {
    const { position } = event;
    if (position <= this.#last) {
      this.#missing.delete(position);
      return;
    }
    for (let gap = Math.max(this.#last + 1, position - MAX_MISSING); gap < position; gap += 1) {
      this.#missing.set(gap, now);
    }
    this.#last = position;
    this.#lastRead = event;
  }

  /** What was read last was lost, or removed because it is old. */
  async #goBack(): Promise<void> {
    const last = await this.#storage.lastAuditPosition();
    this.#last = Math.min(last, Math.max(this.#first, this.#last - GONE_BACK));
    this.#first = Math.min(this.#first, this.#last);
    this.#lastRead = null;
    for (const position of this.#missing.keys()) {
      if (position > this.#last) {
        this.#missing.delete(position);
      }
    }
  }
}

/** Whether it is not among what was read, though that goes as far as its position. */
function isGone({ position, eventId }: PositionedAuditEvent, read: readonly PositionedAuditEvent[]): boolean {
  const isReached = read.length < READ_AT_ONCE || (read.at(-1)?.position ?? 0) >= position;
  return isReached && !read.some((event) => event.eventId === eventId);
}

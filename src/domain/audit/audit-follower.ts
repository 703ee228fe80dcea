import type { AuditStorage, PositionedAuditEvent } from './storage.ts';

/** How far before the last position others may still have one to commit: more writes than any store has under way at once. */
const LOOKED_BACK = 1_000;
/** Of a gap so many are waited for: PostgreSQL leaves out some dozen positions when it is restarted, and more where it is set on. */
const MAX_MISSING = 10_000;
/** How long a position is waited for: longer than any transaction of ours lives, a wait for a standby included. */
const MISSED_FOR_MS = 15 * 60_000;
const READ_AT_ONCE = 500;

/** What a follower reads. */
export type FollowedLog = Pick<AuditStorage, 'firstAuditPosition' | 'lastAuditPosition' | 'readAuditFeed'>;

/**
 * Gives every event that becomes visible after {@link start}, each once, in the order of their positions as far as that can be. Where
 * several write at once an event may become visible after one of a later position: what is missing between two is asked for
 * until it comes, or can come no more, because its write was undone.
 */
export class AuditFollower {
  readonly #storage: FollowedLog;
  /** With the instant from which each is missing. */
  readonly #missing = new Map<number, number>();
  #last = 0;

  constructor(storage: FollowedLog) {
    this.#storage = storage;
  }

  /**
   * From an instant on, or from now on where that is null: {@link next} gives what there was since then first, and some of before
   * with it. `now` is on any clock that does not go back, in milliseconds.
   */
  async start(from: number | null, now: number): Promise<void> {
    const first = from === null ? null : await this.#storage.firstAuditPosition(from);
    if (first !== null) {
      this.#last = first - 1;
      return;
    }
    const last = await this.#storage.lastAuditPosition();
    this.#last = Math.max(0, last - LOOKED_BACK);
    while (this.#last < last) {
      const { length } = await this.#read(now);
      if (length === 0) {
        return;
      }
    }
  }

  /** What became visible since the last time; empty where nothing did. */
  next(now: number): Promise<readonly PositionedAuditEvent[]> {
    return this.#read(now);
  }

  async #read(now: number): Promise<readonly PositionedAuditEvent[]> {
    for (const [position, since] of this.#missing) {
      if (now - since > MISSED_FOR_MS) {
        this.#missing.delete(position);
      }
    }
    const missing = [...this.#missing.keys()];
    const events = await this.#storage.readAuditFeed({ after: this.#last, missing, limit: READ_AT_ONCE });
    for (const { position } of events) {
      if (position <= this.#last) {
        this.#missing.delete(position);
        continue;
      }
      for (let gap = Math.max(this.#last + 1, position - MAX_MISSING); gap < position; gap += 1) {
        this.#missing.set(gap, now);
      }
      this.#last = position;
    }
    while (this.#missing.size > MAX_MISSING) {
      const [oldest] = this.#missing.keys();
      this.#missing.delete(oldest ?? 0);
    }
    return events;
  }
}

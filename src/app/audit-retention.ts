import type { Clock } from '../domain/ports.ts';
import type { Storage } from '../domain/storage.ts';
import { SYSTEM_TIME, type TimeSources } from './clock.ts';
import { TrustedWallClock } from './trusted-wall-clock.ts';

/** Long enough for somebody to see `clock.jumped`. */
const PAUSE_MS = 86_400_000;
/** A jump of a smaller part of the time that events are kept removes none before nine tenths of it. */
const TOLERATED_PART = 0.1;

export interface AuditRetentionOptions {
  readonly storage: Pick<Storage, 'removeAuditEvents'>;
  readonly clock: Clock;
  /** How long events are kept. */
  readonly keptMs: number;
  readonly time?: TimeSources;
}

/**
 * Removes old events of the audit log, but not because a clock is wrong: who sets it must not erase the log by that. An event is old
 * by every clock there is: that of the rules, which stays ahead where the machine's was for a moment, the machine's as it is now, and
 * that of PostgreSQL. Where the machine's has jumped ahead by more than a tenth of the time that events are kept, none is removed for
 * a day. A clock that is ahead as the process starts is not noticed on SQLite.
 */
export class AuditRetention {
  readonly #options: AuditRetentionOptions;
  readonly #wall: TrustedWallClock;

  constructor(options: AuditRetentionOptions) {
    const { keptMs, time = SYSTEM_TIME } = options;
    this.#options = options;
    this.#wall = new TrustedWallClock({ toleratedMs: keptMs * TOLERATED_PART, pauseMs: PAUSE_MS, time });
  }

  /** Removes at most so many; tells whether there are more. To be called at least once a minute. */
  async removeSome(limit: number): Promise<boolean> {
    const { storage, clock, keptMs } = this.#options;
    const wall = this.#wall.now();
    if (wall === null) {
      return false;
    }
    return (await storage.removeAuditEvents({ at: Math.min(clock.now(), wall), keptMs, limit })).more;
  }
}

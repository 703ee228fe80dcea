import type { Clock } from '../domain/ports.ts';
import type { Storage } from '../domain/storage.ts';
import { AuditRetention } from './audit-retention.ts';
import { SYSTEM_TIME, type TimeSources } from './clock.ts';
import { TrustedWallClock } from './trusted-wall-clock.ts';

/** A step is one short write. */
const STEP_ROWS = 200;
/** While there is more to remove: calls go between two steps. */
const STEP_PAUSE_MS = 20;
/** Once nothing is left, and after a step that failed. */
const IDLE_PAUSE_MS = 60_000;
/** So far the clock may be wrong (docs/security.md, R8): the id of a spent nonce outlives the nonce by six times that. */
const TOLERATED_JUMP_MS = 600_000;
/** As long as the id of a spent nonce outlives the nonce: long enough for NTP, or somebody, to set the clock right. */
const JUMP_PAUSE_MS = 3_600_000;

/** What a sweeper works with. */
export interface SweeperOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** How long events of the audit log are kept; null: for ever. */
  readonly auditRetentionMs: number | null;
  readonly time?: TimeSources;
  /** Told of a step that failed; the next one is tried a minute later. */
  readonly onError: (error: unknown) => void;
}

/**
 * Removes expired rows in the background, in steps so small that calls do not notice. A row that is gone too early is a nonce that is
 * taken twice, or a session that ends: it goes when it has expired by every clock there is, that of the rules, which stays ahead where
 * the machine's was for a moment, the machine's as it is now, and that of PostgreSQL. Where the machine's has jumped ahead by more than
 * ten minutes nothing is removed for an hour. A clock that is ahead as the process starts is not noticed on SQLite.
 */
export interface Sweeper {
  /** Ends the sweeping; fulfilled when a step under way has ended. */
  stop(): Promise<void>;
}

/** Starts sweeping. It never holds the process open. */
export function startSweeper({
  storage,
  clock,
  auditRetentionMs,
  time = SYSTEM_TIME,
  onError,
}: SweeperOptions): Sweeper {
  const audit =
    auditRetentionMs === null ? null : new AuditRetention({ storage, clock, keptMs: auditRetentionMs, time });
  const trusted = new TrustedWallClock({ toleratedMs: TOLERATED_JUMP_MS, pauseMs: JUMP_PAUSE_MS, time });
  let stopped = false;
  let step = Promise.resolve();
  let timer = setTimeout(run, STEP_PAUSE_MS).unref();

  function run(): void {
    step = sweepOnce().then((pauseMs) => {
      if (!stopped) {
        timer = setTimeout(run, pauseMs).unref();
      }
    });
  }

  async function sweepOnce(): Promise<number> {
    try {
      const wall = trusted.now();
      const more = wall !== null && (await storage.sweep(Math.min(clock.now(), wall), STEP_ROWS)).more;
      return more || (await audit?.removeSome(STEP_ROWS)) ? STEP_PAUSE_MS : IDLE_PAUSE_MS;
    } catch (error) {
      onError(error);
      return IDLE_PAUSE_MS;
    }
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await step;
    },
  };
}

import type { Clock } from '../domain/ports.ts';

/** Where a clock reads the time; both in milliseconds. */
export interface TimeSources {
  /** Milliseconds since 1970; may jump either way. */
  readonly wall: () => number;
  /** Milliseconds since any fixed instant; never goes back. */
  readonly monotonic: () => number;
}

/** The machine's own. */
export const SYSTEM_TIME: TimeSources = { wall: Date.now, monotonic: () => performance.now() };

/**
 * A clock that never goes back within this process: it runs with the monotonic time from the start on and takes
 * forward corrections of the wall clock alone (docs/security.md, R8). A token that was refused as too old is never
 * accepted later by the same process.
 */
export function createClock({ wall, monotonic }: TimeSources = SYSTEM_TIME): Clock {
  let offset = wall() - monotonic();
  return {
    now() {
      const elapsed = monotonic();
      offset = Math.max(offset, wall() - elapsed);
      return Math.floor(offset + elapsed);
    },
  };
}

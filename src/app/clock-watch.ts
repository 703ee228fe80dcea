import { MAX_CLOCK_SKEW_MS } from '../domain/clock-skew.ts';
import { SYSTEM_TIME, type TimeSources } from './clock.ts';

const LOOK_EVERY_MS = 1_000;

/** Looks whether the clock of the machine was set. */
export interface ClockWatch {
  stop(): void;
}

/**
 * Tells of every jump of the wall clock against the monotonic one between two looks, in milliseconds, where it is more than the rules
 * tolerate ({@link MAX_CLOCK_SKEW_MS}); a machine that was suspended looks the same. It never holds the process open.
 */
export function startClockWatch(onJump: (jumpedMs: number) => void, time: TimeSources = SYSTEM_TIME): ClockWatch {
  let offset = time.wall() - time.monotonic();
  const timer = setInterval(() => {
    const present = time.wall() - time.monotonic();
    const jumpedMs = Math.round(present - offset);
    offset = present;
    if (Math.abs(jumpedMs) > MAX_CLOCK_SKEW_MS) {
      onJump(jumpedMs);
    }
  }, LOOK_EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}

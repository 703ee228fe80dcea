import { expect, onTestFinished, test, vi } from 'vitest';
import { startClockWatch } from '../../src/app/clock-watch.ts';

test('a jump of the clock of more than a minute is told, either way; slewing and small steps are not', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const time = { wallMs: 1_000_000, monotonicMs: 0 };
  const jumps: number[] = [];
  const watch = startClockWatch((jumpedMs) => jumps.push(jumpedMs), {
    wall: () => time.wallMs,
    monotonic: () => time.monotonicMs,
  });
  const pass = (jumpedMs: number) => {
    time.monotonicMs += 1_000;
    time.wallMs += 1_000 + jumpedMs;
    vi.advanceTimersByTime(1_000);
  };
  pass(0);
  pass(500);
  pass(60_000);
  expect(jumps).toEqual([]);
  pass(61_000);
  pass(-600_000);
  expect(jumps).toEqual([61_000, -600_000]);
  watch.stop();
  pass(600_000);
  expect(jumps).toHaveLength(2);
});

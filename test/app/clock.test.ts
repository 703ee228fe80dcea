import { expect, test } from 'vitest';
import { createClock } from '../../src/app/clock.ts';

const TEN_MINUTES_MS = 600_000;

test('R8: time never goes back, and takes forward corrections', () => {
  let wallOffset = 1_700_000_000_000;
  let elapsed = 5_000;
  const clock = createClock({ wall: () => wallOffset + elapsed, monotonic: () => elapsed });
  const start = clock.now();

  wallOffset -= TEN_MINUTES_MS;
  elapsed += 1_000;
  expect(clock.now()).toBe(start + 1_000);

  wallOffset += 2 * TEN_MINUTES_MS;
  elapsed += 1_000;
  expect(clock.now()).toBe(start + 2_000 + TEN_MINUTES_MS);

  wallOffset -= TEN_MINUTES_MS;
  elapsed += 500;
  expect(clock.now()).toBe(start + 2_500 + TEN_MINUTES_MS);
});

import { describe, test } from 'vitest';
import { expectNoLeak } from './expect-no-leak.ts';

/** 10^5 secrets. */
const ROUNDS = 8_400;

describe.runIf(process.platform === 'linux')('W5: secrets stay where they belong', () => {
  test.each([1, 2])('of %i processes', { timeout: 3_600_000 }, (workers) => expectNoLeak({ rounds: ROUNDS, workers }));
});

import { test } from 'vitest';
import { expectFinalLogouts } from './final-logouts.ts';

const PAIRS = 100_000;

test(
  `S1: ${PAIRS} logouts through one of two servers of a store, 0 accepted by the other`,
  { timeout: 3_600_000 },
  () => expectFinalLogouts(PAIRS),
);

import { expect, test } from 'vitest';
import { Deaths } from '../../src/workers/deaths.ts';

test('three within ten seconds are too many, three over a longer time are not', () => {
  let now = 0;
  const deaths = new Deaths(() => now);
  const died = (at: number): boolean => {
    now = at;
    return deaths.add();
  };
  expect([died(0), died(5_000), died(10_000), died(14_999)]).toEqual([false, false, false, true]);
  expect(deaths.total).toBe(4);
});

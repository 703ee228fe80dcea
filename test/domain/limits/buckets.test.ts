import { expect, test } from 'vitest';
import { Buckets } from '../../../src/domain/limits/buckets.ts';

const ONE_A_SECOND = { count: 1, periodMs: 1_000, burst: 1 };

/** Whether a token was there, and taken. */
function take(buckets: Buckets, key: string, nowMs: number): boolean {
  const isThere = buckets.waitMs({ key }, nowMs) === 0;
  if (isThere) {
    buckets.take({ key }, nowMs);
  }
  return isThere;
}

test('each key has its own bucket', () => {
  const buckets = new Buckets(ONE_A_SECOND);
  expect([take(buckets, 'a', 1), take(buckets, 'a', 1), take(buckets, 'b', 1)]).toEqual([true, false, true]);
  expect(buckets.waitMs({ key: 'a' }, 401)).toBe(600);
});

test('a flood of made-up keys leaves no more behind than the bound, and nothing for long', () => {
  const buckets = new Buckets({ count: 100, periodMs: 1_000, burst: 100 });
  for (let index = 0; index < 200_000; index += 1) {
    buckets.take({ key: `flood ${index}` }, 1);
  }
  expect(buckets.size).toBe(65_536);
  for (let charge = 0; charge < 70_000; charge += 1) {
    buckets.take({ key: 'one who stays' }, 2_000);
  }
  expect(buckets.size).toBe(1);
});

test('where all are in use newcomers share one bucket, and who has one keeps it', () => {
  const buckets = new Buckets({ count: 1, periodMs: 1_000, burst: 2 }, 3);
  for (const key of ['a', 'b', 'c']) {
    expect(take(buckets, key, 1)).toBe(true);
  }
  expect([take(buckets, 'd', 1), take(buckets, 'e', 1), take(buckets, 'f', 1)]).toEqual([true, true, false]);
  expect([take(buckets, 'a', 1), take(buckets, 'a', 1)]).toEqual([true, false]);
  expect(buckets.size).toBe(3);
});

test('a bucket that is full again makes room for a newcomer', () => {
  const buckets = new Buckets(ONE_A_SECOND, 3);
  for (const [index, key] of ['a', 'b', 'c'].entries()) {
    buckets.take({ key }, 1 + index * 100);
  }
  expect(buckets.waitMs({ key: 'b' }, 1_050)).toBe(51);
  // That of a is full again: d gets its place, and e none.
  expect([take(buckets, 'd', 1_050), take(buckets, 'd', 1_050)]).toEqual([true, false]);
  expect([take(buckets, 'e', 1_050), take(buckets, 'f', 1_050)]).toEqual([true, false]);
  expect(buckets.waitMs({ key: 'b' }, 1_050)).toBe(51);
});

test('who makes keys up takes half of the buckets at most, and leaves an eighth to each of the others', () => {
  const buckets = new Buckets({ count: 1, periodMs: 1_000, burst: 2 }, 64);
  const taken = (owner: string, nowMs: number, count = 1_000) =>
    Array.from({ length: count }, (_, key) => {
      const name = { key: `${owner} ${nowMs} ${key}`, owner };
      const isThere = buckets.waitMs(name, nowMs) === 0;
      if (isThere) {
        buckets.take(name, nowMs);
      }
      return isThere;
    });
  const many = (count: number) => [...Array(count).fill(true), ...Array(1_000 - count).fill(false)];
  // And both tokens of the bucket that the others of its keys share.
  expect([taken('evil', 1), buckets.size]).toEqual([many(32 + 2), 32]);
  expect([taken('other', 1), buckets.size]).toEqual([many(8 + 2), 40]);
  expect([taken('another', 1, 8), take(buckets, 'nobody made it up', 1)]).toEqual([Array(8).fill(true), true]);
  // All are full again.
  expect(taken('evil', 2_001, 20)).toEqual(Array(20).fill(true));
});

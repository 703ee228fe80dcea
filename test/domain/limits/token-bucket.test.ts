import { expect, test } from 'vitest';
import type { RateLimit } from '../../../src/domain/limits/rate-limit.ts';
import { fullAfterTaking, isFull, paceOf, waitForToken } from '../../../src/domain/limits/token-bucket.ts';
import { Random } from '../../security/random.ts';

const SECOND = 1_000;
const PERIODS = [SECOND, 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];

/** A bucket with a clock of its own. */
class Bucket {
  readonly #pace;
  now: number;
  #fullAt = 0;

  constructor(limit: RateLimit, now: number) {
    this.#pace = paceOf(limit);
    this.now = now;
  }

  get isFull(): boolean {
    return isFull(this.#pace, this.#fullAt, this.now);
  }

  /** 0 where a token was taken; otherwise the wait. */
  take(): number {
    const wait = waitForToken(this.#pace, this.#fullAt, this.now);
    if (wait === 0) {
      this.#fullAt = fullAfterTaking(this.#pace, this.#fullAt, this.now);
    }
    return wait;
  }
}

test('gives its burst at once, then one after another', () => {
  const bucket = new Bucket({ count: 2, periodMs: SECOND, burst: 3 }, 7);
  expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 500]);
  bucket.now += 499;
  expect(bucket.take()).toBe(1);
  bucket.now += 1;
  expect([bucket.take(), bucket.take()]).toEqual([0, 500]);
});

test('is full again after its burst has come back, and holds no more than that', () => {
  const bucket = new Bucket({ count: 10, periodMs: SECOND, burst: 5 }, 1);
  expect(bucket.isFull).toBe(true);
  bucket.take();
  bucket.now += 99;
  expect(bucket.isFull).toBe(false);
  bucket.now += 1;
  expect(bucket.isFull).toBe(true);
  bucket.now += 3_600 * SECOND;
  expect(Array.from({ length: 6 }, () => bucket.take() === 0)).toEqual([true, true, true, true, true, false]);
});

test('a third of a second is neither rounded up nor down', () => {
  const bucket = new Bucket({ count: 3, periodMs: SECOND, burst: 2 }, 0.5 * SECOND);
  const began = bucket.now;
  let taken = 0;
  for (; bucket.now < began + 3_000_000; bucket.now += 1) {
    taken += Number(bucket.take() === 0);
  }
  // Two at the beginning, and one for each third that has passed; the last passes with the last millisecond, which is left out.
  expect(taken).toBe(2 + 9_000 - 1);
});

test('no window sees more than the burst and what came back in it; a wait is exact to the millisecond', () => {
  const random = new Random(12_1);
  for (let round = 0; round < 300; round += 1) {
    const limit = {
      count: 1 + random.below(random.pick([5, 1_000, 1_000_000])),
      periodMs: random.pick(PERIODS),
      burst: 1 + random.below(random.pick([3, 50])),
    };
    const hint = `seed ${random.seed}, round ${round}: ${JSON.stringify(limit)}`;
    const bucket = new Bucket(limit, 1 + random.below(1_000_000_000));
    const admittedAt: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      const wait = bucket.take();
      if (wait === 0) {
        admittedAt.push(bucket.now);
        bucket.now += random.below(3) === 0 ? random.below(Math.ceil((2 * limit.periodMs) / limit.count) + 1) : 0;
        continue;
      }
      bucket.now += wait - 1;
      expect(bucket.take(), hint).toBe(1);
      bucket.now += 1;
    }
    expect(mostBeyond(admittedAt, limit), hint).toBeLessThan(1e-6);
  }
});

/** By how many the worst window between two of these instants has more than its burst and what came back in it. */
function mostBeyond(admittedAt: readonly number[], { count, periodMs, burst }: RateLimit): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const [first, from] of admittedAt.entries()) {
    for (let last = first; last < admittedAt.length; last += 1) {
      const back = (((admittedAt[last] ?? 0) - from) * count) / periodMs;
      most = Math.max(most, last - first + 1 - burst - back);
    }
  }
  return most;
}

import { describe, expect, test } from 'vitest';
import {
  beginTry,
  COUNTED_AS,
  type CountedAs,
  endTry,
  HARD_LOCK_AT,
  isEmpty,
  isExhausted,
  isHardLocked,
  type LockRules,
  NO_TRIES,
  resetTries,
  type Tries,
  type TryEnd,
} from '../../src/domain/auth/tries.ts';
import { MAX_CLOCK_SKEW_MS } from '../../src/domain/clock-skew.ts';
import { Random } from '../security/random.ts';

const NOW = Date.UTC(2026, 0, 1);
const SECOND = 1_000;
const RULES: LockRules = { lockAfter: 5, lockMaxMs: 900 * SECOND, hardLockAt: HARD_LOCK_AT };

function begun(tries: Tries, at = NOW, countedAs: CountedAs = 'private_key'): Tries {
  const decision = beginTry(tries, countedAs, RULES, at);
  if (decision.outcome !== 'reserved') {
    throw new Error(`not reserved: ${decision.outcome}`);
  }
  return decision.tries;
}

function failed(times: number, at = NOW): Tries {
  let tries = NO_TRIES;
  for (let count = 0; count < times; count += 1) {
    tries = endTry(begun({ ...tries, lockedUntil: 0 }, at), 'failed', RULES, at);
  }
  return tries;
}

describe('A1: a counter of tries', () => {
  test('lets as many be under way as could fail before the waits begin', () => {
    let tries = NO_TRIES;
    for (let count = 0; count < 5; count += 1) {
      tries = begun(tries);
    }
    expect(beginTry(tries, 'private_key', RULES, NOW)).toEqual({ outcome: 'wait' });
    expect(beginTry(endTry(tries, 'withdrawn', RULES, NOW), 'private_key', RULES, NOW).outcome).toBe('reserved');
    expect(beginTry(endTry(tries, 'succeeded', RULES, NOW), 'private_key', RULES, NOW).outcome).toBe('reserved');
    expect(beginTry(endTry(tries, 'failed', RULES, NOW), 'private_key', RULES, NOW).outcome).toBe('wait');
  });

  test('waits a second after the fifth failure, twice as long after each further one, and no longer than the setting', () => {
    const waits = [4, 5, 6, 7, 14, 15, 49].map((times) => {
      const decision = beginTry(failed(times), 'private_key', RULES, NOW);
      return decision.outcome === 'locked' ? decision.retryAfterMs : decision.outcome;
    });
    expect(waits).toEqual(['reserved', 1_000, 2_000, 4_000, 512_000, 900_000, 900_000]);
  });

  test('tells the exact wait that is left, lets one try when it is over, and the next when that has ended', () => {
    const tries = failed(6);
    expect(beginTry(tries, 'private_key', RULES, NOW + 1_999)).toEqual({ outcome: 'locked', retryAfterMs: 1 });
    const one = begun(tries, NOW + 2_000);
    expect(beginTry(one, 'private_key', RULES, NOW + 2_000)).toEqual({ outcome: 'wait' });
    expect(endTry(one, 'succeeded', RULES, NOW + 2_000)).toMatchObject({ failures: 0, lockedUntil: 0 });
  });

  const ofClasses = Object.entries(HARD_LOCK_AT).filter(([name]) => name !== 'known_device');

  test.each(ofClasses)('of %s is locked for good after %i failures', (name, most) => {
    const countedAs = name as CountedAs;
    const late = NOW + 365 * 86_400 * SECOND;
    const last = failed(most - 1);
    expect(isHardLocked(last, countedAs, RULES)).toBe(false);
    const locked = endTry(begun(last, late, countedAs), 'failed', RULES, late);
    expect(isHardLocked(locked, countedAs, RULES)).toBe(true);
    expect(beginTry(locked, countedAs, RULES, 2 * late)).toEqual({ outcome: 'locked', retryAfterMs: null });
  });

  test("of known devices never locks for good: the next ones are a stranger's", () => {
    const most = HARD_LOCK_AT.known_device;
    expect(isExhausted(failed(most - 1), RULES)).toBe(false);
    expect(isExhausted(failed(most), RULES)).toBe(true);
    expect(isHardLocked(failed(most), 'known_device', RULES)).toBe(false);
  });

  test('is not told to be locked for good while a try is under way that may be right', () => {
    const last = begun(failed(49), NOW + 900 * SECOND);
    expect(beginTry(last, 'private_key', RULES, NOW + 900 * SECOND)).toEqual({ outcome: 'wait' });
    expect(isEmpty(endTry(last, 'succeeded', RULES, NOW))).toBe(true);
  });

  test('keeps those under way counted when another succeeds', () => {
    const three = begun(begun(begun(NO_TRIES)));
    const two = endTry(three, 'succeeded', RULES, NOW);
    expect(two).toMatchObject({ failures: 2, pending: 2 });
    expect(endTry(endTry(two, 'failed', RULES, NOW), 'failed', RULES, NOW)).toMatchObject({ failures: 2, pending: 0 });
  });

  test('takes a try whose process died for a failed one, and locks as of when it was to end', () => {
    const five = begun(begun(begun(begun(begun(NO_TRIES)))));
    expect(beginTry(five, 'private_key', RULES, NOW + 29_999)).toEqual({ outcome: 'wait' });
    expect(beginTry(five, 'private_key', RULES, NOW + 30_000)).toEqual({ outcome: 'locked', retryAfterMs: 1_000 });
    expect(beginTry(five, 'private_key', RULES, NOW + 31_000).outcome).toBe('reserved');
  });

  test('keeps those under way counted when it is reset, and none whose process died', () => {
    const under = begun(begun(failed(3)));
    expect(resetTries(under, NOW)).toMatchObject({ failures: 2, pending: 2, lockedUntil: 0 });
    expect(isEmpty(resetTries(under, NOW + 30_000))).toBe(true);
    expect(isEmpty(resetTries(failed(50), NOW))).toBe(true);
  });

  test('counts a failure that ends after the counter is gone', () => {
    expect(endTry(NO_TRIES, 'failed', RULES, NOW)).toMatchObject({ failures: 1, pending: 0 });
    expect(isEmpty(endTry(NO_TRIES, 'withdrawn', RULES, NOW))).toBe(true);
    expect(isEmpty(endTry(NO_TRIES, 'succeeded', RULES, NOW))).toBe(true);
  });

  test('does not believe an instant that only a wrong clock can have set', () => {
    const ahead = NOW + 900 * SECOND + MAX_CLOCK_SKEW_MS + 1;
    expect(beginTry({ ...failed(5), lockedUntil: ahead }, 'private_key', RULES, NOW).outcome).toBe('reserved');
    expect(beginTry({ ...failed(5), lockedUntil: ahead - 1 }, 'private_key', RULES, NOW).outcome).toBe('locked');
    const pending = { ...begun(failed(5), NOW + SECOND), pendingUntil: NOW + 31 * SECOND + MAX_CLOCK_SKEW_MS };
    expect(beginTry(pending, 'private_key', RULES, NOW + SECOND).outcome).toBe('wait');
    expect(beginTry(pending, 'private_key', RULES, NOW + SECOND - 1).outcome).toBe('locked');
  });
});

test('A1: whatever is tried in whatever order, fewer than 100 failures in a row are compared over all counters', () => {
  const most = COUNTED_AS.reduce((sum, countedAs) => sum + HARD_LOCK_AT[countedAs], 0);
  expect(most).toBeLessThan(100);
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new Random(seed);
    const rules = { ...RULES, lockAfter: 1 + random.below(10) };
    const counters = new Map<CountedAs, Tries>(COUNTED_AS.map((name) => [name, NO_TRIES]));
    const underWay = new Map<CountedAs, number>(COUNTED_AS.map((name) => [name, 0]));
    let now = NOW;
    let compared = 0;
    for (let step = 0; step < 2_000; step += 1) {
      const name = random.pick(COUNTED_AS);
      const tries = counters.get(name) ?? NO_TRIES;
      const running = underWay.get(name) ?? 0;
      now += random.below(random.below(10) === 0 ? 1_000 * SECOND : SECOND);
      if (running > 0 && random.below(2) === 0) {
        const end: TryEnd = random.below(5) > 0 ? 'failed' : 'withdrawn';
        compared -= end === 'withdrawn' ? 1 : 0;
        counters.set(name, endTry(tries, end, rules, now));
        underWay.set(name, running - 1);
        continue;
      }
      const decision = beginTry(tries, name, rules, now);
      if (decision.outcome === 'reserved') {
        expect(decision.tries.pending).toBeLessThanOrEqual(rules.lockAfter);
        compared += 1;
        counters.set(name, decision.tries);
        underWay.set(name, running + 1);
      }
    }
    expect(compared, `seed ${seed}`).toBeLessThanOrEqual(most);
  }
});

import { describe, expect, test } from 'vitest';
import { AT_ONCE, type Manner, Repeats } from '../../../src/transport/admission/repeats.ts';

const WAIT_MS = 1_000;
/** Longer than an answer is held. */
const EARLY_MS = 50;
/** A connection that takes a call at a time, from an address that is not known. */
const ONE = { isKnown: false, isShared: false };

/** How a caller is told that comes again so long after each refusal, so many times. */
function told(repeats: Repeats, count: number, pauseMs: number, from = 0): Manner[] {
  return Array.from({ length: count }, (_, index) => {
    const now = from + index * pauseMs;
    repeats.arrive(now);
    return repeats.refuse(now, WAIT_MS, 0.5);
  });
}

describe('R6: a caller that is refused', () => {
  test('and waits as told is answered at once, for ever', () => {
    const repeats = new Repeats(ONE);
    expect(new Set(told(repeats, 1_000, WAIT_MS))).toEqual(new Set([AT_ONCE]));
    expect(repeats.isUnread).toBe(false);
  });

  test('and repeats without waiting is told at once, then held, then unread, and at last no more', () => {
    const repeats = new Repeats(ONE);
    const unreadFrom = Array.from({ length: 33 }, (_, index) => {
      const [manner] = told(repeats, 1, 0, EARLY_MS * index);
      return [manner?.holdMs, repeats.isUnread];
    });
    expect(unreadFrom.slice(0, 8)).toEqual(Array(8).fill([0, false]));
    expect(unreadFrom.slice(8, 32)).toEqual(Array(24).fill([35, false]));
    expect(unreadFrom[32]).toEqual([35, true]);
    const later = told(repeats, 96, EARLY_MS, EARLY_MS * 33);
    expect(later.slice(0, 95).filter(({ ends }) => ends)).toEqual([]);
    expect(later[95]).toEqual({ holdMs: 35, ends: true });
  });

  test('is kept waiting for less than the 50 ms in which a refusal is told, and answered together with others', () => {
    const answeredAt = [2_000, 2_003, 2_009.5, 2_010].map((now) =>
      [0, 0.5, 1].map((random) => {
        const repeats = new Repeats(ONE);
        told(repeats, 20, EARLY_MS);
        return now + repeats.refuse(now, WAIT_MS, random).holdMs;
      }),
    );
    expect(answeredAt).toEqual([
      [2_030, 2_035, 2_035],
      [2_035, 2_040, 2_040],
      [2_040, 2_045, 2_045],
      [2_040, 2_045, 2_045],
    ]);
  });

  test('has what it sent without waiting for answers held one after the other', () => {
    const repeats = new Repeats(ONE);
    told(repeats, 20, EARLY_MS);
    const now = 20 * EARLY_MS;
    const held = Array.from({ length: 4 }, () => repeats.refuse(now, WAIT_MS, 0).holdMs);
    expect(held).toEqual([30, 60, 90, 120]);
  });

  test('and sends many at once while its answers are held is counted for each, but where many share the connection', () => {
    const [one, shared] = [new Repeats(ONE), new Repeats({ ...ONE, isShared: true })];
    for (const repeats of [one, shared]) {
      told(repeats, 20, EARLY_MS);
      Array.from({ length: 109 }, () => repeats.arrive(20 * EARLY_MS));
    }
    expect([one, shared].map((repeats) => repeats.refuse(20 * EARLY_MS, WAIT_MS, 0).ends)).toEqual([true, false]);
  });

  test('has not waited while its answer was held: the wait begins when it is told', () => {
    const repeats = new Repeats(ONE);
    const SHORT_MS = 6;
    let now = 0;
    const manners = Array.from({ length: 129 }, () => {
      repeats.arrive(now);
      const manner = repeats.refuse(now, SHORT_MS, 0);
      // At once after the answer, or as soon as calls are told apart.
      now += Math.max(manner.holdMs + 0.5, 5);
      return manner;
    });
    expect(manners.slice(0, 3)).toEqual(Array(3).fill(AT_ONCE));
    expect(manners.at(-1)).toMatchObject({ ends: true });
    now += SHORT_MS;
    expect(repeats.arrive(now)).toBe(false);
  });

  test('and comes after a wait of milliseconds by chance has none of its repeats forgiven by that, as after a second', () => {
    const repeats = new Repeats(ONE);
    // Every second call is early.
    for (let call = 0; call < 20; call += 1) {
      const now = call * 40;
      expect([repeats.arrive(now), repeats.refuse(now, 8, 0).ends]).toEqual([false, false]);
      expect(repeats.arrive(now + 6)).toBe(true);
    }
    expect(repeats.refuse(800, 8, 0).holdMs).toBe(30);
    repeats.arrive(5_000);
    expect(repeats.refuse(5_000, 4, 0)).toEqual(AT_ONCE);
  });

  test('and sends many at once after a wait of milliseconds has kept it with one of them, until that is answered otherwise', () => {
    const repeats = new Repeats(ONE);
    repeats.refuse(0, 4, 0);
    expect([10, 10, 10].map((now) => repeats.arrive(now))).toEqual([false, true, true]);
    repeats.pass();
    expect([20, 20].map((now) => repeats.arrive(now))).toEqual([false, true]);
    repeats.serve();
    expect([30, 30, 30].map((now) => repeats.arrive(now))).toEqual([false, false, false]);
    repeats.refuse(40, 4, 0);
    expect([1_040, 1_040].map((now) => repeats.arrive(now))).toEqual([false, false]);
  });

  test('and keeps waits of milliseconds is answered at once, for ever', () => {
    const repeats = new Repeats(ONE);
    const manners = Array.from({ length: 1_000 }, (_, call) => {
      repeats.arrive(call * 5);
      return repeats.refuse(call * 5, 5, 0.5);
    });
    expect(new Set(manners)).toEqual(new Set([AT_ONCE]));
  });

  test('is one like any other again once it has waited, or was served', () => {
    const repeats = new Repeats(ONE);
    told(repeats, 200, EARLY_MS);
    repeats.arrive(200 * EARLY_MS + WAIT_MS);
    expect(repeats.refuse(200 * EARLY_MS + WAIT_MS, WAIT_MS, 0.5)).toEqual(AT_ONCE);
    told(repeats, 200, EARLY_MS, 14_000);
    repeats.serve();
    repeats.arrive(24_010);
    expect(repeats.refuse(24_010, WAIT_MS, 0.5)).toEqual(AT_ONCE);
    expect(repeats.isUnread).toBe(false);
  });

  test('with many calls on their way at once is counted once for all of them', () => {
    const repeats = new Repeats(ONE);
    expect(new Set(told(repeats, 500, 0))).toEqual(new Set([AT_ONCE]));
  });

  test('is held at its first refusal where others of its address were ended, and what it repeats early is unread', () => {
    const repeats = new Repeats({ ...ONE, isKnown: true });
    const [first] = told(repeats, 1, 0);
    expect(first).toEqual({ holdMs: 35, ends: false });
    expect(repeats.isUnread).toBe(true);
  });
});

describe('R6: a connection that many share', () => {
  const SHARED = { ...ONE, isShared: true };

  /** Which of the calls come early where each of so many people comes again whenever a wait is over. */
  function early(repeats: Repeats, people: number, pauseMs: number, rounds: number): number[] {
    const calls = Array.from({ length: people * rounds }, (_, call) => {
      const now = Math.floor(call / people) * (WAIT_MS + 45) + (call % people) * pauseMs;
      const isEarly = repeats.arrive(now);
      repeats.refuse(now, WAIT_MS, 0.5);
      return isEarly ? call : -1;
    });
    return calls.filter((call) => call !== -1);
  }

  test('carries the calls of people who each wait as told: none is early but the first ones, whoever else still waits', () => {
    const firsts = Array.from({ length: 39 }, (_, call) => call + 1);
    expect(early(new Repeats(SHARED), 40, 25, 60)).toEqual(firsts);
    expect(early(new Repeats(ONE), 40, 25, 60)).not.toEqual(firsts);
  });

  test('is allowed one call for each wait, and no more of them than it remembers', () => {
    const repeats = new Repeats(SHARED);
    early(repeats, 1_000, 0, 1);
    repeats.refuse(WAIT_MS - 1, WAIT_MS, 0.5);
    const calls = Array.from({ length: 1_000 }, () => repeats.arrive(WAIT_MS));
    expect(calls.indexOf(true)).toBe(128);
    expect(calls.lastIndexOf(false)).toBe(127);
  });
});

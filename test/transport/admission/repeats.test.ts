import { describe, expect, test } from 'vitest';
import { AT_ONCE, type Manner, Repeats } from '../../../src/transport/admission/repeats.ts';

const WAIT_MS = 1_000;
const EARLY_MS = 10;
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
    expect(unreadFrom.slice(8, 32)).toEqual(Array(24).fill([30, false]));
    expect(unreadFrom[32]).toEqual([30, true]);
    const later = told(repeats, 96, EARLY_MS, EARLY_MS * 33);
    expect(later.slice(0, 95).filter(({ ends }) => ends)).toEqual([]);
    expect(later[95]).toEqual({ holdMs: 30, ends: true });
  });

  test('is kept waiting for less than the 50 ms in which a refusal is told, and answered together with others', () => {
    const repeats = new Repeats(ONE);
    told(repeats, 20, EARLY_MS);
    const answeredAt = [200, 203, 209.5, 210].map((now) =>
      [0, 0.5, 1].map((random) => now + repeats.refuse(now, WAIT_MS, random).holdMs),
    );
    expect(answeredAt).toEqual([
      [220, 230, 230],
      [230, 230, 240],
      [230, 240, 240],
      [230, 240, 240],
    ]);
  });

  test('is one like any other again once it has waited, or was served', () => {
    const repeats = new Repeats(ONE);
    told(repeats, 200, EARLY_MS);
    repeats.arrive(200 * EARLY_MS + WAIT_MS);
    expect(repeats.refuse(200 * EARLY_MS + WAIT_MS, WAIT_MS, 0.5)).toEqual(AT_ONCE);
    told(repeats, 200, EARLY_MS, 4_000);
    repeats.serve();
    repeats.arrive(6_010);
    expect(repeats.refuse(6_010, WAIT_MS, 0.5)).toEqual(AT_ONCE);
    expect(repeats.isUnread).toBe(false);
  });

  test('with many calls on their way at once is counted once for all of them', () => {
    const repeats = new Repeats(ONE);
    expect(new Set(told(repeats, 500, 0))).toEqual(new Set([AT_ONCE]));
  });

  test('is held at its first refusal where others of its address were ended, and read all the same', () => {
    const repeats = new Repeats({ ...ONE, isKnown: true });
    const [first] = told(repeats, 1, 0);
    expect(first).toEqual({ holdMs: 30, ends: false });
    expect(repeats.isUnread).toBe(false);
  });
});

describe('R6: a connection that many share', () => {
  const SHARED = { ...ONE, isShared: true };

  /** Which of the calls come early where each of so many people comes again whenever a wait is over. */
  function early(repeats: Repeats, people: number, pauseMs: number, rounds: number): number[] {
    const calls = Array.from({ length: people * rounds }, (_, call) => {
      const now = Math.floor(call / people) * (WAIT_MS + 5) + (call % people) * pauseMs;
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

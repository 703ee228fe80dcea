import { describe, expect, test } from 'vitest';
import { AT_ONCE, type Manner, Repeats } from '../../../src/transport/admission/repeats.ts';

const WAIT_MS = 1_000;
const EARLY_MS = 10;

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
    const repeats = new Repeats(false);
    expect(new Set(told(repeats, 1_000, WAIT_MS))).toEqual(new Set([AT_ONCE]));
    expect(repeats.isUnread).toBe(false);
  });

  test('and repeats without waiting is told at once, then held, then unread, and at last no more', () => {
    const repeats = new Repeats(false);
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
    const repeats = new Repeats(false);
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
    const repeats = new Repeats(false);
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
    const repeats = new Repeats(false);
    expect(new Set(told(repeats, 500, 0))).toEqual(new Set([AT_ONCE]));
  });

  test('is held at its first refusal where others of its address were ended, and read all the same', () => {
    const repeats = new Repeats(true);
    const [first] = told(repeats, 1, 0);
    expect(first).toEqual({ holdMs: 30, ends: false });
    expect(repeats.isUnread).toBe(false);
  });
});

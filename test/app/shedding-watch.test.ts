import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SheddingWatch } from '../../src/app/shedding-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const told: { type: string; refused: unknown }[] = [];
  const lines: string[] = [];
  const note = (event: string) => void lines.push(event);
  const watch = new SheddingWatch({
    trail: { add: ({ type, details }) => void told.push({ type, refused: details?.refused }) },
    clock: { now: () => 0 },
    logger: { debug: note, info: note, warn: note, error: note, isEnabled: () => true },
  });
  const pass = (seconds: number, refusedEach: number) => {
    for (let second = 0; second < seconds; second += 1) {
      for (let n = 0; n < refusedEach; n += 1) {
        watch.refused();
      }
      vi.advanceTimersByTime(1_000);
    }
  };
  return { watch, told, lines, pass };
}

test('refusals that come and go are no shedding; many in a second are, once, until a minute passes without', () => {
  const { watch, told, lines, pass } = watched();
  pass(30, 9);
  expect(told).toEqual([]);
  pass(5, 200);
  expect(told).toEqual([{ type: 'shedding.began', refused: 200 }]);
  pass(59, 0);
  pass(1, 1);
  pass(59, 0);
  expect(told).toHaveLength(1);
  pass(1, 0);
  expect(told).toEqual([
    { type: 'shedding.began', refused: 200 },
    { type: 'shedding.ended', refused: 1_001 },
  ]);
  expect(lines).toEqual(['shedding_began', 'shedding_ended']);
  watch.stop();
  expect(told).toHaveLength(2);
});

test('what has not ended is told when the server stops', () => {
  const { watch, told, pass } = watched();
  pass(2, 50);
  watch.refused();
  watch.stop();
  expect(told).toEqual([
    { type: 'shedding.began', refused: 50 },
    { type: 'shedding.ended', refused: 101 },
  ]);
});

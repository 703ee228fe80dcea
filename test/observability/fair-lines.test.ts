import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CausedLine, FairLines } from '../../src/observability/fair-lines.ts';
import { createLogger } from '../../src/observability/logger.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const written: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => written.push(JSON.parse(line)) } });
  const fair = new FairLines(logger, 'refused');
  return {
    fair,
    cause(share: CausedLine['share'], source: string, times = 1, reason = 'WRONG') {
      for (let time = 0; time < times; time++) {
        fair.write({ share, source, reason, fields: () => ({ source }) });
      }
    },
    /** How many lines of each source were written since the last time. */
    told(): Record<string, number> {
      const lines = written.splice(0).filter(({ event }) => event === 'refused');
      const sources = lines.map(({ source }) => String(source));
      return Object.fromEntries([...new Set(sources)].map((one) => [one, sources.filter((it) => it === one).length]));
    },
    counts: () => written.splice(0).flatMap(({ event, ...fields }) => (event === 'refused_untold' ? [fields] : [])),
  };
}

test('a flood of one source leaves lines to others, and to strangers none of the proven', () => {
  const { cause, told } = start();
  cause('stranger', 'flood', 10_000);
  cause('stranger', 'a');
  cause('stranger', 'b');
  cause('proven', 'backend');
  expect(told()).toEqual({ flood: 5, a: 1, b: 1, backend: 1 });
});

test('however many sources flood, a second has ten lines of each share', () => {
  const { cause, told } = start();
  for (let source = 0; source < 1_000; source++) {
    cause('stranger', `stranger ${source}`, 3);
    cause('proven', `proven ${source}`, 3);
  }
  const lines = Object.entries(told());
  const of = (share: string) =>
    lines.filter(([source]) => source.startsWith(share)).reduce((sum, [, count]) => sum + count, 0);
  expect([of('stranger'), of('proven')]).toEqual([10, 10]);
});

test('floods of several sources that go on leave the next second a line for a newcomer', () => {
  const { cause, told } = start();
  const flood = () => {
    for (const source of ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8']) {
      cause('stranger', source, 100);
    }
  };
  flood();
  told();
  vi.advanceTimersByTime(1_000);
  flood();
  cause('stranger', 'newcomer');
  expect(told()).toMatchObject({ newcomer: 1 });
});

test('what was not written is told once a second by its number and reasons', () => {
  const { cause, counts } = start();
  cause('stranger', 'flood', 105);
  cause('stranger', 'flood', 7, 'FORGED');
  vi.advanceTimersByTime(1_000);
  expect(counts()).toMatchObject([{ level: 'info', untold: 107, WRONG: 100, FORGED: 7 }]);
  vi.advanceTimersByTime(60_000);
  expect(counts()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an end tells the numbers so far, once', () => {
  const { cause, fair, counts } = start();
  cause('proven', 'flood', 8);
  fair.close();
  expect(counts()).toMatchObject([{ untold: 3, WRONG: 3 }]);
  vi.advanceTimersByTime(60_000);
  expect(counts()).toEqual([]);
});

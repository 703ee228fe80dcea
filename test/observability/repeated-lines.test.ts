import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/observability/logger.ts';
import { RepeatedLines } from '../../src/observability/repeated-lines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(): { readonly repeated: RepeatedLines; readonly lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => written.push(line) } });
  const lines = () =>
    written.splice(0).map((line) => {
      const { time: _time, pid: _pid, ...fields } = JSON.parse(line);
      return fields;
    });
  return { repeated: new RepeatedLines(logger), lines };
}

function failure(code: string) {
  return { level: 'error', event: 'call_failed', kind: { code }, details: () => ({ stack: 'at here' }) } as const;
}

test('the first of a kind is written whole, those of its minute are one line with their number', () => {
  const { repeated, lines } = start();
  for (let i = 0; i < 1_000; i++) {
    repeated.write(failure('SQLITE_FULL'));
  }
  repeated.write(failure('SQLITE_IOERR'));
  expect(lines()).toEqual([
    { level: 'error', event: 'call_failed', code: 'SQLITE_FULL', stack: 'at here' },
    { level: 'error', event: 'call_failed', code: 'SQLITE_IOERR', stack: 'at here' },
  ]);
  vi.advanceTimersByTime(60_000);
  expect(lines()).toEqual([{ level: 'error', event: 'call_failed', code: 'SQLITE_FULL', repeats: 999 }]);
  repeated.write(failure('SQLITE_FULL'));
  expect(lines()).toMatchObject([{ code: 'SQLITE_FULL', stack: 'at here' }]);
  repeated.close();
});

test('an end tells the numbers so far, once', () => {
  const { repeated, lines } = start();
  repeated.write(failure('SQLITE_FULL'));
  repeated.write(failure('SQLITE_FULL'));
  repeated.close();
  vi.advanceTimersByTime(120_000);
  expect(lines()).toMatchObject([{ stack: 'at here' }, { code: 'SQLITE_FULL', repeats: 1 }]);
});

test('kinds without number are told as one', () => {
  const { repeated, lines } = start();
  for (let i = 0; i < 10_000; i++) {
    repeated.write(failure(`E${i}`));
  }
  expect(lines()).toHaveLength(101);
  repeated.close();
  expect(lines()).toEqual([{ level: 'error', event: 'call_failed', others: true, repeats: 9_899 }]);
});

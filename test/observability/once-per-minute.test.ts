import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OncePerMinute } from '../../src/observability/once-per-minute.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('K4: each name is due once a minute, whatever the others do, and again in the next', () => {
  const names = new OncePerMinute();
  const due = () => ['one', 'other'].map((name) => names.isDue(name));
  expect(names.isDue('one')).toBe(true);
  vi.advanceTimersByTime(30_000);
  expect(due()).toEqual([false, true]);
  vi.advanceTimersByTime(29_999);
  expect(due()).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect(due()).toEqual([true, false]);
  vi.advanceTimersByTime(30_000);
  expect(due()).toEqual([false, true]);
});

test('of more names than it keeps those that were told last stay told', () => {
  const names = new OncePerMinute();
  for (let n = 0; n < 1_500; n += 1) {
    expect(names.isDue(`name ${n}`)).toBe(true);
  }
  expect(names.isDue('name 1499')).toBe(false);
  expect(names.isDue('name 0')).toBe(true);
});

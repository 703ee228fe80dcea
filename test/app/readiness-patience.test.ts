import { expect, onTestFinished, test, vi } from 'vitest';
import { Readiness } from '../../src/app/readiness.ts';

test('a store that does not answer is not ready after ten seconds, and is asked for nothing more until it has answered', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const turns: unknown[] = [];
  let pings = 0;
  let answer = (): void => undefined;
  const readiness = new Readiness({
    ping: () => {
      pings += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    onTurn: (error) => turns.push(error instanceof Error ? error.message : error),
  });
  const asked = readiness.isReady();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await asked).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  const again = readiness.isReady();
  await vi.advanceTimersByTimeAsync(1);
  expect(await again).toBe(false);
  answer();
  await vi.advanceTimersByTimeAsync(1_000);
  const after = readiness.isReady();
  answer();
  expect(await after).toBe(true);
  expect([pings, turns]).toEqual([2, ['The store has not answered for 10 s.', null]]);
});

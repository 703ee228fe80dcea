import { expect, test } from 'vitest';
import { Readiness } from '../../src/app/readiness.ts';

test('readiness asks the store once a second, whoever wants to know, and tells each turn once', async () => {
  let now = 0;
  let pings = 0;
  let fault: Error | null = null;
  const turns: unknown[] = [];
  const readiness = new Readiness({
    now: () => now,
    ping: async () => {
      pings += 1;
      if (fault !== null) {
        throw fault;
      }
    },
    onTurn: (error) => turns.push(error),
  });
  const flood = () => Promise.all(Array.from({ length: 1_000 }, () => readiness.isReady()));
  expect(new Set(await flood())).toEqual(new Set([true]));
  fault = new Error('full');
  now = 999;
  expect(new Set(await flood())).toEqual(new Set([true]));
  expect(pings).toBe(1);
  now = 1_000;
  expect(new Set(await flood())).toEqual(new Set([false]));
  now = 2_000;
  expect(await readiness.isReady()).toBe(false);
  fault = null;
  now = 3_000;
  expect(await readiness.isReady()).toBe(true);
  expect(pings).toBe(4);
  expect(turns).toEqual([expect.objectContaining({ message: 'full' }), null]);
});

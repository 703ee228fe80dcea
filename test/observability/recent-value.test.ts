import { expect, test } from 'vitest';
import { HOLDS_MS, RecentValue } from '../../src/observability/recent-value.ts';
import { deferred } from '../transport/http/test-server.ts';

test('one is made for all who ask while it is made and for half a second after it', async () => {
  let [made, now] = [0, 0];
  let gate = deferred();
  const value = new RecentValue(
    async () => {
      await gate.promise;
      made += 1;
      return made;
    },
    () => now,
  );
  const asked = [value.get(), value.get()];
  now += 10 * HOLDS_MS;
  asked.push(value.get());
  gate.resolve();
  expect(await Promise.all(asked)).toEqual([1, 1, 1]);
  now += HOLDS_MS - 1;
  expect(await value.get()).toBe(1);
  now += 1;
  gate = deferred();
  const next = [value.get(), value.get()];
  gate.resolve();
  expect(await Promise.all(next)).toEqual([2, 2]);
});

test('what could not be made is told to all who wait for it, and is made for who asks next', async () => {
  let tries = 0;
  const value = new RecentValue(
    async () => {
      tries += 1;
      if (tries === 1) {
        throw new Error('not yet');
      }
      return tries;
    },
    () => 0,
  );
  const asked = await Promise.allSettled([value.get(), value.get()]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await value.get()).toBe(2);
});

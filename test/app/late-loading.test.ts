import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startLateLoading } from '../../src/app/late-loading.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('what a start leaves out is loaded after it, one after the other', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const load = (name: string) => ({
    name,
    load: () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  });
  const loading = startLateLoading([load('one'), load('two')], () => expect.unreachable());
  expect(begun).toEqual([]);
  vi.runAllTimers();
  expect(begun).toEqual(['one']);
  ends[0]?.();
  await nextTurn();
  expect(begun).toEqual(['one', 'two']);
  ends[1]?.();
  await loading.stop();
  expect(loading.isSound()).toBe(true);
});

test('R11: what cannot be loaded is told, keeps nothing else from being loaded, and is known from then on', async () => {
  const told: unknown[] = [];
  const noRoom = new Error('EMFILE');
  const second = vi.fn(async () => {});
  const loading = startLateLoading(
    [
      { name: 'one', load: () => Promise.reject(noRoom) },
      { name: 'two', load: second },
    ],
    (name, error) => told.push([name, error]),
  );
  expect(loading.isSound()).toBe(true);
  vi.runAllTimers();
  await nextTurn();
  expect(second).toHaveBeenCalledOnce();
  expect(told).toEqual([['one', noRoom]]);
  expect(loading.isSound()).toBe(false);
});

test('a stop before it begins nothing, one in the midst waits for what was begun', async () => {
  const first = vi.fn(async () => {});
  const early = startLateLoading([{ name: 'one', load: first }], () => expect.unreachable());
  await early.stop();
  vi.runAllTimers();
  expect(first).not.toHaveBeenCalled();

  let end = (): void => {};
  const late = startLateLoading(
    [
      { name: 'one', load: () => new Promise<void>((resolve) => (end = resolve)) },
      { name: 'two', load: first },
    ],
    () => expect.unreachable(),
  );
  vi.runAllTimers();
  let isStopped = false;
  const stopped = late.stop().then(() => {
    isStopped = true;
  });
  await nextTurn();
  expect(isStopped).toBe(false);
  end();
  await stopped;
  expect(first).not.toHaveBeenCalled();
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { createClock } from '../../src/app/clock.ts';
import { startSweeper } from '../../src/app/sweeper.ts';
import { addSession, HOUR, MINUTE, NOW, populate } from '../storage/fixtures.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';

/** A store with a session that expires in ninety minutes, and its sweeper, by clocks of the test's own. */
async function sweptStore() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const storage = new MemoryStore().open();
  const { org, user } = await populate(storage);
  const { orgId, sessionId } = await addSession(storage, org, user, { expiresAt: NOW + 90 * MINUTE });
  const passed = { wallMs: NOW, monotonicMs: 0 };
  const time = { wall: () => passed.wallMs, monotonic: () => passed.monotonicMs };
  const onError = (error: unknown) => {
    throw error;
  };
  const sweeper = startSweeper({ storage, clock: createClock(time), auditRetentionMs: null, time, onError });
  onTestFinished(() => sweeper.stop());
  return {
    isKept: async () => (await storage.findSession(orgId, sessionId)) !== null,
    jump(ms: number) {
      passed.wallMs += ms;
    },
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        passed.wallMs += MINUTE;
        passed.monotonicMs += MINUTE;
        await vi.advanceTimersByTimeAsync(MINUTE);
      }
    },
  };
}

test('from a jump ahead of more than ten minutes on nothing is removed for an hour, however often the clock was looked at (R8)', async () => {
  const { isKept, jump, pass } = await sweptStore();
  await pass(1);
  jump(3 * HOUR);
  await pass(59);
  expect(await isKept()).toBe(true);
  jump(-3 * HOUR);
  await pass(20);
  expect(await isKept()).toBe(true);
  await pass(15);
  expect(await isKept()).toBe(false);
});

test('a clock that stays where it jumped to is believed after an hour', async () => {
  const lasting = await sweptStore();
  await lasting.pass(1);
  lasting.jump(3 * HOUR);
  await lasting.pass(60);
  expect(await lasting.isKept()).toBe(true);
  await lasting.pass(2);
  expect(await lasting.isKept()).toBe(false);
});

test('a clock that is set right by less than ten minutes puts nothing off', async () => {
  const { isKept, jump, pass } = await sweptStore();
  await pass(1);
  jump(9 * MINUTE);
  await pass(78);
  expect(await isKept()).toBe(true);
  await pass(5);
  expect(await isKept()).toBe(false);
});

test('a clock that is set ahead in many small steps removes no more than one that jumps (R8)', async () => {
  const { isKept, jump, pass } = await sweptStore();
  for (let step = 0; step < 20; step += 1) {
    jump(9 * MINUTE);
    await pass(1);
  }
  expect(await isKept()).toBe(true);
});

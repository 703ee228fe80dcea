import { expect, test } from 'vitest';
import { AuditRetention } from '../../src/app/audit-retention.ts';
import { createClock } from '../../src/app/clock.ts';
import { auditEvent, DAY, HOUR, NOW } from '../storage/fixtures.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';

const KEPT_MS = 90 * DAY;

/** A log with an event of each day of the 100 before now, and one of now. */
async function keptLog() {
  const storage = new MemoryStore().open();
  const days = Array.from({ length: 101 }, (_, day) => day);
  await storage.recordAuditEvents(days.map((day) => auditEvent({ createdAt: NOW - (100 - day) * DAY })));
  const passed = { wallMs: NOW, monotonicMs: 0 };
  const time = { wall: () => passed.wallMs, monotonic: () => passed.monotonicMs };
  const clock = createClock(time);
  const retention = new AuditRetention({ storage, clock, keptMs: KEPT_MS, time });
  const pass = (ms: number) => {
    passed.wallMs += ms;
    passed.monotonicMs += ms;
  };
  const jump = (ms: number) => {
    passed.wallMs += ms;
  };
  const left = async () => {
    while (await retention.removeSome(7)) {
      // There are more.
    }
    return (await storage.readAuditFeed({ after: 0, missing: [], limit: 1_000 })).length;
  };
  return { clock, pass, jump, left };
}

test('what is older than it is kept is removed, step by step', async () => {
  const { left, pass } = await keptLog();
  expect(await left()).toBe(91);
  pass(DAY);
  expect(await left()).toBe(90);
});

test('a clock that was ahead by more than events are kept, for a moment, removes none of them', async () => {
  const { clock, left, jump } = await keptLog();
  jump(91 * DAY);
  clock.now();
  jump(-91 * DAY);
  expect(clock.now()).toBeGreaterThan(NOW + 90 * DAY);
  expect(await left()).toBe(91);
});

test('from a jump ahead that lasts on nothing is removed for a day, nor when it is taken back', async () => {
  const { left, jump, pass } = await keptLog();
  expect(await left()).toBe(91);
  jump(91 * DAY);
  expect(await left()).toBe(91);
  pass(DAY - 1);
  expect(await left()).toBe(91);
  jump(-91 * DAY);
  expect(await left()).toBe(91);
  pass(1);
  expect(await left()).toBe(90);
});

test('a clock that is set ahead in many small steps erases no more than one that jumps', async () => {
  const { left, jump, pass } = await keptLog();
  expect(await left()).toBe(91);
  for (let step = 0; step < 30; step += 1) {
    pass(60_000);
    jump(8 * DAY);
    await left();
  }
  jump(-240 * DAY);
  expect(await left()).toBeGreaterThanOrEqual(82);
});

test('a machine that sleeps at night removes as any other', async () => {
  const { left, jump, pass } = await keptLog();
  for (let day = 0; day < 10; day += 1) {
    pass(16 * HOUR);
    await left();
    jump(8 * HOUR);
    await left();
  }
  expect(await left()).toBe(81);
});

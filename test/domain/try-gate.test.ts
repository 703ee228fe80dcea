import { expect, test } from 'vitest';
import { TryGate, type TryLine } from '../../src/domain/auth/try-gate.ts';
import type { Caller } from '../../src/domain/caller.ts';
import { tally } from '../storage/fixtures.ts';
import { ABANDONED, CALL, outcomeOf } from './rules.ts';

const CALLER: Caller = { orgId: 'acme', callerClass: 'no_key' };
const ADA: TryLine = { caller: CALLER, email: 'ada@example.com', countedAs: 'no_key' };

/** The outcome of each once the event loop has gone round; 'waiting' where it waits. */
async function seen(entering: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const outcomes = entering.map(() => 'waiting');
  entering.forEach((each, index) => {
    outcomeOf(each).then((outcome) => {
      outcomes[index] = outcome;
    });
  });
  await new Promise((resolve) => setImmediate(resolve));
  return outcomes;
}

test('lets so many in at once, the others in the order in which they came', async () => {
  const gate = new TryGate(2);
  const order: number[] = [];
  const entering = [1, 2, 3, 4].map(async (number) => {
    const turn = await gate.enter(ADA, CALL);
    order.push(number);
    return turn;
  });
  const [first, second] = [await entering[0], await entering[1]];
  expect(order).toEqual([1, 2]);
  first?.leave();
  await entering[2];
  expect(order).toEqual([1, 2, 3]);
  second?.leave();
  await entering[3];
  expect(order).toEqual([1, 2, 3, 4]);
});

test('keeps lines apart: users, organizations, classes, and known devices of each class', async () => {
  const gate = new TryGate(1);
  const lines = [
    ADA,
    { ...ADA, email: 'bob@example.com' },
    { ...ADA, caller: { ...CALLER, orgId: 'other' } },
    { ...ADA, countedAs: 'known_device' as const },
    { ...ADA, caller: { ...CALLER, callerClass: 'private_key' as const }, countedAs: 'known_device' as const },
  ];
  expect(await seen(lines.map((line) => gate.enter(line, CALL)))).toEqual(lines.map(() => 'OK'));
  expect(await seen([gate.enter(ADA, CALL)])).toEqual(['waiting']);
});

test('passes over those for whom nobody waits any more', async () => {
  const gate = new TryGate(1);
  const { leave } = await gate.enter(ADA, CALL);
  const entering = [gate.enter(ADA, ABANDONED), gate.enter(ADA, CALL)];
  leave();
  expect(await seen(entering)).toEqual(['DEADLINE_EXCEEDED', 'OK']);
  await expect(gate.pause(ABANDONED)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
});

test('bounds who waits for one user, and for all', async () => {
  const gate = new TryGate(1);
  await gate.enter(ADA, CALL);
  const waiting = Array.from({ length: 128 }, () => gate.enter(ADA, CALL));
  await expect(gate.enter(ADA, CALL)).rejects.toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 1_000 });
  for (let users = 1; users < 8; users += 1) {
    const line = { ...ADA, email: `${users}@example.com` };
    await gate.enter(line, CALL);
    waiting.push(...Array.from({ length: 128 }, () => gate.enter(line, CALL)));
  }
  const last = { ...ADA, email: 'last@example.com' };
  await gate.enter(last, CALL);
  await expect(gate.enter(last, CALL)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  expect(new Set(await seen(waiting))).toEqual(new Set(['waiting']));
});

test('a flood of one organization or class leaves the others their places: its newest give way', async () => {
  const gate = new TryGate(1);
  const flood: Promise<unknown>[] = [];
  for (let users = 0; users < 8; users += 1) {
    const line: TryLine = { caller: { ...CALLER, orgId: 'flood' }, email: `${users}@example.com`, countedAs: 'no_key' };
    await gate.enter(line, CALL);
    flood.push(...Array.from({ length: 128 }, () => gate.enter(line, CALL)));
  }
  // Handled before the first is refused.
  void Promise.allSettled(flood);
  const rightful: Promise<unknown>[] = [];
  for (const orgId of ['acme', 'flood']) {
    const line: TryLine = { ...ADA, caller: { orgId, callerClass: 'private_key' }, countedAs: 'private_key' };
    await gate.enter(line, CALL);
    rightful.push(...Array.from({ length: 30 }, () => gate.enter(line, CALL)));
  }
  expect(tally(await seen(rightful))).toEqual({ waiting: 60 });
  const outcomes = await seen(flood);
  expect(tally(outcomes)).toEqual({ waiting: 964, OVERLOADED: 60 });
  expect(outcomes.slice(0, 964)).not.toContain('OVERLOADED');
});

test('gives the places of callers who have gone to those who come', async () => {
  const gate = new TryGate(1);
  let isGone = false;
  await gate.enter(ADA, CALL);
  const gone = Array.from({ length: 128 }, () => outcomeOf(gate.enter(ADA, { isAbandoned: () => isGone })));
  isGone = true;
  expect(await seen([gate.enter(ADA, CALL)])).toEqual(['waiting']);
  expect(new Set(await Promise.all(gone))).toEqual(new Set(['DEADLINE_EXCEEDED']));
});

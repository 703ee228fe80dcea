import { expect, test } from 'vitest';
import type { AuditFacts } from '../../../src/domain/audit/audit-event.ts';
import { systemOrigin } from '../../../src/domain/audit/audit-event.ts';
import { CountedEvents, type ToldEvent } from '../../../src/domain/audit/counted-events.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

function failed(at: number, changes: Partial<AuditFacts> = {}): ToldEvent {
  return {
    facts: { type: 'login.failed', orgId: 'acme', reason: 'CREDENTIALS_INVALID', userId: 'ada', ...changes },
    origin: { ...systemOrigin(at), actor: 'no_key', address: '192.0.2.1', requestId: 'one' },
  };
}

const sumOf = (told: readonly ToldEvent[]) => told.reduce((sum, { facts }) => sum + (facts.count ?? 1), 0);

test('a flood of 10,000 failures is ten rows and one that counts the others', () => {
  const events = new CountedEvents();
  for (let n = 0; n < 10_000; n += 1) {
    events.add(failed(NOW + n));
  }
  const first = events.take(NOW + 10_000);
  expect(first).toHaveLength(10);
  expect(first[0]).toEqual(failed(NOW));
  expect(events.take(NOW + MINUTE - 1)).toEqual([]);
  const [count, ...others] = events.take(NOW + MINUTE);
  expect(others).toEqual([]);
  // Of many: no user, address or request of one of them.
  expect(count).toMatchObject({
    facts: { type: 'login.failed', orgId: 'acme', reason: 'CREDENTIALS_INVALID', count: 9_990 },
    origin: { actor: 'no_key', address: '', requestId: null, at: NOW + MINUTE },
  });
  expect(count?.facts.userId).toBeUndefined();
  expect(events.isEmpty).toBe(true);
});

test('a flood of one organization, class, type or reason leaves the rows of another alone', () => {
  const events = new CountedEvents();
  const others = [
    failed(NOW, { orgId: 'globex' }),
    failed(NOW, { reason: 'USER_NOT_FOUND' }),
    failed(NOW, { type: 'user.password_change_failed' }),
    { ...failed(NOW), origin: { ...failed(NOW).origin, actor: 'private_key' as const } },
  ];
  for (let n = 0; n < 100; n += 1) {
    events.add(failed(NOW));
  }
  for (const other of others) {
    events.add(other);
  }
  expect(events.take(NOW)).toEqual(expect.arrayContaining(others));
});

test('at a stop what was counted is told, before its minute is over', () => {
  const events = new CountedEvents();
  for (let n = 0; n < 50; n += 1) {
    events.add(failed(NOW));
  }
  expect(sumOf(events.take(NOW + 1, true))).toBe(50);
  expect(events.take(NOW + 2, true)).toEqual([]);
});

test('of any number of organizations few are kept, and none of their events is lost', () => {
  const events = new CountedEvents();
  for (let n = 0; n < 5_000; n += 1) {
    for (let times = 0; times < 12; times += 1) {
      events.add(failed(NOW, { orgId: `org ${n}` }));
    }
  }
  const told = events.take(NOW, true);
  expect(sumOf(told)).toBe(60_000);
  // 1,000 that wait, a count for each of 1,000 organizations, and one for the others.
  expect(told.length).toBeLessThanOrEqual(2_001);
});

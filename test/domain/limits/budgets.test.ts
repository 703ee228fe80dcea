import { expect, test } from 'vitest';
import { readSettings } from '../../../src/config/settings.ts';
import { Budgets } from '../../../src/domain/limits/budgets.ts';
import type { Charge, RateLimits } from '../../../src/domain/limits/rate-limit.ts';
import { NO_LIMITS } from '../../support/limits.ts';

const SECOND = 1_000;

function newBudgets(limits: Partial<RateLimits>) {
  const clock = { now: 1_000_000 };
  return { clock, budgets: new Budgets({ ...NO_LIMITS, ...limits }, () => clock.now) };
}

test('a call takes of all of its buckets, or where one is empty of none', () => {
  const { budgets, clock } = newBudgets({
    login: { count: 1, periodMs: SECOND, burst: 3 },
    person: { count: 1, periodMs: 10 * SECOND, burst: 1 },
  });
  const charges: Charge[] = [
    { limit: 'login', key: 'key' },
    { limit: 'person', key: 'address' },
  ];
  expect(budgets.charge(charges)).toBeNull();
  for (let refused = 0; refused < 10; refused += 1) {
    expect(budgets.charge(charges)).toEqual({ limit: 'person', waitMs: 10 * SECOND });
  }
  expect([1, 2, 3].map(() => budgets.charge([{ limit: 'login', key: 'key' }]))).toEqual([
    null,
    null,
    { limit: 'login', waitMs: SECOND },
  ]);
  clock.now += 10 * SECOND - 1;
  expect(budgets.charge(charges)).toEqual({ limit: 'person', waitMs: 1 });
  clock.now += 1;
  expect(budgets.charge(charges)).toBeNull();
});

test('of two empty buckets the longer wait is told, after which both have a token', () => {
  const { budgets, clock } = newBudgets({
    foobar_keyless: { count: 1, periodMs: SECOND, burst: 1 },
    foobar_keyless_total: { count: 1, periodMs: 3 * SECOND, burst: 1 },
  });
  const charges: Charge[] = [
    { limit: 'foobar_keyless', key: 'a' },
    { limit: 'foobar_keyless_total', key: '' },
  ];
  budgets.charge(charges);
  const refusal = budgets.charge([...charges].reverse());
  expect(refusal).toEqual({ limit: 'foobar_keyless_total', waitMs: 3 * SECOND });
  clock.now += refusal?.waitMs ?? 0;
  expect(budgets.charge(charges)).toBeNull();
});

test('a limit that is off refuses nobody and remembers nobody', () => {
  const { budgets } = newBudgets({});
  for (let call = 0; call < 1_000; call += 1) {
    expect(budgets.charge([{ limit: 'login', key: String(call % 3) }])).toBeNull();
  }
  expect(budgets.held()).toEqual({});
});

/** With the settings of who sets none. */
function defaultBudgets() {
  return newBudgets(readSettings({}).limits);
}

test('10,000 people who sign in at nine through one office address, within one second, meet no default', () => {
  const { budgets, clock } = defaultBudgets();
  for (let person = 0; person < 10_000; person += 1) {
    clock.now += Number(person % 10 === 0);
    expect(budgets.charge([{ limit: 'foobar', key: 'key' }])).toBeNull();
    const login: Charge[] = [
      { limit: 'login', key: 'key' },
      { limit: 'person', key: 'office' },
    ];
    expect(budgets.charge(login)).toBeNull();
  }
});

test('a backend without a key, at 50 a second by day and night, meets no default', () => {
  const { budgets, clock } = defaultBudgets();
  const calls: readonly Charge[][] = [
    [
      { limit: 'foobar_keyless', key: '192.0.2.1' },
      { limit: 'foobar_keyless_total', key: '' },
    ],
    [{ limit: 'login', key: 'no_key' }],
    [{ limit: 'signup', key: 'key' }],
  ];
  const refusals: unknown[] = [];
  for (let second = 0; second < 3_600; second += 1) {
    for (let call = 0; call < 50; call += 1) {
      clock.now += 20;
      refusals.push(...calls.map((charges) => budgets.charge(charges)).filter((refusal) => refusal !== null));
    }
  }
  expect(refusals).toEqual([]);
});

test('a script that never waits is bounded by every default', () => {
  const { budgets, clock } = defaultBudgets();
  const admitted = { login: 0, organizations: 0, foobar_keyless: 0 };
  for (let second = 0; second < 60; second += 1) {
    for (let call = 0; call < 2_000; call += 1) {
      for (const limit of ['login', 'organizations', 'foobar_keyless'] as const) {
        admitted[limit] += Number(budgets.charge([{ limit, key: 'script' }]) === null);
      }
    }
    clock.now += SECOND;
  }
  expect(admitted).toEqual({ login: 10_000 + 59 * 200, organizations: 300 + 59, foobar_keyless: 20_000 + 59 * 500 });
});

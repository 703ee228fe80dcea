import { describe, expect, test } from 'vitest';
import { AUTH } from '../../src/operations/auth.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { isShed, SHED_ORDER, shedLevel } from '../../src/operations/shedding.ts';

const OPEN = { isQueueFull: false };
const FULL = { isQueueFull: true };

describe('R6: what an overloaded server refuses before it is read', () => {
  test('is FooBar without a key first, then SignUp, then Login, each later one with those before it', () => {
    const shedAt = (level: number) => SHED_ORDER.filter((shedClass) => isShed(shedClass, level));
    expect([0, 1, 2, 3].map(shedAt)).toEqual([
      [],
      ['foo_bar_without_key'],
      ['foo_bar_without_key', 'sign_up'],
      ['foo_bar_without_key', 'sign_up', 'login'],
    ]);
  });

  test('is never another call', () => {
    const shed = SERVICES.flatMap(({ operations }) => operations).filter(({ shedAs }) => shedAs !== null);
    expect(shed.map(({ method, shedAs }) => [method.name, shedAs])).toEqual([
      ['FooBar', 'foo_bar_without_key'],
      ['SignUp', 'sign_up'],
      ['Login', 'login'],
    ]);
    expect(AUTH.operations.map(({ method }) => method.name)).toEqual(
      expect.arrayContaining(['Validate', 'Logout', 'ChangePassword']),
    );
  });

  test('grows with the standing lag of the event loop, at half of it where no place to hash is left', () => {
    const levels = (lags: readonly number[], queue: { readonly isQueueFull: boolean }) =>
      lags.map((standingLagMs) => shedLevel(0, { standingLagMs, ...queue }));
    expect(levels([0, 49, 50, 99, 100, 199, 200, 5_000], OPEN)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(levels([0, 24, 25, 49, 50, 99, 100, 5_000], FULL)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(levels([0], FULL)).toEqual([0]);
  });

  test('shrinks again below half of what it was shed from, so that no load turns it back and forth', () => {
    let level = 0;
    const seen = [210, 190, 100, 99, 60, 49, 30, 24].map((standingLagMs) => {
      level = shedLevel(level, { standingLagMs, ...OPEN });
      return level;
    });
    expect(seen).toEqual([3, 3, 3, 2, 2, 1, 1, 0]);
  });
});

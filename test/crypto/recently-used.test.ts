import { expect, test } from 'vitest';
import { RecentlyUsed } from '../../src/crypto/recently-used.ts';

test('a full map forgets what was not asked for the longest', () => {
  const tokens = new RecentlyUsed<number>(2);
  tokens.set('one', 1);
  tokens.set('two', 2);
  expect([tokens.get('one'), tokens.get('two')]).toEqual([1, 2]);
  expect(tokens.get('one')).toBe(1);
  tokens.set('three', 3);
  expect([tokens.get('one'), tokens.get('two')]).toEqual([1, undefined]);
});

test('no more entries are held than allowed, whatever is set and asked for', () => {
  const tokens = new RecentlyUsed<number>(100);
  for (let n = 0; n < 1_000; n += 1) {
    tokens.set(`token ${n}`, n);
    tokens.get(`token ${(n * 7) % 60}`);
    expect(tokens.size).toBeLessThanOrEqual(100);
  }
});

test('what is asked for again and again stays', () => {
  const tokens = new RecentlyUsed<number>(10);
  tokens.set('kept', 0);
  for (let n = 1; n < 100; n += 1) {
    tokens.set(`token ${n}`, n);
    expect(tokens.get('kept')).toBe(0);
  }
  tokens.clear();
  expect([tokens.size, tokens.get('kept')]).toEqual([0, undefined]);
});

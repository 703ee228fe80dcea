import { expect, test } from 'vitest';
import { COMMON_WORDS } from '../../../src/domain/passwords/common-words.ts';
import { folded } from '../../../src/domain/passwords/folding.ts';

const WORDS = COMMON_WORDS.trim().split(/\s+/);

test('the list is sorted, holds no word twice, and each as it is compared', () => {
  expect(WORDS.length).toBeGreaterThan(9_000);
  expect(WORDS).toEqual([...new Set(WORDS)].sort());
  expect(WORDS.filter((word) => folded(word) !== word || !/^[a-z0-9]{4,20}$/.test(word))).toEqual([]);
});

import { expect, test } from 'vitest';
import { isSince } from '../../src/storage/release.ts';

test.each([
  ['0.1.0', '0.1.0', true],
  ['0.1.1', '0.1.0', true],
  ['0.10.0', '0.9.9', true],
  ['1.0.0', '0.99.99', true],
  ['0.1.0', '0.1.1', false],
  ['0.9.9', '0.10.0', false],
  ['0.99.99', '1.0.0', false],
  ['1.0.0-beta.1', '1.0.0', true],
  ['1.0.0', '1.0.0-beta.1', true],
  ['1.0.0+build', '1.0.0', true],
  ['1.0', '0.1.0', false],
  ['1.0.0', '', false],
  ['', '', false],
])('release %s is %s or a later one: %s', (release, oldest, expected) => {
  expect(isSince(release, oldest)).toBe(expected);
});

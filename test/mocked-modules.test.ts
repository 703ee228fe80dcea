import { globSync, readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { NOT_SHARED } from '../vitest.config.ts';
import { ROOT } from './support/readme-blocks.ts';

const MOCKS = /^vi\.mock\(|vi\.getTimerCount\(/m;

test('a file that mocks modules, or counts timers, shares none with others, whose own would be mocked or counted too', () => {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT, exclude: ['**/node_modules/**'] });
  const mocking = files.filter((file) => MOCKS.test(readFileSync(`${ROOT}${file}`, 'utf8')));
  expect(mocking).toContain('test/security/clock-jumps.test.ts');
  expect(mocking.filter((file) => !NOT_SHARED.some((pattern) => matchesGlob(file, pattern)))).toEqual([]);
});

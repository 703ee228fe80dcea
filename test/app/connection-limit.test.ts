import { expect, test } from 'vitest';
import { connectionLimit, descriptorLimit } from '../../src/app/connection-limit.ts';

test('R11: both ports together leave descriptors for files, threads and modules', () => {
  for (const descriptors of [256, 1_024, 4_096, 20_000]) {
    expect(2 * connectionLimit(descriptors)).toBeLessThanOrEqual(descriptors - 128);
  }
  expect(connectionLimit(1_024)).toBe(448);
});

test('a limit far too low leaves a few connections, a high one is bounded, an unknown one taken for a usual one', () => {
  expect(connectionLimit(64)).toBe(8);
  expect(connectionLimit(1_048_576)).toBe(10_000);
  expect(connectionLimit(null)).toBe(4_032);
});

test.runIf(process.platform === 'linux')('the limit of this process is known', () => {
  expect(descriptorLimit()).toBeGreaterThan(0);
});

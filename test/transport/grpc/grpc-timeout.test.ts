import { expect, test } from 'vitest';
import { readGrpcTimeout } from '../../../src/transport/grpc/grpc-timeout.ts';

test.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['20m', 20],
  ['1500u', 2],
  ['1n', 1],
  ['0n', 0],
  ['99999999H', 359_999_996_400_000],
])('a grpc-timeout of %s is %d ms, rounded up', (header, timeoutMs) => {
  expect(readGrpcTimeout(header)).toBe(timeoutMs);
});

test.each(['', 'soon', '5', 'S', '5s', '5Sx', '-1S', '1.5S', '123456789S', ' 5S'])('%j is none', (header) => {
  expect(readGrpcTimeout(header)).toBeNull();
});

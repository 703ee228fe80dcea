import { expect, test } from 'vitest';
import { StopSignals } from '../../src/cli/stop-signals.ts';

test('the same signal within half a second is its own echo; a later or another one ends the patience', () => {
  let now = 1_000;
  const signals = new StopSignals(() => now);
  expect(signals.receive('SIGINT')).toBe('stop');
  expect(signals.receive('SIGINT')).toBe('repeated');
  now += 499;
  expect(signals.receive('SIGINT')).toBe('repeated');
  expect(signals.receive('SIGTERM')).toBe('force');
  now += 1;
  expect(signals.receive('SIGINT')).toBe('force');
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import { deadlineAfter, hasPassed, type IncomingCall, MAX_CALL_MS, withDeadline } from '../../src/transport/call.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function callFor(timeoutMs: number | null): IncomingCall {
  const deadlineAt = deadlineAfter(timeoutMs);
  return { header: () => null, faults: [], deadlineAt, isAbandoned: () => hasPassed(deadlineAt) };
}

describe('a deadline', () => {
  test.each([
    ['absent', null, MAX_CALL_MS],
    ['longer', 30 * 24 * 3_600_000, MAX_CALL_MS],
    ['of ten seconds', MAX_CALL_MS, MAX_CALL_MS],
    ['shorter', 250, 250],
  ])('that is %s is kept or cut to ten seconds', (_, timeoutMs, expected) => {
    expect(deadlineAfter(timeoutMs) - performance.now()).toBe(expected);
  });

  test('that passes is told to the caller, and the work goes on to its end', async () => {
    const call = callFor(100);
    let isDone = false;
    const work = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      isDone = true;
    };
    const answer = withDeadline(call, work).catch((error: unknown) => error);
    expect(call.isAbandoned()).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(await answer).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(call.isAbandoned()).toBe(true);
    expect(isDone).toBe(false);
    await vi.advanceTimersByTimeAsync(400);
    expect(isDone).toBe(true);
  });

  test('that has passed already begins no work', async () => {
    const work = vi.fn(async () => 'done');
    await expect(withDeadline(callFor(0), work)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    await expect(withDeadline(callFor(-5), work)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(work).not.toHaveBeenCalled();
  });

  test('leaves no timer behind an answer or an error', async () => {
    await expect(withDeadline(callFor(null), async () => 'done')).resolves.toBe('done');
    const failing = async (): Promise<never> => {
      throw new AuthError('NONCE_USED');
    };
    await expect(withDeadline(callFor(null), failing)).rejects.toMatchObject({ reason: 'NONCE_USED' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import { deadlineOf, type IncomingCall, MAX_CALL_MS, withDeadline } from '../../src/operations/call.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function deadlineFor(timeoutMs: number | null): number {
  const call: Pick<IncomingCall, 'arrivedAt' | 'timeoutMs'> = { arrivedAt: performance.now(), timeoutMs };
  return deadlineOf(call, MAX_CALL_MS);
}

describe('a deadline', () => {
  test.each([
    ['absent', null, MAX_CALL_MS],
    ['longer', 30 * 24 * 3_600_000, MAX_CALL_MS],
    ['of ten seconds', MAX_CALL_MS, MAX_CALL_MS],
    ['shorter', 250, 250],
  ])('that is %s is kept or cut to ten seconds', (_, timeoutMs, expected) => {
    expect(deadlineFor(timeoutMs) - performance.now()).toBe(expected);
  });

  test('that passes is told to the caller, and the work goes on to its end', async () => {
    const deadlineAt = deadlineFor(100);
    let isDone = false;
    const work = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      isDone = true;
    };
    const answer = withDeadline(deadlineAt, work).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100);
    expect(await answer).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(isDone).toBe(false);
    await vi.advanceTimersByTimeAsync(400);
    expect(isDone).toBe(true);
  });

  test('that has passed already begins no work', async () => {
    const work = vi.fn(async () => 'done');
    await expect(withDeadline(deadlineFor(0), work)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    await expect(withDeadline(deadlineFor(-5), work)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(work).not.toHaveBeenCalled();
  });

  test('leaves no timer after an answer or an error', async () => {
    await expect(withDeadline(deadlineFor(null), async () => 'done')).resolves.toBe('done');
    const failing = async (): Promise<never> => {
      throw new AuthError('NONCE_USED');
    };
    await expect(withDeadline(deadlineFor(null), failing)).rejects.toMatchObject({ reason: 'NONCE_USED' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startSigningKeyRotation } from '../../src/app/signing-key-rotation.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

/** A store that finds a key due at every look, or fails. */
function watched(answer: () => string | null) {
  const looks: number[] = [];
  const told: unknown[] = [];
  const started = Date.now();
  const rotation = startSigningKeyRotation({
    keyring: {
      rotateWhenDue: async (everyMs) => {
        expect(everyMs).toBe(30 * DAY);
        looks.push(Date.now() - started);
        return answer();
      },
    },
    everyMs: 30 * DAY,
    random: () => 0.5,
    onRotated: (kid) => told.push(kid),
    onError: (error) => told.push(error),
  });
  return { looks, told, rotation };
}

test('a store whose clock jumps again and again gets one key a day from a process', async () => {
  const { looks, told, rotation } = watched(() => 'kid');
  await vi.advanceTimersByTimeAsync(10 * DAY);
  expect(looks).toHaveLength(10);
  expect(told).toEqual(Array(10).fill('kid'));
  await rotation.stop();
});

test('looks go on every ten minutes where nothing is due and where one fails, and end with the stop', async () => {
  const fault = new Error('away');
  let asked = 0;
  const { looks, told, rotation } = watched(() => {
    asked += 1;
    if (asked === 2) {
      throw fault;
    }
    return null;
  });
  await vi.advanceTimersByTimeAsync(26 * MINUTE);
  expect(looks).toEqual([5, 15, 25].map((minutes) => minutes * MINUTE));
  expect(told).toEqual([fault]);
  await rotation.stop();
  await vi.advanceTimersByTimeAsync(DAY);
  expect(looks).toHaveLength(3);
});

test('off: nobody looks', async () => {
  const rotateWhenDue = vi.fn();
  const off = startSigningKeyRotation({
    keyring: { rotateWhenDue },
    everyMs: null,
    random: () => 0,
    onRotated: () => undefined,
    onError: () => undefined,
  });
  await vi.advanceTimersByTimeAsync(400 * DAY);
  await off.stop();
  expect(rotateWhenDue).not.toHaveBeenCalled();
});

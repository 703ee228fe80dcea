import { expect, onTestFinished, test, vi } from 'vitest';
import { EventLoopLag } from '../../src/observability/event-loop-lag.ts';

/** A loop whose looks come as late as the test says, and that is busy for this part of the time. */
function watchedLoop(utilization = 1) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const clock = { now: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  const told: number[] = [];
  const lag = new EventLoopLag(
    (standingMs) => told.push(standingMs),
    () => ({ utilization, active: 0, idle: 0 }),
  );
  onTestFinished(() => {
    lag.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const look = (lateMs: number): void => {
    clock.now += 20 + lateMs;
    vi.advanceTimersByTime(20);
  };
  return { lag, told, look };
}

test('R6: one long turn is no lag that stands', () => {
  const { told, look } = watchedLoop();
  for (let turn = 0; turn < 30; turn += 1) {
    look(turn === 15 ? 900 : 0);
  }
  expect(told).toEqual(Array(30).fill(0));
});

test('R6: a lag stands once ten looks were late by it, and is over with the first that is not', () => {
  const { told, look } = watchedLoop();
  for (let turn = 0; turn < 12; turn += 1) {
    look(60 + turn);
  }
  look(0);
  expect(told).toEqual([...Array(9).fill(0), 60, 61, 62, 0]);
});

test('R6: a loop that is late and idle waits for the machine, and for nothing of its own', () => {
  const { told, look } = watchedLoop(0.5);
  for (let turn = 0; turn < 12; turn += 1) {
    look(60);
  }
  expect(told).toEqual(Array(12).fill(0));
});

test('nothing is told after it was closed', () => {
  const { lag, told, look } = watchedLoop();
  look(0);
  lag.close();
  look(0);
  expect(told).toEqual([0]);
});

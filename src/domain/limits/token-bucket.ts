import type { RateLimit } from './rate-limit.ts';

/*
 * A token bucket as one number, the instant at which it is full again (the generic cell rate algorithm; ITU-T I.371, annex A). Time
 * is counted in ticks, of which both a millisecond and a token take a whole number: nothing is rounded, so that a wait is exact.
 */

/** A rate in ticks. */
export interface Pace {
  readonly ticksPerMs: number;
  /** What one token takes to come back. */
  readonly tokenTicks: number;
  /** How far from full a bucket may be for one more token to be in it. */
  readonly depthTicks: number;
}

export function paceOf({ count, periodMs, burst }: RateLimit): Pace {
  const divisor = greatestCommonDivisor(count, periodMs);
  const tokenTicks = periodMs / divisor;
  return { ticksPerMs: count / divisor, tokenTicks, depthTicks: (burst - 1) * tokenTicks };
}

/** How long until a token is there, in whole milliseconds; 0 where one is. `fullAt` is in ticks. */
export function waitForToken({ ticksPerMs, depthTicks }: Pace, fullAt: number, nowMs: number): number {
  const missing = fullAt - depthTicks - nowMs * ticksPerMs;
  return missing <= 0 ? 0 : Math.ceil(missing / ticksPerMs);
}

/** When the bucket is full again after one more token was taken. */
export function fullAfterTaking({ ticksPerMs, tokenTicks }: Pace, fullAt: number, nowMs: number): number {
  return Math.max(fullAt, nowMs * ticksPerMs) + tokenTicks;
}

/** Whether nothing is known by it any more: a new bucket is full. */
export function isFull({ ticksPerMs }: Pace, fullAt: number, nowMs: number): boolean {
  return fullAt <= nowMs * ticksPerMs;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

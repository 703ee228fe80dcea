import { MAX_CLOCK_SKEW_MS } from '../clock-skew.ts';
import type { SigningKeyRecord } from './storage.ts';

/**
 * Whether a new signing key is due at `now`: no live one was made within the last `everyMs`. A key that is dated ahead was made by a
 * wrong clock, and puts nothing off: each clock counts what it can have seen, so that of two that disagree neither answers the other's
 * rotations with one of its own.
 */
export function isRotationDue(
  keys: readonly SigningKeyRecord[],
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): boolean {
  return !keys.some(
    ({ createdAt, retiredAt }) =>
      retiredAt === null && createdAt > now - everyMs && createdAt <= now + MAX_CLOCK_SKEW_MS,
  );
}

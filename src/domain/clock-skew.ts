/**
 * How far the clock of another process of this store may be ahead, in milliseconds. What is dated later, was by a wrong
 * clock.
 */
export const MAX_CLOCK_SKEW_MS = 60_000;

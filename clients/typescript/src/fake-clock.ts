/** In milliseconds. */
export const MINUTE_MS = 60 * 1_000;
/** In milliseconds. */
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** An instant so many milliseconds from now, cut to seconds as a server tells it. */
export function inWholeSeconds(fromNowMs: number): Date {
  return new Date(Math.floor((Date.now() + fromNowMs) / 1_000) * 1_000);
}

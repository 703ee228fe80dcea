/**
 * Calls that an overloaded server refuses before it reads them, in the order in which it does: what costs nobody a session first. A
 * call of none of these classes is never refused so: Validate and Logout keep those working who are in, and ChangePassword has its
 * place in the queue before it is hashed for.
 */
export const SHED_ORDER = ['foo_bar_without_key', 'sign_up', 'login'] as const;

/** How a call is shed. */
export type ShedClass = (typeof SHED_ORDER)[number];

/** What is known of the load of a process. */
export interface Load {
  /** How late the event loop runs and does not catch up, in milliseconds. */
  readonly standingLagMs: number;
  /** Whether all places in which to wait for a hash are taken. */
  readonly isQueueFull: boolean;
}

/**
 * From which standing lag on each class of {@link SHED_ORDER} is shed, in milliseconds. A call that is served takes some 40 µs
 * (docs/performance.md, B2): 50 ms are a thousand of them that stand before each that comes.
 */
const SHED_FROM_MS = [50, 100, 200];
/** While no place to hash is left, what is shed would hardly have been served. */
const FACTOR_WHERE_FULL = 1 / 2;
/** A class is served again below this part of what it was shed from: a load at the edge does not turn it with every look. */
const SERVED_BELOW = 1 / 2;

/**
 * How many classes of {@link SHED_ORDER} are shed under a load, where `shed` were until now: one more at each threshold, and one less
 * below half of its own.
 */
export function shedLevel(shed: number, { standingLagMs, isQueueFull }: Load): number {
  const factor = isQueueFull ? FACTOR_WHERE_FULL : 1;
  const thresholds = SHED_FROM_MS.map((thresholdMs) => thresholdMs * factor);
  const reached = thresholds.filter((thresholdMs) => standingLagMs >= thresholdMs).length;
  const kept = thresholds.filter((thresholdMs) => standingLagMs >= thresholdMs * SERVED_BELOW).length;
  return Math.max(reached, Math.min(shed, kept));
}

/** Whether a class is shed at a level. */
export function isShed(shedClass: ShedClass, level: number): boolean {
  return SHED_ORDER.indexOf(shedClass) < level;
}

import { CALLER_CLASSES } from '../caller.ts';
import { MAX_CLOCK_SKEW_MS } from '../clock-skew.ts';

/** The counters of one e-mail of an organization: one for each class of callers, and one for its known devices together. */
export const COUNTED_AS = [...CALLER_CLASSES, 'known_device'] as const;

export type CountedAs = (typeof COUNTED_AS)[number];

/**
 * What one counter holds: tries at a password since the last right one. A try is counted before its password is compared, so
 * that a process that dies leaves a failure and never a free guess.
 */
export interface Tries {
  /** Failed tries, those under way included: they count as failed until they have ended otherwise. */
  readonly failures: number;
  /** Those under way. */
  readonly pending: number;
  /** Until when the last of them can be under way: past this instant their processes died, and they failed. */
  readonly pendingUntil: number;
  /** Until when nobody may try; 0 where that was never so. */
  readonly lockedUntil: number;
}

/** A counter with what it counts. */
export interface CountedTries extends Tries {
  readonly countedAs: CountedAs;
}

/** A counter that is not there. */
export const NO_TRIES: Tries = { failures: 0, pending: 0, pendingUntil: 0, lockedUntil: 0 };

/** How failures are answered. */
export interface LockRules {
  /** So many failures in a row begin the waits; as many tries at most are under way at once. */
  readonly lockAfter: number;
  /** The longest wait, in milliseconds. */
  readonly lockMaxMs: number;
  /** So many failures in a row let nobody try any more, until an administrator opens it. */
  readonly hardLockAt: Readonly<Record<CountedAs, number>>;
}

/**
 * Where hard locks begin (docs/security.md, A1). The tenth failure of a user's known devices in a row would make them strangers: so
 * nine are counted for them, and the tenth for the class of its caller. With 50 and twice 20 that makes 99, fewer than the
 * 100 failures in a row that NIST SP 800-63B-4 (3.2.2) allows, whoever guesses in whatever mixture.
 */
export const HARD_LOCK_AT: LockRules['hardLockAt'] = { private_key: 50, token_key: 20, no_key: 20, known_device: 9 };

/**
 * E-mails without a user are counted like those of users, so many of an organization, class and part at most: then the one that was
 * met the longest ago is forgotten. A stranger can have as many of them as there are names.
 */
export const MOST_UNKNOWN_TRIES = 1_000;

/** Where it is told who exists, e-mails without a user are of this part. */
export const TOLD_PART = 0;

/**
 * Where users are hidden, e-mails without one are of the parts from 1 on, each of a random one: whoever makes one look fresh has to
 * have as many hashed as all parts hold, 256,000 (57 MB in SQLite, measured), and finding what to forget costs what it costs in a
 * single part. They are not forgotten with time: users are not.
 */
export const HIDDEN_PARTS = 256;

/** How long a counter of {@link TOLD_PART} outlives its last try, in milliseconds: 30 days, as long as most locks matter. */
export const KEEP_UNKNOWN_TRIES_MS = 30 * 24 * 60 * 60 * 1000;

const FIRST_WAIT_MS = 1_000;

/** How long a write can take that is settled after a lost connection. */
const LONGEST_WRITE_MS = 10_000;

/**
 * How long a try can be under way: the longest call (10 s), a hash at the highest cost that began as it ended, and a write that
 * is settled after a lost connection (10 s more).
 */
const LONGEST_TRY_MS = 30_000;

/**
 * So long after a try began, in milliseconds, its end may still be written: whatever that takes, it is there before anybody takes
 * the try for a failed one, and so never takes back what another has begun since.
 */
export const END_WITHIN_MS = LONGEST_TRY_MS - LONGEST_WRITE_MS;

/** How long it is remembered that a try has ended, in milliseconds: longer than its end can be written again, by whatever clock. */
export const KEEP_TRY_ENDS_MS = LONGEST_TRY_MS + MAX_CLOCK_SKEW_MS;

/** What becomes of who wants to try: `wait` until those under way have ended. `retryAfterMs`: null for a hard lock. */
export type TryDecision =
  | { readonly outcome: 'reserved'; readonly tries: Tries }
  | { readonly outcome: 'locked'; readonly retryAfterMs: number | null }
  | { readonly outcome: 'wait' };

/** How a try ended: `withdrawn` where its password was not compared, or was right and opened nothing. */
export type TryEnd = 'failed' | 'succeeded' | 'withdrawn';

/**
 * Counts a try that is about to be made. No more are under way than could still fail before the next wait begins: at most
 * `lockAfter`, and one once that many have failed.
 */
export function beginTry(before: Tries, countedAs: CountedAs, rules: LockRules, now: number): TryDecision {
  const tries = settle(before, rules, now);
  const { failures, pending } = tries;
  if (failures >= rules.hardLockAt[countedAs]) {
    return pending > 0 ? { outcome: 'wait' } : { outcome: 'locked', retryAfterMs: null };
  }
  const leftMs = tries.lockedUntil - now;
  if (leftMs > 0 && !isOfWrongClock(leftMs, rules.lockMaxMs)) {
    return { outcome: 'locked', retryAfterMs: leftMs };
  }
  if (pending > 0 && failures >= rules.lockAfter) {
    return { outcome: 'wait' };
  }
  const pendingUntil = Math.max(tries.pendingUntil, now + LONGEST_TRY_MS);
  return { outcome: 'reserved', tries: { ...tries, failures: failures + 1, pending: pending + 1, pendingUntil } };
}

/** Forgets failures. Tries that are under way stay counted: they are of those that may be at once. */
export function resetTries(tries: Tries, now: number): Tries {
  const pending = isUnderWay(tries, now) ? tries.pending : 0;
  return { ...tries, failures: pending, pending, lockedUntil: 0 };
}

/**
 * Takes a try back that {@link beginTry} has counted. One whose counter is gone counts all the same where it failed.
 */
export function endTry(before: Tries, end: TryEnd, rules: LockRules, now: number): Tries {
  const tries = settle(before, rules, now);
  const pending = Math.max(0, tries.pending - 1);
  switch (end) {
    case 'succeeded':
      return { ...tries, failures: pending, pending, lockedUntil: 0 };
    case 'withdrawn':
      return { ...tries, failures: Math.max(pending, tries.failures - 1), pending };
    case 'failed': {
      const failures = Math.max(tries.failures, pending + 1);
      return lockAt({ ...tries, failures, pending }, rules, now);
    }
  }
}

/** Whether nobody may try any more and nobody does. Known devices that had their tries are strangers, and not locked. */
export function isHardLocked({ failures, pending }: Tries, countedAs: CountedAs, rules: LockRules): boolean {
  return countedAs !== 'known_device' && failures - pending >= rules.hardLockAt[countedAs];
}

/** Whether the known devices of a user have no more tries of their own: the next ones are a stranger's. */
export function isExhausted({ failures }: Tries, rules: LockRules): boolean {
  return failures >= rules.hardLockAt.known_device;
}

/** Whether there is nothing to be remembered of it. */
export function isEmpty({ failures }: Tries): boolean {
  return failures === 0;
}

/** What is under way for longer than it can be has failed when it was to end at the latest. Gives the same where there is none. */
export function settle(tries: Tries, rules: LockRules, now: number): Tries {
  if (tries.pending === 0 || isUnderWay(tries, now)) {
    return tries;
  }
  return lockAt({ ...tries, pending: 0, pendingUntil: 0 }, rules, Math.min(tries.pendingUntil, now));
}

function isUnderWay({ pending, pendingUntil }: Tries, now: number): boolean {
  const leftMs = pendingUntil - now;
  return pending > 0 && leftMs > 0 && !isOfWrongClock(leftMs, LONGEST_TRY_MS);
}

/** The wait that follows a failure: a second, doubled by each further one. */
function lockAt(tries: Tries, { lockAfter, lockMaxMs }: LockRules, failedAt: number): Tries {
  const beyond = tries.failures - tries.pending - lockAfter;
  return beyond < 0 ? tries : { ...tries, lockedUntil: failedAt + Math.min(FIRST_WAIT_MS * 2 ** beyond, lockMaxMs) };
}

/** No process can have dated it so late: its clock was ahead, and would lock the user for as long. */
function isOfWrongClock(leftMs: number, longestMs: number): boolean {
  return leftMs > longestMs + MAX_CLOCK_SKEW_MS;
}

import type { RateLimit } from '../limits/rate-limit.ts';

/** A person is not mailed the same more often (contract, accounts, section 4). */
const EVERY_MS = 60_000;
const WINDOW_MS = 60 * 60_000;
const MOST_IN_WINDOW = 5;

/** What was spent of one budget. Instants in milliseconds since 1970. */
export interface SpentBudget {
  /** Of a recipient: when mails were made, within the last hour. Of an organization: when its bucket is full again; empty: it is. */
  readonly instants: readonly number[];
  /** When it was last told that nothing was left; null where it was not within an hour. */
  readonly toldAt: number | null;
}

export const UNSPENT: SpentBudget = { instants: [], toldAt: null };

/** Takes one mail of a recipient's budget: one a minute, five in any hour. Null where it is used up. */
export function takeOfRecipient(spent: SpentBudget, at: number): SpentBudget | null {
  // What a clock that was ahead has written is not heeded for longer than an hour either.
  const recent = spent.instants.filter((instant) => Math.abs(at - instant) < WINDOW_MS);
  const isUsedUp = recent.length >= MOST_IN_WINDOW || recent.some((instant) => Math.abs(at - instant) < EVERY_MS);
  return isUsedUp ? null : { instants: [...recent, at], toldAt: spent.toldAt };
}

/** Takes one mail of an organization's bucket, which loses less than a millisecond a mail by rounding. Null where it is empty. */
export function takeOfOrganization(limit: RateLimit | null, spent: SpentBudget, at: number): SpentBudget | null {
  if (limit === null) {
    return spent;
  }
  const mailMs = limit.periodMs / limit.count;
  const deepest = at + limit.burst * mailMs;
  // A bucket that was filled under another setting, or by a clock that was ahead, is empty at most.
  const fullAt = Math.min(Math.max(spent.instants[0] ?? 0, at), deepest);
  const after = Math.ceil(fullAt + mailMs);
  return after > Math.ceil(deepest) ? null : { instants: [after], toldAt: spent.toldAt };
}

/** Whether it is to be told that nothing was left: once an hour. */
export function isToBeTold({ toldAt }: SpentBudget, at: number): boolean {
  return toldAt === null || Math.abs(at - toldAt) >= WINDOW_MS;
}

/** Until when a budget has to be known, in milliseconds since 1970. */
export function keepBudgetUntil({ instants, toldAt }: SpentBudget): number {
  return Math.max(...instants, toldAt ?? 0) + WINDOW_MS;
}

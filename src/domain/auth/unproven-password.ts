import type { UserCredentials } from './storage.ts';

/** How long a password that nobody proved the one before for proves nothing (docs/contract.md, "Fresh proof"): 7 days. */
const UNPROVEN_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Since when the password of a user proves nothing at this instant, because a session set it without the one before: whoever had stolen
 * that session would know it. Null where it proves who the user is. A change that proves such a password leaves it so.
 */
export function stillUnprovenSince(
  { passwordUnprovenSince: since }: Pick<UserCredentials, 'passwordUnprovenSince'>,
  at: number,
): number | null {
  return since !== null && at < since + UNPROVEN_MS ? since : null;
}

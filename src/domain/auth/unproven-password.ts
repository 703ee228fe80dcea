import type { PasswordChange, UserCredentials } from './storage.ts';

/** How long a password that nobody proved the one before for proves nothing (docs/contract.md, "Fresh proof"): 7 days. */
const UNPROVEN_MS = 7 * 24 * 60 * 60 * 1000;

/** A login this long ago is a proof by itself (the same): 15 minutes. */
const FRESH_LOGIN_MS = 15 * 60 * 1000;

/** A login, as its session and the token of that tell it. */
export interface PastLogin {
  readonly createdAt: number;
  /** Of the user at the login; null in tokens of before. */
  readonly credentialVersion: number | null;
}

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

/** Whether a login is a proof by itself at this instant: it is young, and was not by a password that proves nothing. */
export function isFreshLogin(login: PastLogin, user: UserCredentials, at: number): boolean {
  return at - login.createdAt <= FRESH_LOGIN_MS && !wasUnproven(login, user, at);
}

/**
 * Since when a password proves nothing that a session sets now; null where it proves who the user is. Where the login of the session was
 * itself by a password that proves nothing, since that login at the latest, as it would pass for one of before otherwise; but for no
 * longer than a login may be a proof, by whatever clock.
 */
export function unprovenFrom(login: PastLogin, user: UserCredentials, isProven: boolean, at: number): number | null {
  const since = stillUnprovenSince(user, at);
  if (since === null || !wasUnproven(login, user, at)) {
    return isProven ? since : at;
  }
  return isProven ? Math.min(since, login.createdAt) : Math.max(login.createdAt, at - 2 * FRESH_LOGIN_MS);
}

/** What a change makes of the time since when the password of a user proves nothing. */
export function unprovenAfter(
  { isProven, unprovenSince, at }: Pick<PasswordChange, 'isProven' | 'unprovenSince' | 'at'>,
  user: Pick<UserCredentials, 'passwordUnprovenSince'>,
): number | null {
  if (unprovenSince !== undefined) {
    return unprovenSince;
  }
  return isProven ? stillUnprovenSince(user, at) : at;
}

/** The version tells it where the clocks of nodes differ; the time, where the session has set another password since. */
function wasUnproven({ createdAt, credentialVersion }: PastLogin, user: UserCredentials, at: number): boolean {
  const since = stillUnprovenSince(user, at);
  return since !== null && (createdAt >= since || credentialVersion === user.credentialVersion);
}

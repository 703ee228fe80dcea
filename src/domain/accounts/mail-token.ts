/*
 * What is known of tokens of mails without a key: their kinds, how long each lives, and what each is bound to
 * (docs/contract.md, "Tokens of mails").
 */

/** What a token does, named as the mail that it goes out with; `not_me` as what it says. None passes for another. */
export const MAIL_TOKEN_KINDS = [
  'verify_email',
  'reset_password',
  'invite',
  'change_email',
  'email_change_warning',
  'not_me',
] as const;

export type MailTokenKind = (typeof MAIL_TOKEN_KINDS)[number];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long a token lives, in seconds. */
export const MAIL_TOKEN_TTL_SECONDS: Readonly<Record<MailTokenKind, number>> = {
  verify_email: DAY,
  reset_password: 30 * MINUTE,
  invite: 7 * DAY,
  change_email: HOUR,
  email_change_warning: 7 * DAY,
  not_me: 7 * DAY,
};

/** What is kept of a user that tokens are bound to. */
export interface MailTokenUser {
  readonly orgId: string;
  readonly userId: string;
  /** Normalized. */
  readonly email: string;
  /** Binds `reset_password`, `invite` and `change_email`: each is void once the password or the address is another, or the user was disabled. */
  readonly credentialVersion: number;
}

/** Whom a token is made for. `email`: the user's address; of `email_change_warning` the one to go back to. */
export interface MailTokenSubject extends MailTokenUser {
  /** `email_change_warning`: how often the user's address had changed when it was `email`, from 0 to 2^48 - 1. */
  readonly addressVersion: number;
  /** `change_email`: the address to come. Normalized. */
  readonly newEmail?: string;
}

/** A token as it was read, of which nothing is proven. */
export interface UnprovenMailToken {
  readonly kind: MailTokenKind;
  readonly orgId: string;
  readonly userId: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
  /** `change_email`: the new address. `email_change_warning`: the address to go back to. Null in all others. */
  readonly address: string | null;
  /** `email_change_warning`: which of the user's addresses that is; null in all others. */
  readonly addressVersion: number | null;
  readonly token: string;
}

export interface SignedMailToken {
  readonly token: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

export interface MailTokens {
  /** A new token, good from `at` on for as long as its kind lives. Stores nothing. Throws RangeError for ids that are no UUIDs. */
  sign(kind: MailTokenKind, subject: MailTokenSubject, at: number): SignedMailToken;
  /** What a token says, at once; null for what is none. */
  read(token: string): UnprovenMailToken | null;
  /**
   * The epoch of the store under which a token is proven to have been made by {@link sign} for this user as the user is now; null where
   * it was not. Age is for the caller to judge, and of `email_change_warning` whether the user has left that address at all.
   */
  prove(token: UnprovenMailToken, user: MailTokenUser): string | null;
}

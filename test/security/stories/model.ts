/*
 * What there is in a story, as docs/contract.md has it: small enough to be read beside it. Nothing here asks the product.
 */

/** The same in every organization, and few, so that each is somebody's earlier address before long. */
export const EMAILS = ['ada@example.com', 'bob@example.com', 'cyd@example.com', 'dot@example.com'] as const;
/** Good for everybody, but for the third, which is made of the first name here. */
export const PASSWORDS = ['Correct-Horse-7', 'Another-Horse-8', 'Lovelace-1843'] as const;
export const FULLNAMES = ['Ada Lovelace', 'Bea Byron'] as const;
export const PROTECTED_ROLE = 'owner';
export const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type CallerClass = 'private_key' | 'token_key' | 'no_key';
export type KeyKind = 'api' | 'management' | 'management_read';

export interface Key {
  readonly org: Org;
  readonly kind: KeyKind;
  /** Opens Impersonate. */
  readonly impersonates: boolean;
  /** Is, or was, in tokens. */
  readonly wasInTokens: boolean;
  /** '' until a list has told it. */
  keyId: string;
  readonly text: string;
  isRevoked: boolean;
}

export interface Org {
  readonly orgId: string;
  name: string;
  isClosed: boolean;
  /** Null: as the server says. */
  ttlSeconds: number | null;
  sendsItself: boolean;
  readonly keys: Key[];
  /** Those that are there. */
  readonly users: User[];
}

export interface User {
  readonly org: Org;
  readonly userId: string;
  email: string;
  fullname: string;
  password: string | null;
  /** `credential_version`. */
  version: number;
  /** Raised by every move, and by what voids warnings. */
  addressVersion: number;
  /** Where the user may go back to. */
  left: readonly LeftAddress[];
  isVerified: boolean;
  roles: readonly string[];
  isDisabled: boolean;
  /** Since when the password proves nothing, for seven days. */
  unprovenSince: number | null;
  isGone: boolean;
}

export interface LeftAddress {
  readonly email: string;
  readonly addressVersion: number;
  readonly wasProven: boolean;
  readonly leftAt: number;
}

export interface Session {
  readonly user: User;
  readonly sessionId: string;
  readonly createdAt: number;
  /** When the user began with this password. */
  readonly version: number;
  expiresAt: number;
  isEnded: boolean;
  /** Whether somebody opened it in the user's place. */
  readonly isActed: boolean;
  /** Wrong `currentPassword`s in a row. */
  wrongPasswords: number;
}

export interface SessionToken {
  readonly text: string;
  readonly email: string;
  readonly expiresAt: number;
  /** Null for a text that is no session token. */
  readonly session: Session | null;
}

export interface Nonce {
  readonly text: string;
  readonly email: string;
  /** Null: bound to the e-mail alone. */
  readonly org: Org | null;
  readonly expiresAt: number;
  readonly isForged: boolean;
  isSpent: boolean;
}

export type TokenKind = 'verify_email' | 'reset_password' | 'invite' | 'change_email' | 'email_change_warning';
export type MailKind = TokenKind | 'password_was_reset';

export interface MailToken {
  readonly text: string;
  /** Null for a text that is no token of a mail. */
  readonly bound: {
    readonly kind: TokenKind;
    readonly user: User;
    /** Where the user was when it was made; of a warning the address to go back to. */
    readonly email: string;
    readonly newEmail: string;
    readonly version: number;
    readonly addressVersion: number;
    readonly expiresAt: number;
  } | null;
}

/** A mail on its way. */
export interface Mail {
  readonly kind: MailKind;
  readonly user: User;
  readonly to: string;
  readonly newEmail: string;
  /** The user's when it was asked for. */
  readonly version: number;
  readonly addressVersion: number;
}

/** How long a token lives (docs/contract.md, "Tokens of mails"), in milliseconds. */
export const LIVES: Readonly<Record<TokenKind, number>> = {
  verify_email: DAY_MS,
  reset_password: 30 * MINUTE_MS,
  invite: 7 * DAY_MS,
  change_email: HOUR_MS,
  email_change_warning: 7 * DAY_MS,
};

/** A refusal that the model foresees; by each of these reasons where the contract leaves it open. */
export class Refusal {
  readonly reasons: readonly string[];

  constructor(...reasons: readonly string[]) {
    this.reasons = reasons;
  }
}

/** So many milliseconds later, in whole seconds as instants are on the wire. */
export function after(at: number, ms: number): number {
  return Math.floor(at / 1000) * 1000 + ms;
}

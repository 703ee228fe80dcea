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
  secondFactor: 'optional' | 'required' | 'off';
  loginByEmail: boolean;
  requiresVerified: boolean;
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
  /** Whether the next login needs another password. */
  mustChange: boolean;
  /** An app whose codes logins need; null for none. */
  factor: { readonly secret: string; lastStep: number } | null;
  /** One that is to be confirmed. */
  pending: { readonly secret: string; readonly until: number } | null;
  /** Those that are left. */
  recoveryCodes: readonly string[];
  /** Since the last right one. */
  wrongCodes: number;
  wrongRecoveryCodes: number;
  /** Whether the mailbox is no factor: it set the password last. */
  withholdsEmail: boolean;
  /** Whether the factor was set up before the address was proven. */
  isBeforeProof: boolean;
  /** Wrong codes of logins by mail, by who asked for them. */
  readonly loginCodeTries: Map<CallerClass, number>;
  isGone: boolean;
}

export type ChallengeKind = 'second_factor' | 'change_password' | 'login_code';

/** What was handed out in the place of a session, or with the promise of a code. */
export interface Challenge {
  readonly text: string;
  readonly kind: ChallengeKind;
  /** Null for a text that is no challenge. */
  readonly org: Org | null;
  /** Null where a code was asked for nobody, or is not mailed yet. */
  user: User | null;
  readonly provedBy: 'password' | 'email';
  /** The class of the caller who logged in or asked for a code, whoever took the steps after. */
  readonly by: CallerClass;
  readonly isEmailProven: boolean;
  tries: number;
  /** Of the latest mail. */
  code: MailedCode | null;
  version: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  isSpent: boolean;
}

export interface MailedCode {
  /** '' until the mail was read. */
  text: string;
  readonly until: number;
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
  /** Wrong `currentPassword`s and codes in a row. */
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

export type TokenKind =
  | 'verify_email'
  | 'reset_password'
  | 'invite'
  | 'change_email'
  | 'email_change_warning'
  | 'not_me';
/** They tell what was done with the account, and bring a token that says it was somebody else. */
export type NoticeKind =
  | 'password_changed'
  | 'second_factor_enabled'
  | 'second_factor_disabled'
  | 'recovery_codes_replaced'
  | 'recovery_code_used';
export type MailKind =
  | Exclude<TokenKind, 'not_me'>
  | NoticeKind
  | 'password_was_reset'
  | 'login_code'
  | 'second_factor_code';

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
  /** The class of the caller that it was asked for by. */
  readonly by: CallerClass;
  /** The user's when it was asked for. */
  readonly version: number;
  readonly addressVersion: number;
  /** That it brings. */
  readonly code?: MailedCode;
}

/** How long a token lives (docs/contract.md, "Tokens of mails"), in milliseconds. */
export const LIVES: Readonly<Record<TokenKind, number>> = {
  verify_email: DAY_MS,
  reset_password: 30 * MINUTE_MS,
  invite: 7 * DAY_MS,
  change_email: HOUR_MS,
  email_change_warning: 7 * DAY_MS,
  not_me: 7 * DAY_MS,
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

import type { CallerClass } from '../caller.ts';

/**
 * What a mail is for.
 *
 * `verify_email`: proves the user's address. `reset_password`: sets a new password. `invite`: the same, for a user who was made by
 * others. `change_email`, to the new address: moves the user there. `email_change_warning`, to the old one: takes that back.
 * `login_code`, `second_factor_code`: bring a code. `password_was_reset`, `email_was_changed`: notices. The others tell what was done with
 * the account, with a link that says it was not them.
 */
export const MAIL_KINDS = [
  'verify_email',
  'reset_password',
  'invite',
  'change_email',
  'email_change_warning',
  'password_was_reset',
  'email_was_changed',
  'login_code',
  'second_factor_code',
  'password_changed',
  'second_factor_enabled',
  'second_factor_disabled',
  'recovery_codes_replaced',
  'recovery_code_used',
] as const;

export type MailKind = (typeof MAIL_KINDS)[number];

/** Kinds that somebody may ask for by an address, whoever has it. */
export type RequestedMailKind = Extract<MailKind, 'verify_email' | 'reset_password' | 'login_code'>;

/** Kinds that tell a user what was done with their account. */
export type AccountNoticeKind = Extract<
  MailKind,
  | 'password_changed'
  | 'second_factor_enabled'
  | 'second_factor_disabled'
  | 'recovery_codes_replaced'
  | 'recovery_code_used'
>;

/** Of these the latest is enough: it takes the place of one that still waits. Each of the others tells of something of its own. */
const REPLACING: ReadonlySet<MailKind> = new Set<MailKind>([
  'verify_email',
  'reset_password',
  'invite',
  'change_email',
  'login_code',
  'second_factor_code',
]);

/** Whether a mail of this kind takes the place of one to the same user that still waits. */
export function replacesEarlier(kind: MailKind): boolean {
  return REPLACING.has(kind);
}

/** A mail to a user. It holds no token of a link: whoever sends it makes that as it is sent. */
export interface Mail {
  readonly kind: MailKind;
  readonly orgId: string;
  readonly userId: string;
  /** The address that it goes to: of `change_email` the new one, of `email_change_warning` the old one. */
  readonly to: string;
  /** The address that the user is to have: of `change_email`, `email_change_warning`, `email_was_changed`; null in others. */
  readonly newEmail: string | null;
  /** Where it is given, the mail is dropped once the user has another. */
  readonly credentialVersion: number | null;
  /** Of `email_change_warning`, and of no other: the user's as the change was asked for. Its token is made as it is sent, and leads back to that one. */
  readonly addressVersion?: number;
  /** Of a mail that brings one, and until when it is good. The mail is dropped after that. */
  readonly code?: MailedCode;
}

export interface MailedCode {
  /** Six digits. */
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Who asked for a mail by an address, which may be nobody's. */
export interface MailRequest {
  readonly kind: RequestedMailKind;
  readonly orgId: string;
  /** Normalized. */
  readonly email: string;
  readonly callerClass: CallerClass;
  /** Of `login_code`, and of no other. */
  readonly challenge?: RequestedChallenge;
}

/** The challenge that was handed out with the request. */
export interface RequestedChallenge {
  readonly challengeId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a mail is tried to be sent (contract, accounts, section 4), in milliseconds. */
export const SEND_FOR_MS = DAY_MS;

/** How long a mail that nobody sends, or that failed, can be read (the same). */
export const KEEP_MAILS_MS = 7 * DAY_MS;

/** How long a request that no process answered is kept: as long as its mail would have been tried. */
export const KEEP_MAIL_REQUESTS_MS = DAY_MS;

/** So many requests of one class of callers of an organization wait at most: each is answered within seconds. */
export const MOST_MAIL_REQUESTS = 1_000;

/** When a mail that waits is given up. */
export function triedUntil({ keepUntil }: { readonly keepUntil: number }): number {
  return keepUntil - KEEP_MAILS_MS;
}

import type { CallerClass } from '../caller.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import type { LoginChallenge } from '../second-factors/storage.ts';
import type { MailKind } from './mail.ts';

/**
 * What mails need from the store. `Storage` says what holds for every operation. Addresses and texts come sealed: the store, and a
 * backup of it, tell none.
 */
export interface MailStorage {
  /**
   * Keeps a request for a mail, in the place of an equal one: the same statements whether the address is a user's or not. `isCounted`:
   * `too_many` where {@link MOST_MAIL_REQUESTS} of its class wait for an answer, for every address alike.
   */
  requestMail(request: NewMailRequest, isCounted: boolean): Promise<MailRequesting>;
  /** Those that were asked for first. */
  listMailRequests(limit: number): Promise<readonly MailRequestRecord[]>;
  /**
   * Takes a request away and queues the mail that it was for; null where its address is nobody's. Of several who answer one, one does;
   * `gone` for the others, and where the same was asked for again meanwhile.
   */
  answerMailRequest(answer: MailRequestAnswer): Promise<MailQueueing | 'dropped' | 'gone'>;
  /** Whether a mail is due that nobody has leased. */
  hasDueMails(at: number): Promise<boolean>;
  /**
   * Takes mails that are due, each for this lease alone until it ends. Those of one organization come in turn with those of others, and
   * those of its classes of callers in turn with each other, however many of one wait.
   */
  leaseMails(lease: MailLease): Promise<LeasedMails>;
  /** Ends a lease with what came of it; false where it has gone to another, or the mail is gone. */
  endMailLease(ending: MailLeaseEnding): Promise<boolean>;
  /** Those of one organization, or of all (null), by id, which is by age. The next page begins after an id. */
  listMails(
    orgId: string | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly MailRecord[]>;
  findMail(mailId: string): Promise<OutboxMail | null>;
  /** Puts down in the audit log that a mail is shown. */
  showMail(mailId: string): Promise<'told' | 'not_found'>;
  /** Has a mail sent that was kept or failed, or that waits, from now on. */
  retryMail(mailId: string, at: number): Promise<'queued' | 'not_found'>;
  /** How many there are of each state, up to {@link MOST_COUNTED_MAILS} each, and how long the oldest request or mail has been due. */
  countMails(at: number): Promise<MailCounts>;
  /** By id, from after `after` on. */
  listSealedMails(after: string | null, limit: number): Promise<readonly SealedMail[]>;
  /** Replaces a sealed mail that is still the one it was made from; tells whether it was. */
  resealMail(mail: SealedMail & { readonly to: Uint8Array }): Promise<boolean>;
}

/** Counting more would cost more than knowing it is worth. */
export const MOST_COUNTED_MAILS = 10_000;

/** `waiting`: to be sent. `kept`: nobody sends it. `failed`: a day of tries did not. */
export const MAIL_STATES = ['waiting', 'kept', 'failed'] as const;

export type MailState = (typeof MAIL_STATES)[number];

export interface NewMailRequest {
  readonly orgId: string;
  /** A keyed digest of all that makes two requests equal. */
  readonly requestKey: string;
  readonly callerClass: CallerClass;
  readonly sealedRequest: Uint8Array;
  readonly at: number;
}

export interface MailRequesting {
  readonly outcome: 'requested' | 'too_many';
  /** How many of its class wait, this one included; null where they were not counted. */
  readonly waiting: number | null;
}

export type MailRequestRecord = Pick<NewMailRequest, 'orgId' | 'requestKey' | 'callerClass' | 'sealedRequest'>;

export interface MailRequestAnswer extends Pick<NewMailRequest, 'orgId' | 'requestKey' | 'sealedRequest'> {
  readonly mail: NewMail | null;
  /** The code that the mail brings, as the challenge that was asked for has it from then on; by default none. Kept where the mail is. */
  readonly loginCode?: LoginChallenge | null;
}

/** `over_budget`: nothing was queued. */
export type MailQueueing = 'queued' | 'over_budget';

export interface NewMail {
  /** A UUIDv7: part of the Message-ID. */
  readonly mailId: string;
  readonly orgId: string;
  readonly userId: string;
  readonly kind: MailKind;
  readonly callerClass: CallerClass;
  readonly sealedMail: Uint8Array;
  readonly budget: MailBudget;
  readonly at: number;
}

/** What a mail is charged to. */
export interface MailBudget {
  /** Keyed digests: of the user and of the address, each with the kind and the class of callers. */
  readonly recipients: readonly string[];
  /** Of each class of callers of the organization; null where it is off. */
  readonly organization: RateLimit | null;
}

export interface MailRecord {
  readonly mailId: string;
  readonly orgId: string;
  readonly userId: string;
  readonly kind: MailKind;
  readonly state: MailState;
  readonly createdAt: number;
  /** When it is tried next. */
  readonly dueAt: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** Why the last try failed, or why nobody sends it: a code, never what a server said. '' where none has failed. */
  readonly fault: string;
  /** When it is removed; of one that waits {@link KEEP_MAILS_MS} after it is given up. */
  readonly keepUntil: number;
}

export interface OutboxMail extends MailRecord {
  readonly sealedMail: Uint8Array;
}

export interface MailLease {
  /** Random; who holds it. */
  readonly leaseId: string;
  readonly at: number;
  readonly leaseMs: number;
  readonly limit: number;
  /** Whose turn was the last one, as the lease before told; '' for nobody's. */
  readonly lastTurn: string;
}

export interface LeasedMails {
  readonly mailIds: readonly string[];
  /** For the next lease. */
  readonly lastTurn: string;
}

/** A mail that was leased, and whose turn it was: those of an organization and class of callers have one together. */
export interface LeasedMail {
  readonly mailId: string;
  readonly turn: string;
}

export interface MailLeaseEnding {
  readonly orgId: string;
  readonly mailId: string;
  readonly leaseId: string;
  readonly at: number;
  readonly end: MailEnd;
}

/**
 * `sent`: it is wiped. `dropped`: too, because nobody wants it any more. `retry`: at that instant, counted as a try or not.
 * `kept` and `failed`: it can be read for {@link KEEP_MAILS_MS} more.
 */
export type MailEnd =
  | { readonly end: 'sent' | 'dropped' }
  | { readonly end: 'retry'; readonly dueAt: number; readonly fault: string; readonly isCounted: boolean }
  | { readonly end: 'kept' | 'failed'; readonly fault: string };

export interface MailCounts extends Readonly<Record<MailState, number>> {
  /** In milliseconds; 0 where nothing is due. */
  readonly oldestDueMs: number;
}

export interface SealedMail {
  readonly orgId: string;
  readonly mailId: string;
  readonly from: Uint8Array;
}

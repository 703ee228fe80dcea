import { randomUUID } from 'node:crypto';
import { KEEP_MAILS_MS, triedUntil } from '../domain/mail/mail.ts';
import type { MailCounts, MailEnd, OutboxMail } from '../domain/mail/storage.ts';
import type { MailOpener, Ports } from '../domain/ports.ts';
import { MailRefusedError, type Transport } from './message.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { answerRequests } from './requests.ts';

/** Mails that one process sends at once. */
export const SENT_AT_ONCE = 4;

/** How often the outbox is looked at. */
const LOOK_EVERY_MS = 1_000;
/** After a look that failed, as where the store is away. */
const FAILED_PAUSE_MS = 5_000;
/** What there is is counted so often. */
const COUNT_EVERY_MS = 15_000;
/** How long a send may take, and how long others leave a mail to who takes it: the rest is for clocks that differ, and a busy process. */
const SEND_MS = 45_000;
const LEASE_MS = 120_000;
/** Between two tries at a mail: doubled each time. */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 3_600_000;
/** How long a server that takes nothing is left alone: doubled each time. One mail then shows whether it is back. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** How long a mail waits that another process may be able to open. */
const UNOPENED_WAIT_MS = 60_000;
/** How long a stop waits for mails that are on their way. */
const STOP_MS = 5_000;

export interface SenderOptions extends Omit<PrepareOptions, 'storage'> {
  readonly ports: Pick<Ports, 'storage' | 'mails' | 'clock' | 'loginCodes'>;
  readonly opener: MailOpener;
  /** Null where there is no mail server: what would be sent is kept. */
  readonly transport: Transport | null;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
  /** Told of each try that failed: never of an address. */
  readonly onRefused: (refused: {
    readonly mailId: string;
    readonly fault: string;
    readonly isGivenUp: boolean;
  }) => void;
}

/** What this process did, and what there was when it last looked. */
export interface SenderCounts {
  readonly sent: number;
  readonly failed: number;
  readonly refusals: number;
  readonly outbox: MailCounts | null;
}

/**
 * Sends what waits in the outbox, of each mail at least one copy, while others of its kind work on the same store: a mail is leased by one
 * at a time, and by another once the lease has ended. No call waits for it.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout;
  #look: Promise<void> = Promise.resolve();
  #isStopped = false;
  #isLooking = false;
  #countedAt = Number.NEGATIVE_INFINITY;
  #outbox: MailCounts | null = null;
  #sent = 0;
  #failed = 0;
  #refusals = 0;
  /** In a row, of the server. */
  #serverRefusals = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** Of what was leased last. */
  #lastTurn = '';

  constructor(options: SenderOptions) {
    this.#options = options;
    // What an earlier process left is due at once.
    this.#timer = setTimeout(() => this.#run(), 0).unref();
  }

  get counts(): SenderCounts {
    return { sent: this.#sent, failed: this.#failed, refusals: this.#refusals, outbox: this.#outbox };
  }

  /** Takes no more mails; fulfilled when those on their way have been sent, or given back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#look;
    const cut = setTimeout(() => this.#options.transport?.close(), STOP_MS);
    await Promise.all(this.#underWay);
    clearTimeout(cut);
    this.#options.transport?.close();
  }

  #run(): void {
    this.#isLooking = true;
    this.#look = this.#lookOnce().then((pauseMs) => {
      this.#isLooking = false;
      if (!this.#isStopped) {
        this.#timer = setTimeout(() => this.#run(), pauseMs).unref();
      }
    });
  }

  /** What is due need not wait for the next look where there is room for it. */
  #lookSoon(): void {
    if (!this.#isLooking && !this.#isStopped) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#run(), 0).unref();
    }
  }

  /** Gives how long to wait for the next look. */
  async #lookOnce(): Promise<number> {
    try {
      const isMoreAsked = await answerRequests(this.#options);
      const isMoreDue = await this.#takeDue();
      await this.#count();
      return isMoreAsked || isMoreDue ? 0 : LOOK_EVERY_MS;
    } catch (error) {
      this.#options.onError(error);
      return FAILED_PAUSE_MS;
    }
  }

  async #takeDue(): Promise<boolean> {
    const { ports, transport } = this.#options;
    const { storage, clock } = ports;
    const places = (this.#serverRefusals > 0 ? 1 : SENT_AT_ONCE) - this.#underWay.size;
    const at = clock.now();
    if (places <= 0 || at < this.#restsUntil || !(await storage.hasDueMails(at))) {
      return false;
    }
    const leaseId = randomUUID();
    const lease = { leaseId, at, leaseMs: LEASE_MS, limit: places, lastTurn: this.#lastTurn };
    const { mailIds, lastTurn } = await storage.leaseMails(lease);
    this.#lastTurn = lastTurn;
    for (const mailId of mailIds) {
      const sending: Promise<void> = this.#deliver(mailId, leaseId)
        .catch(this.#options.onError)
        .finally(() => this.#underWay.delete(sending));
      this.#underWay.add(sending);
    }
    if (transport !== null) {
      return false;
    }
    await Promise.all(this.#underWay);
    return mailIds.length === places;
  }

  async #deliver(mailId: string, leaseId: string): Promise<void> {
    const { ports, onRefused } = this.#options;
    const { storage, clock } = ports;
    const mail = await storage.findMail(mailId);
    if (mail === null) {
      return;
    }
    const end = await this.#endOf(mail);
    const { orgId } = mail;
    await storage.endMailLease({ orgId, mailId, leaseId, at: clock.now(), end });
    if (end.end === 'sent') {
      this.#sent += 1;
      this.#lookSoon();
    } else if (end.end === 'failed') {
      this.#failed += 1;
    }
    if (end.end === 'failed' || (end.end === 'retry' && end.isCounted)) {
      this.#refusals += 1;
      onRefused({ mailId, fault: end.fault, isGivenUp: end.end === 'failed' });
    }
  }

  async #endOf(row: OutboxMail): Promise<MailEnd> {
    const { ports, opener, transport } = this.#options;
    const now = ports.clock.now();
    const mail = opener.open(row);
    if ('unopened' in mail) {
      return mail.unopened === 'for_good'
        ? { end: 'failed', fault: 'unreadable' }
        : { end: 'retry', dueAt: now + UNOPENED_WAIT_MS, fault: 'other_secret', isCounted: false };
    }
    const prepared = await prepare({ ...this.#options, storage: ports.storage }, mail, row.mailId);
    if (prepared === null) {
      return { end: 'dropped' };
    }
    if (transport === null || !prepared.settings.mailApproved) {
      return { end: 'kept', fault: transport === null ? 'no_mail_server' : 'not_approved' };
    }
    if (now >= triedUntil(row)) {
      return { end: 'failed', fault: row.fault === '' ? 'too_late' : row.fault };
    }
    try {
      await transport.send(prepared.message, SEND_MS);
      this.#serverRefusals = 0;
      return { end: 'sent' };
    } catch (error) {
      return this.#endOfRefused(row, error);
    }
  }

  #endOfRefused(row: OutboxMail, error: unknown): MailEnd {
    if (!(error instanceof MailRefusedError)) {
      throw error;
    }
    const { fault, refused } = error;
    const now = this.#options.ports.clock.now();
    if (this.#isStopped) {
      return { end: 'retry', dueAt: now, fault: row.fault, isCounted: false };
    }
    if (refused === 'server') {
      this.#restsUntil = now + doubled(FIRST_REST_MS, this.#serverRefusals, LONGEST_REST_MS);
      this.#serverRefusals += 1;
    } else {
      this.#serverRefusals = 0;
    }
    // Spread, so that what was refused at once does not come back at once.
    const waitMs = doubled(FIRST_WAIT_MS, row.attempts, LONGEST_WAIT_MS) * (0.8 + 0.4 * this.#options.random());
    const dueAt = Math.ceil(now + waitMs);
    return refused === 'message' || dueAt >= row.keepUntil - KEEP_MAILS_MS
      ? { end: 'failed', fault }
      : { end: 'retry', dueAt, fault, isCounted: true };
  }

  async #count(): Promise<void> {
    if (performance.now() - this.#countedAt >= COUNT_EVERY_MS) {
      this.#countedAt = performance.now();
      this.#outbox = await this.#options.ports.storage.countMails(this.#options.ports.clock.now());
    }
  }
}

function doubled(firstMs: number, times: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(times, 30));
}

import { isToBeTold, type SpentBudget, takeOfOrganization, takeOfRecipient } from '../../domain/mail/budget.ts';
import { KEEP_MAILS_MS, MOST_MAIL_REQUESTS, replacesEarlier, SEND_FOR_MS } from '../../domain/mail/mail.ts';
import type {
  LeasedMails,
  MailLease,
  MailLeaseEnding,
  MailQueueing,
  MailRequestAnswer,
  MailRequesting,
  NewMail,
  NewMailRequest,
  SealedMail,
} from '../../domain/mail/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { ask, type Steps } from './steps.ts';

/** The count comes first, and refuses a request that is there already, too: else that would tell which addresses are users'. */
export function* requestMail(rows: Rows, request: NewMailRequest, isCounted: boolean): Steps<MailRequesting> {
  const { orgId, callerClass } = request;
  const waiting = isCounted ? yield* ask(rows.mailRequests.count(orgId, callerClass, MOST_MAIL_REQUESTS)) : null;
  if (waiting !== null && waiting >= MOST_MAIL_REQUESTS) {
    return { outcome: 'too_many', waiting };
  }
  yield* ask(rows.mailRequests.put(request));
  return { outcome: 'requested', waiting: waiting === null ? null : waiting + 1 };
}

/** The user comes first, as in every other write that holds one. */
export function* answerMailRequest(
  rows: WriteRows,
  { mail, loginCode = null, ...request }: MailRequestAnswer,
): Steps<MailQueueing | 'dropped' | 'gone'> {
  const user = mail && (yield* ask(rows.users.findCredentials(mail.orgId, mail.userId)));
  if (!(yield* ask(rows.mailRequests.remove(request)))) {
    return 'gone';
  }
  if (mail === null || user === null) {
    return 'dropped';
  }
  // Whoever tried a code before there was one has tries less. It stays nobody's where no code is mailed.
  const nobodys = loginCode && { ...loginCode, userId: '', credentialVersion: 0, codeDigest: null, codeUntil: 0 };
  const challenge = nobodys && (yield* ask(rows.loginChallenges.hold(nobodys)));
  const queueing = yield* queueMail(rows, mail);
  if (queueing === 'queued' && challenge !== null && loginCode !== null) {
    const { userId, callerClass, credentialVersion, codeDigest, codeUntil } = loginCode;
    yield* ask(rows.loginChallenges.clearCodes(loginCode));
    yield* ask(
      rows.loginChallenges.put({ ...challenge, userId, callerClass, credentialVersion, codeDigest, codeUntil }),
    );
  }
  return queueing;
}

/**
 * Queues a mail to a user in the write that is its cause. To be called last, by a step that holds the user: budgets come after
 * everything else that a write holds. Beyond its budget nothing is queued, which the audit log tells once an hour.
 */
export function* queueMail(rows: WriteRows, mail: NewMail): Steps<MailQueueing> {
  const { orgId, userId, kind, callerClass, budget, at } = mail;
  const ofOrganization = `organization ${callerClass}`;
  const taken: { key: string; spent: SpentBudget }[] = [];
  // In one order, so that no two writes wait for each other.
  for (const key of [...budget.recipients, ofOrganization].toSorted()) {
    const spent = yield* ask(rows.mailBudgets.hold(orgId, key));
    const isOrganizations = key === ofOrganization;
    const after = isOrganizations ? takeOfOrganization(budget.organization, spent, at) : takeOfRecipient(spent, at);
    if (after === null) {
      if (isToBeTold(spent, at)) {
        yield* ask(rows.mailBudgets.put(orgId, key, { ...spent, toldAt: at }));
        const details = { kind, budget: isOrganizations ? 'organization' : 'recipient', caller_class: callerClass };
        yield* record(rows, { type: 'mail.suppressed', orgId, userId, details });
      }
      return 'over_budget';
    }
    taken.push({ key, spent: after });
  }
  for (const { key, spent } of taken) {
    yield* ask(rows.mailBudgets.put(orgId, key, spent));
  }
  if (replacesEarlier(kind)) {
    yield* ask(rows.mails.removeWaiting({ orgId, userId, kind, callerClass, at }));
  }
  yield* ask(rows.mails.insert(mail, at + SEND_FOR_MS + KEEP_MAILS_MS));
  return 'queued';
}

/** By the clock that all processes share, where theirs is ahead: none takes what another still sends. */
export function* leaseMails(rows: Rows, lease: MailLease): Steps<LeasedMails> {
  const { lastTurn } = lease;
  const at = yield* ask(rows.clock.notAfter(lease.at));
  const leased = yield* ask(rows.mails.lease({ ...lease, at }));
  // Turns go by their order, and begin again after the last one.
  const turns = leased.map(({ turn }) => turn).toSorted();
  const last = turns.findLast((turn) => turn <= lastTurn) ?? turns.at(-1) ?? lastTurn;
  // Engines tell them in any order: a lease that is told again after a lost reply is told alike.
  return { mailIds: leased.map(({ mailId }) => mailId).toSorted(), lastTurn: last };
}

export function* endMailLease(rows: WriteRows, { end, at, ...lease }: MailLeaseEnding): Steps<boolean> {
  const mail = yield* ask(rows.mails.findLeased(lease));
  if (mail === null) {
    return false;
  }
  const { orgId, mailId, userId, kind } = mail;
  const attempts = mail.attempts + 1;
  const told = { orgId, userId, targetId: mailId };
  switch (end.end) {
    case 'sent':
      yield* ask(rows.mails.remove(orgId, mailId));
      yield* record(rows, { type: 'mail.sent', ...told, details: { kind, attempts } });
      return true;
    case 'dropped':
      yield* ask(rows.mails.remove(orgId, mailId));
      return true;
    case 'retry': {
      const { dueAt, fault, isCounted } = end;
      const { keepUntil } = mail;
      const tried = isCounted ? attempts : mail.attempts;
      yield* ask(rows.mails.change(orgId, mailId, { state: 'waiting', dueAt, fault, attempts: tried, keepUntil }));
      return true;
    }
    case 'kept':
    case 'failed': {
      const { end: state, fault } = end;
      const tried = state === 'failed' ? attempts : mail.attempts;
      yield* ask(
        rows.mails.change(orgId, mailId, { state, dueAt: at, fault, attempts: tried, keepUntil: at + KEEP_MAILS_MS }),
      );
      if (state === 'failed') {
        yield* record(rows, { type: 'mail.failed', ...told, details: { kind, attempts, fault } });
      }
      return true;
    }
  }
}

export function* showMail(rows: WriteRows, mailId: string): Steps<'told' | 'not_found'> {
  const mail = yield* ask(rows.mails.find(mailId));
  if (mail === null) {
    return 'not_found';
  }
  const { orgId, userId, kind } = mail;
  yield* record(rows, { type: 'mail.shown', orgId, userId, targetId: mailId, details: { kind } });
  return 'told';
}

/** One that is being sent stays with who sends it, and is tried again after that. */
export function* retryMail(rows: WriteRows, mailId: string, at: number): Steps<'queued' | 'not_found'> {
  const mail = yield* ask(rows.mails.find(mailId));
  if (mail === null) {
    return 'not_found';
  }
  const { orgId, userId, kind } = mail;
  const keepUntil = at + SEND_FOR_MS + KEEP_MAILS_MS;
  yield* ask(rows.mails.requeue(orgId, mailId, { at, keepUntil }));
  yield* record(rows, { type: 'mail.retried', orgId, userId, targetId: mailId, details: { kind } });
  return 'queued';
}

export function* resealMail(rows: Rows, mail: SealedMail & { readonly to: Uint8Array }): Steps<boolean> {
  return yield* ask(rows.mails.replaceSealed(mail));
}

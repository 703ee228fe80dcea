import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CALLER_CLASSES } from '../../../src/domain/caller.ts';
import {
  KEEP_MAIL_REQUESTS_MS,
  KEEP_MAILS_MS,
  MOST_MAIL_REQUESTS,
  SEND_FOR_MS,
} from '../../../src/domain/mail/mail.ts';
import type { LeasedMails, MailEnd, NewMail } from '../../../src/domain/mail/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import {
  addOrganization,
  addUser,
  DAY,
  HOUR,
  inSlices,
  MINUTE,
  mailRequest,
  NOW,
  newMail,
  populate,
  queued,
  tally,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const LEASE_MS = 2 * MINUTE;
const RELAXED = { count: 1_000_000, periodMs: 1_000, burst: 1_000_000 };

export function mailContract(harness: StorageHarness): void {
  describe('requests for mails', () => {
    test('an equal one takes the place of the one before, and keeps its turn', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const first = mailRequest(org.orgId);
      const other = mailRequest(org.orgId, { at: NOW + 1 });
      const again = mailRequest(org.orgId, { requestKey: first.requestKey, at: NOW + 2 });
      for (const request of [first, other, again]) {
        expect(await storage.requestMail(request, true)).toMatchObject({ outcome: 'requested' });
      }
      const found = await storage.listMailRequests(10);
      expect(found.map(({ requestKey }) => requestKey)).toEqual([first.requestKey, other.requestKey]);
      expect(Buffer.from(found[0]?.sealedRequest ?? [])).toEqual(Buffer.from(again.sealedRequest));
      expect(await storage.answerMailRequest({ ...first, mail: null })).toBe('gone');
      expect(await storage.answerMailRequest({ ...again, mail: null })).toBe('dropped');
      expect(await storage.listMailRequests(10)).toHaveLength(1);
    });

    test('beyond a number those of a class are refused, a known one too, and no others', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const other = await addOrganization(storage);
      const requests = await inSlices(MOST_MAIL_REQUESTS, async () => {
        const request = mailRequest(org.orgId, { callerClass: 'token_key' });
        expect(await storage.requestMail(request, true)).toMatchObject({ outcome: 'requested' });
        return request;
      });
      const known = mailRequest(org.orgId, { callerClass: 'token_key', requestKey: requests[0]?.requestKey ?? '' });
      expect(await storage.requestMail(known, true)).toMatchObject({ outcome: 'too_many' });
      expect(await storage.requestMail(mailRequest(org.orgId, { callerClass: 'token_key' }), true)).toMatchObject({
        outcome: 'too_many',
      });
      expect(await storage.requestMail(mailRequest(org.orgId), true)).toMatchObject({ outcome: 'requested' });
      expect(await storage.requestMail(mailRequest(other.orgId, { callerClass: 'token_key' }), true)).toMatchObject({
        outcome: 'requested',
      });
    });

    test('of several who answer one, one queues its mail', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org, user } = await populate(handles[0]);
      for (let race = 0; race < (harness.races ?? 250) / 25; race += 1) {
        const request = mailRequest(org.orgId);
        await handles[0].requestMail(request, true);
        const outcomes = await Promise.all(
          [0, 1, 2, 3].map((n) => handles[n % 2 === 0 ? 0 : 1].answerMailRequest({ ...request, mail: newMail(user) })),
        );
        expect(tally(outcomes)).toEqual({ queued: 1, gone: 3 });
        expect(await handles[1].listMails(null, { after: null, limit: 100 })).toHaveLength(race + 1);
      }
    });
  });

  describe('budgets of mails', () => {
    test('a recipient gets one a minute and five in any hour, of a class of callers', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const ask = (at: number, recipients = ['user', 'address']) =>
        queued(storage, newMail(user, { at, budget: { recipients, organization: RELAXED } }));
      expect(await ask(NOW)).toBe('queued');
      expect(await ask(NOW + MINUTE - 1)).toBe('over_budget');
      expect(await ask(NOW, ['another user', 'address'])).toBe('over_budget');
      expect(await ask(NOW, ['user', 'another address'])).toBe('over_budget');
      expect(await ask(NOW, ['another user', 'another address'])).toBe('queued');
      for (const minute of [1, 2, 3, 4]) {
        expect(await ask(NOW + minute * MINUTE)).toBe('queued');
      }
      for (const minute of [5, 30, 59]) {
        expect(await ask(NOW + minute * MINUTE)).toBe('over_budget');
      }
      expect(await ask(NOW + HOUR)).toBe('queued');
      expect(await ask(NOW + HOUR + MINUTE)).toBe('queued');
    });

    test('an organization gets so many of each class, and one more as its bucket fills', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const organization = { count: 60, periodMs: HOUR, burst: 3 };
      const ask = (at: number, callerClass: NewMail['callerClass'] = 'token_key') => {
        const { budget, ...mail } = newMail(user, { at, callerClass });
        return queued(storage, { ...mail, budget: { ...budget, organization } });
      };
      expect(tally(await Promise.all([1, 2, 3, 4, 5].map(() => ask(NOW))))).toEqual({ queued: 3, over_budget: 2 });
      expect(await ask(NOW, 'private_key')).toBe('queued');
      expect(await ask(NOW + MINUTE - 1)).toBe('over_budget');
      expect(await ask(NOW + MINUTE)).toBe('queued');
      expect(await ask(NOW + MINUTE)).toBe('over_budget');
      expect(await ask(NOW + DAY)).toBe('queued');
    });

    test('that are used up are told once an hour, and nothing else is written', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const budget = { recipients: ['user', 'address'], organization: null };
      const ask = (at: number) => queued(storage, newMail(user, { at, budget }));
      await ask(NOW);
      for (const second of [1, 2, 3]) {
        expect(await ask(NOW + second * 1_000)).toBe('over_budget');
      }
      expect(await storage.listMails(org.orgId, { after: null, limit: 10 })).toHaveLength(1);
      const told = async () => (await mailEvents(storage, org.orgId)).map(({ details }) => details);
      const details = { kind: 'password_was_reset', budget: 'recipient', caller_class: 'private_key' };
      expect(await told()).toEqual([details]);
      await ask(NOW + 2 * HOUR);
      await ask(NOW + 2 * HOUR + 1);
      expect(await told()).toEqual([details, details]);
    });

    test('hold where many mails are asked for at once', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { user } = await populate(handles[0]);
      const budget = { recipients: ['b', 'a'], organization: { count: 1, periodMs: HOUR, burst: 2 } };
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          queued(
            handles[n % 2 === 0 ? 0 : 1],
            newMail(user, { budget: n < 8 ? budget : { ...budget, recipients: ['a', 'c'] } }),
          ),
        ),
      );
      expect(tally(outcomes)).toEqual({ queued: 1, over_budget: 15 });
    });
  });

  describe('mails', () => {
    test('a later one takes the place of one that waits where the latest is enough', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addUser(storage, org);
      const kept = [
        newMail(other, { kind: 'reset_password' }),
        newMail(user, { kind: 'verify_email' }),
        newMail(user, { kind: 'email_change_warning' }),
        newMail(user, { kind: 'email_change_warning' }),
      ];
      const leased = newMail(user, { kind: 'reset_password' });
      await queued(storage, leased);
      await storage.leaseMails(lease('first'));
      const replaced = newMail(user, { kind: 'reset_password' });
      const latest = newMail(user, { kind: 'reset_password' });
      for (const mail of [...kept, replaced, latest]) {
        await queued(storage, mail);
      }
      const found = await storage.listMails(null, { after: null, limit: 100 });
      const ids = [leased, ...kept, latest].map(({ mailId }) => mailId);
      expect(found.map(({ mailId }) => mailId)).toEqual(ids.toSorted());
    });

    test('are leased by one at a time, until the lease ends', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { user } = await populate(handles[0]);
      const mails = Array.from({ length: 12 }, () => newMail(user));
      for (const mail of mails) {
        await queued(handles[0], mail);
      }
      const rounds = await Promise.all(
        Array.from({ length: 8 }, (_, n) => idsOf(handles[n % 2 === 0 ? 0 : 1].leaseMails(lease(`lease ${n}`)))),
      );
      const ids = rounds.flat();
      expect(ids.toSorted()).toEqual(mails.map(({ mailId }) => mailId).toSorted());
      expect(await handles[0].hasDueMails(NOW + LEASE_MS - 1)).toBe(false);
      expect(await handles[0].hasDueMails(NOW + LEASE_MS)).toBe(true);
      expect(await idsOf(handles[0].leaseMails(lease('early', NOW + LEASE_MS - 1)))).toEqual([]);
      const late = await idsOf(handles[1].leaseMails(lease('late', NOW + LEASE_MS)));
      expect(late).toHaveLength(12);
      const mail = await handles[0].findMail(late[0] ?? '');
      expect(Buffer.from(mail?.sealedMail ?? [])).toEqual(
        Buffer.from(mails.find(({ mailId }) => mailId === mail?.mailId)?.sealedMail ?? []),
      );
      // Whose lease has gone to another ends nothing.
      const { orgId, mailId } = mail ?? { orgId: '', mailId: '' };
      const before = rounds.findIndex((round) => round.includes(mailId));
      expect(await end(handles[0], { orgId, mailId }, `lease ${before}`, { end: 'sent' })).toBe(false);
      expect(await end(handles[0], { orgId, mailId }, 'late', { end: 'sent' })).toBe(true);
      expect(await end(handles[0], { orgId, mailId }, 'late', { end: 'sent' })).toBe(false);
    });

    test('those of an organization with many do not hold up those of others', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const other = await addOrganization(storage);
      const theirs = newMail(await addUser(storage, other), { at: NOW + 1 });
      for (const mail of [...Array.from({ length: 6 }, () => newMail(user)), theirs]) {
        await queued(storage, mail);
      }
      const leased = await idsOf(storage.leaseMails({ ...lease('first', NOW + 1), limit: 2 }));
      expect(leased).toHaveLength(2);
      expect(leased).toContain(theirs.mailId);
    });

    test('are leased in turn, one at a time too, and those of one class of callers hold up no other', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const others = await Promise.all([1, 2].map(async () => addUser(storage, await addOrganization(storage))));
      const many = await inSlices(1_001, async () => queuedOf(storage, newMail(user, { callerClass: 'token_key' })));
      const theirs = [newMail(user, { callerClass: 'private_key', at: NOW + 1 })];
      theirs.push(...others.map((other) => newMail(other, { at: NOW + 1 })));
      for (const mail of theirs) {
        await queued(storage, mail);
      }
      let lastTurn = '';
      const turns: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        const leased = await storage.leaseMails({ ...lease(`lease ${n}`, NOW + 1), limit: 1, lastTurn });
        lastTurn = leased.lastTurn;
        turns.push(...leased.mailIds);
      }
      const first = turns.slice(0, 4);
      for (const { mailId } of theirs) {
        expect(first).toContain(mailId);
      }
      expect(turns.filter((mailId) => many.includes(mailId))).toHaveLength(2);
    }, 60_000);

    test('that were sent or are not wanted are gone, those that failed or nobody sends are kept for a week', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const ends: readonly MailEnd[] = [
        { end: 'sent' },
        { end: 'dropped' },
        { end: 'kept', fault: 'no_mail_server' },
        { end: 'failed', fault: '550' },
        { end: 'retry', dueAt: NOW + HOUR, fault: 'ECONNREFUSED', isCounted: true },
        { end: 'retry', dueAt: NOW + HOUR, fault: 'other_secret', isCounted: false },
      ];
      const mails = ends.map(() => newMail(user));
      for (const mail of mails) {
        await queued(storage, mail);
      }
      await storage.leaseMails(lease('first'));
      for (const [n, mail] of mails.entries()) {
        expect(await end(storage, mail, 'first', ends[n] ?? { end: 'sent' })).toBe(true);
      }
      const found = await storage.listMails(org.orgId, { after: null, limit: 10 });
      const states = mails.map(({ mailId }) => {
        const mail = found.find((each) => each.mailId === mailId);
        return mail && [mail.state, mail.attempts, mail.fault, mail.dueAt - NOW, mail.keepUntil - NOW];
      });
      expect(states).toEqual([
        undefined,
        undefined,
        ['kept', 0, 'no_mail_server', 0, KEEP_MAILS_MS],
        ['failed', 1, '550', 0, KEEP_MAILS_MS],
        ['waiting', 1, 'ECONNREFUSED', HOUR, SEND_FOR_MS + KEEP_MAILS_MS],
        ['waiting', 0, 'other_secret', HOUR, SEND_FOR_MS + KEEP_MAILS_MS],
      ]);
      expect(await storage.countMails(NOW + 2 * HOUR)).toEqual({ waiting: 2, kept: 1, failed: 1, oldestDueMs: HOUR });
      expect(await idsOf(storage.leaseMails(lease('early', NOW + HOUR - 1)))).toEqual([]);
      expect(await idsOf(storage.leaseMails(lease('due', NOW + HOUR)))).toHaveLength(2);
      const told = await mailEvents(storage, org.orgId);
      expect(told.map(({ type, targetId, details }) => [type, targetId, details])).toEqual([
        ['mail.failed', mails[3]?.mailId, { kind: 'password_was_reset', attempts: 1, fault: '550' }],
        ['mail.sent', mails[0]?.mailId, { kind: 'password_was_reset', attempts: 1 }],
      ]);
    });

    test('are shown and sent again on demand, and the audit log tells', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const mail = newMail(user);
      await queued(storage, mail);
      await storage.leaseMails(lease('first'));
      await end(storage, mail, 'first', { end: 'kept', fault: 'no_mail_server' });
      expect(await storage.showMail(mail.mailId)).toBe('told');
      expect(await idsOf(storage.leaseMails(lease('never', NOW + DAY)))).toEqual([]);
      expect(await storage.retryMail(mail.mailId, NOW + DAY)).toBe('queued');
      expect(await idsOf(storage.leaseMails(lease('again', NOW + DAY)))).toEqual([mail.mailId]);
      expect(await storage.findMail(mail.mailId)).toMatchObject({
        attempts: 0,
        fault: '',
        keepUntil: NOW + DAY + SEND_FOR_MS + KEEP_MAILS_MS,
      });
      expect(await storage.findMail('none')).toBeNull();
      expect(await storage.showMail('none')).toBe('not_found');
      expect(await storage.retryMail('none', NOW)).toBe('not_found');
      const told = await mailEvents(storage, org.orgId);
      expect(told.map(({ type, userId, targetId }) => [type, userId, targetId])).toEqual([
        ['mail.retried', user.userId, mail.mailId],
        ['mail.shown', user.userId, mail.mailId],
      ]);
    });

    test('are listed by id in pages, of one organization or of all', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = await addOrganization(storage);
      const stranger = await addUser(storage, other);
      const mails = [user, user, stranger, user, stranger].map((to) => newMail(to));
      for (const mail of mails) {
        await queued(storage, mail);
      }
      const idsOf = (some: readonly NewMail[]) => some.map(({ mailId }) => mailId).toSorted();
      const listed = async (orgId: string | null) => {
        const first = await storage.listMails(orgId, { after: null, limit: 2 });
        const rest = await storage.listMails(orgId, { after: first.at(-1)?.mailId ?? null, limit: 10 });
        return [...first, ...rest].map(({ mailId }) => mailId);
      };
      expect(await listed(null)).toEqual(idsOf(mails));
      expect(await listed(org.orgId)).toEqual(idsOf(mails.filter(({ orgId }) => orgId === org.orgId)));
    });

    test('go with their user', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const other = newMail(await addUser(storage, org));
      await queued(storage, newMail(user));
      await queued(storage, other);
      await storage.deleteUser(org.orgId, user.userId, NOW);
      expect(await storage.listMails(null, { after: null, limit: 10 })).toMatchObject([{ mailId: other.mailId }]);
      const request = mailRequest(org.orgId);
      await storage.requestMail(request, true);
      expect(await storage.answerMailRequest({ ...request, mail: newMail(user) })).toBe('dropped');
    });

    test('are sealed anew where nobody has done so meanwhile', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const mails = [newMail(user), newMail(user)];
      for (const mail of mails) {
        await queued(storage, mail);
      }
      const [first, second] = await storage.listSealedMails(null, 10);
      expect(await storage.listSealedMails(first?.mailId ?? null, 10)).toMatchObject([{ mailId: second?.mailId }]);
      const from = randomBytes(40);
      const to = Buffer.from('sealed anew');
      const mail = first ?? { orgId: '', mailId: '', from };
      expect(await storage.resealMail({ ...mail, from, to })).toBe(false);
      expect(await storage.resealMail({ ...mail, to })).toBe(true);
      expect(await storage.resealMail({ ...mail, to })).toBe(false);
      expect(Buffer.from((await storage.listSealedMails(null, 1))[0]?.from ?? [])).toEqual(to);
    });

    test('requests and budgets are swept when their time is over', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const request = mailRequest(user.orgId);
      await storage.requestMail(request, true);
      const mail = newMail(user, { budget: { recipients: ['user', 'address'], organization: RELAXED } });
      await queued(storage, mail);
      const swept = async (at: number) => (await storage.sweep(at, 100)).removed;
      expect(await swept(NOW + HOUR)).toBe(0);
      // Two budgets of the recipient, and the organization's.
      expect(await swept(NOW + HOUR + MINUTE)).toBe(3);
      expect(await swept(NOW + KEEP_MAIL_REQUESTS_MS)).toBe(0);
      expect(await swept(NOW + KEEP_MAIL_REQUESTS_MS + 1)).toBe(1);
      expect(await swept(NOW + SEND_FOR_MS + KEEP_MAILS_MS)).toBe(0);
      expect(await swept(NOW + SEND_FOR_MS + KEEP_MAILS_MS + 1)).toBe(1);
      expect(await storage.countMails(NOW)).toEqual({ waiting: 0, kept: 0, failed: 0, oldestDueMs: 0 });
    });

    test('of every class of callers wait apart', async () => {
      const storage = await freshStorage(harness);
      const { user } = await populate(storage);
      const organization = { count: 1, periodMs: HOUR, burst: 1 };
      for (const callerClass of CALLER_CLASSES) {
        const { budget, ...mail } = newMail(user, { callerClass });
        expect(await queued(storage, { ...mail, budget: { ...budget, organization } })).toBe('queued');
      }
    });
  });
}

function lease(leaseId: string, at = NOW) {
  return { leaseId, at, leaseMs: LEASE_MS, limit: 100, lastTurn: '' };
}

async function queuedOf(storage: Storage, mail: NewMail) {
  await queued(storage, mail);
  return mail.mailId;
}

async function idsOf(leased: Promise<LeasedMails>) {
  return (await leased).mailIds;
}

function end(storage: Storage, { orgId, mailId }: Pick<NewMail, 'orgId' | 'mailId'>, leaseId: string, ended: MailEnd) {
  return storage.endMailLease({ orgId, mailId, leaseId, at: NOW, end: ended });
}

/** By type: several of one millisecond come in any order. */
async function mailEvents(storage: Storage, orgId: string) {
  const all = { orgId, userId: null, type: null, from: null, to: null, after: null, limit: 200 };
  const { events } = await storage.listAuditEvents(all);
  return events.filter(({ type }) => type.startsWith('mail.')).toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

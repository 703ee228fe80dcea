import { expect, onTestFinished, test, vi } from 'vitest';
import type { Mail } from '../../src/domain/mail/mail.ts';
import { requestMail } from '../../src/domain/mail/request-mail.ts';
import { SENT_AT_ONCE } from '../../src/mail/sender.ts';
import { addOrganization, addUser } from '../storage/fixtures.ts';
import { undoEmailChange } from '../support/asked.ts';
import { startMailServer } from '../support/mail-server.ts';
import { type MailStand, mailStand, tokenIn } from './mail-stand.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test('whoever asked for a reset gets a mail with a token that is good from then on, and is then forgotten by the outbox', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const askedAt = stand.core.ports.clock.now();
  await stand.request(stand.user.email);
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.length).toBe(1);
  const [received] = server.mails;
  expect(received).toMatchObject({ from: 'no-reply@auth.example.com', to: [stand.user.email] });
  expect(received?.parsed.from?.value).toEqual([
    { name: stand.org.organization.name, address: 'no-reply@auth.example.com' },
  ]);
  const { mailTokens, clock, storage } = stand.core.ports;
  const token = mailTokens.read(tokenIn(received?.parsed.text));
  expect(token).toMatchObject({ kind: 'reset_password', userId: stand.user.userId });
  expect((token?.expiresAt ?? 0) - askedAt).toBeGreaterThan(29 * MINUTE);
  expect((token?.expiresAt ?? 0) - clock.now()).toBeLessThanOrEqual(30 * MINUTE);
  const user = await storage.findUserCredentials(stand.org.orgId, stand.user.userId);
  expect(token && user && mailTokens.prove(token, user)).not.toBeNull();
  await expect.poll(() => stand.mails()).toEqual([]);
  expect(received?.raw).not.toContain(stand.user.fullname);
});

test('nobody is mailed for an address that is no user’s, or of one who may not have it, and the request goes all the same', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { org, core } = stand;
  const disabled = await addUser(core.ports.storage, org);
  await core.ports.storage.disableUser(org.orgId, disabled.userId, Date.now());
  for (const email of ['nobody@example.org', disabled.email]) {
    expect(await stand.request(email)).toBe('requested');
  }
  await stand.request(stand.user.email, 'verify_email');
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.length).toBe(1);
  expect(await core.ports.storage.listMailRequests(10)).toEqual([]);
  expect(server.mails.map(({ to }) => to)).toEqual([[stand.user.email]]);
});

test('requests that another release or secret may open wait, and hold up none that came later', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { storage, mails, clock } = stand.core.ports;
  const { orgId } = stand.org;
  const others = 120;
  for (let each = 0; each < others; each += 1) {
    const of = { kind: 'reset_password', orgId, email: `user${each}@example.org`, callerClass: 'token_key' } as const;
    const request = mails.sealRequest(of, clock.now() - MINUTE);
    // The first byte is the version.
    await storage.requestMail(
      { ...request, sealedRequest: Uint8Array.from(request.sealedRequest).fill(250, 0, 1) },
      true,
    );
  }
  await stand.request(stand.user.email);
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[stand.user.email]]);
  expect(await storage.listMailRequests(2 * others)).toHaveLength(others);
});

test('without a mail server mails are kept for a week, and sent when somebody says so once there is one', async () => {
  const stand = await mailStand();
  await stand.request(stand.user.email);
  const keeping = stand.send({ port: null });
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'kept', fault: 'no_mail_server', attempts: 0 }]);
  await keeping.stop();
  const server = await startMailServer();
  const other = await addUser(stand.core.ports.storage, stand.org);
  await stand.request(other.email);
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[other.email]]);
  const [kept] = await stand.mails();
  expect(kept).toMatchObject({ userId: stand.user.userId, state: 'kept' });
  await stand.core.ports.storage.retryMail(kept?.mailId ?? '', stand.core.ports.clock.now());
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[other.email], [stand.user.email]]);
});

test('an organization that is not approved, or sends by itself, has nothing sent', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { storage } = stand.core.ports;
  await storage.updateOrganization(stand.org.orgId, { mailApproved: false });
  await stand.request(stand.user.email);
  stand.send({ port: server.port });
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'kept', fault: 'not_approved' }]);
  await storage.updateOrganization(stand.org.orgId, { mailApproved: true, settings: { mail_delivery: 'backend' } });
  await stand.request(stand.user.email, 'verify_email');
  await expect.poll(() => storage.listMailRequests(10)).toEqual([]);
  expect(await stand.mails()).toHaveLength(1);
  expect(server.mails).toEqual([]);
});

test('a mail that nobody wants any more is dropped', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { storage } = stand.core.ports;
  const change: Mail = {
    kind: 'change_email',
    orgId: stand.org.orgId,
    userId: stand.user.userId,
    to: 'new@example.org',
    newEmail: 'new@example.org',
    credentialVersion: 1,
  };
  await stand.queue(sealed(stand, change));
  await storage.setUserPassword(stand.org.orgId, stand.user.userId, '$2b$new', Date.now());
  await stand.queue(
    sealed(stand, {
      ...change,
      kind: 'password_was_reset',
      to: stand.user.email,
      newEmail: null,
      credentialVersion: null,
    }),
  );
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[stand.user.email]]);
  await expect.poll(() => stand.mails()).toEqual([]);
});

test('a warning that leads back nowhere any more is dropped: no link of it is made good by being late', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { storage, clock } = stand.core.ports;
  const { orgId, userId } = stand.user;
  const warning: Mail = {
    ...reset(stand),
    kind: 'email_change_warning',
    newEmail: 'thief@example.org',
    addressVersion: (await storage.findUserCredentials(orgId, userId))?.addressVersion ?? 0,
  };
  await stand.queue(sealed(stand, warning));
  // An administrator has moved the user: what was mailed to take the address before back opens nothing (docs/contract.md, section 4).
  const update = { kind: 'update', update: { email: 'moved@example.org' } } as const;
  await storage.manageUser({ orgId, userId, manager: null, at: clock.now() }, update);
  await stand.queue(sealed(stand, { ...reset(stand), to: 'moved@example.org' }));
  stand.send({ port: server.port });
  await expect.poll(() => stand.mails()).toEqual([]);
  expect(server.mails.map(({ to }) => to)).toEqual([['moved@example.org']]);
});

test('a warning that goes out after the change leads back, and tells of the time that is left to it', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const { ports } = stand.core;
  const { storage, clock } = ports;
  const { orgId, userId, email } = stand.user;
  const newEmail = 'thief@example.org';
  const { epoch = '' } = (await storage.readStoreIdentity()) ?? {};
  // The address is kept for eight days.
  const leftAt = clock.now() - 7.5 * DAY;
  const change = { orgId, userId, email, newEmail, credentialVersion: 1, epoch, at: leftAt };
  expect(await storage.changeEmail(change)).toMatchObject({ outcome: 'changed' });
  const warning: Mail = { ...reset(stand), kind: 'email_change_warning', newEmail, addressVersion: 0 };
  await stand.queue(sealed(stand, warning));
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[email]]);
  const text = server.mails[0]?.parsed.text;
  expect(text).toContain('12 hours');
  expect(await undoEmailChange(ports, { token: tokenIn(text) })).toEqual({ orgId, userId, email });
});

test('a mail server that is away is tried again, the same mail under one Message-ID', async () => {
  const stand = await mailStand();
  const away = await startMailServer();
  await away.close();
  const askedAt = Date.now();
  await stand.request(stand.user.email);
  const sender = stand.send({ port: away.port });
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'waiting', attempts: 1, fault: 'ECONNREFUSED' }]);
  const [waiting] = await stand.mails();
  expect((waiting?.dueAt ?? 0) - askedAt).toBeGreaterThan(5_000);
  const server = await startMailServer({ port: away.port });
  await stand.pass(MINUTE);
  await expect
    .poll(() => server.mails.map(({ parsed }) => parsed.messageId))
    .toEqual([`<${waiting?.mailId}@auth.example.com>`]);
  await expect.poll(() => sender.counts).toMatchObject({ sent: 1, failed: 0, refusals: 1 });
});

test('after a day of tries a mail is given up, kept and told of', async () => {
  const stand = await mailStand();
  const away = await startMailServer();
  await away.close();
  await stand.request(stand.user.email);
  stand.send({ port: away.port });
  for (let tries = 1; tries < 60 && stand.refused.every(({ isGivenUp }) => !isGivenUp); tries += 1) {
    await expect.poll(() => stand.refused.length).toBeGreaterThanOrEqual(tries);
    await stand.pass(2 * 60 * MINUTE);
  }
  expect(stand.offsetMs).toBeGreaterThan(22 * 60 * MINUTE);
  expect(await stand.mails()).toMatchObject([{ state: 'failed', fault: 'ECONNREFUSED' }]);
  const [failed] = await stand.mails();
  expect((failed?.keepUntil ?? 0) - stand.core.ports.clock.now() - stand.offsetMs).toBeGreaterThan(
    7 * DAY - 3 * 60 * MINUTE,
  );
  // By the clock of a database nothing expires before its time.
  await stand.store.query('UPDATE mails SET keep_until = 0');
  await stand.core.ports.storage.sweep(Date.now(), 100);
  expect(await stand.mails()).toEqual([]);
});

test('a mailbox that does not exist is given up at once, and holds up no other', async () => {
  const stand = await mailStand();
  const gone = await addUser(stand.core.ports.storage, stand.org, { email: 'gone@example.org' });
  const server = await startMailServer({ replyTo: (address) => (address === gone.email ? 550 : undefined) });
  await stand.request(gone.email);
  await stand.request(stand.user.email);
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.map(({ to }) => to)).toEqual([[stand.user.email]]);
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'failed', fault: '550', userId: gone.userId }]);
});

test('a stop gives back what a stalled server holds, and it is sent later', async () => {
  const stand = await mailStand();
  const stalling = await startMailServer({ beforeTaking: () => new Promise(() => undefined) });
  await stand.request(stand.user.email);
  const sender = stand.send({ port: stalling.port });
  await expect.poll(() => stalling.connections).toBe(1);
  await sender.stop();
  expect(await stand.mails()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
  const server = await startMailServer();
  stand.send({ port: server.port });
  await expect.poll(() => server.mails.length).toBe(1);
});

test('a mail that was changed, or moved to another row, is not sent', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  const other = await addUser(stand.core.ports.storage, stand.org);
  const [mine, theirs] = [stand.user, other].map(({ userId, email }) =>
    sealed(stand, { ...reset(stand), userId, to: email }),
  );
  if (mine === undefined || theirs === undefined) {
    throw new Error('Two were made.');
  }
  await stand.queue({ ...mine, sealedMail: theirs.sealedMail });
  stand.send({ port: server.port });
  await expect.poll(() => stand.mails()).toMatchObject([{ state: 'failed', fault: 'unreadable' }]);
  expect(server.mails).toEqual([]);
});

test('a mail of one organization does not wait for all that another has in the outbox, though places come free one by one', async () => {
  const stand = await mailStand();
  const waiting: (() => void)[] = [];
  let isHolding = true;
  const server = await startMailServer({
    beforeTaking: () => new Promise((go) => (isHolding ? waiting.push(go) : go())),
  });
  const { storage } = stand.core.ports;
  for (let n = 0; n < 12; n += 1) {
    await stand.queueReset(await addUser(storage, stand.org));
  }
  stand.send({ port: server.port });
  onTestFinished(() => {
    isHolding = false;
    for (const go of waiting) {
      go();
    }
  });
  await expect.poll(() => waiting.length).toBe(SENT_AT_ONCE);
  const other = await addUser(storage, await addOrganization(storage));
  const { orgId, email } = other;
  await requestMail(stand.core.ports, { kind: 'reset_password', orgId, email, callerClass: 'private_key' });
  await expect.poll(() => storage.listMails(orgId, { after: null, limit: 1 })).toHaveLength(1);
  waiting[0]?.();
  await expect.poll(() => waiting.length).toBe(SENT_AT_ONCE + 1);
  waiting[SENT_AT_ONCE]?.();
  await expect.poll(() => server.mails).toHaveLength(2);
  expect(server.mails[1]?.to).toEqual([email]);
});

test('many mails are sent without a pause between them, by few connections', async () => {
  const stand = await mailStand();
  const server = await startMailServer();
  for (let n = 0; n < 40; n += 1) {
    const { userId, email } = await addUser(stand.core.ports.storage, stand.org);
    await stand.queue(sealed(stand, { ...reset(stand), userId, to: email }));
  }
  const senders = [stand.send({ port: server.port }), stand.send({ port: server.port })];
  await vi.waitFor(() => expect(server.mails).toHaveLength(40), { timeout: 120_000 });
  await Promise.all(senders.map((sender) => sender.stop()));
  expect(new Set(server.mails.map(({ parsed }) => parsed.messageId)).size).toBe(40);
  expect(server.mails).toHaveLength(40);
  expect(server.connections).toBeLessThanOrEqual(8);
});

function reset({ org, user }: MailStand): Mail {
  const { orgId } = org;
  return {
    kind: 'reset_password',
    orgId,
    userId: user.userId,
    to: user.email,
    newEmail: null,
    credentialVersion: null,
  };
}

function sealed(stand: MailStand, mail: Mail) {
  return stand.core.ports.mails.seal(mail, 'private_key', stand.core.ports.clock.now());
}

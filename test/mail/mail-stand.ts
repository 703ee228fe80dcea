import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Core, openCore } from '../../src/app/core.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { NewUser } from '../../src/domain/auth/storage.ts';
import type { RequestedMailKind } from '../../src/domain/mail/mail.ts';
import { requestMail } from '../../src/domain/mail/request-mail.ts';
import type { MailRecord, NewMail } from '../../src/domain/mail/storage.ts';
import { SENT_AT_ONCE, Sender, type SenderOptions } from '../../src/mail/sender.ts';
import { SmtpTransport } from '../../src/mail/smtp-transport.ts';
import { addOrganization, addUser, mailRequest, type Org } from '../storage/fixtures.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';

export interface MailStand {
  readonly core: Core;
  readonly store: TestStore;
  readonly org: Org;
  readonly user: NewUser;
  /** How far the clock of the rules is ahead. */
  offsetMs: number;
  /** Lets time pass until every mail that waits is due: by the clock of a database too, which nobody sets. */
  pass(ms: number): Promise<void>;
  request(email: string, kind?: RequestedMailKind): Promise<string>;
  /** Queues a mail as the write that is its cause does. */
  queue(mail: NewMail): Promise<string>;
  queueReset(user: Pick<NewUser, 'userId' | 'email'>): Promise<string>;
  mails(): Promise<readonly MailRecord[]>;
  /** Starts a sender, stopped when the test ends. */
  send(options: { readonly port: number | null } & Partial<SenderOptions>): Sender;
  /** What was given up or put off. */
  readonly refused: { readonly mailId: string; readonly fault: string; readonly isGivenUp: boolean }[];
}

/** A store with an organization and a user, and what sends its mails. */
export async function mailStand(ofTest?: TestStore): Promise<MailStand> {
  const store = ofTest ?? (await storeOfTest());
  if (ofTest !== undefined) {
    onTestFinished(() => ofTest.remove());
  }
  const settings = readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  const core = await openCore(settings, { makeStore: true });
  onTestFinished(() => core.close());
  const { storage } = core.ports;
  const org = await addOrganization(storage, { createdAt: Date.now() });
  const user = await addUser(storage, org, { createdAt: Date.now(), email: `ada.${randomUUID()}@example.org` });
  const stand: MailStand = {
    core,
    store,
    org,
    user,
    offsetMs: 0,
    async pass(ms) {
      stand.offsetMs += ms;
      await store.query('UPDATE mails SET due_at = 0');
    },
    refused: [],
    request: (email, kind = 'reset_password') =>
      requestMail(ports, { kind, orgId: org.orgId, email, callerClass: 'private_key' }),
    async queue(mail) {
      const request = mailRequest(mail.orgId, { at: ports.clock.now() });
      await storage.requestMail(request, true);
      return storage.answerMailRequest({ ...request, mail });
    },
    queueReset({ userId, email: to }) {
      const mail = {
        kind: 'reset_password',
        orgId: org.orgId,
        userId,
        to,
        newEmail: null,
        credentialVersion: null,
      } as const;
      return stand.queue(ports.mails.seal(mail, 'private_key', ports.clock.now()));
    },
    mails: () => storage.listMails(null, { after: null, limit: 100 }),
    send({ port, ...options }) {
      const server = { host: '127.0.0.1', tls: 'none', credentials: null } as const;
      const sender = new Sender({
        ports,
        opener: core.mailOpener,
        mailTokens: ports.mailTokens,
        clock: ports.clock,
        fromAddress: 'no-reply@auth.example.com',
        publicUrl: () => 'https://auth.example.com',
        transport: port === null ? null : new SmtpTransport({ ...server, port }, SENT_AT_ONCE),
        random: () => 0.5,
        onError(error) {
          throw error;
        },
        onRefused: (refused) => stand.refused.push(refused),
        ...options,
      });
      onTestFinished(() => sender.stop());
      return sender;
    },
  };
  const ports = { ...core.ports, clock: { now: () => core.ports.clock.now() + stand.offsetMs } };
  return stand;
}

/** The token of the link in a mail. */
export function tokenIn(text: string | undefined): string {
  return /[?&]token=([A-Za-z0-9_-]+)/.exec(text ?? '')?.[1] ?? '';
}

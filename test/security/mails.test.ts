import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Core, openCore } from '../../src/app/core.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { NewUser } from '../../src/domain/auth/storage.ts';
import type { Mail } from '../../src/domain/mail/mail.ts';
import { requestMail } from '../../src/domain/mail/request-mail.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { addOrganization, addUser, mailRequest, type Org } from '../storage/fixtures.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { ON_POSTGRES, storeOfTest, type TestStore } from '../support/stores.ts';
import { filesUnder, leakSearch } from './leak-search.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Whoever asks, beside the processes that send. */
interface Asker {
  readonly store: TestStore;
  readonly core: Core;
  readonly org: Org;
  readonly user: NewUser;
}

describe('a process that is killed', () => {
  test('right after the reply leaves the request to the next one', async () => {
    const server = await startMailServer();
    const asker = await openAsker();
    await ask(asker, asker.user.email);
    await startSending(asker.store, server);
    await expectOne(server, asker.user.email);
  });

  test.each(['at the recipient', 'before the mail is acknowledged'])(
    '%s sends that mail once more through another, under the same Message-ID, and no earlier than its lease ends',
    async (point) => {
      const asker = await openAsker();
      const other = await addUser(asker.core.ports.storage, asker.org);
      let first: ServerProcess | null = null;
      let kills = 0;
      const kill = async () => {
        kills += 1;
        await first?.end('SIGKILL');
      };
      const server = await startMailServer({
        replyTo(address) {
          if (point === 'at the recipient' && address === asker.user.email && kills === 0) {
            void kill();
          }
          return undefined;
        },
        async beforeTaking() {
          if (point !== 'at the recipient' && kills === 0) {
            await kill();
          }
        },
      });
      first = await startSending(asker.store, server);
      await ask(asker, asker.user.email);
      await expect.poll(() => kills).toBe(1);
      const before = point === 'at the recipient' ? 0 : 1;
      await expect.poll(() => server.mails.length).toBe(before);
      await startSending(asker.store, server);
      await ask(asker, other.email);
      // The other process looks, and leaves alone what the first one may still send.
      await expect.poll(() => server.mails.flatMap(({ to }) => to)).toContain(other.email);
      expect(server.mails.filter(({ to }) => to[0] === asker.user.email)).toHaveLength(before);
      await asker.store.query('UPDATE mails SET leased_until = 0');
      await expect.poll(() => server.mails.filter(({ to }) => to[0] === asker.user.email)).toHaveLength(before + 1);
      const ids = server.mails.filter(({ to }) => to[0] === asker.user.email).map(({ parsed }) => parsed.messageId);
      expect(new Set(ids).size).toBe(1);
      await expect.poll(() => asker.store.query('SELECT 1 FROM mails')).toEqual([]);
    },
  );

  test('again and again while two send, loses no mail', async () => {
    const asker = await openAsker();
    const server = await startMailServer();
    const users = await Promise.all(Array.from({ length: 24 }, () => addUser(asker.core.ports.storage, asker.org)));
    for (let round = 0; round < 4; round += 1) {
      const processes = [await startSending(asker.store, server), await startSending(asker.store, server)];
      for (const { email } of users.slice(round * 6, round * 6 + 6)) {
        await ask(asker, email);
      }
      await expect.poll(() => server.mails.length).toBeGreaterThan(round * 4);
      await Promise.all(processes.map((process) => process.end('SIGKILL')));
      await asker.store.query('UPDATE mails SET leased_until = 0');
    }
    await startSending(asker.store, server);
    await expect
      .poll(() => new Set(server.mails.flatMap(({ to }) => to)))
      .toEqual(new Set(users.map(({ email }) => email)));
    await expect.poll(() => asker.store.query('SELECT 1 FROM mails')).toEqual([]);
  });
});

test('of several workers one sends each mail, once', async () => {
  const asker = await openAsker();
  const server = await startMailServer();
  await startSending(asker.store, server, 2);
  const users = await Promise.all(Array.from({ length: 12 }, () => addUser(asker.core.ports.storage, asker.org)));
  for (const { email } of users) {
    await ask(asker, email);
  }
  await expect.poll(() => asker.store.query('SELECT 1 FROM mails UNION ALL SELECT 1 FROM mail_requests')).toEqual([]);
  expect(server.mails.flatMap(({ to }) => to).toSorted()).toEqual(users.map(({ email }) => email).toSorted());
});

test('a mail server that says nothing holds up neither calls nor the stop', async () => {
  const silent = await startMailServer({ beforeTaking: () => new Promise(() => undefined) });
  const asker = await openAsker();
  const server = await startSending(asker.store, silent);
  for (const { email } of await Promise.all(
    Array.from({ length: 8 }, () => addUser(asker.core.ports.storage, asker.org)),
  )) {
    await ask(asker, email);
  }
  await expect.poll(() => silent.connections).toBeGreaterThan(0);
  const response = await fetch(`${server.httpAddress}/auth/fooBar?identity=ada@example.com`);
  expect(response.status).toBe(200);
  expect(await server.end('SIGTERM')).toBe(0);
  // How many of them were made out by then is a matter of time: none is lost.
  const rows = await asker.store.query('SELECT 1 FROM mails UNION ALL SELECT 1 FROM mail_requests');
  expect(rows).toHaveLength(8);
});

test('the outbox tells neither addresses nor texts, in the store as in its backup', async () => {
  const asker = await openAsker();
  const { core, org, user, store } = asker;
  const marks = ['nobody-knows-this@example.org', 'brand-new-address@example.org'];
  await ask(asker, marks[0] ?? '');
  const change: Mail = {
    kind: 'change_email',
    orgId: org.orgId,
    userId: user.userId,
    to: marks[1] ?? '',
    newEmail: marks[1] ?? '',
    credentialVersion: null,
  };
  const { storage, mails, clock } = core.ports;
  const request = mailRequest(org.orgId);
  await storage.requestMail(request, true);
  await storage.answerMailRequest({ ...request, mail: mails.seal(change, 'private_key', clock.now()) });
  const search = leakSearch([...marks, 'account/', 'token=', 'Confirm your new']);
  const rows = await Promise.all(
    ['mails', 'mail_requests', 'mail_budgets'].map((table) => store.query(`SELECT * FROM ${table}`)),
  );
  expect(rows.slice(0, 2).map(({ length }) => length)).toEqual([1, 1]);
  expect(search.in(JSON.stringify(rows, bytesAsText))).toEqual([]);
  expect(JSON.stringify(rows, bytesAsText)).not.toContain(user.email);
  if (ON_POSTGRES || !('backUp' in core.engine)) {
    return;
  }
  const backup = join(temporaryFolder(), 'backup.db');
  await (core.engine as typeof core.engine & { backUp(file: string): Promise<void> }).backUp(backup);
  onTestFinished(() => rmSync(backup, { force: true }));
  expect(search.in(readFileSync(backup))).toEqual([]);
  for (const [, bytes] of filesUnder(store.environment.AUTHFLOW_DATA_DIR ?? '')) {
    expect(search.in(bytes)).toEqual([]);
  }
});

async function openAsker(): Promise<Asker> {
  const store = await storeOfTest();
  const settings = readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  const core = await openCore(settings, { makeStore: true });
  onTestFinished(() => core.close());
  const org = await addOrganization(core.ports.storage);
  return { store, core, org, user: await addUser(core.ports.storage, org) };
}

async function ask({ core, org }: Asker, email: string): Promise<void> {
  const request = { kind: 'reset_password', orgId: org.orgId, email, callerClass: 'private_key' } as const;
  expect(await requestMail(core.ports, request)).toBe('requested');
}

function startSending(store: TestStore, { port }: MailServer, workers = 1): Promise<ServerProcess> {
  const environment = {
    ...store.environment,
    AUTHFLOW_SMTP_URL: `smtp://127.0.0.1:${port}`,
    AUTHFLOW_MAIL_FROM: 'no-reply@auth.example.com',
  };
  return startServerProcess({ ...store, environment }, { workers });
}

async function expectOne(server: MailServer, email: string): Promise<void> {
  await expect.poll(() => server.mails.flatMap(({ to }) => to)).toEqual([email]);
}

function bytesAsText(_: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: readonly number[] };
  return type === 'Buffer' && data !== undefined ? Buffer.from(data).toString('latin1') : value;
}

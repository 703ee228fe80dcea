import { expect, test } from 'vitest';
import { jsonOf } from '../cli/spawned-cli.ts';
import { temporaryFile } from '../config/temporary-folder.ts';
import { Backend } from '../security/backend.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts';
import { SETTINGS, startSupervised } from '../workers/supervised.ts';
import { type BrowserPage, keepPicture, openBrowser, type TestBrowser } from './pages/browser.ts';

/*
 * An account from its beginning to its end, as a person and the backend of a product meet it: the program as it is installed, with two
 * workers; a mail server that demands TLS and a password; a browser for every link; the calls for what is true in between.
 */

const OLD = 'ada@example.com';
const NEW = 'ada.lovelace@example.org';
const OTHER_PASSWORD = 'Another-Horse-8';
const THIRD_PASSWORD = 'Yet-Another-Horse-9';
const CREDENTIALS = { user: 'auth@flow', password: 'p@ss:w/rd' };
const FROM = 'no-reply@auth.example.com';

test('signed up, verified, forgotten, reset, renewed, moved to another address, deleted', {
  timeout: 240_000,
}, async (context) => {
  const { backend, post, person, updateOrganization } = await openWalk('life', await openBrowser(context));
  const me = async (token: string) => {
    const reply = await backend.call('me', { sessionToken: token });
    return reply.outcome === 'OK'
      ? `${reply.field('email')}, verified: ${reply.field('email_verified')}`
      : reply.outcome;
  };

  // Signed up: the address is not proven, and no mail has gone out by itself.
  expect((await backend.signUp(OLD)).outcome).toBe('OK');
  const first = (await backend.login(OLD)).field('token');
  expect(await me(first)).toBe(`${OLD}, verified: false`);
  expect(post.mails).toEqual([]);

  // Verified: looking at the page changes nothing, pressing its button does, and again is a success.
  expect((await backend.call('resend-verify-email', { email: OLD })).outcome).toBe('OK');
  const verification = linkIn(await mailTo(post, OLD, 'Confirm your e-mail address for Acme'));
  expect(await person.open(verification)).toBe('200 Confirm your e-mail');
  expect(await me(first)).toBe(`${OLD}, verified: false`);
  for (const press of ['first', 'second']) {
    await person.open(verification);
    expect([press, await person.press()]).toEqual([press, 'Your e-mail is confirmed']);
    expect(await me(first)).toBe(`${OLD}, verified: true`);
  }

  // Forgotten: until the link is used, password and sessions are good.
  expect((await backend.call('forgot-password', { email: OLD })).outcome).toBe('OK');
  const reset = linkIn(await mailTo(post, OLD, 'Set a new password for Acme'));
  expect(await person.open(reset)).toBe('200 Set a new password');
  expect((await backend.login(OLD)).outcome).toBe('OK');

  // Reset: every session ends, the old password is none, nobody is logged in, and a mail tells of it.
  expect(await person.press({ newPassword: OTHER_PASSWORD, repeat: OTHER_PASSWORD })).toBe('Your password is changed');
  expect(await me(first)).toBe('SESSION_REVOKED');
  expect((await backend.login(OLD)).outcome).toBe('CREDENTIALS_INVALID');
  const notice = await mailTo(post, OLD, 'Your password for Acme was changed');
  expect(notice.parsed.text).not.toMatch(/https?:/);
  expect(await person.open(reset)).toBe('410 This did not work');

  // Renewed: another end and another token of the same session; the one before is good until its own end.
  await updateOrganization('session_ttl_seconds=3600');
  const login = await backend.login(OLD, OTHER_PASSWORD);
  await updateOrganization('session_ttl_seconds=7200');
  const session = { email: OLD, sessionToken: login.field('token') };
  const renewed = await backend.call('renew-session', session);
  expect(endOf(renewed) - endOf(login)).toBeGreaterThanOrEqual(3_600_000);
  const present = { email: OLD, sessionToken: renewed.field('token') };
  expect(present.sessionToken).not.toBe(session.sessionToken);
  const [older, newer] = [await backend.call('validate', session), await backend.call('validate', present)];
  expect(older.field('session_id')).toBe(newer.field('session_id'));
  expect([endOf(older), endOf(newer)]).toEqual([endOf(login), endOf(renewed)]);
  expect(JSON.parse((await backend.call('sessions', present)).text).sessions).toMatchObject([
    { session_id: newer.field('session_id'), current: true },
  ]);

  // The address changes once its link is used; the old one is warned, and everybody is signed out: their tokens name another address.
  expect((await backend.call('change-email', { ...present, newEmail: NEW })).outcome).toBe('OK');
  const change = linkIn(await mailTo(post, NEW, 'Confirm your new e-mail address for Acme'));
  linkIn(await mailTo(post, OLD, 'Your e-mail address at Acme is about to change'));
  expect(await person.open(change)).toBe('200 Confirm your new e-mail');
  expect(await me(present.sessionToken)).toBe(`${OLD}, verified: true`);
  expect(await person.press()).toBe('Your e-mail is changed');
  expect(await me(present.sessionToken)).toBe('SESSION_INVALID');
  expect((await backend.login(OLD, OTHER_PASSWORD)).outcome).toBe('USER_NOT_FOUND');
  const moved = (await backend.login(NEW, OTHER_PASSWORD)).field('token');
  expect(await me(moved)).toBe(`${NEW}, verified: true`);

  // Deleted: nobody is there any more, no link brings anybody back, and the address can sign up as somebody new.
  const deleted = await backend.call('deleteUser', { email: NEW, sessionToken: moved });
  expect([deleted.outcome, deleted.field('ended_sessions')]).toEqual(['OK', '1']);
  expect(await me(moved)).toBe('SESSION_REVOKED');
  expect((await backend.login(NEW, OTHER_PASSWORD)).outcome).toBe('USER_NOT_FOUND');
  for (const link of [verification, reset, change]) {
    expect(await person.open(link)).toBe('410 This did not work');
  }
  expect((await backend.signUp(NEW)).outcome).toBe('OK');
  expect(await me((await backend.login(NEW)).field('token'))).toBe(`${NEW}, verified: false`);
  expectSentSafely(post);
});

test('whoever did not ask for another address takes it back by the warning, and gets in again by the mail that follows', {
  timeout: 240_000,
}, async (context) => {
  const { backend, post, person } = await openWalk('theft', await openBrowser(context));
  await backend.signUp(OLD);
  const thief = { email: OLD, sessionToken: (await backend.login(OLD)).field('token') };
  await backend.call('change-email', { ...thief, newEmail: NEW });
  await person.open(linkIn(await mailTo(post, NEW, 'Confirm your new e-mail address for Acme')));
  expect(await person.press()).toBe('Your e-mail is changed');
  expect((await backend.login(NEW)).outcome).toBe('OK');

  const warning = linkIn(await mailTo(post, OLD, 'Your e-mail address at Acme is about to change'));
  expect(await person.open(warning)).toBe('200 Was it not you?');
  expect(await person.press()).toBe('Everybody is signed out');
  expect((await backend.login(NEW)).outcome).toBe('USER_NOT_FOUND');

  expect(await person.open(linkIn(await mailTo(post, OLD, 'Set a new password for Acme')))).toBe(
    '200 Set a new password',
  );
  // What was typed wrong is told on the page, and can be typed again.
  expect(await person.press({ newPassword: THIRD_PASSWORD, repeat: OTHER_PASSWORD })).toBe('Set a new password');
  expect(await person.press({ newPassword: THIRD_PASSWORD, repeat: THIRD_PASSWORD })).toBe('Your password is changed');
  expect((await backend.login(OLD)).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(OLD, THIRD_PASSWORD)).outcome).toBe('OK');
  expectSentSafely(post);
});

interface Walk {
  readonly backend: Backend;
  readonly post: MailServer;
  readonly person: Person;
  updateOrganization(setting: string): Promise<void>;
}

/** Whoever reads the mails, before a browser. */
interface Person {
  /** Opens a link: the status and the heading. */
  open(link: string): Promise<string>;
  /** Fills the fields of the page in, and presses its button: the heading of what comes. */
  press(fields?: Readonly<Record<string, string>>): Promise<string>;
}

async function openWalk(name: string, browser: TestBrowser): Promise<Walk> {
  const post = await startMailServer({
    isTlsOffered: true,
    credentials: CREDENTIALS,
    certificate: CERTIFICATES.elsewhere,
  });
  const [user, password] = [CREDENTIALS.user, CREDENTIALS.password].map(encodeURIComponent);
  const env = {
    AUTHFLOW_SMTP_URL: `smtp://${user}:${password}@0.0.0.0:${post.port}`,
    AUTHFLOW_MAIL_FROM: FROM,
    NODE_EXTRA_CA_CERTS: temporaryFile(CERTIFICATES.elsewhere.cert),
  };
  const { folder, httpAddress, apiKey } = await startSupervised(env);
  return {
    backend: new Backend(httpAddress, apiKey),
    post,
    person: personBefore(name, await browser.newPage()),
    async updateOrganization(setting) {
      await jsonOf(['org', 'update', 'Acme', setting], { folder, env: { ...SETTINGS, ...env } });
    },
  };
}

function personBefore(walk: string, page: BrowserPage): Person {
  let seen = 0;
  const look = async () => {
    seen += 1;
    const heading = await page.evaluate<string>('document.querySelector("h1").textContent');
    await keepPicture(page, `${walk}-${String(seen).padStart(2, '0')}-${heading}`);
    return heading;
  };
  return {
    async open(link) {
      const response = await page.goto(link);
      return `${response?.status()} ${await look()}`;
    },
    async press(fields = {}) {
      for (const [name, value] of Object.entries(fields)) {
        await page.type(`#${name}`, value);
      }
      await Promise.all([page.waitForNavigation(), page.click('button')]);
      return look();
    },
  };
}

/** Waits for the mail to somebody with this subject. */
async function mailTo({ mails }: MailServer, to: string, subject: string): Promise<ReceivedMail> {
  const find = () => mails.find((mail) => mail.to.includes(to) && mail.parsed.subject === subject);
  await expect.poll(() => find()?.parsed.subject, { message: `${subject}, to ${to}` }).toBe(subject);
  return find() ?? expect.fail(`There is no mail ${subject}.`);
}

/** The one link that a mail has, which is the same in its text and its HTML. */
function linkIn({ parsed }: ReceivedMail): string {
  const [link = '', ...others] = parsed.text?.match(/https?:\/\/\S+/g) ?? [];
  expect(others).toEqual([]);
  expect(parsed.html).toContain(`href="${link}"`);
  return link;
}

function endOf(reply: { field(name: string): string }): number {
  return Date.parse(reply.field('expires_at'));
}

/** Every mail came over TLS, by whom the server knows, from the address of the settings, and no two are the same. */
function expectSentSafely({ mails }: MailServer): void {
  expect(mails.map(({ isSecure, user, from }) => ({ isSecure, user, from }))).toEqual(
    mails.map(() => ({ isSecure: true, user: CREDENTIALS.user, from: FROM })),
  );
  expect(new Set(mails.map(({ parsed }) => parsed.messageId)).size).toBe(mails.length);
}

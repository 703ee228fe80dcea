import { expect, test } from 'vitest';
import { LOCALES } from '../../src/domain/organizations/settings.ts';
import { PAGE_KINDS, type PageKind } from '../../src/transport/pages/account-pages.ts';
import { Backend, PASSWORD, serverOfTest } from '../security/backend.ts';
import type { TestServer } from '../support/running-server.ts';
import { type BrowserPage, keepPicture, openBrowser } from './pages/browser.ts';

/*
 * The pages that the links of mails lead to, in a browser: what people see of them, and that a keyboard is enough.
 */

const EMAIL = 'ada@example.com';
const OTHER_PASSWORD = 'Another-Horse-8';
const SCREENS = { phone: { width: 360, height: 640 }, desktop: { width: 1280, height: 800 } } as const;

const TOKEN_KINDS = {
  'verify-email': 'verify_email',
  'reset-password': 'reset_password',
  'change-email': 'change_email',
  'not-me': 'email_change_warning',
} as const;

interface World {
  readonly server: TestServer;
  readonly backend: Backend;
  readonly orgId: string;
  /** The link of a mail. */
  linkTo(kind: PageKind): Promise<string>;
}

async function world(): Promise<World> {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization('Acme');
  const backend = new Backend(server.httpAddress, apiKey);
  const userId = (await backend.signUp(EMAIL)).field('user_id');
  const { storage, mailTokens, clock } = server.ports;
  return {
    server,
    backend,
    orgId,
    async linkTo(kind) {
      const user = (await storage.findUserCredentials(orgId, userId)) ?? expect.fail('the user is gone');
      const subject = { ...user, newEmail: 'ada.new@example.com' };
      const { token } = mailTokens.sign(TOKEN_KINDS[kind], subject, clock.now());
      return `${server.httpAddress}/account/${kind}?token=${token}`;
    },
  };
}

const titleOf = (page: BrowserPage): Promise<string> => page.evaluate('document.querySelector("h1").textContent');

test('a keyboard alone sets a new password', { timeout: 240_000 }, async (context) => {
  const browser = await openBrowser(context);
  const { backend, linkTo } = await world();
  const page = await browser.newPage();
  await page.goto(await linkTo('reset-password'));
  for (const repeat of ['Another-Horse-9', OTHER_PASSWORD]) {
    for (const typed of [OTHER_PASSWORD, repeat]) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(typed);
    }
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BUTTON');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  }
  expect(await titleOf(page)).toBe('Your password is changed');
  expect((await backend.login(EMAIL, PASSWORD)).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(EMAIL, OTHER_PASSWORD)).outcome).toBe('OK');
});

test('every page fits every screen, asks nobody else, and axe-core finds no fault with it', {
  timeout: 240_000,
}, async (context) => {
  const browser = await openBrowser(context);
  const { server, orgId, linkTo } = await world();
  const page = await browser.newPage();
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await page.setBypassCSP(true);
  for (const locale of LOCALES) {
    await server.ports.storage.updateOrganization(orgId, { settings: { locale } });
    for (const kind of [...PAGE_KINDS, 'fault'] as const) {
      const link = kind === 'fault' ? `${server.httpAddress}/account/not-me?token=x` : await linkTo(kind);
      for (const [screen, size] of Object.entries(SCREENS)) {
        for (const scheme of ['light', 'dark']) {
          await page.setViewport(size);
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
          await page.goto(link);
          const shown = `${locale}-${kind}-${screen}-${scheme}`;
          expect([shown, await browser.findViolations(page)]).toEqual([shown, []]);
          const overhang = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
          expect([shown, overhang]).toEqual([shown, 0]);
          await keepPicture(page, shown);
        }
      }
    }
  }
  expect([...asked]).toEqual([server.httpAddress]);
});

test('works without a script and leaves no cookie', { timeout: 240_000 }, async (context) => {
  const browser = await openBrowser(context);
  const { server, linkTo } = await world();
  const page = await browser.newPage();
  await page.goto(await linkTo('verify-email'));
  expect(await page.evaluate('document.scripts.length')).toBe(0);
  await page.keyboard.press('Tab');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(await titleOf(page)).toBe('Your e-mail is confirmed');
  // The token is in no address that the browser remembers as the last.
  expect(await page.evaluate('location.href')).toBe(`${server.httpAddress}/account/verify-email`);
  expect(await page.evaluate('document.cookie')).toBe('');
});

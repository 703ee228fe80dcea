import { describe, expect, test } from 'vitest';
import type { UserCredentials } from '../../../src/domain/auth/storage.ts';
import { PAGE_KINDS, type PageKind } from '../../../src/transport/pages/account-pages.ts';
import { Backend, PASSWORD, serverOfTest } from '../../security/backend.ts';
import type { TestServer } from '../../support/running-server.ts';

const EMAIL = 'ada@example.com';
const NEW_EMAIL = 'ada.new@example.com';
const OTHER_PASSWORD = 'Another-Horse-8';
/** What a browser sends with a link that somebody opened. */
const BROWSER = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', cookie: 'a=b' };

interface World {
  readonly server: TestServer;
  readonly backend: Backend;
  user(): Promise<UserCredentials>;
  /** The token that the link to a page holds, for the user as the user is now. */
  tokenFor(kind: PageKind): Promise<string>;
}

async function world(name = 'Acme'): Promise<World> {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization(name);
  const backend = new Backend(server.httpAddress, apiKey);
  const { storage, mailTokens, clock } = server.ports;
  const signedUp = await backend.signUp(EMAIL);
  expect(signedUp.outcome).toBe('OK');
  const user = async () => {
    const found = await storage.findUserCredentials(orgId, signedUp.field('user_id'));
    return found ?? expect.fail('the user is gone');
  };
  return {
    server,
    backend,
    user,
    async tokenFor(kind) {
      const subject = { ...(await user()), newEmail: NEW_EMAIL };
      return mailTokens.sign(TOKEN_KINDS[kind], subject, clock.now()).token;
    },
  };
}

const TOKEN_KINDS = {
  'verify-email': 'verify_email',
  'reset-password': 'reset_password',
  'change-email': 'change_email',
  'not-me': 'email_change_warning',
} as const;

interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

async function open(address: string, init: RequestInit = {}): Promise<Shown> {
  const response = await fetch(address, init);
  return { status: response.status, headers: response.headers, html: await response.text() };
}

function press(server: TestServer, kind: PageKind, fields: Readonly<Record<string, string>>): Promise<Shown> {
  const headers = { ...BROWSER, origin: 'null', 'sec-fetch-site': 'same-origin' };
  return open(`${server.httpAddress}/account/${kind}`, { method: 'POST', body: new URLSearchParams(fields), headers });
}

describe('docs/security.md, M4: a link', () => {
  test.for(PAGE_KINDS)('to %s changes nothing when it is opened, however often and by whom', async (kind) => {
    const { server, user, tokenFor } = await world();
    const token = await tokenFor(kind);
    const before = await user();
    const link = `${server.httpAddress}/account/${kind}?token=${token}`;
    for (const headers of [BROWSER, { ...BROWSER, purpose: 'prefetch', 'sec-purpose': 'prefetch' }, {}]) {
      for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS']) {
        const { status } = await open(link, { method, headers });
        expect(status).toBe(method === 'OPTIONS' ? 204 : 200);
      }
    }
    expect(await user()).toEqual(before);
    const fields = { token, newPassword: OTHER_PASSWORD, repeat: OTHER_PASSWORD };
    expect((await press(server, kind, fields)).status).toBe(200);
    expect(await user()).not.toEqual(before);
  });
});

describe('a page', () => {
  test('of a link sets a new password, once', async () => {
    const { server, backend, tokenFor } = await world();
    const token = await tokenFor('reset-password');
    const fields = { token, newPassword: OTHER_PASSWORD, repeat: OTHER_PASSWORD };
    const done = await press(server, 'reset-password', fields);
    expect(done.status).toBe(200);
    expect(done.html).not.toContain('<form');
    expect((await press(server, 'reset-password', fields)).status).toBe(410);
    expect((await backend.login(EMAIL, PASSWORD)).outcome).toBe('CREDENTIALS_INVALID');
    expect((await backend.login(EMAIL, OTHER_PASSWORD)).outcome).toBe('OK');
  });

  test('keeps its form where the passwords differ or do not fit, and says so', async () => {
    const { server, backend, tokenFor } = await world();
    const token = await tokenFor('reset-password');
    for (const [newPassword, repeat] of [
      [OTHER_PASSWORD, 'Another-Horse-9'],
      ['short', 'short'],
      ['', ''],
    ] as const) {
      const { status, html } = await press(server, 'reset-password', { token, newPassword, repeat });
      expect(status).toBe(400);
      expect(html).toContain('role="alert"');
      expect(html).toContain('<form');
      expect(html).not.toContain(OTHER_PASSWORD);
    }
    expect((await backend.login(EMAIL, PASSWORD)).outcome).toBe('OK');
  });

  test('proves an address, moves a user to another, and takes that back', async () => {
    const { server, user, tokenFor } = await world();
    expect((await press(server, 'verify-email', { token: await tokenFor('verify-email') })).status).toBe(200);
    expect((await user()).emailVerifiedAt).not.toBeNull();
    const warning = await tokenFor('not-me');
    expect((await press(server, 'change-email', { token: await tokenFor('change-email') })).status).toBe(200);
    expect((await user()).email).toBe(NEW_EMAIL);
    expect((await press(server, 'not-me', { token: warning })).status).toBe(200);
    expect((await user()).email).toBe(EMAIL);
  });

  test('takes the tokens of its own links alone', async () => {
    const { server, user, tokenFor } = await world();
    const before = await user();
    for (const kind of PAGE_KINDS) {
      for (const other of PAGE_KINDS.filter((each) => each !== kind)) {
        const token = await tokenFor(other);
        const opened = await open(`${server.httpAddress}/account/${kind}?token=${token}`);
        expect([kind, other, opened.status]).toEqual([kind, other, 410]);
        const fields = { token, newPassword: OTHER_PASSWORD, repeat: OTHER_PASSWORD };
        expect((await press(server, kind, fields)).status).toBe(410);
      }
    }
    expect(await user()).toEqual(before);
  });

  test('of what is no token says that the link is not valid, in the language of the browser', async () => {
    const { server } = await world();
    for (const token of ['', 'x', 'x'.repeat(5_000), '%00', '"><script>']) {
      for (const [language, lang] of [
        ['de-AT,de;q=0.9,en;q=0.5', 'de'],
        ['pt-BR, fr;q=0.4', 'fr'],
        ['xx', 'en'],
      ] as const) {
        const address = `${server.httpAddress}/account/verify-email?token=${encodeURIComponent(token)}`;
        const { status, html } = await open(address, { headers: { 'accept-language': language } });
        expect(status).toBe(410);
        expect(html).toContain(`<html lang="${lang}">`);
        expect(html).not.toContain('<script');
      }
    }
  });

  test('shows whatever an organization is called as text, and lets nothing in from elsewhere', async () => {
    const { server, tokenFor } = await world('</title><script>alert(1)</script>');
    for (const kind of PAGE_KINDS) {
      const { html, headers } = await open(`${server.httpAddress}/account/${kind}?token=${await tokenFor(kind)}`);
      expect(html).not.toContain('<script');
      expect(html).not.toMatch(/(?:src|href|action)="(?!style\.css"|[a-z-]+")/);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  test('is in the language of its organization', async () => {
    const { server, user, tokenFor } = await world();
    const { orgId } = await user();
    await server.ports.storage.updateOrganization(orgId, { settings: { locale: 'es' } });
    const { html, headers } = await open(
      `${server.httpAddress}/account/reset-password?token=${await tokenFor('reset-password')}`,
      { headers: { 'accept-language': 'de' } },
    );
    expect(html).toContain('<html lang="es">');
    expect(headers.get('content-language')).toBe('es');
  });

  test('takes no body but a form, and none that is too large', async () => {
    const { server, user, tokenFor } = await world();
    const before = await user();
    const token = await tokenFor('verify-email');
    const address = `${server.httpAddress}/account/verify-email`;
    const json = { method: 'POST', body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } };
    expect((await open(address, json)).status).toBe(410);
    const large = { method: 'POST', body: new URLSearchParams({ token, more: 'x'.repeat(100_000) }) };
    expect((await open(address, large)).status).toBe(410);
    expect((await open(address, { method: 'PUT' })).status).toBe(405);
    expect((await open(`${address}/`)).status).toBe(404);
    expect(await user()).toEqual(before);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSettings, readSettings } from '../../src/config/settings.ts';
import { SettingsError } from '../../src/config/settings-error.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MAIL = { AUTHFLOW_SMTP_URL: 'smtp://localhost', AUTHFLOW_MAIL_FROM: 'no-reply@example.com' };

describe('AUTHFLOW_SMTP_URL', () => {
  test.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'starttls', credentials: null }],
    ['smtp://localhost:25', { host: 'localhost', port: 25, tls: 'none', credentials: null }],
    ['smtp://[::1]', { host: '::1', port: 587, tls: 'none', credentials: null }],
    [
      'smtps://me%40x:p%3A%2Fss@mail.example.com',
      { host: 'mail.example.com', port: 465, tls: 'implicit', credentials: { user: 'me@x', password: 'p:/ss' } },
    ],
  ])('%s is read', (url, expected) => {
    expect(readSettings({ ...MAIL, AUTHFLOW_SMTP_URL: url }).smtp).toEqual(expected);
  });

  test.each([
    'mail.example.com',
    'http://x',
    'smtp://',
    'smtp://u@h',
    'smtp://:p@h',
    'smtp://h/path',
    'smtp://h?a=b',
    'smtp://u:hush5521%zz@h',
  ])('%s is refused, and not said back', (url) => {
    expect(faultsOf({ ...MAIL, AUTHFLOW_SMTP_URL: url })).toMatchObject([{ name: 'AUTHFLOW_SMTP_URL' }]);
    expect(JSON.stringify(faultsOf({ ...MAIL, AUTHFLOW_SMTP_URL: url }))).not.toContain('hush5521');
  });

  test('also comes from a file, and is never shown', () => {
    const file = join(temporaryFolder(), 'smtp-url');
    writeFileSync(file, 'smtps://user:hush5521@mail.example.com\n', { mode: 0o600 });
    const env = { AUTHFLOW_SMTP_URL_FILE: file, AUTHFLOW_MAIL_FROM: 'a@example.com' };
    const settings = readSettings(env);
    expect(settings.smtp?.credentials?.password).toBe('hush5521');
    expect(JSON.stringify(describeSettings(env, settings))).not.toContain('hush5521');
    expect(
      JSON.stringify(describeSettings({ ...MAIL, AUTHFLOW_SMTP_URL: 'smtp://u:hush5521@h' }, settings)),
    ).not.toContain('hush5521');
  });

  test('demands where mails come from, and beyond loopback where links lead', () => {
    expect(faultsOf({ AUTHFLOW_SMTP_URL: 'smtp://localhost' })).toMatchObject([{ name: 'AUTHFLOW_MAIL_FROM' }]);
    expect(readSettings(MAIL)).toMatchObject({ publicUrl: null, mailFrom: 'no-reply@example.com' });
    const names = faultsOf({ ...MAIL, AUTHFLOW_HOST: '10.0.0.1' }).map(({ name }) => name);
    expect(names).toContain('AUTHFLOW_PUBLIC_URL');
  });
});

test.each([
  ['https://auth.example.com/', 'https://auth.example.com'],
  ['https://example.com/auth-server/', 'https://example.com/auth-server'],
  ['http://localhost:8080', 'http://localhost:8080'],
])('AUTHFLOW_PUBLIC_URL=%s is read', (url, expected) => {
  expect(readSettings({ AUTHFLOW_PUBLIC_URL: url }).publicUrl).toBe(expected);
});

test.each([
  'http://example.com',
  'auth.example.com',
  'https://u:p@example.com',
  'https://example.com/?a',
  'ftp://example.com',
])('AUTHFLOW_PUBLIC_URL=%s is refused', (url) => {
  expect(faultsOf({ AUTHFLOW_PUBLIC_URL: url })).toMatchObject([{ name: 'AUTHFLOW_PUBLIC_URL' }]);
});

test.each(['Acme <a@b.c>', 'a', 'a@b, c@d', 'a@b\r\nBcc: x@y', 'ü@example.com', '"a b"@example.com'])(
  'AUTHFLOW_MAIL_FROM=%s is refused',
  (address) => {
    expect(faultsOf({ AUTHFLOW_MAIL_FROM: address })).toMatchObject([{ name: 'AUTHFLOW_MAIL_FROM' }]);
  },
);

function faultsOf(env: Record<string, string>) {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.faults;
    }
    throw error;
  }
}

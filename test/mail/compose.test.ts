import { expect, test } from 'vitest';
import { MAIL_KINDS } from '../../src/domain/mail/mail.ts';
import { LOCALES } from '../../src/domain/organizations/settings.ts';
import { compose } from '../../src/mail/compose.ts';
import { matter } from './hostile-mails.ts';

const CODE = { code: '012345', validForMs: 1_800_000 };
const LINK = { url: 'https://auth.example.com/account/reset-password?token=abc', validForMs: 1_800_000 };

test.each(LOCALES.flatMap((locale) => MAIL_KINDS.map((kind) => ({ locale, kind }))))(
  'the mail of $kind in $locale says what it is about, to whom and where to go, or its code, as text and as HTML',
  ({ locale, kind }) => {
    const code = kind === 'login_code' || kind === 'second_factor_code' ? CODE : null;
    const link = code !== null || kind === 'password_was_reset' || kind === 'email_was_changed' ? null : LINK;
    const { subject, text, html } = compose(matter({ kind, locale, link, code, newEmail: 'new@example.org' }));
    expect(subject).toContain('Acme');
    // Whoever looks at a locked screen sees subjects.
    expect(subject).not.toContain(CODE.code);
    for (const form of [text, html]) {
      expect(form).toContain('Acme');
      expect(form).not.toMatch(/[{}](?![^<]*<\/style>)\w*\}/);
      expect(form.includes(LINK.url)).toBe(link !== null);
      expect(form.includes(CODE.code)).toBe(code !== null);
      expect(/30 min/i.test(form)).toBe(link !== null || code !== null);
    }
    expect(html).toContain(`<html lang="${locale}">`);
    expect(html).not.toMatch(/<(img|script|link|iframe)|url\(|src=/i);
  },
);

test('a name is shown where it is proven whose it is, and a new address to nobody else', () => {
  const proven = compose(
    matter({ kind: 'email_change_warning', fullname: 'Ada', newEmail: 'new@example.org', link: LINK }),
  );
  expect(proven.text).toContain('Hello Ada,');
  expect(proven.text).toContain('new@example.org');
  const unproven = compose(matter({ kind: 'email_change_warning', newEmail: 'buy@pills.example', link: LINK }));
  expect(unproven.text).toContain('Hello,');
  expect(unproven.text).toContain('another address');
  expect(unproven.html).not.toContain('pills');
});

test('an organization’s own words come before ours, with its placeholders filled in once', () => {
  const mailTexts = JSON.stringify({
    reset: { subject: 'Reset at {organization}', text: 'Hi {email} <b>,\n\nhere: {link}\nBye' },
  });
  const message = compose(
    matter({ kind: 'reset_password', mailTexts, link: LINK, organizationName: '{link} {email}' }),
  );
  expect(message.subject).toBe('Reset at {link} {email}');
  expect(message.text).toBe(`Hi ada@example.org <b>,\n\nhere: ${LINK.url}\nBye\n`);
  expect(message.html).toContain('Hi ada@example.org &#60;b&#62;,');
  expect(message.html).toContain(`<a href="${LINK.url}">`);
  const other = compose(matter({ kind: 'verify_email', mailTexts, link: LINK }));
  expect(other.subject).toBe('Confirm your e-mail address for Acme');
});

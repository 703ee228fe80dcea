import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { expect } from 'vitest';
import type { MailKind } from '../../src/domain/mail/mail.ts';
import type { OrganizationSettings } from '../../src/domain/organizations/settings.ts';
import { compose, type MailMatter } from '../../src/mail/compose.ts';
import type { Random } from '../security/random.ts';

interface MatterChanges extends Partial<Omit<MailMatter, 'mail' | 'settings'>> {
  readonly kind: MailKind;
  readonly newEmail?: string;
  readonly locale?: OrganizationSettings['locale'];
  readonly mailTexts?: string;
  readonly mailFromName?: string;
}

/** What a mail of an ordinary organization to an ordinary user is made of. */
export function matter({ kind, newEmail, locale, mailTexts, mailFromName, ...changes }: MatterChanges): MailMatter {
  return {
    mail: {
      kind,
      orgId: '00000000-0000-4000-8000-000000000001',
      userId: '00000000-0000-4000-8000-000000000002',
      to: 'ada@example.org',
      newEmail: newEmail ?? null,
      credentialVersion: null,
    },
    mailId: '00000000-0000-7000-8000-000000000003',
    fromAddress: 'no-reply@auth.example.com',
    organizationName: 'Acme',
    settings: {
      locale: locale ?? 'en',
      mailTexts: mailTexts ?? '',
      mailFromName: mailFromName ?? '',
      mailReplyTo: '',
    },
    fullname: null,
    code: null,
    link: null,
    ...changes,
  };
}

const HOSTILE = [
  '\r\nBcc: evil@example.net',
  '\nBcc: evil@example.net\n\n<b>body</b>',
  '\r\n\r\n',
  '\r\n.\r\n',
  'a, b <c@example.net>, d',
  '"quoted" \\ (comment) ; group: x@y;',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style><h1>',
  '&lt;&amp;&#60;',
  '=?utf-8?Q?=0D=0ABcc:_evil@example.net?=',
  '{link}{email}{organization}$&$1',
  '\u202egnp.exe\u2066\u0000\u0007\u001b[2J\u2028\u2029\u0085',
  'Ünïcödé 😀 עברית 中文',
  'x'.repeat(300),
  'https://evil.example.net/?a="b"',
];

/** Mails of hostile fields, made and read again: so many, of one seed. */
export async function expectIntact(count: number, random: Random): Promise<void> {
  const transport = createTransport({ streamTransport: true, buffer: true });
  const hostile = () => Array.from({ length: 1 + random.below(3) }, () => random.pick(HOSTILE)).join('');
  for (let n = 0; n < count; n += 1) {
    const fields = {
      organizationName: hostile(),
      mailFromName: random.below(2) === 0 ? hostile() : '',
      fullname: random.below(2) === 0 ? hostile() : null,
    };
    const own = JSON.stringify({
      reset: {
        subject: `${hostile().replace(/[\p{Cc}{}]/gu, '')} {organization}`,
        text: `{email} ${hostile().replace(/[^\P{Cc}\n]|[{}]/gu, '')} {link}`,
      },
    });
    const url = `https://auth.example.com/account/reset-password?token=${'t'.repeat(20)}&x="<>'`;
    const made = matter({
      kind: 'reset_password',
      ...fields,
      ...(random.below(2) === 0 ? { mailTexts: own } : {}),
      link: { url, validForMs: 1_800_000 },
    });
    const message = compose(made);
    const { raw } = await transport
      .sendMail({
        ...message,
        from: message.from,
        to: [{ name: '', address: message.to }],
        replyTo: undefined,
        envelope: { from: message.from.address, to: [message.to] },
      })
      .then(({ message: bytes }) => ({ raw: bytes as unknown as Buffer }));
    expectHeaders(await simpleParser(raw), fields);
    expectMarkup(message.html, url);
  }
}

function expectHeaders(parsed: ParsedMail, fields: object): void {
  const names = [...parsed.headers.keys()].toSorted();
  expect(names, JSON.stringify(fields)).toEqual([
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
  expect(parsed.from?.value.map(({ address }) => address)).toEqual(['no-reply@auth.example.com']);
  expect([parsed.to].flat().flatMap((to) => to?.value.map(({ address }) => address))).toEqual(['ada@example.org']);
  expect(parsed.subject).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(parsed.attachments).toEqual([]);
}

/** The tags are those that we make, and every address that they name is the link. */
function expectMarkup(html: string, url: string): void {
  const body = html.slice(html.indexOf('<body>'));
  const tags = new Set([...body.matchAll(/<\/?([^\s>]*)/g)].map(([, name]) => name));
  expect([...tags].filter((name) => !['body', 'main', 'p', 'a', 'br', 'html'].includes(name ?? ''))).toEqual([]);
  for (const [, attributes = ''] of body.matchAll(/<\w+((?:\s[^>]*)?)>/g)) {
    expect(attributes).toMatch(/^(| class="(action|note)"| href="[^"<>']*")$/);
  }
  for (const [, href = ''] of body.matchAll(/href="([^"]*)"/g)) {
    expect(href.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))).toBe(url);
  }
  expect(html.match(/<title>[^<]*<\/title>/g)).toHaveLength(1);
}

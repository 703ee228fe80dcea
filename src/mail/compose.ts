import type { Mail, MailKind } from '../domain/mail/mail.ts';
import { type MailText, type MailTextKind, parseMailTexts } from '../domain/organizations/mail-texts.ts';
import type { OrganizationSettings } from '../domain/organizations/settings.ts';
import { htmlOf, type Part } from './html.ts';
import type { Message } from './message.ts';
import { GERMAN } from './texts/de.ts';
import { ENGLISH } from './texts/en.ts';
import { SPANISH } from './texts/es.ts';
import { FRENCH } from './texts/fr.ts';
import type { Language, MailWords } from './texts/mail-words.ts';

const LANGUAGES: Readonly<Record<OrganizationSettings['locale'], Language>> = {
  en: ENGLISH,
  de: GERMAN,
  es: SPANISH,
  fr: FRENCH,
};

/** By which name an organization gives a mail a text of its own. */
const OWN_TEXTS: Readonly<Record<MailKind, MailTextKind | null>> = {
  verify_email: 'verify',
  reset_password: 'reset',
  invite: 'invite',
  change_email: 'change_email',
  email_change_warning: 'email_changing',
  password_was_reset: 'password_changed',
  email_was_changed: null,
  login_code: 'login_code',
  second_factor_code: 'second_factor_code',
  password_changed: null,
  second_factor_enabled: null,
  second_factor_disabled: null,
  recovery_codes_replaced: null,
  recovery_code_used: null,
};

/** What a mail is made of. */
export interface MailMatter {
  readonly mail: Mail;
  readonly mailId: string;
  /** Who sends it: the server's own address. */
  readonly fromAddress: string;
  readonly organizationName: string;
  readonly settings: Pick<OrganizationSettings, 'locale' | 'mailTexts' | 'mailFromName' | 'mailReplyTo'>;
  /** The reader's name; null where it is not proven that who reads at that address has that name: anybody may have written it. */
  readonly fullname: string | null;
  /** Null for a notice. */
  readonly link: { readonly url: string; readonly validForMs: number } | null;
  /** Null in most. */
  readonly code: { readonly code: string; readonly validForMs: number } | null;
}

/** The mail as it goes out: in the organization's language, its own words before ours. */
export function compose(matter: MailMatter): Message {
  const { mail, mailId, fromAddress, organizationName, settings, link } = matter;
  const language = LANGUAGES[settings.locale];
  const words = language.kinds[mail.kind];
  const own = ownText(matter);
  const fill = filling(matter, language);
  // What is left of an organization's own may be nothing.
  const subject = oneLine(fill(own.subject ?? '')) || oneLine(fill(words.subject));
  const parts = own.text === undefined ? ourParts(matter, language, words) : ownParts(own.text, fill, link?.url ?? '');
  return {
    messageId: `<${mailId}@${fromAddress.slice(fromAddress.lastIndexOf('@') + 1)}>`,
    from: { name: oneLine(settings.mailFromName || organizationName), address: fromAddress },
    to: mail.to,
    replyTo: settings.mailReplyTo === '' ? null : settings.mailReplyTo,
    subject,
    text: `${parts.map(textOf).join('\n\n')}\n`,
    html: htmlOf({ language: settings.locale, title: subject, parts }),
  };
}

function ownText({ mail, settings }: MailMatter): MailText {
  const kind = OWN_TEXTS[mail.kind];
  return (kind && parseMailTexts(settings.mailTexts)?.[kind]) ?? {};
}

/** Fills placeholders, each once: what is filled in is never read again. */
function filling({ mail, organizationName, fullname, code }: MailMatter, language: Language): (text: string) => string {
  // The new address is the reader's own in the mail to it; in others a stranger may have written it.
  const isTheirs = fullname !== null || mail.newEmail === mail.to;
  const values: Readonly<Record<string, string>> = {
    organization: organizationName,
    email: mail.to,
    new_email: isTheirs && mail.newEmail !== null ? mail.newEmail : language.otherAddress,
    fullname: fullname ?? mail.to,
    // It stands in texts alone, where it was taken out before.
    link: '',
    code: code?.code ?? '',
  };
  return (text) => text.replace(/\{(\w+)\}/g, (whole, name: string) => printable(values[name] ?? whole));
}

function ourParts(matter: MailMatter, language: Language, words: MailWords): readonly Part[] {
  const { fullname, link, code } = matter;
  const fill = filling(matter, language);
  const paragraph = (text: string): Part => ({ kind: 'paragraph', pieces: [fill(text)] });
  const action: readonly Part[] =
    link === null || words.action === null
      ? []
      : [
          { kind: 'action', label: words.action, url: link.url, note: language.copyLink },
          paragraph(language.validFor.replace('{duration}', durationOf(link.validForMs, language))),
        ];
  return [
    paragraph(fullname === null ? language.plainGreeting : language.greeting),
    ...words.paragraphs.map(paragraph),
    ...(code === null
      ? []
      : [paragraph(language.codeValidFor.replace('{duration}', durationOf(code.validForMs, language)))]),
    ...action,
    paragraph(words.closing),
  ];
}

function ownParts(text: string, fill: (text: string) => string, url: string): readonly Part[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .map((paragraph) => ({
      kind: 'paragraph',
      pieces: paragraph
        .split('{link}')
        .flatMap((piece, index) => (index === 0 ? [fill(piece)] : [{ url }, fill(piece)])),
    }));
}

function textOf(part: Part): string {
  if (part.kind === 'action') {
    return `${part.label}:\n${part.url}`;
  }
  return part.pieces.map((piece) => (typeof piece === 'string' ? piece : piece.url)).join('');
}

/** In units of which there are several. */
function durationOf(ms: number, { durations }: Language): string {
  const minutes = Math.round(ms / 60_000);
  const [text, count] =
    minutes < 120
      ? [durations.minutes, minutes]
      : minutes < 48 * 60
        ? [durations.hours, Math.round(minutes / 60)]
        : [durations.days, Math.round(minutes / 1_440)];
  return text.replace('{count}', String(count));
}

/** A header is one line, whatever an organization is called, and nothing in it reads as encoded (RFC 2047, 2). */
function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, ' ').replaceAll('=?', '= ?').trim();
}

/** Without control characters, and without those that turn or hide what stands around them (Unicode, TR 36). */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
}

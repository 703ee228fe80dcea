/** The mails that an organization can give a text of its own, each with what its text may name in braces. */
export const MAIL_TEXT_PLACEHOLDERS = {
  verify: ['organization', 'email', 'link'],
  reset: ['organization', 'email', 'link'],
  invite: ['organization', 'email', 'fullname', 'link'],
  change_email: ['organization', 'email', 'link'],
  email_changing: ['organization', 'email', 'link'],
  password_changed: ['organization', 'email'],
  login_code: ['organization', 'email', 'code'],
  second_factor_code: ['organization', 'email', 'code'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MailTextKind = keyof typeof MAIL_TEXT_PLACEHOLDERS;

/** A text in the place of the server's; what is missing is the server's. */
export interface MailText {
  readonly subject?: string;
  readonly text?: string;
}

export type MailTexts = { readonly [Kind in MailTextKind]?: MailText };

/** All of it, in bytes of UTF-8: a row of the organization that few calls read. */
const MAX_BYTES = 16_384;
/** RFC 5322, 2.1.1 asks for lines of at most 78 characters, and readers cut subjects long before. In code points. */
const MAX_SUBJECT = 200;
/** In code points. */
const MAX_TEXT = 4_000;

/** The texts of an organization's setting; null for what is none. Of a text that was read once it never is. */
export function parseMailTexts(text: string): MailTexts | null {
  if (text === '') {
    return {};
  }
  return faultOfMailTexts(text) === null ? (JSON.parse(text) as MailTexts) : null;
}

/** What is wrong with the text of the setting, as the end of a sentence; null for nothing. Quotes nothing of it. */
export function faultOfMailTexts(text: string): string | null {
  if (new TextEncoder().encode(text).length > MAX_BYTES) {
    return `must have at most ${MAX_BYTES} bytes`;
  }
  let texts: unknown;
  try {
    texts = JSON.parse(text);
  } catch {
    return NO_OBJECT;
  }
  if (!isObject(texts)) {
    return NO_OBJECT;
  }
  for (const [kind, mail] of Object.entries(texts)) {
    const placeholders = Object.hasOwn(MAIL_TEXT_PLACEHOLDERS, kind)
      ? MAIL_TEXT_PLACEHOLDERS[kind as MailTextKind]
      : null;
    if (placeholders === null) {
      return `must name mails by ${Object.keys(MAIL_TEXT_PLACEHOLDERS).join(', ')}`;
    }
    const fault = isObject(mail) ? faultOfMail(mail, placeholders) : 'must hold an object for each mail';
    if (fault !== null) {
      return fault;
    }
  }
  return null;
}

/** What a mail is for, where it brings one of these. */
const NEEDED = ['link', 'code'] as const;

const NO_OBJECT = 'must be the text of a JSON object';

function faultOfMail(mail: Readonly<Record<string, unknown>>, placeholders: readonly string[]): string | null {
  for (const [name, value] of Object.entries(mail)) {
    if ((name !== 'subject' && name !== 'text') || typeof value !== 'string') {
      return 'must hold for each mail a subject and a text alone';
    }
    const most = name === 'subject' ? MAX_SUBJECT : MAX_TEXT;
    if (value.trim() === '' || [...value].length > most || !value.isWellFormed()) {
      return `must have a ${name} of 1 to ${most} characters`;
    }
    // Line breaks of a text are its lines; a subject with one would be another header.
    if (name === 'subject' ? /\p{Cc}/u.test(value) : /[^\P{Cc}\n\r\t]/u.test(value)) {
      return `must have no control characters in a ${name}`;
    }
    if (Array.from(value.matchAll(/\{(\w*)\}/g)).some(([, placeholder = '']) => !placeholders.includes(placeholder))) {
      return `must hold in braces no more than ${placeholders.map((placeholder) => `{${placeholder}}`).join(', ')}`;
    }
    // Without it nobody could do what the mail is for.
    const needed = NEEDED.find((placeholder) => placeholders.includes(placeholder));
    if (name === 'text' && needed !== undefined && !value.includes(`{${needed}}`)) {
      return `must hold {${needed}} in the text`;
    }
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

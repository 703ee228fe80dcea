import type { MailKind } from '../../domain/mail/mail.ts';

/**
 * A mail in one language. `{organization}`, `{email}`, `{new_email}`, `{fullname}` and `{code}` stand for what they say; where the link goes, and
 * how long it is good, is said apart.
 */
export interface MailWords {
  readonly subject: string;
  /** Paragraphs before the link. */
  readonly paragraphs: readonly string[];
  /** What the link says; null for a notice. */
  readonly action: string | null;
  /** What is said last, as of whom to ask when it was not them. */
  readonly closing: string;
}

/** Every mail in one language. */
export interface Language {
  readonly kinds: Readonly<Record<MailKind, MailWords>>;
  /** Before a name that is known to be the reader's own; `{fullname}` is it. */
  readonly greeting: string;
  /** Before nobody's. */
  readonly plainGreeting: string;
  /** In the place of an address that a stranger wrote. */
  readonly otherAddress: string;
  /** `{duration}` is one of {@link durations}. */
  readonly validFor: string;
  /** The same of a code. */
  readonly codeValidFor: string;
  /** Where a link cannot be clicked. */
  readonly copyLink: string;
  readonly durations: { readonly minutes: string; readonly hours: string; readonly days: string };
}

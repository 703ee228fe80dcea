/** So many beginnings of a name are kept: a name has a few words, and 200 letters with spaces between them are no name. */
const MOST_WORDS = 16;
/** In code points: longer ones are compared by their beginnings. */
const MAX_LENGTH = 64;

/**
 * What a name is found by: the name from each of its words on, without regard to case, marks between words left out. One at least,
 * and none twice, so that a prefix of one of them is a beginning of a word with what follows it.
 */
export function nameWords(fullname: string): readonly string[] {
  const words = wordsOf(fullname);
  const tails = words.slice(0, MOST_WORDS).map((_, index) => cut(words.slice(index).join(' ')));
  return tails.length === 0 ? [''] : [...new Set(tails)];
}

/** What a search looks for: a beginning of e-mails, and one of {@link nameWords}, null for none of these. */
export interface SearchPrefixes {
  readonly email: string;
  readonly name: string | null;
}

/** How a text is searched for. With an @ it is no name. */
export function searchPrefixes(text: string): SearchPrefixes {
  const folded = fold(text.trim());
  const name = cut(wordsOf(folded).join(' '));
  return { email: folded, name: name === '' || folded.includes('@') ? null : name };
}

/** Of texts that begin with a prefix, compared byte by byte in UTF-8, the first and what comes after the last. No text holds U+10FFFF. */
export function rangeOf(prefix: string | null): readonly [from: string, until: string] {
  return prefix === null ? ['', ''] : [prefix, `${prefix}\u{10FFFF}`];
}

function wordsOf(text: string): readonly string[] {
  return fold(text)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** As e-mails are normalized (docs/contract.md, section 3). */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : [...text].slice(0, MAX_LENGTH).join('').trimEnd();
}

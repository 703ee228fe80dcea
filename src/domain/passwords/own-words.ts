import { folded } from './folding.ts';
import { isNear } from './near-words.ts';

/** A name of fewer letters is no word that a password could be made of. */
const SHORTEST = 3;
/** From so many letters on a name is met with one letter changed, too. */
const SHORTEST_NEAR = 5;

/** What is left of an e-mail beside a secret of its own: the rest of the password, in characters. */
const MOST_BESIDE_EMAIL = 8;

/** What of an e-mail its user may take for a word: what stands before the `@`, the domain without its last label, and both together. */
export function partsOfEmail(email: string): readonly string[] {
  const at = email.lastIndexOf('@');
  const withoutEnd = email.slice(0, Math.max(at, email.lastIndexOf('.')));
  return [email.slice(0, Math.max(0, at)), withoutEnd.slice(at + 1), withoutEnd];
}

/** Whether plain text is a whole e-mail with little around it. */
export function holdsEmail(text: string, email: string): boolean {
  const whole = folded(email);
  return whole !== '' && folded(text).includes(whole) && text.length - whole.length <= MOST_BESIDE_EMAIL;
}

/**
 * The words of names and parts of an e-mail: each part of them, all parts together, and of two or more the last
 * before the first, and the initial before the last.
 */
export function ownWords(texts: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const text of texts) {
    const parts = folded(text)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((part) => part !== '');
    const [first = '', ...others] = parts;
    const last = others.at(-1);
    const together = last === undefined ? [] : [parts.join(''), last + first, `${first.slice(0, 1)}${last}`];
    for (const word of [...parts, ...together].flatMap(withAndWithoutDigits)) {
      if (word.length >= SHORTEST) {
        words.add(word);
      }
    }
  }
  return words;
}

/** Whether a reading of a password is one of these words, two of them, or one with a letter changed. */
export function isOwn(own: ReadonlySet<string>, reading: string): boolean {
  if (own.has(reading)) {
    return true;
  }
  for (const word of own) {
    const isTwo = reading.startsWith(word) && own.has(reading.slice(word.length));
    if (isTwo || (word.length >= SHORTEST_NEAR && isNear(word, reading))) {
      return true;
    }
  }
  return false;
}

function withAndWithoutDigits(word: string): readonly string[] {
  return [word, word.replaceAll(/^\p{N}+|\p{N}+$/gu, '')];
}

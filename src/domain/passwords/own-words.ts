import { folded } from './folding.ts';
import { isNear } from './near-words.ts';

/** A name of fewer letters is no word that a password could be made of. */
const SHORTEST = 3;
/** From so many letters on a name is met with one letter changed, too. */
const SHORTEST_NEAR = 5;

/**
 * The words of names and of the part of an e-mail before its `@`: each part of them, all parts together, and of two or more the last
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

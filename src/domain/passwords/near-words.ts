const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Words that can be asked for. */
export interface Words {
  /** In lower case, without accents. */
  has(word: string): boolean;
}

/**
 * Whether a word of `shortest` letters or more is among these that this text becomes by one edit: a letter taken out, put in or
 * replaced, or two neighbours exchanged. Asks for some 55 words for each letter.
 */
export function hasNear(words: Words, text: string, shortest: number): boolean {
  for (let at = 0; at <= text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const rest = after.slice(1);
    const exchanged = `${before}${after[1] ?? ''}${after[0] ?? ''}${after.slice(2)}`;
    if ((text.length > shortest && words.has(before + rest)) || (text.length >= shortest && words.has(exchanged))) {
      return true;
    }
    for (const letter of LETTERS) {
      if (
        (text.length >= shortest && words.has(before + letter + rest)) ||
        (text.length + 1 >= shortest && words.has(before + letter + after))
      ) {
        return true;
      }
    }
  }
  return false;
}

/** Whether two words are the same but for one edit, as {@link hasNear} counts them. */
export function isNear(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) {
    return false;
  }
  let at = 0;
  while (at < short.length && short[at] === long[at]) {
    at += 1;
  }
  const [shortRest, longRest] = [short.slice(at), long.slice(at)];
  if (short.length < long.length) {
    return shortRest === longRest.slice(1);
  }
  const isExchanged = shortRest[0] === longRest[1] && shortRest[1] === longRest[0];
  return shortRest.slice(1) === longRest.slice(1) || (isExchanged && shortRest.slice(2) === longRest.slice(2));
}

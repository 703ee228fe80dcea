import { COMMON_WORDS } from '../domain/passwords/common-words.ts';
import type { Words } from '../domain/passwords/near-words.ts';

/** The common words. A server that is never given a new password keeps them as one text: taken apart they hold ten times as much. */
export function commonPasswords(): Words {
  let words: ReadonlySet<string> | null = null;
  return {
    has(word) {
      words ??= new Set(COMMON_WORDS.trim().split(/\s+/));
      return words.has(word);
    },
  };
}

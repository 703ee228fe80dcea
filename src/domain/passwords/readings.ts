import { withoutSigns } from './folding.ts';
import { inRuns, period } from './runs.ts';

/** The words that may be meant by a password, in lower case, once what was added to satisfy rules is off. */
export interface Readings {
  /** Each way to read it. */
  readonly all: readonly string[];
  /** Those that hold no letter but its own. */
  readonly literal: readonly string[];
  /** The letters themselves, with few signs for others between them: what a word with one letter changed is looked for in. */
  readonly bare: readonly string[];
  /** Whether its letters stand as words are written, in one case or with a capital first. Random ones seldom do. */
  readonly isWritten: boolean;
  /** Whether it looks chosen: the word is written so and begins it, and what follows is an ending as people add it. */
  readonly looksChosen: boolean;
}

/** More than this is no ending that people add, but a secret of its own. Runs, as 12345 or !!!, count as nothing. */
const MOST_ADDED = 8;

/** Signs at the edges that may stand for letters of the word: `@dmin`, `acce55`. */
const MOST_SIGNS_BEFORE = 2;
const MOST_SIGNS_AFTER = 3;

/** A word has at least so many letters, and at most as many signs for others: random characters meet words of signs too often. */
const FEWEST_LETTERS = 3;

/** Longer than any word that is compared: what is longer is a phrase. */
const LONGEST = 64;

const NONE: Readings = { all: [], literal: [], bare: [], isWritten: false, looksChosen: false };

/** Reads a password of plain text: whatever signs and digits stand around its letters may have been added. */
export function readingsOf(text: string): Readings {
  const characters = [...text];
  const isLetter = characters.map((character) => /\p{L}/u.test(character));
  const start = isLetter.indexOf(true);
  const end = isLetter.lastIndexOf(true) + 1;
  const covered = inRuns(characters);
  const added = characters.filter((_, at) => (at < start || at >= end) && !covered[at]).length;
  if (start === -1 || end - start > LONGEST || added > MOST_ADDED) {
    return NONE;
  }
  const part = (from: number, to: number): string => characters.slice(from, to).join('').toLowerCase();
  const core = part(start, end);
  const all = new Set<string>();
  for (let from = Math.max(0, start - MOST_SIGNS_BEFORE); from <= start; from++) {
    for (let to = end; to <= Math.min(characters.length, end + MOST_SIGNS_AFTER); to++) {
      for (const word of wordsOf(part(from, to))) {
        all.add(word);
      }
    }
  }
  const joined = core.replaceAll(/[-_. ]/g, '');
  for (const word of wordsOf(joined)) {
    all.add(word);
    all.add(word.slice(0, period(word)));
    all.add([...word].reverse().join(''));
  }
  // With its digits: abc123.
  const whole = text.toLowerCase().replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  const word = isWritten(characters.slice(start, end).join(''));
  const begins = start === 0 || (start === 1 && /^[@$!015]/.test(text));
  return {
    all: [...all, whole],
    literal: [core, joined, joined.slice(0, period(joined)), whole],
    bare: bareWordsOf(core),
    isWritten: word,
    looksChosen: word && begins && isEnding(characters.slice(end).join(''), covered.slice(end)),
  };
}

/** What text may spell, as it stands and with letters for its signs. */
function wordsOf(text: string): readonly string[] {
  const letters = text.replaceAll(/\P{L}/gu, '').length;
  const isWord = letters >= FEWEST_LETTERS && letters * 2 >= text.length;
  return isWord ? [text, ...withoutSigns(text)] : [];
}

/** One sign in six characters may stand for a letter here; with more, random characters are near too many words. */
function bareWordsOf(core: string): readonly string[] {
  const signs = core.replaceAll(/\p{L}/gu, '').length;
  return signs * 6 > core.length ? [] : withoutSigns(core).filter((word) => /^\p{L}+$/u.test(word));
}

/** Whether it is made of at most three groups, of digits and of signs in turn, the signs of each the same or in a run. */
function isEnding(ending: string, covered: readonly boolean[]): boolean {
  const groups = ending.match(/\p{N}+|\P{N}+/gu) ?? [];
  let at = 0;
  return (
    groups.length <= 3 &&
    groups.every((group) => {
      const length = [...group].length;
      const isInRun = covered.slice(at, at + length).every((isCovered) => isCovered);
      at += length;
      return /^\p{N}/u.test(group) || new Set(group).size === 1 || isInRun;
    })
  );
}

function isWritten(word: string): boolean {
  return /^\p{L}\P{Lu}*$/u.test(word) || /^\P{Ll}*$/u.test(word);
}

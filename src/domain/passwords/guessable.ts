import { plain } from './folding.ts';
import { hasNear, type Words } from './near-words.ts';
import { holdsEmail, isOwn, ownWords, partsOfEmail } from './own-words.ts';
import { type Readings, readingsOf } from './readings.ts';
import { isMadeOfRuns, period, repeatsItself } from './runs.ts';

/** What a new password is compared with. */
export interface Comparison {
  readonly commonWords: Words;
  /** Those of the user and the organization. */
  readonly names: readonly string[];
  /** Normalized; '' where it is not known. */
  readonly email: string;
}

const REPEATS = 'The password must not repeat the same few characters.';
const RUNS = 'The password must not be made of neighbours on the keyboard or in the alphabet, as qwerty, abcd or 1234.';
const OWN = 'The password must not be made of the e-mail, the name of the user or that of the organization.';
const COMMON = 'The password must not be a common one, whatever is added to it.';

/** A shorter word is common only where the password looks chosen: random characters meet it too often. */
const SHORTEST_SURE = 6;
/** From so many letters on a common word is met with one letter changed, too. */
const SHORTEST_NEAR = 6;
/** A word that repeats a piece of so many letters is none. */
const LONGEST_PIECE = 3;

/**
 * Why a password would be guessed among the first (docs/security.md, P3), as a sentence for whoever chose it; null where it would not.
 * Costs less than a millisecond, whatever the password is.
 */
export function whyGuessable(password: string, { commonWords, names, email }: Comparison): string | null {
  const text = plain(password);
  if (repeatsItself(text.toLowerCase())) {
    return REPEATS;
  }
  if (isMadeOfRuns([...text])) {
    return RUNS;
  }
  const readings = readingsOf(text);
  if (readings.looksChosen && readings.bare.some((word) => period(word) <= Math.min(LONGEST_PIECE, word.length / 2))) {
    return REPEATS;
  }
  const words = ownWords([...names, ...partsOfEmail(email)]);
  if (holdsEmail(text, email) || readings.all.some((reading) => isOwn(words, reading))) {
    return OWN;
  }
  return isCommon(readings, commonWords) ? COMMON : null;
}

function isCommon({ all, literal, bare, isWritten, looksChosen }: Readings, words: Words): boolean {
  const isSure = (reading: string): boolean => reading.length >= SHORTEST_SURE;
  return (
    literal.some((reading) => isSure(reading) && words.has(reading)) ||
    all.some((reading) => (looksChosen || (isWritten && isSure(reading))) && words.has(reading)) ||
    (looksChosen && bare.some((reading) => hasNear(words, reading, SHORTEST_NEAR)))
  );
}

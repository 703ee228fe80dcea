/** Lines of keys as they lie side by side or below each other (QWERTY, and where QWERTZ and AZERTY differ), and the alphabet. */
const LINES = [
  '`1234567890-=',
  '01234567890',
  'qwertyuiop[]',
  "asdfghjkl;'",
  'zxcvbnm,./',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1qaz',
  '2wsx',
  '3edc',
  '4rfv',
  '5tgb',
  '6yhn',
  '7ujm',
  '8ik,',
  '9ol.',
  '0p;/',
  'abcdefghijklmnopqrstuvwxyz',
];

const TRIPLES: ReadonlySet<string> = new Set(
  LINES.flatMap((line) => {
    const back = [...line].reverse().join('');
    return [line, back].flatMap((way) => Array.from({ length: way.length - 2 }, (_, at) => way.slice(at, at + 3)));
  }),
);

/** What Shift makes of the upper row. */
const SHIFTED = '~!@#$%^&*()_+';
const UNSHIFTED = '`1234567890-=';

/**
 * Which of these characters stand in a run: three or more that are the same, or neighbours in one direction on a keyboard or in the
 * alphabet, pressed with Shift all, none, or the first alone. Characters are of plain text, with its case.
 */
export function inRuns(characters: readonly string[]): readonly boolean[] {
  const keys = characters.map(keyOf);
  const shifts = characters.map((character, at) => (character === keys[at] ? '0' : '1'));
  const covered = characters.map(() => false);
  for (let at = 0; at + 3 <= keys.length; at++) {
    const [first, second, third] = [keys[at], keys[at + 1], keys[at + 2]];
    const isRun = (first === second && second === third) || TRIPLES.has(`${first}${second}${third}`);
    if (isRun && /^(?:000|111|100)$/.test(shifts.slice(at, at + 3).join(''))) {
      covered.fill(true, at, at + 3);
    }
  }
  return covered;
}

/** Whether hardly anything but runs is in it: at most two other characters, or three beside six of runs. */
export function isMadeOfRuns(characters: readonly string[]): boolean {
  const others = inRuns(characters).filter((isCovered) => !isCovered).length;
  const covered = characters.length - others;
  return covered > 0 && others <= (covered >= 6 ? 3 : 2);
}

/** Whether it is one piece of at most four characters again and again, or made of at most three different ones. */
export function repeatsItself(text: string): boolean {
  return new Set(text).size <= 3 || period(text) <= Math.min(4, text.length / 2);
}

/** The length of the piece that text repeats, the last time perhaps in part; that of the text where it repeats none. */
export function period(text: string): number {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.startsWith(text.slice(length))) {
      return length;
    }
  }
  return text.length;
}

function keyOf(character: string): string {
  const at = SHIFTED.indexOf(character);
  return at === -1 ? character.toLowerCase() : (UNSHIFTED[at] ?? character);
}

/** Text without accents and with compatible forms made alike (NFKD): its case stays. */
export function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
}

/** Text as words are compared. */
export function folded(text: string): string {
  return plain(text).toLowerCase();
}

/** What people write for letters; some signs stand for either of two. */
const LETTERS_OF_SIGNS = new Map([
  ['0', 'o'],
  ['1', 'il'],
  ['2', 'z'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['6', 'gb'],
  ['7', 't'],
  ['8', 'b'],
  ['9', 'g'],
  ['@', 'a'],
  ['$', 's'],
  ['!', 'il'],
  ['|', 'li'],
  ['+', 't'],
  ['(', 'c'],
  ['€', 'e'],
]);

/** Folded text with letters for the signs that stand for them: once with the first, once with the second that each can be. */
export function withoutSigns(text: string): readonly [string, string] {
  const read = (choice: number): string =>
    text.replaceAll(/[^a-z]/g, (sign) => {
      const letters = LETTERS_OF_SIGNS.get(sign) ?? sign;
      return letters[choice] ?? letters[0] ?? sign;
    });
  return [read(0), read(1)];
}

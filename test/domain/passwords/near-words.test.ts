import { expect, test } from 'vitest';
import { hasNear, isNear } from '../../../src/domain/passwords/near-words.ts';
import { Random } from '../../security/random.ts';

/** Damerau's distance with exchanges of neighbours (optimal string alignment), straight from its definition. */
function distance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isExchanged = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const row = rows[i] ?? [];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isExchanged ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(one.length, other.length);
}

/** Of three letters, so that many are near each other. */
const word = (random: Random, most: number): string =>
  Array.from({ length: random.below(most + 1) }, () => 'abc'[random.below(3)]).join('');

test('two words are near exactly where one edit or none lies between them', () => {
  const random = new Random(3);
  for (let round = 0; round < 20_000; round++) {
    const [one, other] = [word(random, 7), word(random, 7)];
    expect({ one, other, near: isNear(one, other) }).toEqual({ one, other, near: distance(one, other) <= 1 });
  }
});

test('a word is found exactly where one of the least length is near', () => {
  const random = new Random(4);
  for (let round = 0; round < 2_000; round++) {
    const words = new Set(Array.from({ length: 5 }, () => word(random, 8)));
    const text = word(random, 8);
    const shortest = random.below(8);
    const isThere = [...words].some((each) => each.length >= shortest && isNear(each, text));
    expect({ text, words, shortest, found: hasNear(words, text, shortest) }).toEqual({
      ...{ text, words, shortest },
      found: isThere,
    });
  }
});

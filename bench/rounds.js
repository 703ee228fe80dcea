/** How often every subject is measured. The machine is shared: the median forgets what a neighbour did in one round. */
export const ROUNDS = 5;

/**
 * Measures subjects in turn (A B A B …), so that what slows the machine down for a while slows down all of them. One
 * round before the first is not counted: code is compiled and pages are fetched in it.
 *
 * @template {string} Name
 * @template Result
 * @param {Record<Name, () => Promise<Result>>} subjects
 * @param {number} [rounds]
 * @returns {Promise<Record<Name, Result[]>>}
 */
export async function inTurn(subjects, rounds = ROUNDS) {
  const names = /** @type {Name[]} */ (Object.keys(subjects));
  const results = /** @type {Record<Name, Result[]>} */ (
    /** @type {unknown} */ (Object.fromEntries(names.map((name) => [name, []])))
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const result = await subjects[name]();
      if (round > 0) {
        results[name].push(result);
      }
    }
  }
  return results;
}

/**
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

import fc from 'fast-check';
import { CALLS } from './calls.ts';
import type { Change } from './changes.ts';
import { ENTRANCES, type Recipe } from './requests.ts';

/** Small texts of every kind of character, lone surrogates included. */
const TEXT = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(fc.nat(0xffff), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes)) },
);

export const CHANGE: fc.Arbitrary<Change> = fc.record({
  kind: fc.nat(1_023),
  place: fc.nat(65_535),
  at: fc.nat(65_535),
  text: TEXT,
});

const changes = (maxLength: number): fc.Arbitrary<readonly Change[]> => fc.array(CHANGE, { maxLength });

/** Inputs near to good requests, which fast-check shrinks by leaving changes out. */
export const RECIPE: fc.Arbitrary<Recipe> = fc.record({
  entrance: fc.constantFrom(...ENTRANCES),
  call: fc.nat(CALLS.length - 1),
  who: fc.nat(1_023),
  parameters: changes(2),
  writing: changes(2),
  bytes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes(2) }),
  headers: changes(2),
});

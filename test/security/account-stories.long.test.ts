import { expect, test } from 'vitest';
import { SERVICES } from '../../src/operations/services.ts';
import { rulesStand } from '../domain/rules.ts';
import { played } from './stories/played.ts';
import { STORIES_ENVIRONMENT } from './stories/story.ts';

const SEED = 20_270_101;
const STORIES = Number(process.env.TEST_STORIES ?? 100);
const STEPS = 1_000;

const stand = rulesStand(STORIES_ENVIRONMENT);

test('K1, U1, M1: 10^5 calls of all services with whatever credentials open what the contract says', {
  timeout: 3_600_000,
}, async () => {
  const outcomes = await played(stand, { stories: STORIES, steps: STEPS, seed: SEED });
  console.log(Object.fromEntries([...outcomes].sort()));
  // Every call came to its end, and was refused for each of its reasons that a story can bring about.
  const expected = SERVICES.flatMap(({ operations }) =>
    operations.flatMap(({ method: { name }, reasons }) => [
      `${name} OK`,
      ...reasons.filter((reason) => !OF_LOAD.has(reason)).map((reason) => `${name} ${reason}`),
    ]),
  );
  expect(expected.filter((outcome) => !outcomes.has(outcome))).toEqual([]);
});

/** What stories do not bring about: too much at once, or too many wrong passwords. */
const OF_LOAD: ReadonlySet<string> = new Set(['RATE_LIMITED', 'OVERLOADED', 'ACCOUNT_LOCKED']);

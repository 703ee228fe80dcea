import { expect, test } from 'vitest';
import { SERVICES } from '../../src/operations/services.ts';
import { rulesStand } from '../domain/rules.ts';
import { times } from '../support/stores.ts';
import { played } from './stories/played.ts';
import { STORIES_ENVIRONMENT } from './stories/story.ts';

const SEED = 20_261_127;
/** 10^5 calls are made by account-stories.long.test.ts. */
const STORIES = times(6, { beside: 2 });
const STEPS = 500;

const stand = rulesStand(STORIES_ENVIRONMENT);

test(`K1, U1, M1: ${STORIES} stories of ${STEPS} calls of all services with whatever credentials: each opens what the contract says`, async () => {
  const outcomes = await played(stand, { stories: STORIES, steps: STEPS, seed: SEED });
  const methods = SERVICES.flatMap(({ operations }) => operations.map(({ method }) => method.name));
  const neverMade = methods.filter((name) => ![...outcomes.keys()].some((outcome) => outcome.startsWith(`${name} `)));
  expect(neverMade).toEqual([]);
});

import { expect, test } from 'vitest';
import { rulesStand } from '../domain/rules.ts';
import { ManagementStory } from './management-story.ts';
import { Random } from './random.ts';

const stand = rulesStand();

/** 10^5 of them are played by management-stories.long.test.ts. */
const STORIES = 12;
const STEPS = 250;

test('U1: whatever credential is shown with whatever organization and user, it opens what the contract says', async () => {
  const outcomes = new Set<string>();
  for (let story = 0; story < STORIES; story += 1) {
    const played = new ManagementStory(stand.ports, new Random(20_261_127 + story));
    await played.begin(`Story ${story}`);
    await played.play(STEPS);
    for (const outcome of played.outcomes.keys()) {
      outcomes.add(outcome);
    }
  }
  expect([...outcomes].sort()).toEqual([
    'ACCESS_DENIED',
    'ADMIN_TOKEN_INVALID',
    'API_KEY_INVALID',
    'OK',
    'ORGANIZATION_NOT_FOUND',
    'USER_DISABLED',
    'USER_EXISTS',
    'USER_NOT_FOUND',
  ]);
});

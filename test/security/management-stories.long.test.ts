import { test } from 'vitest';
import { rulesStand } from '../domain/rules.ts';
import { ManagementStory } from './management-story.ts';
import { Random } from './random.ts';

const stand = rulesStand();

test('U1: 10^5 calls with whatever credential, organization and user open what the contract says', {
  timeout: 3_600_000,
}, async () => {
  for (let story = 0; story < 200; story += 1) {
    const played = new ManagementStory(stand.ports, new Random(20_270_101 + story));
    await played.begin(`Long story ${story}`);
    await played.play(500);
  }
});

import { Random } from '../random.ts';
import { STEP_MS } from './factors.ts';
import { type Stand, Story } from './story.ts';

/** Plays so many stories one after the other; how often each call came out how. */
export async function played(
  stand: Stand,
  { stories, steps, seed }: { readonly stories: number; readonly steps: number; readonly seed: number },
): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>();
  // A step of codes begins: whatever the time, a story goes the same way.
  const clock = { now: Math.ceil(stand.ports.clock.now() / STEP_MS) * STEP_MS };
  for (let index = 0; index < stories; index += 1) {
    const story = new Story(stand, { random: new Random(seed + index), name: `Story ${seed + index}`, clock });
    await story.begin();
    await story.play(steps);
    for (const [outcome, count] of story.outcomes) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    }
  }
  return outcomes;
}

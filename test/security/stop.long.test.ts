import { describe, test } from 'vitest';
import { takeProcessors } from './busy-loops.ts';
import { expectStops, expectStopsOfTwo } from './stop-under-load.ts';

const STOPS = 20;

describe.each([
  ['alone on the machine', async () => undefined],
  ['while other programs take every processor', takeProcessors],
])('R7: %s, at 200 calls a second', { timeout: 900_000 }, (_name, prepare) => {
  test(`${STOPS} stops of one process`, async () => {
    await prepare();
    await expectStops({ stops: STOPS, isTimed: true });
  });

  test(`${STOPS} stops of two processes that share the ports`, async () => {
    await prepare();
    await expectStops({ stops: STOPS, isTimed: true, workers: 2 });
  });

  test(`${STOPS} stops of two processes behind a client that tries both`, async () => {
    await prepare();
    await expectStopsOfTwo({ stops: STOPS, isTimed: true });
  });
});

import { describe, expect, test } from 'vitest';
import { expectUnharmed } from '../frames/expect-unharmed.ts';
import type { Speaker } from '../frames/peers.ts';
import { startWatchedServer, type WatchedServer } from '../frames/watched-server.ts';
import { fuzz } from './batches.ts';
import { callsFuzzer, Tally } from './calls-fuzzer.ts';
import { Delivery } from './delivery.ts';
import { newSession, startFuzzedServer } from './fuzzed-server.ts';
import { speaksHttp1 } from './http1-speaker.ts';
import { speaksTls } from './tls-speaker.ts';
import { tokensFuzzer } from './tokens-fuzzer.ts';

/** Together 10^7. `FUZZ_SHARE` is the part of it that is tried; below 0.02 the first round is too short to fill what fills once. */
const SHARE = Number(process.env.FUZZ_SHARE ?? 1);
const CALLS = 6_000_000 * SHARE;
const TOKENS = 1_000_000 * SHARE;
const REQUESTS = 2_000_000 * SHARE;
const RECORDS = 1_000_000 * SHARE;

/** `FUZZ_MINUTES` that each may take; then it ends with fewer, and says how many. */
const FOR_MS = Number(process.env.FUZZ_MINUTES ?? 60) * 60_000;
const ROUNDS = 5;
const TIMEOUT_MS = 2 * FOR_MS + 600_000;

/** What the heap of a process that is busy at times may be larger by, a major collection later or earlier. */
const SLACK_BYTES = 64 * 1_048_576;

/** Connections that `fetch` may keep beside those of the first round. */
const KEPT = 16;

describe.runIf(process.platform === 'linux')(
  'W2: nothing that is sent harms, or leaves memory or descriptors behind',
  () => {
    test('calls through every entrance', { timeout: TIMEOUT_MS }, async () => {
      const server = await startFuzzedServer();
      const tally = new Tally();
      await expectNothingLeft(server, async (round) => {
        using delivery = new Delivery(server);
        const fuzzer = callsFuzzer(server, { delivery, tally, name: `round ${round}` });
        await fuzz(server, fuzzer, { inputs: CALLS / ROUNDS, seed: 1_000 + round, forMs: FOR_MS / ROUNDS });
      });
      console.log(`${tally.total} calls`, Object.fromEntries([...tally].sort()));
    });

    test('session tokens', { timeout: TIMEOUT_MS }, async () => {
      const server = await startFuzzedServer();
      await expectNothingLeft(server, async (round) => {
        using delivery = new Delivery(server);
        const session = await newSession(server, `round-${round}@example.com`);
        const fuzzing = { inputs: TOKENS / ROUNDS, seed: 2_000 + round, forMs: FOR_MS / ROUNDS };
        await fuzz(server, tokensFuzzer(session, delivery), fuzzing);
      });
    });

    test.each<[string, number, Speaker, boolean]>([
      ['requests of HTTP/1.1 in clear text', REQUESTS / 2, speaksHttp1, false],
      ['requests of HTTP/1.1 by TLS', REQUESTS / 2, speaksHttp1, true],
      ['records of TLS', RECORDS, speaksTls, true],
    ])('%s', { timeout: TIMEOUT_MS }, async (_name, packets, speaker, tls) => {
      const server = await startWatchedServer({ tls });
      const endsAt = performance.now() + FOR_MS;
      await expectNothingLeft(server, async (round) => {
        if (performance.now() < endsAt) {
          const packetsPerPort = packets / 2 / ROUNDS;
          await expectUnharmed(server, { packetsPerPort, firstSeed: 10_000_000 * (round + 1), speaker });
        }
      });
    });
  },
);

/** The first round fills what fills once: caches, and the connections that the tests' own `fetch` keeps. */
async function expectNothingLeft(server: WatchedServer, onslaught: (round: number) => Promise<void>): Promise<void> {
  await onslaught(0);
  const memory = [server.memory()];
  const descriptors = server.descriptors();
  for (let round = 1; round < ROUNDS; round += 1) {
    await onslaught(round);
    memory.push(server.memory());
  }
  console.log(`memory in MB: ${memory.map((bytes) => Math.round(bytes / 1e6)).join(' ')}`);
  expect(memory.at(-1), memory.join(' ')).toBeLessThanOrEqual(Number(memory[0]) + SLACK_BYTES);
  await expect.poll(() => server.descriptors(), { interval: 250 }).toBeLessThanOrEqual(descriptors + KEPT);
}

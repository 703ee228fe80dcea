import { describe, expect, test } from 'vitest';
import { expectUnharmed } from './expect-unharmed.ts';
import { startWatchedServer } from './watched-server.ts';

/** 10^6 in all: two ports, in clear text and by TLS. `FRAMES_PACKETS` names another number for each of the four. */
const PACKETS_PER_PORT = Number(process.env.FRAMES_PACKETS ?? 250_000);
const ROUNDS = 5;

/** What the heap of a process that is busy at times may be larger by, a major collection later or earlier. */
const SLACK_BYTES = 64 * 1_048_576;

describe.runIf(process.platform === 'linux')(
  'W8: no order of frames ends the process or leaves anything behind',
  () => {
    test.each([
      ['in clear text', false],
      ['by TLS', true],
    ])('on either port, %s, many times over; nor memory', { timeout: 3_600_000 }, async (_name, tls) => {
      const server = await startWatchedServer({ tls });
      const memory: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await expectUnharmed(server, {
          packetsPerPort: PACKETS_PER_PORT / ROUNDS,
          firstSeed: 10_000_000 * (round + 1),
        });
        memory.push(server.memory());
      }
      // The first round fills what fills once.
      expect(memory.at(-1), memory.join(' ')).toBeLessThanOrEqual(Number(memory[0]) + SLACK_BYTES);
    });
  },
);

import { describe, test } from 'vitest';
import { times } from '../../support/times.ts';
import { expectUnharmed } from './expect-unharmed.ts';
import { startWatchedServer } from './watched-server.ts';

/** 20,000 in all: two ports, in clear text and by TLS. */
const PACKETS_PER_PORT = times(5_000, { beside: 2_000 });

describe.runIf(process.platform === 'linux')(
  'W8: no order of frames ends the process or leaves anything behind',
  () => {
    test.each([
      ['in clear text', false],
      ['by TLS', true],
    ])('on either port, %s', { timeout: 240_000 }, async (_name, tls) => {
      const server = await startWatchedServer({ tls });
      await expectUnharmed(server, { packetsPerPort: PACKETS_PER_PORT, firstSeed: 1 });
    });
  },
);

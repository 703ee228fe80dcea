import { describe, test } from 'vitest';
import { times } from '../../support/times.ts';
import { expectUnharmed } from '../frames/expect-unharmed.ts';
import { startWatchedServer } from '../frames/watched-server.ts';
import { speaksHttp1 } from './http1-speaker.ts';
import { speaksTls } from './tls-speaker.ts';

describe.runIf(process.platform === 'linux')('W2: raw bytes harm nobody', () => {
  test.each([
    ['in clear text', false, times(12_000, { beside: 4_000 })],
    ['by TLS', true, times(2_000, { beside: 700 })],
  ])('requests of HTTP/1.1 on either port, %s', async (_name, tls, packetsPerPort) => {
    const server = await startWatchedServer({ tls });
    await expectUnharmed(server, { packetsPerPort, firstSeed: 1, speaker: speaksHttp1 });
  });

  test('records of TLS on either port, before, in and after the handshake', async () => {
    const server = await startWatchedServer({ tls: true });
    await expectUnharmed(server, { packetsPerPort: times(4_000, { beside: 1_300 }), firstSeed: 1, speaker: speaksTls });
  });
});

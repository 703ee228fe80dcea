import { expect } from 'vitest';
import { type Said, type Speaker, speak, speaksFrames } from './peers.ts';
import type { Port, WatchedServer } from './watched-server.ts';

const PORTS: readonly Port[] = ['http', 'grpc'];

/** The server ends what Node has forgotten within 30 s; a busy machine takes longer. */
const LEAVING_MS = 90_000;

export interface Onslaught {
  readonly packetsPerPort: number;
  /** The seeds of the HTTP port's peers count from here, those of the other from a million later. */
  readonly firstSeed: number;
  /** By default frames of HTTP/2. */
  readonly speaker?: Speaker;
}

/**
 * Speaks so many packets to each port of the server at once, and expects docs/security.md, W8: the same process, no line
 * of level error, few others, both ports answering, and no more descriptors than before. A failure names the last seeds;
 * with one of them as `TEST_SEED` every peer says that again.
 */
export async function expectUnharmed(
  server: WatchedServer,
  { packetsPerPort, firstSeed, speaker = speaksFrames }: Onslaught,
): Promise<void> {
  await expectAnswers(server, 'before');
  const descriptors = server.descriptors();
  const linesBefore = server.complaints.length;
  const said = await Promise.all(
    PORTS.map((port, index) =>
      speak(server, port, { packets: packetsPerPort, firstSeed: firstSeed + index * 1_000_000, speaker }),
    ),
  );
  const story = said.map(storyOf).join('; ');
  const { child, complaints } = server;
  expect(child.exitCode ?? child.signalCode, `the process ended; ${story}\n${complaints.join('\n')}`).toBe(null);
  await expectAnswers(server, story);
  const lines = complaints.slice(linesBefore);
  expect(
    lines.filter((line) => !line.includes('"level":"warn"')),
    story,
  ).toEqual([]);
  // What strangers can cause is told once a minute.
  expect(lines.length, lines.join('\n')).toBeLessThan(10);
  await expect
    .poll(() => server.descriptors(), { timeout: LEAVING_MS, interval: 250, message: story })
    .toBeLessThanOrEqual(descriptors);
}

async function expectAnswers(server: WatchedServer, story: string): Promise<void> {
  for (const port of PORTS) {
    expect(await server.fooBar(port), `a call by the ${port} port; ${story}`).toBe('OK');
  }
}

function storyOf({ packets, lastSeeds }: Said, index: number): string {
  return `${packets} packets to the ${PORTS[index]} port, the last seeds ${lastSeeds.join(' ')}`;
}

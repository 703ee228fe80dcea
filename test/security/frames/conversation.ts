import { Random } from '../random.ts';
import { http1Packets } from './http1-packets.ts';
import { http2Packets } from './http2-packets.ts';
import type { Port } from './watched-server.ts';

/** How a peer leaves: it waits a moment for what comes, ends its side, goes, or breaks the connection. */
export type Leaving = 'waits' | 'ends' | 'goes' | 'resets';

/** What one peer does on one connection: all of it follows from the seed. */
export interface Conversation {
  readonly seed: number;
  readonly port: Port;
  /** What TLS agrees on; 'raw': bytes straight to the socket, even where TLS is spoken. */
  readonly protocol: 'h2' | 'http/1.1' | 'raw';
  /** Bursts of frames or requests, each in the pieces in which it is written. */
  readonly packets: readonly (readonly Buffer[])[];
  /** It takes nothing off the socket. */
  readonly isDeaf: boolean;
  readonly leaving: Leaving;
}

/** The conversation of a seed. `TEST_SEED` in the environment takes the place of every seed. */
export function conversationOf(seed: number, port: Port): Conversation {
  const random = new Random(seed);
  const protocol = protocolOf(random, port);
  const packets = protocol === 'h2' ? http2Packets(random, port) : http1Packets(random);
  const cut = random.pick([0, 0, 1, 4, 40]);
  return {
    seed: random.seed,
    port,
    protocol,
    packets: packets.map((packet) => pieces(random, packet, cut)),
    isDeaf: random.below(8) === 0,
    leaving: random.pick(['waits', 'waits', 'waits', 'ends', 'goes', 'resets'] as const),
  };
}

function protocolOf(random: Random, port: Port): Conversation['protocol'] {
  const number = random.below(40);
  if (number === 0) {
    return 'raw';
  }
  return number < (port === 'http' ? 12 : 2) ? 'http/1.1' : 'h2';
}

/** The packet cut at up to `most` places. */
export function pieces(random: Random, packet: Buffer, most: number): readonly Buffer[] {
  const places = Array.from({ length: random.below(most + 1) }, () => random.below(packet.length + 1));
  const bounds = [0, ...places.sort((a, b) => a - b), packet.length];
  return bounds.slice(1).flatMap((end, index) => {
    const piece = packet.subarray(bounds[index], end);
    return piece.length === 0 ? [] : [piece];
  });
}

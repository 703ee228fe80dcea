import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type Conversation, conversationOf } from './conversation.ts';
import type { Port, WatchedServer } from './watched-server.ts';

/** How many peers speak at once. */
const WIDTH = 16;

/** How long a peer waits for what may come, or for the other side's end: not every conversation has an answer. */
const PATIENCE_MS = 20;

/** What was said to a server, so that it can be said again. */
export interface Said {
  readonly packets: number;
  /** The seeds of the last conversations, those first that were under way. */
  readonly lastSeeds: readonly number[];
}

/** A conversation that has begun. All of it follows from the seed. */
export interface Begun {
  readonly seed: number;
  readonly packets: number;
  /** Rejected where what came back is a fault of the server. */
  readonly isOver: Promise<void>;
}

/** Begins one conversation with a port. */
export type Speaker = (server: WatchedServer, port: Port, seed: number) => Begun;

/** Bursts of HTTP/2 frames, now and then of HTTP/1.1; whatever comes back is read, or not, and not looked at. */
export const speaksFrames: Speaker = (server, port, seed) => {
  const conversation = conversationOf(seed, port);
  return {
    seed: conversation.seed,
    packets: conversation.packets.length,
    isOver: hold(conversation, server.connect(port, conversation.protocol)),
  };
};

/**
 * Speaks to one port of the server, several peers at once, until at least so many packets were written, or the server has
 * gone. Seeds count from `firstSeed`.
 */
export async function speak(
  server: WatchedServer,
  port: Port,
  { packets, firstSeed, speaker }: { readonly packets: number; readonly firstSeed: number; readonly speaker: Speaker },
): Promise<Said> {
  let seed = firstSeed;
  let written = 0;
  const lastSeeds: number[] = [];
  const lane = async (): Promise<void> => {
    while (written < packets && server.child.exitCode === null && server.child.signalCode === null) {
      const begun = speaker(server, port, seed);
      seed += 1;
      written += begun.packets;
      lastSeeds.unshift(begun.seed);
      lastSeeds.length = Math.min(lastSeeds.length, 2 * WIDTH);
      await begun.isOver;
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
  return { packets: written, lastSeeds };
}

async function hold({ packets, isDeaf, leaving }: Conversation, socket: Socket): Promise<void> {
  const isOver = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  if (!isDeaf) {
    socket.resume();
  }
  for (const piece of packets.flat()) {
    if (socket.destroyed || !socket.writable) {
      break;
    }
    await new Promise<void>((resolve) => {
      socket.once('close', resolve);
      socket.write(piece, () => {
        socket.off('close', resolve);
        resolve();
      });
    });
    // So that the pieces are read apart, mostly.
    await nextTurn();
  }
  await leave(socket, leaving, isOver);
}

async function leave(socket: Socket, leaving: Conversation['leaving'], isOver: Promise<void>): Promise<void> {
  if (leaving === 'waits' || leaving === 'ends') {
    const patience = new Promise<void>((resolve) => void setTimeout(resolve, PATIENCE_MS));
    if (leaving === 'ends') {
      socket.end();
    }
    await Promise.race([isOver, patience]);
  }
  // TLS has no reset of its own.
  if (leaving === 'resets' && !(socket instanceof TLSSocket)) {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
  await isOver;
}

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

/**
 * Speaks to one port of the server, several peers at once, until at least so many packets were written, or the server has
 * gone. Seeds count from `firstSeed`.
 */
export async function speak(server: WatchedServer, port: Port, packets: number, firstSeed: number): Promise<Said> {
  let seed = firstSeed;
  let written = 0;
  const lastSeeds: number[] = [];
  const lane = async (): Promise<void> => {
    while (written < packets && server.child.exitCode === null && server.child.signalCode === null) {
      const conversation = conversationOf(seed, port);
      seed += 1;
      written += conversation.packets.length;
      lastSeeds.unshift(conversation.seed);
      lastSeeds.length = Math.min(lastSeeds.length, 2 * WIDTH);
      await hold(conversation, server.connect(port, conversation.protocol));
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

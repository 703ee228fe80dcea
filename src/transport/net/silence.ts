import type { Socket } from 'node:net';

/** How often a stopping port looks whether anything came. */
const LOOK_EVERY_MS = 50;

/**
 * Looks in a row that find nothing: half a second, and longer where this process itself is held up, because then the
 * looks come late. A peer on a busy machine has several turns of its processor in that time.
 */
const SILENT_LOOKS = 10;

/** What becomes of connections whose peers say nothing. */
export interface SilenceOptions {
  /** All that are open. */
  readonly connections: Iterable<{ readonly socket: Socket }>;
  /** Ends those that nothing is owed to. */
  endIdle(): void;
}

/**
 * Ends connections in silence. As long as any peer gets on, the others are given their turn: what counts is what was
 * read, and not what time it is. When nothing came for a while, the idle ones are ended; when nothing came for as long
 * again, those too whose last byte was handed to the system, their end included, because a peer that does not end its
 * side in turn would hold up a stop. Goes on at every look until something comes. Gives what ends the looking. Never holds
 * the process open.
 */
export function endInSilence({ connections, endIdle }: SilenceOptions): () => void {
  let bytes = new Map<Socket, number>();
  let silentLooks = 0;
  const look = (): void => {
    const now = new Map(Array.from(connections, ({ socket }) => [socket, socket.bytesRead]));
    const isSilent = Array.from(now).every(([socket, count]) => bytes.get(socket) === count);
    silentLooks = isSilent ? silentLooks + 1 : 0;
    bytes = now;
    if (silentLooks >= SILENT_LOOKS) {
      endIdle();
    }
    if (silentLooks >= 2 * SILENT_LOOKS) {
      destroyFinished(now.keys());
    }
  };
  // After the sockets were read: a process that was held up finds its timers due before what arrived meanwhile.
  const timer = setInterval(() => setImmediate(look), LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

function destroyFinished(sockets: Iterable<Socket>): void {
  for (const socket of sockets) {
    if (socket.writableFinished) {
      socket.destroy();
    }
  }
}

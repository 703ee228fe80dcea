import type { Socket } from 'node:net';

/**
 * Ends the connections whose last byte has been handed to the system, their end included. A peer that does not end
 * its side in turn would hold up a stop.
 */
export function destroyFinished(sockets: Iterable<Socket>): void {
  for (const socket of sockets) {
    if (socket.writableFinished) {
      socket.destroy();
    }
  }
}

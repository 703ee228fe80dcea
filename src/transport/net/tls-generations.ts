import type { Server, Socket } from 'node:net';
import { peerOf } from './handshakes.ts';

/**
 * Which connections of a TLS server began before its authorities were replaced: a handshake that had begun is finished under
 * the old ones, later.
 */
export class TlsGenerations {
  readonly #begun = new Map<string, { readonly socket: Socket; readonly generation: number }>();
  #generation = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.#begun.set(peer, { socket, generation: this.#generation });
      socket.once('close', () => {
        if (this.#begun.get(peer)?.socket === socket) {
          this.#begun.delete(peer);
        }
      });
    });
  }

  /** All connections that have begun are outdated from now on. */
  replace(): void {
    this.#generation += 1;
  }

  /** Takes the raw socket or the one that speaks TLS over it. */
  isOutdated(socket: Socket): boolean {
    return this.#generation > 0 && (this.#begun.get(peerOf(socket))?.generation ?? 0) < this.#generation;
  }
}

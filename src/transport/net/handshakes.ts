import type { Server, Socket } from 'node:net';
import { HEADERS_TIMEOUT_MS } from '../limits.ts';

/**
 * The connections of a TLS server whose handshake is not done: each is cut after {@link HEADERS_TIMEOUT_MS} (Node's
 * own timeout is two minutes), and a stop must know of them.
 */
export class Handshakes {
  readonly #sockets = new Map<string, Socket>();
  readonly #onDone: () => void;

  /** `onDone` is called after every handshake that has ended, well or not. */
  constructor(server: Server, onDone: () => void = () => undefined) {
    this.#onDone = onDone;
    server.on('connection', (socket: Socket) => this.#begin(socket));
    server.on('secureConnection', (socket: Socket) => this.#end(peerOf(socket)));
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Breaks all of them off. */
  destroy(): void {
    for (const socket of this.#sockets.values()) {
      socket.destroy();
    }
  }

  #begin(socket: Socket): void {
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    const timer = setTimeout(() => this.#sockets.get(peer) === socket && socket.destroy(), HEADERS_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      if (this.#sockets.get(peer) === socket) {
        this.#end(peer);
      }
    });
  }

  #end(peer: string): void {
    this.#sockets.delete(peer);
    this.#onDone();
  }
}

/** The two ends of a connection. Node does not tell which raw socket a TLS socket was made of; these are the same. */
export function peerOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
}

import type { Connection } from './connection.ts';

/** Open connections by the network that they come from, and which networks hold the most. Every step takes constant time. */
export class NetworkShares {
  readonly #connections = new Map<string, Set<Connection>>();
  /** The networks that hold so many connections, by that number. */
  readonly #bySize: Set<string>[] = [];
  #largest = 0;

  /** How many connections the networks hold that hold the most. */
  get largest(): number {
    return this.#largest;
  }

  add(connection: Connection): void {
    const { network } = connection;
    const held = this.of(network);
    if (held.has(connection)) {
      return;
    }
    this.#connections.set(network, held);
    held.add(connection);
    this.#move(network, held.size - 1, held.size);
    this.#largest = Math.max(this.#largest, held.size);
  }

  /** May be repeated. */
  delete(connection: Connection): void {
    const { network } = connection;
    const held = this.of(network);
    if (!held.delete(connection)) {
      return;
    }
    this.#move(network, held.size + 1, held.size);
    if (held.size === 0) {
      this.#connections.delete(network);
    }
    if (this.#bySize[this.#largest]?.size === 0) {
      this.#largest -= 1;
    }
  }

  /** The connections of a network. */
  of(network: string): Set<Connection> {
    return this.#connections.get(network) ?? new Set();
  }

  /** The networks that hold the most. */
  largestNetworks(): ReadonlySet<string> {
    return this.#bySize[this.#largest] ?? new Set();
  }

  #move(network: string, before: number, after: number): void {
    this.#bySize[before]?.delete(network);
    if (after > 0) {
      this.#bySize[after] ??= new Set();
      this.#bySize[after].add(network);
    }
  }
}

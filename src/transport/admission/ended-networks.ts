import { networkOf } from '../../domain/network-of.ts';
import { plainAddress } from '../trusted-proxies.ts';

/** How long the network of a connection that was ended is remembered, and how many at most. */
const NETWORK_MS = 10_000;
const MOST_NETWORKS = 1_024;

/** From where connections were ended of late. Who has one address of IPv6 has all of its network. */
export class EndedNetworks {
  /** Until when each is remembered, the oldest first. */
  readonly #networks = new Map<string, number>();

  /** `now`: milliseconds that never go back, as below. */
  add(address: string, now: number): void {
    const network = networkOf(plainAddress(address));
    this.#networks.delete(network);
    const oldest = this.#networks.keys().next();
    if (this.#networks.size >= MOST_NETWORKS && !oldest.done) {
      this.#networks.delete(oldest.value);
    }
    this.#networks.set(network, now + NETWORK_MS);
  }

  has(address: string, now: number): boolean {
    return this.#networks.size > 0 && now < (this.#networks.get(networkOf(plainAddress(address))) ?? 0);
  }
}

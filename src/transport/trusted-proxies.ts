import { BlockList, isIP } from 'node:net';

/** The proxies in front of the server whose word is taken for where a call comes from (`AUTHFLOW_TRUSTED_PROXIES`). */
export class TrustedProxies {
  readonly #proxies = new BlockList();

  /** Addresses, and networks as `10.0.0.0/8`. Throws for what is neither. */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) {
      const [address = '', prefix] = proxy.split('/');
      if (prefix === undefined) {
        this.#proxies.addAddress(address, familyOf(address));
      } else {
        this.#proxies.addSubnet(address, Number(prefix), familyOf(address));
      }
    }
  }

  /**
   * The IP address of the caller; '' where `peer` is none. `peer` is the other end of the connection, `forwardedFor` the header `x-forwarded-for`, to
   * whose end each proxy adds whom it was called by: read from the right, the first address that is none of the proxies. What
   * stands left of it may be anybody's invention. An entry that is no address ends the reading: the proxy that wrote it called.
   */
  callerOf(peer: string | undefined, forwardedFor: string | null): string {
    let caller = plainAddress(peer ?? '');
    if (isIP(caller) === 0) {
      return '';
    }
    if (forwardedFor === null) {
      return caller;
    }
    const entries = forwardedFor.split(',');
    while (this.#isTrusted(caller)) {
      const entry = plainAddress(entries.pop()?.trim() ?? '');
      if (isIP(entry) === 0) {
        break;
      }
      caller = entry;
    }
    return caller;
  }

  /** The same where a proxy tells it; null where the caller itself is the other end, or there is none. */
  forwardedCallerOf(peer: string | undefined, forwardedFor: string | null): string | null {
    const caller = this.callerOf(peer, forwardedFor);
    return caller === '' || caller === plainAddress(peer ?? '') ? null : caller;
  }

  /** Whether the other end of a connection is one of the proxies. */
  isProxy(peer: string | undefined): boolean {
    const address = plainAddress(peer ?? '');
    return isIP(address) !== 0 && this.#isTrusted(address);
  }

  #isTrusted(address: string): boolean {
    return this.#proxies.check(address, familyOf(address));
  }
}

/** An address without the port that some proxies add, and an IPv4 address that came in the form of IPv6 as itself. */
export function plainAddress(address: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  return /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

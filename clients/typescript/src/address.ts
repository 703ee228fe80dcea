/** Where a client connects to, and how. */
export interface Address {
  /** `http://host:port` for clear text, `https://host:port` for TLS. */
  readonly baseUrl: string;
  readonly isSecure: boolean;
}

/** What beside the address says how to connect. */
export interface Security {
  /** Clear text anywhere. */
  readonly plaintext: boolean;
  /** TLS anywhere. */
  readonly tls: boolean;
}

const SHAPES = 'host:port, http://host:port or https://host:port';

/**
 * Reads the address of a gRPC port: without a scheme it is clear text on this machine's own addresses and TLS everywhere
 * else. Throws TypeError for what is no address, and for an address and options that contradict each other.
 */
export function readAddress(text: string, { plaintext, tls }: Security): Address {
  if (plaintext && tls) {
    throw new TypeError('plaintext and tls contradict each other: give one of them');
  }
  const scheme = /^(https?):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' && tls) {
    throw new TypeError('address begins with http://, which is clear text, and tls contradicts it');
  }
  if (scheme === 'https' && plaintext) {
    throw new TypeError('address begins with https://, which is TLS, and plaintext contradicts it');
  }
  if (scheme === undefined) {
    const url = parse(`http://${text}`, /^[^/?#@\\\s]+:\d+$/.test(text));
    const isSecure = tls || !(plaintext || isLoopback(url.hostname));
    return addressOf(isSecure ? parse(`https://${text}`, true) : url);
  }
  return addressOf(parse(text, /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text)));
}

function parse(text: string, isShaped: boolean): URL {
  if (!isShaped || !URL.canParse(text) || new URL(text).port === '0') {
    throw new TypeError(`address must be ${SHAPES}, without a path, a query or a user (AUTHFLOW_ADDRESS)`);
  }
  return new URL(text);
}

function addressOf({ protocol, origin }: URL): Address {
  return { baseUrl: origin, isSecure: protocol === 'https:' };
}

/** The URL parser has written every form of an address in its one way. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

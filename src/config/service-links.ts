import { isIP } from 'node:net';

/** `authflow`, or a longer name that begins with it. */
const SERVICE = 'AUTHFLOW(?:_[A-Z0-9_]+)?';
const PORT = '_PORT_\\d{1,5}_(?:TCP|UDP|SCTP)';

const LINKS: readonly { readonly name: RegExp; readonly holds: (value: string) => boolean }[] = [
  { name: pattern('_SERVICE_HOST'), holds: isAddress },
  { name: pattern('_SERVICE_PORT(?:_[A-Z0-9_]+)?'), holds: isPort },
  { name: pattern(`(?:_PORT|${PORT})`), holds: isServiceUrl },
  { name: pattern(`${PORT}_PROTO`), holds: (value) => /^(?:tcp|udp|sctp)$/.test(value) },
  { name: pattern(`${PORT}_PORT`), holds: isPort },
  { name: pattern(`${PORT}_ADDR`), holds: isAddress },
];

/**
 * Whether Kubernetes put this variable into the container because a Service of the namespace has a name that begins
 * with `authflow` (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). The value
 * must be what Kubernetes writes there: `AUTHFLOW_PORT=8080` is a setting that somebody misspelled.
 */
export function isServiceLink(name: string, value: string): boolean {
  return LINKS.some((link) => link.name.test(name) && link.holds(value));
}

/** Whether this is how Kubernetes writes where a Service is, as `tcp://10.0.0.11:8080`. */
export function isServiceUrl(value: string): boolean {
  return /^(?:tcp|udp|sctp):\/\/\S+:\d{1,5}$/.test(value);
}

function pattern(ending: string): RegExp {
  return new RegExp(`^${SERVICE}${ending}$`);
}

function isAddress(value: string): boolean {
  return isIP(value) !== 0;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value);
}

/**
 * An IP address in its usual form (RFC 5952; IPv4 in the form of IPv6 as IPv4), or null for any other text. A zone makes it none: it
 * names a link of some machine, not whose the address is.
 */
export function parseIpAddress(text: string): string | null {
  if (IPV4.test(text)) {
    return text;
  }
  if (!IPV6_CHARACTERS.test(text) || !URL.canParse(`http://[${text}]`)) {
    return null;
  }
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(address) ?? [];
  return high === undefined || low === undefined ? address : [...bytesOf(high), ...bytesOf(low)].join('.');
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
/** Nothing that could end the brackets of a URL. */
const IPV6_CHARACTERS = /^[\da-f:.]{2,45}$/i;
const MAPPED_IPV4 = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/** Of a group of sixteen bits. */
function bytesOf(group: string): readonly [number, number] {
  const bits = Number.parseInt(group, 16);
  return [bits >> 8, bits & 0xff];
}

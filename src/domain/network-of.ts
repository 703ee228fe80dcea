const GROUPS = 8;
/** An access network hands out no less (RFC 6177, section 2): whoever has one address of it has them all. */
const NETWORK_GROUPS = 4;

/** Whose an IP address is: an IPv4 address, and the /64 of an IPv6 address. Any other text is left as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) {
    return address;
  }
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, GROUPS - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':')}::/64`;
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

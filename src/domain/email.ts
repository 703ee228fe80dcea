import { decodePunycode } from './punycode.ts';

/**
 * The normalized form of an e-mail address, or null when it is none that we take.
 *
 * Surrounding space is dropped. The local part is WHATWG's (HTML, "valid e-mail address") widened to letters of any
 * script, and becomes NFC lower case; the domain becomes its ASCII form (UTS #46, as URLs do it) and is never an IP
 * address. At most 254 bytes (RFC 5321 4.5.3.1.3), before and after. Normalizing a normalized address changes
 * nothing, so that (organization, e-mail) is an identity.
 */
export function parseEmail(text: string): string | null {
  // A hostile length costs nothing: 254 bytes are at most 254 UTF-16 units.
  const trimmed = text.length > MAX_UNTRIMMED_LENGTH ? '' : text.trim();
  if (trimmed.length > MAX_BYTES) {
    return null;
  }
  if (PLAIN_ADDRESS.test(trimmed) && !NUMBER_AT_END.test(trimmed) && !PUNYCODE_LABEL.test(trimmed)) {
    return trimmed.toLowerCase();
  }
  const normalized = normalize(trimmed);
  return normalized !== null && normalize(normalized) === normalized ? normalized : null;
}

function normalize(address: string): string | null {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = domainToAscii(address.slice(at + 1));
  if (domain === null || !LOCAL_PART.test(local)) {
    return null;
  }
  const normalized = `${local.normalize('NFC').toLowerCase().normalize('NFC')}@${domain}`;
  return byteLength(address) <= MAX_BYTES && byteLength(normalized) <= MAX_BYTES ? normalized : null;
}

function domainToAscii(domain: string): string | null {
  if (!DOMAIN_CHARACTERS.test(domain) || !URL.canParse(`http://${domain}/`)) {
    return null;
  }
  const ascii = new URL(`http://${domain}/`).hostname;
  // The URL parser turns a host whose last label is a number into an IPv4 address.
  return ASCII_DOMAIN.test(ascii) && !NUMBER_AT_END.test(ascii) && ascii.split('.').every(isItsOwnForm) ? ascii : null;
}

/** Node 24's URL parser passes a label of faulty Punycode as it is; such a label has no other form. */
function isItsOwnForm(label: string): boolean {
  if (!label.startsWith('xn--')) {
    return true;
  }
  const text = decodePunycode(label.slice('xn--'.length));
  return text !== null && DOMAIN_CHARACTERS.test(text) && URL.parse(`http://${text}/`)?.hostname === label;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

const MAX_BYTES = 254;
const MAX_UNTRIMMED_LENGTH = 1024;

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ASCII_DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const PLAIN_ADDRESS = new RegExp(`^[\\w.!#$%&'*+/=?^\`{|}~-]+@${LABEL}(?:\\.${LABEL})*$`, 'i');
const LOCAL_PART = /^[\p{L}\p{M}\p{Nd}.!#$%&'*+/=?^_`{|}~-]+$/u;
const DOMAIN_CHARACTERS = /^[\p{L}\p{M}\p{Nd}.-]+$/u;
const NUMBER_AT_END = /(?:^|[.@])(?:\d+|0x[0-9a-f]*)$/i;
const PUNYCODE_LABEL = /[@.]xn--/i;

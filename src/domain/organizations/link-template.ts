/** Where the token of a mail goes in the address that its link leads to. */
export const TOKEN_PLACEHOLDER = '{token}';

/** Mail programs and browsers take more; a token takes some 300 characters beside it. */
const MAX_LENGTH = 1_024;

/**
 * What is wrong with a template of links, as the end of a sentence; null for nothing. It is an absolute address of printable ASCII, https
 * or on loopback http, without credentials, with one `{token}` after its origin, and never under `/auth/`: mail scanners follow links, and
 * the hosted product's GET there does what it is asked.
 */
export function faultOfTemplate(template: string): string | null {
  if (template.length > MAX_LENGTH) {
    return `must have at most ${MAX_LENGTH} characters`;
  }
  if (!/^[\x21-\x7e]+$/.test(template)) {
    return 'must be printable ASCII without spaces';
  }
  if (template.split(TOKEN_PLACEHOLDER).length !== 2) {
    return 'must hold {token} once';
  }
  // URL mends what has no host in its place; mail programs need not.
  if (!/^https?:\/\/[^/\\]/i.test(template)) {
    return 'must be an absolute https address';
  }
  // Two tokens, so that one that stands in the origin shows.
  const [first, second] = ['first', 'second'].map((token) => URL.parse(template.replace(TOKEN_PLACEHOLDER, token)));
  if (first == null || second == null || (first.protocol !== 'https:' && first.protocol !== 'http:')) {
    return 'must be an absolute https address';
  }
  if (first.protocol === 'http:' && !isLoopback(first.hostname)) {
    return 'must be an https address, but on loopback';
  }
  if (first.origin !== second.origin || first.username !== '' || first.password !== '') {
    return 'must hold {token} after its host, and no credentials';
  }
  return isUnderAuth(first.pathname) ? 'must not lead to a path under /auth/' : null;
}

/** RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** However a proxy in front may read it: decoded, by any case, with slashes doubled or turned. */
function isUnderAuth(pathname: string): boolean {
  let path = pathname;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    // Not decoded by anybody else either.
  }
  return /^[/\\]+auth([/\\]|$)/i.test(path);
}

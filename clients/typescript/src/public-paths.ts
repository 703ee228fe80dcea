/** What is let through unasked: paths, of which `/assets/*` is all that begins with `/assets/`, or a predicate. */
export type PublicRequests<Request> = readonly string[] | ((request: Request) => boolean);

/** A path that a router may read as another one. */
const AMBIGUOUS = /\\|\/\/|%2e|%2f|%5c|\/\.{1,2}(\/|$)/i;

/** Makes the test for what is let through. Throws TypeError for a path that does not begin with a slash. */
export function publicRequests<Request>(
  allowed: PublicRequests<Request>,
  pathOf: (request: Request) => string,
): (request: Request) => boolean {
  if (typeof allowed === 'function') {
    return allowed;
  }
  for (const path of allowed) {
    if (!path.startsWith('/')) {
      throw new TypeError(`public: "${path}" is no path, which begins with /`);
    }
  }
  const paths = new Set(allowed.filter((path) => !path.endsWith('/*')));
  const beginnings = allowed.filter((path) => path.endsWith('/*')).map((path) => path.slice(0, -1));
  return (request) => {
    const path = pathOf(request);
    return paths.has(path) || (beginnings.some((each) => path.startsWith(each)) && !AMBIGUOUS.test(path));
  };
}

/** The path of a request target of Node's, which may be in absolute form (RFC 9112, section 3.2.2). */
export function pathOfTarget(target: string): string {
  if (!target.startsWith('/')) {
    return URL.canParse(target) ? new URL(target).pathname : target;
  }
  return target.split(/[?#]/, 1)[0] ?? target;
}

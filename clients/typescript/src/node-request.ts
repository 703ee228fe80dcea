import type { SessionUser } from './calls.ts';
import type { RequestReader, RequestSession } from './middleware.ts';
import { pathOfTarget } from './public-paths.ts';

/** What is used of a request: Express's, Fastify's, Connect's and `node:http`'s are such. */
export interface SessionRequest {
  readonly headers: { readonly authorization?: string | undefined; readonly cookie?: string | undefined };
  /** The request's target; Express's routers cut theirs, and keep the whole one as `originalUrl`. */
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
  authUser?: SessionUser;
  sessionToken?: string;
}

/** Reads requests that are Node's, whichever framework added to them. */
export const NODE_REQUESTS: RequestReader<SessionRequest> = {
  header: ({ headers }, name) => headers[name],
  path: ({ originalUrl, url = '' }) => pathOfTarget(originalUrl ?? url),
};

/** Puts user and token on the request. What prints the request's own properties does not print the token. */
export function putSession(request: SessionRequest, session: RequestSession | null): void {
  if (session === null) {
    return;
  }
  request.authUser = session.user;
  Object.defineProperty(request, 'sessionToken', {
    value: session.sessionToken,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

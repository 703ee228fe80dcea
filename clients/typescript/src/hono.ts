import type { Context, MiddlewareHandler } from 'hono';
import type { SessionUser } from './calls.ts';
import { type RequireSessionOptions, type SessionValidator, sessionCheck } from './middleware.ts';

export type { SessionUser } from './calls.ts';
export type { RequireSessionOptions, SessionValidator } from './middleware.ts';

/** What `c.get` finds after `requireSession`; a type, since Hono asks for what an interface lacks, an index signature. */
export type SessionVariables = {
  /** The user of the session. */
  authUser: SessionUser;
  /** The token of the session, for `logout`. */
  sessionToken: string;
};

/** Options with which requests may come through without a session. */
type Lenient = RequireSessionOptions<Context> &
  ({ readonly optional: boolean } | { readonly public: NonNullable<RequireSessionOptions<Context>['public']> });

/**
 * Makes middleware for Hono that lets only requests with a live session through, with its user as `c.get('authUser')` and
 * its token as `c.get('sessionToken')`. It answers 401 and 503 by itself. Throws RangeError or TypeError for options that
 * cannot work.
 */
export function requireSession(
  client: SessionValidator,
  options: Lenient,
): MiddlewareHandler<{ Variables: Partial<SessionVariables> }>;
export function requireSession(
  client: SessionValidator,
  options?: RequireSessionOptions<Context>,
): MiddlewareHandler<{ Variables: SessionVariables }>;
export function requireSession(
  client: SessionValidator,
  options: RequireSessionOptions<Context> = {},
): MiddlewareHandler {
  const check = sessionCheck<Context>(client, options, {
    header: (context, name) => context.req.header(name),
    path: (context) => new URL(context.req.url).pathname,
  });
  return async (context, next) => {
    const checked = await check(context);
    if ('refusal' in checked) {
      const { status, headers, body } = checked.refusal;
      return new Response(body, { status, headers });
    }
    if (checked.session !== null) {
      context.set('authUser', checked.session.user);
      context.set('sessionToken', checked.session.sessionToken);
    }
    await next();
    return undefined;
  };
}

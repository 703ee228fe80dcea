import type { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import type { SessionUser } from './calls.ts';
import {
  type AuthFlowErrorsOptions,
  errorReplies,
  type RequireSessionOptions,
  roleCheck,
  type SessionValidator,
  sessionCheck,
} from './middleware.ts';
import { withPreviousSession } from './previous-session.ts';

export type { SessionUser } from './calls.ts';
export type { AuthFlowErrorsOptions, RequireSessionOptions, SessionValidator } from './middleware.ts';

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
    await withPreviousSession(checked.previousToken, next);
    return undefined;
  };
}

/**
 * Makes middleware for Hono, to stand behind `requireSession`, that lets only users with at least one of the roles
 * through. It answers 403, and 401 where there is no session. Throws TypeError for no role, or what cannot be one.
 */
export function requireRole(...roles: readonly string[]): MiddlewareHandler<{ Variables: Partial<SessionVariables> }> {
  const refusalOf = roleCheck(roles);
  return async (context, next) => {
    const refused = refusalOf(context.get('authUser'));
    if (refused !== null) {
      return new Response(refused.body, refused);
    }
    await next();
    return undefined;
  };
}

/** What Hono's `authFlowErrors` can be told. */
export interface HonoErrorsOptions extends AuthFlowErrorsOptions {
  /** Answers every other error; by default as Hono does without an `onError`. */
  readonly otherwise?: ErrorHandler;
}

/**
 * Makes an error handler, for `app.onError`, that answers an AuthFlowError with its status and its JSON. Hono has one
 * error handler alone: every other error goes to `otherwise`.
 */
export function authFlowErrors({ otherwise = honoDefault, ...options }: HonoErrorsOptions = {}): ErrorHandler {
  const replyTo = errorReplies(options);
  return (error, context) => {
    const reply = replyTo(error);
    return reply === null ? otherwise(error, context) : new Response(reply.body, reply);
  };
}

/** Hono exports its own to nobody. */
const honoDefault: ErrorHandler = (error, context) => {
  if ('getResponse' in error) {
    return error.getResponse();
  }
  console.error(error);
  return context.text('Internal Server Error', 500);
};

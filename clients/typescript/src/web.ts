import {
  type AuthFlowErrorsOptions,
  errorReplies,
  type RequestSession,
  type RequireSessionOptions,
  roleCheck,
  type SessionValidator,
  sessionCheck,
} from './middleware.ts';
import { withPreviousSession } from './previous-session.ts';

export type { SessionUser } from './calls.ts';
export type { AuthFlowErrorsOptions, RequestSession, RequireSessionOptions, SessionValidator } from './middleware.ts';

/** A web-standard handler behind the check; the runtime's further arguments follow the session. */
export type SessionHandler<Session, Req extends Request, Rest extends readonly unknown[]> = (
  request: Req,
  session: Session,
  ...rest: Rest
) => Response | Promise<Response>;

/** Puts the check before a handler. */
export type SessionWrapper<Session> = <Req extends Request, Rest extends readonly unknown[]>(
  handler: SessionHandler<Session, Req, Rest>,
) => (request: Req, ...rest: Rest) => Promise<Response>;

/** Options with which requests may come through without a session. */
type Lenient = RequireSessionOptions<Request> &
  ({ readonly optional: boolean } | { readonly public: NonNullable<RequireSessionOptions<Request>['public']> });

/**
 * Makes what puts a check before `Request → Response` handlers, those of Next, Bun, Deno and Workers: only requests with
 * a live session come through, with it as the handler's second argument (null where `optional` or `public` lets others
 * through). It answers 401 and 503 by itself. Throws RangeError or TypeError for options that cannot work.
 */
export function requireSession(client: SessionValidator, options: Lenient): SessionWrapper<RequestSession | null>;
export function requireSession(
  client: SessionValidator,
  options?: RequireSessionOptions<Request>,
): SessionWrapper<RequestSession>;
export function requireSession(
  client: SessionValidator,
  options: RequireSessionOptions<Request> = {},
): SessionWrapper<RequestSession | null> {
  const check = sessionCheck<Request>(client, options, {
    header: (request, name) => request.headers.get(name),
    path: (request) => new URL(request.url).pathname,
  });
  return (handler) =>
    async (request, ...rest) => {
      const checked = await check(request);
      if ('session' in checked) {
        return withPreviousSession(checked.previousToken, () => handler(request, checked.session, ...rest));
      }
      const { status, headers, body } = checked.refusal;
      return new Response(body, { status, headers });
    };
}

/**
 * Makes what puts a check before handlers that `requireSession` calls: `withSession(requireRole('admin')(handler))`. Only
 * users with at least one of the roles come through. It answers 403, and 401 where there is no session. Throws TypeError
 * for no role, or what cannot be one.
 */
export function requireRole(
  ...roles: readonly string[]
): <Req extends Request, Rest extends readonly unknown[]>(
  handler: SessionHandler<RequestSession, Req, Rest>,
) => SessionHandler<RequestSession | null, Req, Rest> {
  const refusalOf = roleCheck(roles);
  return (handler) =>
    (request, session, ...rest) => {
      const refused = refusalOf(session?.user);
      if (session === null || refused !== null) {
        return new Response(refused?.body, refused ?? {});
      }
      return handler(request, session, ...rest);
    };
}

/**
 * Makes what turns the AuthFlowErrors that a handler throws into replies, of their status and their JSON. Every other
 * error it throws on.
 */
export function authFlowErrors(
  options: AuthFlowErrorsOptions = {},
): <Args extends readonly unknown[]>(
  handler: (...args: Args) => Response | Promise<Response>,
) => (...args: Args) => Promise<Response> {
  const replyTo = errorReplies(options);
  return (handler) =>
    async (...args) => {
      try {
        return await handler(...args);
      } catch (error) {
        const reply = replyTo(error);
        if (reply === null) {
          throw error;
        }
        return new Response(reply.body, reply);
      }
    };
}

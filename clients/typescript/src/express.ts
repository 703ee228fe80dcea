import type { SessionUser } from './calls.ts';
import {
  type AuthFlowErrorsOptions,
  errorReplies,
  type Refusal,
  type RequireSessionOptions,
  roleCheck,
  type SessionValidator,
  sessionCheck,
} from './middleware.ts';
import { NODE_REQUESTS, putSession, type SessionRequest } from './node-request.ts';
import { withPreviousSession } from './previous-session.ts';

export type { SessionUser } from './calls.ts';
export type { AuthFlowErrorsOptions, RequireSessionOptions, SessionValidator } from './middleware.ts';
export type { SessionRequest } from './node-request.ts';

declare global {
  namespace Express {
    interface Request {
      /** The user of the session, after `requireSession`. Not `user`, which is Passport's. */
      authUser?: SessionUser;
      /** The token of the session, for `logout`. */
      sessionToken?: string;
    }
  }
}

/** What is used of a response. */
export interface SessionResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Makes middleware for Express that lets only requests with a live session through, with its user as `req.authUser` and
 * its token as `req.sessionToken`. It answers 401 and 503 by itself. Throws RangeError or TypeError for options that
 * cannot work.
 */
export function requireSession<Request extends SessionRequest = SessionRequest>(
  client: SessionValidator,
  options: RequireSessionOptions<Request> = {},
): (request: NoInfer<Request>, response: SessionResponse, next: () => void) => Promise<void> {
  const check = sessionCheck(client, options, NODE_REQUESTS);
  return async (request, response, next) => {
    const checked = await check(request);
    if ('session' in checked) {
      putSession(request, checked.session);
      withPreviousSession(checked.previousToken, next);
      return;
    }
    answer(response, checked.refusal);
  };
}

/**
 * Makes middleware for Express, to stand behind `requireSession`, that lets only users with at least one of the roles
 * through. It answers 403, and 401 where there is no session. Throws TypeError for no role, or what cannot be one.
 */
export function requireRole(
  ...roles: readonly string[]
): (request: SessionRequest, response: SessionResponse, next: () => void) => void {
  const refusalOf = roleCheck(roles);
  return (request, response, next) => {
    const refused = refusalOf(request.authUser);
    if (refused === null) {
      next();
    } else {
      answer(response, refused);
    }
  };
}

/**
 * Makes an error handler for Express, to be used after all routes, that answers an AuthFlowError with its status and its
 * JSON. Every other error, and one of a reply that has begun, it passes on.
 */
export function authFlowErrors(
  options: AuthFlowErrorsOptions = {},
): (
  error: unknown,
  request: unknown,
  response: SessionResponse & { readonly headersSent: boolean },
  next: (error: unknown) => void,
) => void {
  const replyTo = errorReplies(options);
  // Express knows an error handler by its four parameters.
  return (error, _request, response, next) => {
    const reply = response.headersSent ? null : replyTo(error);
    if (reply === null) {
      next(error);
    } else {
      answer(response, reply);
    }
  };
}

function answer(response: SessionResponse, { status, headers, body }: Refusal): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
  response.end(body);
}

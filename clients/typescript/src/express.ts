import type { SessionUser } from './calls.ts';
import { type RequireSessionOptions, type SessionValidator, sessionCheck } from './middleware.ts';

export type { SessionUser } from './calls.ts';
export type { RequireSessionOptions, SessionValidator } from './middleware.ts';

declare global {
  namespace Express {
    interface Request {
      /** The user of the session, after `requireSession`. Not `user`, which is Passport's. */
      authUser?: SessionUser;
    }
  }
}

/** What is used of a request: Express's, Connect's and `node:http`'s are such. */
export interface SessionRequest {
  readonly headers: { readonly authorization?: string | undefined };
  authUser?: SessionUser;
}

/** What is used of a response. */
export interface SessionResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Makes middleware for Express that lets only requests with a live session through, with its user as `req.authUser`. It
 * answers 401 and 503 by itself. Throws RangeError for options that cannot be.
 */
export function requireSession(
  client: SessionValidator,
  options: RequireSessionOptions = {},
): (request: SessionRequest, response: SessionResponse, next: () => void) => Promise<void> {
  const check = sessionCheck(client, options);
  return async (request, response, next) => {
    const checked = await check(request.headers.authorization);
    if ('user' in checked) {
      request.authUser = checked.user;
      next();
      return;
    }
    const { status, headers, body } = checked.refusal;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, value);
    }
    response.end(body);
  };
}

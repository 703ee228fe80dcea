import {
  type CanActivate,
  type CustomDecorator,
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Checked, type RequireSessionOptions, type SessionValidator, sessionCheck } from './middleware.ts';
import { NODE_REQUESTS, putSession, type SessionRequest } from './node-request.ts';

export type { SessionUser } from './calls.ts';
export type { RequireSessionOptions, SessionValidator } from './middleware.ts';
export type { SessionRequest } from './node-request.ts';

const PUBLIC = '@authflow/client/public';

/** What is used of a response: Express's and Fastify's are such. */
interface HeaderSetter {
  header(name: string, value: string): unknown;
}

/** Lets everybody through to a controller or a method that a `SessionGuard` stands before. */
export function Public(): CustomDecorator {
  return SetMetadata(PUBLIC, true);
}

/** The parameter is the session's `SessionUser`; undefined where the guard let somebody through without one. */
export const AuthUser = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).authUser);

/** The parameter is the session's token, for `logout`. */
export const SessionToken = createParamDecorator(
  (_: unknown, context: ExecutionContext) => requestOf(context).sessionToken,
);

/**
 * A guard of Nest's, over Express or Fastify, that lets only requests with a live session through, with its user as
 * `request.authUser` and its token as `request.sessionToken`. It answers 401 and 503 by HttpException.
 */
export class SessionGuard implements CanActivate {
  readonly #check: (request: SessionRequest) => Promise<Checked>;
  readonly #reflector = new Reflector();

  /** Checks sessions by a client. Throws RangeError or TypeError for options that cannot work. */
  constructor(client: SessionValidator, options: RequireSessionOptions<SessionRequest> = {}) {
    this.#check = sessionCheck(client, options, NODE_REQUESTS);
  }

  /** True where the request goes through. Rejects with HttpException, whose response is the server's own shape. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) {
      return true;
    }
    const request = requestOf(context);
    const checked = await this.#check(request);
    if ('session' in checked) {
      putSession(request, checked.session);
      return true;
    }
    const { status, headers, body } = checked.refusal;
    const response = context.switchToHttp().getResponse<HeaderSetter>();
    for (const [name, value] of Object.entries(headers)) {
      response.header(name, value);
    }
    throw new HttpException(JSON.parse(body), status);
  }
}

function requestOf(context: ExecutionContext): SessionRequest {
  return context.switchToHttp().getRequest<SessionRequest>();
}

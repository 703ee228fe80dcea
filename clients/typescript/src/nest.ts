import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type CustomDecorator,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthFlowError } from './errors.ts';
import {
  type AuthFlowErrorsOptions,
  type Checked,
  errorReplies,
  type Refusal,
  type RequireSessionOptions,
  type SessionValidator,
  sessionCheck,
} from './middleware.ts';
import { NODE_REQUESTS, putSession, type SessionRequest } from './node-request.ts';

export type { SessionUser } from './calls.ts';
export type { AuthFlowErrorsOptions, RequireSessionOptions, SessionValidator } from './middleware.ts';
export type { SessionRequest } from './node-request.ts';

const PUBLIC = '@authflow/client/public';

/** What is used of a response: Express's and Fastify's are such. */
interface HeaderSetter {
  header(name: string, value: string): unknown;
}

/** What is used of a response that is answered whole. */
interface Reply extends HeaderSetter {
  status(code: number): unknown;
  send(body: string): unknown;
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

/**
 * Makes an exception filter of Nest's, over Express or Fastify, for `useGlobalFilters`, that answers an AuthFlowError
 * with its status and its JSON. Every other error stays Nest's.
 */
export function authFlowErrors(options: AuthFlowErrorsOptions = {}): ExceptionFilter<AuthFlowError> {
  return new AuthFlowErrors(options);
}

class AuthFlowErrors implements ExceptionFilter<AuthFlowError> {
  readonly #replyTo: (error: unknown) => Refusal | null;

  constructor(options: AuthFlowErrorsOptions) {
    this.#replyTo = errorReplies(options);
  }

  catch(error: AuthFlowError, host: ArgumentsHost): void {
    const reply = this.#replyTo(error);
    if (reply === null) {
      throw error;
    }
    const response = host.switchToHttp().getResponse<Reply>();
    response.status(reply.status);
    for (const [name, value] of Object.entries(reply.headers)) {
      response.header(name, value);
    }
    response.send(reply.body);
  }
}

Catch(AuthFlowError)(AuthFlowErrors);

function requestOf(context: ExecutionContext): SessionRequest {
  return context.switchToHttp().getRequest<SessionRequest>();
}

import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type CustomDecorator,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  type NestInterceptor,
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
  roleCheck,
  type SessionValidator,
  sessionCheck,
} from './middleware.ts';
import { NODE_REQUESTS, putSession, type SessionRequest } from './node-request.ts';
import { withPreviousSession } from './previous-session.ts';

export type { SessionUser } from './calls.ts';
export type { AuthFlowErrorsOptions, RequireSessionOptions, SessionValidator } from './middleware.ts';
export type { SessionRequest } from './node-request.ts';

const PUBLIC = '@authflow/client/public';
const ROLES = '@authflow/client/roles';
const PREVIOUS_TOKEN = Symbol('@authflow/client/previous-token');

/** A request as the guard leaves it for the interceptor. */
interface GuardedRequest extends SessionRequest {
  readonly [PREVIOUS_TOKEN]?: string | null;
}

type RoleCheck = ReturnType<typeof roleCheck>;

/** Who is let through to a method. */
interface Declared {
  readonly isOpen: boolean;
  readonly refusalOf?: RoleCheck;
}

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

/**
 * Lets only users with at least one of the roles through to a controller or a method that a `SessionGuard` stands before.
 * What a method says wins over what its controller says, and this over `Public`. Throws TypeError for no role, or what
 * cannot be one.
 */
export function RequireRole(...roles: readonly string[]): CustomDecorator {
  return SetMetadata(ROLES, roleCheck(roles));
}

/** The parameter is the session's `SessionUser`; undefined where the guard let somebody through without one. */
export const AuthUser = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).authUser);

/** The parameter is the session's token, for `logout`. */
export const SessionToken = createParamDecorator(
  (_: unknown, context: ExecutionContext) => requestOf(context).sessionToken,
);

/**
 * A guard of Nest's, over Express or Fastify, that lets only requests with a live session through, with its user as
 * `request.authUser` and its token as `request.sessionToken`. It answers 401 and 503, and 403 for `RequireRole`, by
 * HttpException.
 */
export class SessionGuard implements CanActivate {
  readonly #check: (request: SessionRequest, isOpen: boolean) => Promise<Checked>;
  readonly #reflector = new Reflector();

  /** Checks sessions by a client. Throws RangeError or TypeError for options that cannot work. */
  constructor(client: SessionValidator, options: RequireSessionOptions<SessionRequest> = {}) {
    this.#check = sessionCheck(client, options, NODE_REQUESTS);
  }

  /** True where the request goes through. Rejects with HttpException, whose response is the server's own shape. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { isOpen, refusalOf } = this.#declared(context);
    const request = requestOf(context);
    const checked = await this.#check(request, isOpen);
    if ('refusal' in checked) {
      throw exception(context, checked.refusal);
    }
    putSession(request, checked.session);
    Object.defineProperty(request, PREVIOUS_TOKEN, { value: checked.previousToken, configurable: true });
    const refused = refusalOf?.(checked.session?.user) ?? null;
    if (refused !== null) {
      throw exception(context, refused);
    }
    return true;
  }

  /** What the method, else its controller, declares. */
  #declared(context: ExecutionContext): Declared {
    for (const target of [context.getHandler(), context.getClass()]) {
      const refusalOf = this.#reflector.get<RoleCheck | undefined>(ROLES, target);
      if (refusalOf !== undefined) {
        return { isOpen: false, refusalOf };
      }
      if (this.#reflector.get<boolean | undefined>(PUBLIC, target) === true) {
        return { isOpen: true };
      }
    }
    return { isOpen: false };
  }
}

/**
 * An interceptor of Nest's, for the routes behind a `SessionGuard`: a login that they make tells the server the session
 * that the request came with. A guard alone cannot.
 */
export class PreviousSessionInterceptor implements NestInterceptor {
  /** Goes on with the request. */
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    // What is not HTTP, GraphQL for one, may have none.
    const request: GuardedRequest | undefined = requestOf(context);
    return withPreviousSession(request?.[PREVIOUS_TOKEN] ?? null, () => next.handle());
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

function exception(context: ExecutionContext, { status, headers, body }: Refusal): HttpException {
  const response = context.switchToHttp().getResponse<HeaderSetter>();
  for (const [name, value] of Object.entries(headers)) {
    response.header(name, value);
  }
  return new HttpException(JSON.parse(body), status);
}

function requestOf(context: ExecutionContext): GuardedRequest {
  return context.switchToHttp().getRequest<GuardedRequest>();
}

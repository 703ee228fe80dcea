import type {} from 'fastify';
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

declare module 'fastify' {
  interface FastifyRequest {
    /** The user of the session, after `requireSession`. Not `user`, which is @fastify/jwt's. */
    authUser?: SessionUser;
    /** The token of the session, for `logout`. */
    sessionToken?: string;
  }
}

/** What is used of a reply. */
export interface SessionReply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

/**
 * Makes an `onRequest` hook for Fastify that lets only requests with a live session through, with its user as
 * `request.authUser` and its token as `request.sessionToken`. It answers 401 and 503 by itself. Throws RangeError or
 * TypeError for options that cannot work.
 */
export function requireSession<Request extends SessionRequest = SessionRequest>(
  client: SessionValidator,
  options: RequireSessionOptions<Request> = {},
): (request: NoInfer<Request>, reply: SessionReply, done: () => void) => void {
  const check = sessionCheck(client, options, NODE_REQUESTS);
  // What comes after a hook runs in the context of its call of `done`, and not in that of a promise.
  return (request, reply, done) => {
    void check(request).then((checked) => {
      if ('session' in checked) {
        putSession(request, checked.session);
        withPreviousSession(checked.previousToken, done);
        return;
      }
      answer(reply, checked.refusal);
    });
  };
}

/**
 * Makes an `onRequest` hook for Fastify, to stand behind `requireSession`, that lets only users with at least one of the
 * roles through. It answers 403, and 401 where there is no session. Throws TypeError for no role, or what cannot be one.
 */
export function requireRole(
  ...roles: readonly string[]
): (request: SessionRequest, reply: SessionReply, done: () => void) => void {
  const refusalOf = roleCheck(roles);
  return (request, reply, done) => {
    const refused = refusalOf(request.authUser);
    if (refused === null) {
      done();
    } else {
      answer(reply, refused);
    }
  };
}

/**
 * Makes an error handler, for `setErrorHandler`, that answers an AuthFlowError with its status and its JSON. Every other
 * error it passes on, to Fastify's own handler or the one outside a plugin's.
 */
export function authFlowErrors(
  options: AuthFlowErrorsOptions = {},
): (error: unknown, request: unknown, reply: SessionReply) => void {
  const replyTo = errorReplies(options);
  return (error, _request, reply) => {
    const answered = replyTo(error);
    if (answered === null) {
      throw error;
    }
    answer(reply, answered);
  };
}

function answer(reply: SessionReply, { status, headers, body }: Refusal): void {
  reply.code(status);
  reply.headers({ ...headers });
  reply.send(body);
}

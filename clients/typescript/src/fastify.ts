import type {} from 'fastify';
import type { SessionUser } from './calls.ts';
import { type RequireSessionOptions, type SessionValidator, sessionCheck } from './middleware.ts';

export type { SessionUser } from './calls.ts';
export type { RequireSessionOptions, SessionValidator } from './middleware.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The user of the session, after `requireSession`. Not `user`, which is @fastify/jwt's. */
    authUser?: SessionUser;
  }
}

/** What is used of a request. */
export interface SessionRequest {
  readonly headers: { readonly authorization?: string | undefined };
  authUser?: SessionUser;
}

/** What is used of a reply. */
export interface SessionReply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

/**
 * Makes an `onRequest` hook for Fastify that lets only requests with a live session through, with its user as
 * `request.authUser`. It answers 401 and 503 by itself. Throws RangeError for options that cannot be.
 */
export function requireSession(
  client: SessionValidator,
  options: RequireSessionOptions = {},
): (request: SessionRequest, reply: SessionReply) => Promise<unknown> {
  const check = sessionCheck(client, options);
  return async (request, reply) => {
    const checked = await check(request.headers.authorization);
    if ('user' in checked) {
      request.authUser = checked.user;
      return undefined;
    }
    const { status, headers, body } = checked.refusal;
    reply.code(status);
    reply.headers({ ...headers });
    reply.send(body);
    // Tells Fastify that the request is answered.
    return reply;
  };
}

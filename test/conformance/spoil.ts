import type { Fault, ProxiedReply, ProxiedRequest } from './faulty-proxy.ts';

/** The members of a body of JSON; none where it is something else. */
export type Body = Record<string, unknown>;

/** Spoils the replies to requests whose path begins so. */
export function onReply(path: string, spoil: (reply: ProxiedReply, body: Body) => ProxiedReply): Fault {
  return async (request, pass) => {
    const reply = await pass(request);
    return request.path.startsWith(path) ? spoil(reply, bodyOf(reply)) : reply;
  };
}

/** What a request or a reply holds. */
export function bodyOf({ body }: { readonly body: Buffer }): Body {
  try {
    return JSON.parse(body.toString()) ?? {};
  } catch {
    return {};
  }
}

/** The reply with another body, unless it has none. */
export function json(reply: ProxiedReply, body: Body): ProxiedReply {
  return reply.body.length === 0 ? reply : { ...reply, body: Buffer.from(JSON.stringify(body)) };
}

/** The reply without a header. */
export function without(reply: ProxiedReply, name: string): ProxiedReply {
  const { [name]: _, ...headers } = reply.headers;
  return { ...reply, headers };
}

/** The request with another body. */
export function withBody(request: ProxiedRequest, body: Body): ProxiedRequest {
  return { ...request, body: Buffer.from(JSON.stringify(body)) };
}

/** A success under `/auth` or `/organizations` that no server has given. */
export function done(headers: ProxiedReply['headers'], fields: Body): ProxiedReply {
  const { 'www-authenticate': _, ...others } = headers;
  const body = { statusCode: 200, message: 'Done.', ...fields };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...others },
    body: Buffer.from(JSON.stringify(body)),
  };
}

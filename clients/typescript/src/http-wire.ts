import type { User, Visitor } from './calls.ts';
import { connectionCause } from './connection-cause.ts';
import { AuthFlowError } from './errors.ts';
import { httpError, isRecord } from './http-errors.ts';
import { nonceOf, sessionOf, sessionUserOf, userOf } from './results.ts';
import type { RequestLimits, Wire } from './wire.ts';

/** Where and how a wire of JSON sends. */
export interface HttpWireOptions {
  /** Without a trailing slash; `/auth/…` is put after it. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
}

type Fields = Readonly<Record<string, unknown>>;

/** Makes single requests to `/auth/*` by fetch. */
export function httpWire(options: HttpWireOptions): Wire {
  const post = (call: string, fields: Fields, limits: RequestLimits) => send(options, call, fields, limits);
  return {
    async fooBar(args, limits) {
      const reply = await post('fooBar', fieldsOf(args), limits);
      return nonceOf(text(reply, 'token'), instant(reply));
    },
    async signUp(args, limits) {
      return readUser(await post('signUp', fieldsOf(args), limits));
    },
    async login(args, limits) {
      const reply = await post('login', fieldsOf(args), limits);
      return sessionOf(readUser(reply), text(reply, 'token'), instant(reply));
    },
    async validate(args, limits) {
      const reply = await post('validate', fieldsOf(args), limits);
      return sessionUserOf(readUser(reply), text(reply, 'session_id'), instant(reply));
    },
    async changePassword(args, limits) {
      const { ended_sessions: endedSessions } = await post('changePassword', fieldsOf(args), limits);
      return typeof endedSessions === 'number' ? { endedSessions } : incomplete();
    },
    async logout(args, limits) {
      await post('logout', fieldsOf(args), limits);
    },
  };
}

/** The arguments by the wire's names, which differ in these two alone. JSON leaves out what is undefined. */
function fieldsOf<Arguments extends Visitor>({ clientIp, userAgent, ...args }: Arguments): Fields {
  return { ...args, client_ip: clientIp, user_agent: userAgent };
}

async function send(
  { baseUrl, apiKey, fetch }: HttpWireOptions,
  call: string,
  fields: Fields,
  { signal }: RequestLimits,
): Promise<Fields> {
  let response: Response;
  let body: string;
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify(fields),
    // fetch would take the key along to wherever it is sent.
    redirect: 'manual',
    signal,
  } as const;
  try {
    response = await fetch(`${baseUrl}/auth/${call}`, init);
    body = await response.text();
  } catch (error) {
    throw signal.aborted ? signal.reason : lost(error, baseUrl);
  }
  const reply = parsed(body);
  if (response.status !== 200) {
    throw httpError(response.status, response.headers, reply);
  }
  return isRecord(reply) && reply.statusCode === 200 ? reply : incomplete();
}

/** Whatever a fetch rejects with says that there was no whole reply. */
function lost(error: unknown, baseUrl: string): AuthFlowError {
  const cause = connectionCause(error, { isSecure: baseUrl.startsWith('https:'), isMute: isMute(error) });
  return new AuthFlowError({ code: 'UNAVAILABLE', message: `No reply from ${baseUrl}: ${cause}.`, cause: error });
}

/** undici, which is Node's fetch, tells how much came over the connection. */
function isMute(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const socket = isRecord(cause) ? cause.socket : undefined;
  return isRecord(socket) && socket.bytesRead === 0;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function readUser(reply: Fields): User {
  return userOf({
    userId: text(reply, 'user_id'),
    email: text(reply, 'email'),
    fullname: text(reply, 'fullname'),
    orgId: text(reply, 'org_id'),
  });
}

function text(reply: Fields, name: string): string {
  const value = reply[name];
  return typeof value === 'string' && value !== '' ? value : incomplete();
}

function instant(reply: Fields): Date {
  const date = new Date(text(reply, 'expires_at'));
  return Number.isNaN(date.getTime()) ? incomplete() : date;
}

/** Whoever answers without saying who the user is has checked nothing. */
function incomplete(): never {
  throw new AuthFlowError({ code: 'UNKNOWN', message: 'The reply lacks fields: is this an AuthFlow server?' });
}

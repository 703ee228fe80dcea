import type { RequestLimits, User, Wire } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { httpError, isRecord } from './http-errors.ts';

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
    async fooBar({ identity }, limits) {
      const reply = await post('fooBar', { identity }, limits);
      return { token: text(reply, 'token'), expiresAt: instant(reply) };
    },
    async signUp({ foobar, email, password, fullname, disclaimed }, limits) {
      return userOf(await post('signUp', { foobar, email, password, fullname, disclaimed }, limits));
    },
    async login({ foobar, email, password }, limits) {
      const reply = await post('login', { foobar, email, password }, limits);
      return { ...userOf(reply), token: text(reply, 'token'), expiresAt: instant(reply) };
    },
    async validate({ sessionToken, email }, limits) {
      const reply = await post('validate', { sessionToken, email }, limits);
      return { ...userOf(reply), sessionId: text(reply, 'session_id'), expiresAt: instant(reply) };
    },
    async changePassword({ sessionToken, email, newPassword, currentPassword }, limits) {
      const fields = { sessionToken, email, newPassword, currentPassword };
      const { ended_sessions: endedSessions } = await post('changePassword', fields, limits);
      return typeof endedSessions === 'number' ? { endedSessions } : incomplete();
    },
    async logout({ sessionToken, email }, limits) {
      await post('logout', { sessionToken, email }, limits);
    },
  };
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
    throw signal.aborted ? signal.reason : lost(error);
  }
  const reply = parsed(body);
  if (response.status !== 200) {
    throw httpError(response.status, response.headers, reply);
  }
  return isRecord(reply) && reply.statusCode === 200 ? reply : incomplete();
}

/** fetch says no more than that there was no whole reply. */
function lost(cause: unknown): AuthFlowError {
  return new AuthFlowError({ code: 'UNAVAILABLE', message: 'There was no reply.', cause });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function userOf(reply: Fields): User {
  return {
    userId: text(reply, 'user_id'),
    email: text(reply, 'email'),
    fullname: text(reply, 'fullname'),
    orgId: text(reply, 'org_id'),
  };
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

import type { Account, MySession, Session, SessionUser, User, Visitor } from './calls.ts';
import { connectionCause } from './connection-cause.ts';
import { AuthFlowError } from './errors.ts';
import { httpError, isRecord } from './http-errors.ts';
import {
  accountOf,
  mySessionOf,
  nonceOf,
  passwordResetOf,
  recoveredSessionOf,
  sessionOf,
  sessionUserOf,
  userOf,
  verifiedEmailOf,
} from './results.ts';
import { confirmedTotpOf, recoveryCodesOf, sentCodeOf, sentLoginCodeOf, totpSetupOf } from './second-factor-results.ts';
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
      return readSession(await post('login', fieldsOf(args), limits));
    },
    async validate(args, limits) {
      return sessionUserOf(readSessionUser(await post('validate', fieldsOf(args), limits)));
    },
    async changePassword(args, limits) {
      return { endedSessions: count(await post('changePassword', fieldsOf(args), limits), 'ended_sessions') };
    },
    async logout(args, limits) {
      await post('logout', fieldsOf(args), limits);
    },
    async me(args, limits) {
      return readAccount(await post('me', fieldsOf(args), limits));
    },
    async sendVerificationEmail(args, limits) {
      await post('resend-verify-email', fieldsOf(args), limits);
    },
    async verifyEmail(args, limits) {
      const reply = await post('verify-email', fieldsOf(args), limits);
      return verifiedEmailOf({
        email: text(reply, 'email'),
        userId: text(reply, 'user_id'),
        orgId: text(reply, 'org_id'),
      });
    },
    async forgotPassword(args, limits) {
      await post('forgot-password', fieldsOf(args), limits);
    },
    async resetPassword(args, limits) {
      const reply = await post('reset-password', fieldsOf(args), limits);
      return passwordResetOf({
        email: text(reply, 'email'),
        orgId: text(reply, 'org_id'),
        endedSessions: count(reply, 'ended_sessions'),
      });
    },
    async renewSession(args, limits) {
      return readSession(await post('renew-session', fieldsOf(args), limits));
    },
    async listMySessions(args, limits) {
      const { sessions } = await post('sessions', fieldsOf(args), limits);
      return Array.isArray(sessions) ? sessions.map(readMySession) : incomplete();
    },
    async endMySessions({ sessionId, ...args }, limits) {
      const fields = { ...fieldsOf(args), session_id: sessionId };
      return { endedSessions: count(await post('end-sessions', fields, limits), 'ended_sessions') };
    },
    async updateProfile(args, limits) {
      return readAccount(await post('update-profile', fieldsOf(args), limits));
    },
    async changeEmail(args, limits) {
      await post('change-email', fieldsOf(args), limits);
    },
    async deleteAccount(args, limits) {
      return { endedSessions: count(await post('deleteUser', fieldsOf(args), limits), 'ended_sessions') };
    },
    async sendLoginCode(args, limits) {
      const reply = await post('login-code', fieldsOf(args), limits);
      return sentLoginCodeOf(text(reply, 'challenge'), instant(reply));
    },
    async verifyTotp(args, limits) {
      return readSession(await post('2fa/verify-2fa', fieldsOf(args), limits));
    },
    async sendEmailCode(args, limits) {
      return sentCodeOf(instant(await post('2fa/backup/email', fieldsOf(args), limits)));
    },
    async verifyEmailCode(args, limits) {
      return readSession(await post('2fa/verify-email-otp', fieldsOf(args), limits));
    },
    async verifyRecoveryCode({ recoveryCode, ...args }, limits) {
      const fields = { ...fieldsOf(args), recovery_code: recoveryCode };
      const reply = await post('2fa/verify-recovery', fields, limits);
      return recoveredSessionOf(readSession(reply), count(reply, 'recovery_codes_left'));
    },
    async enableTotp(args, limits) {
      const reply = await post('2fa/enable', fieldsOf(args), limits);
      return totpSetupOf({
        secret: text(reply, 'secret'),
        otpauthUrl: text(reply, 'otpauth_url'),
        qrCode: text(reply, 'qr_code'),
        expiresAt: instant(reply),
      });
    },
    async confirmTotp(args, limits) {
      const reply = await post('2fa/verify-setup', fieldsOf(args), limits);
      return confirmedTotpOf(texts(reply, 'recovery_codes'), reply.token ? readSession(reply) : null);
    },
    async disableTotp(args, limits) {
      await post('2fa/disable', fieldsOf(args), limits);
    },
    async regenerateRecoveryCodes(args, limits) {
      return recoveryCodesOf(texts(await post('2fa/recovery-codes', fieldsOf(args), limits), 'recovery_codes'));
    },
  };
}

/** The arguments by the wire's names, most of which do not differ. JSON leaves out what is undefined. */
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

function readSession(reply: Fields): Session {
  return sessionOf(readUser(reply), text(reply, 'token'), instant(reply));
}

function readSessionUser(reply: Fields): SessionUser {
  return {
    ...readUser(reply),
    sessionId: text(reply, 'session_id'),
    expiresAt: instant(reply),
    emailVerified: flag(reply, 'email_verified'),
    roles: texts(reply, 'roles'),
  };
}

function readAccount(reply: Fields): Account {
  const { public_metadata: publicMetadata } = reply;
  return accountOf({
    ...readSessionUser(reply),
    secondFactor: flag(reply, 'second_factor'),
    recoveryCodesLeft: count(reply, 'recovery_codes_left'),
    publicMetadata: typeof publicMetadata === 'string' ? publicMetadata : incomplete(),
    createdAt: instant(reply, 'created_at'),
  });
}

function readMySession(each: unknown): MySession {
  const fields = isRecord(each) ? each : {};
  const { client_ip: clientIp, user_agent: userAgent } = fields;
  return mySessionOf({
    sessionId: text(fields, 'session_id'),
    createdAt: instant(fields, 'created_at'),
    lastUsedAt: instant(fields, 'last_used_at'),
    expiresAt: instant(fields),
    clientIp: typeof clientIp === 'string' ? clientIp : incomplete(),
    userAgent: typeof userAgent === 'string' ? userAgent : incomplete(),
    current: flag(fields, 'current'),
  });
}

function text(reply: Fields, name: string): string {
  const value = reply[name];
  return typeof value === 'string' && value !== '' ? value : incomplete();
}

function texts(reply: Fields, name: string): readonly string[] {
  const value = reply[name];
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : incomplete();
}

function flag(reply: Fields, name: string): boolean {
  const value = reply[name];
  return typeof value === 'boolean' ? value : incomplete();
}

function count(reply: Fields, name: string): number {
  const value = reply[name];
  return typeof value === 'number' ? value : incomplete();
}

function instant(reply: Fields, name = 'expires_at'): Date {
  const date = new Date(text(reply, name));
  return Number.isNaN(date.getTime()) ? incomplete() : date;
}

/** Whoever answers without saying who the user is has checked nothing. */
function incomplete(): never {
  throw new AuthFlowError({ code: 'UNKNOWN', message: 'The reply lacks fields: is this an AuthFlow server?' });
}

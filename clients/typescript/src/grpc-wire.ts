import type { AccountService, MeResponse, UpdateProfileResponse } from '@authflow/stubs/authflow/v1/account_service_pb';
import type { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { CallOptions, Client } from '@connectrpc/connect';
import type { Account, User, Visitor } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { toAuthFlowError } from './grpc-errors.ts';
import {
  accountOf,
  mySessionOf,
  nonceOf,
  passwordResetOf,
  sessionOf,
  sessionUserOf,
  userOf,
  verifiedEmailOf,
} from './results.ts';
import type { RequestLimits, Wire } from './wire.ts';

/** Makes single requests by the generated stubs. */
export function grpcWire(stub: Client<typeof AuthService>, accounts: Client<typeof AccountService>): Wire {
  return { ...authWire(stub), ...accountWire(accounts) };
}

type AuthWire = Pick<Wire, 'fooBar' | 'signUp' | 'login' | 'validate' | 'changePassword' | 'logout'>;

function authWire(stub: Client<typeof AuthService>): AuthWire {
  return {
    fooBar: (args, limits) =>
      send(limits, async (options) => {
        const { token, expiresAt } = await stub.fooBar(withVisitor(args), options);
        return nonceOf(token, instant(expiresAt));
      }),
    signUp: (args, limits) => send(limits, async (options) => checked(await stub.signUp(withVisitor(args), options))),
    login: ({ sessionToken = '', ...args }, limits) =>
      send(limits, async (options) => {
        const reply = await stub.login({ ...withVisitor(args), sessionToken }, options);
        return sessionOf(checked(reply), reply.token, instant(reply.expiresAt));
      }),
    validate: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.validate(withVisitor(args), options);
        const { sessionId, emailVerified, roles } = reply;
        return sessionUserOf({
          ...checked(reply),
          sessionId,
          expiresAt: instant(reply.expiresAt),
          emailVerified,
          roles,
        });
      }),
    changePassword: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        const { endedSessions } = await stub.changePassword({ ...withVisitor(args), currentPassword }, options);
        return { endedSessions };
      }),
    logout: (args, limits) =>
      send(limits, async (options) => {
        await stub.logout(withVisitor(args), options);
      }),
  };
}

function accountWire(stub: Client<typeof AccountService>): Omit<Wire, keyof AuthWire> {
  return {
    me: ({ email = '', ...args }, limits) =>
      send(limits, async (options) => readAccount(await stub.me({ ...withVisitor(args), email }, options))),
    sendVerificationEmail: (args, limits) =>
      send(limits, async (options) => {
        await stub.sendVerificationEmail(withVisitor(args), options);
      }),
    verifyEmail: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.verifyEmail(withVisitor(args), options);
        return reply.userId === '' || reply.orgId === '' ? incomplete() : verifiedEmailOf(reply);
      }),
    forgotPassword: (args, limits) =>
      send(limits, async (options) => {
        await stub.forgotPassword(withVisitor(args), options);
      }),
    resetPassword: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.resetPassword(withVisitor(args), options);
        return reply.orgId === '' ? incomplete() : passwordResetOf(reply);
      }),
    renewSession: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.renewSession(withVisitor(args), options);
        return sessionOf(checked(reply), reply.token, instant(reply.expiresAt));
      }),
    listMySessions: (args, limits) =>
      send(limits, async (options) => {
        const { sessions } = await stub.listMySessions(withVisitor(args), options);
        return sessions.map((each) =>
          mySessionOf({
            ...each,
            createdAt: instant(each.createdAt),
            lastUsedAt: instant(each.lastUsedAt),
            expiresAt: instant(each.expiresAt),
          }),
        );
      }),
    endMySessions: ({ sessionId = '', ...args }, limits) =>
      send(limits, async (options) => {
        const { endedSessions } = await stub.endMySessions({ ...withVisitor(args), sessionId }, options);
        return { endedSessions };
      }),
    updateProfile: (args, limits) =>
      send(limits, async (options) => readAccount(await stub.updateProfile(withVisitor(args), options))),
    changeEmail: ({ currentPassword = '', code = '', ...args }, limits) =>
      send(limits, async (options) => {
        await stub.changeEmail({ ...withVisitor(args), currentPassword, code }, options);
      }),
    deleteAccount: ({ currentPassword = '', code = '', ...args }, limits) =>
      send(limits, async (options) => {
        const { endedSessions } = await stub.deleteAccount({ ...withVisitor(args), currentPassword, code }, options);
        return { endedSessions };
      }),
  };
}

function readAccount(reply: MeResponse | UpdateProfileResponse): Account {
  checked(reply);
  return accountOf({ ...reply, expiresAt: instant(reply.expiresAt), createdAt: instant(reply.createdAt) });
}

/** A message has no undefined fields. */
function withVisitor<Arguments extends Visitor>(
  args: Arguments,
): Arguments & { readonly clientIp: string; readonly userAgent: string } {
  return { ...args, clientIp: args.clientIp ?? '', userAgent: args.userAgent ?? '' };
}

async function send<T>(limits: RequestLimits, request: (options: CallOptions) => Promise<T>): Promise<T> {
  try {
    // Whole milliseconds, as grpc-timeout is written; 0 would mean none.
    const timeoutMs = Math.max(1, Math.floor(limits.remainingMs()));
    return await request({ signal: limits.signal, timeoutMs });
  } catch (error) {
    throw limits.signal.aborted ? limits.signal.reason : toAuthFlowError(error);
  }
}

/** Whoever answers without saying who the user is has checked nothing. */
function checked(user: User): User {
  return user.userId === '' || user.orgId === '' ? incomplete() : userOf(user);
}

function instant(timestamp: Timestamp | undefined): Date {
  return timestamp === undefined ? incomplete() : timestampDate(timestamp);
}

function incomplete(): never {
  throw new AuthFlowError({ code: 'UNKNOWN', message: 'The reply lacks fields: is this an AuthFlow server?' });
}

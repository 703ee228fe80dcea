import type { AccountService, MeResponse, UpdateProfileResponse } from '@authflow/stubs/authflow/v1/account_service_pb';
import type { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import type { SecondFactorService } from '@authflow/stubs/authflow/v1/second_factor_service_pb';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { CallOptions, Client } from '@connectrpc/connect';
import type { Account, Session, User, Visitor } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { toAuthFlowError } from './grpc-errors.ts';
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
import type { SessionOrChallenge } from './second-factor-calls.ts';
import { confirmedTotpOf, recoveryCodesOf, sentCodeOf, sentLoginCodeOf, totpSetupOf } from './second-factor-results.ts';
import type { RequestLimits, Wire } from './wire.ts';

/** Makes single requests by the generated stubs. */
export function grpcWire(
  stub: Client<typeof AuthService>,
  accounts: Client<typeof AccountService>,
  secondFactors: Client<typeof SecondFactorService>,
): Wire {
  return { ...authWire(stub), ...accountWire(accounts), ...secondFactorWire(secondFactors) };
}

type AuthWire = Pick<Wire, 'fooBar' | 'signUp' | 'login' | 'validate' | 'changePassword' | 'logout'>;
type SecondFactorWire = Pick<Wire, Extract<keyof Wire, keyof Client<typeof SecondFactorService>>>;

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
        return readSession(await stub.login({ ...withVisitor(args), sessionToken }, options));
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
    changePassword: ({ currentPassword = '', code = '', ...args }, limits) =>
      send(limits, async (options) => {
        const { endedSessions } = await stub.changePassword({ ...withVisitor(args), currentPassword, code }, options);
        return { endedSessions };
      }),
    logout: (args, limits) =>
      send(limits, async (options) => {
        await stub.logout(withVisitor(args), options);
      }),
  };
}

function accountWire(stub: Client<typeof AccountService>): Omit<Wire, keyof AuthWire | keyof SecondFactorWire> {
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
    resetPassword: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        const reply = await stub.resetPassword({ ...withVisitor(args), currentPassword }, options);
        return reply.orgId === '' ? incomplete() : passwordResetOf(reply);
      }),
    renewSession: (args, limits) =>
      send(limits, async (options) => {
        return readSession(await stub.renewSession(withVisitor(args), options));
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
    sendLoginCode: (args, limits) =>
      send(limits, async (options) => {
        const { challenge, expiresAt } = await stub.sendLoginCode(withVisitor(args), options);
        return challenge === '' ? incomplete() : sentLoginCodeOf(challenge, instant(expiresAt));
      }),
  };
}

function secondFactorWire(stub: Client<typeof SecondFactorService>): SecondFactorWire {
  return {
    verifyTotp: (args, limits) =>
      send(limits, async (options) => readSession(await stub.verifyTotp(withVisitor(args), options))),
    sendEmailCode: (args, limits) =>
      send(limits, async (options) => {
        const { expiresAt } = await stub.sendEmailCode(withVisitor(args), options);
        return sentCodeOf(instant(expiresAt));
      }),
    verifyEmailCode: (args, limits) =>
      send(limits, async (options) => readSession(await stub.verifyEmailCode(withVisitor(args), options))),
    verifyRecoveryCode: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.verifyRecoveryCode(withVisitor(args), options);
        return recoveredSessionOf(readSession(reply), reply.recoveryCodesLeft);
      }),
    enableTotp: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        const reply = await stub.enableTotp({ ...ownerOf(args), currentPassword }, options);
        return reply.secret === '' ? incomplete() : totpSetupOf({ ...reply, expiresAt: instant(reply.expiresAt) });
      }),
    confirmTotp: ({ code, ...args }, limits) =>
      send(limits, async (options) => {
        const reply = await stub.confirmTotp({ ...ownerOf(args), code }, options);
        const session = reply.token === '' ? null : readSession(reply);
        return reply.recoveryCodes.length === 0 ? incomplete() : confirmedTotpOf(reply.recoveryCodes, session);
      }),
    disableTotp: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        await stub.disableTotp({ ...withVisitor(args), currentPassword }, options);
      }),
    regenerateRecoveryCodes: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        const reply = await stub.regenerateRecoveryCodes({ ...withVisitor(args), currentPassword }, options);
        return reply.recoveryCodes.length === 0 ? incomplete() : recoveryCodesOf(reply.recoveryCodes);
      }),
  };
}

interface SessionReply extends User {
  readonly token: string;
  readonly expiresAt?: Timestamp | undefined;
}

function readSession(reply: SessionReply): Session {
  return sessionOf(checked(reply), reply.token, instant(reply.expiresAt));
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

/** Of a session and a challenge the one that was given. */
function ownerOf({ sessionToken = '', email = '', challenge = '', clientIp, userAgent }: SessionOrChallenge) {
  return withVisitor({ sessionToken, email, challenge, clientIp, userAgent });
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

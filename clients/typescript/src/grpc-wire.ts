import type { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { CallOptions, Client } from '@connectrpc/connect';
import type { User, Visitor } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { toAuthFlowError } from './grpc-errors.ts';
import { nonceOf, sessionOf, sessionUserOf, userOf } from './results.ts';
import type { RequestLimits, Wire } from './wire.ts';

/** Makes single requests by the generated stub. */
export function grpcWire(stub: Client<typeof AuthService>): Wire {
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
        return sessionUserOf(checked(reply), reply.sessionId, instant(reply.expiresAt));
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

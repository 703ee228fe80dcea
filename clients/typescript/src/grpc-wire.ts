import type { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { CallOptions, Client } from '@connectrpc/connect';
import type { RequestLimits, User, Wire } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { toAuthFlowError } from './grpc-errors.ts';

/** Makes single requests by the generated stub. */
export function grpcWire(stub: Client<typeof AuthService>): Wire {
  return {
    fooBar: (args, limits) =>
      send(limits, async (options) => {
        const { token, expiresAt } = await stub.fooBar(args, options);
        return { token, expiresAt: instant(expiresAt) };
      }),
    signUp: (args, limits) => send(limits, async (options) => userOf(await stub.signUp(args, options))),
    login: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.login(args, options);
        return { ...userOf(reply), token: reply.token, expiresAt: instant(reply.expiresAt) };
      }),
    validate: (args, limits) =>
      send(limits, async (options) => {
        const reply = await stub.validate(args, options);
        return { ...userOf(reply), sessionId: reply.sessionId, expiresAt: instant(reply.expiresAt) };
      }),
    changePassword: ({ currentPassword = '', ...args }, limits) =>
      send(limits, async (options) => {
        const { endedSessions } = await stub.changePassword({ ...args, currentPassword }, options);
        return { endedSessions };
      }),
    logout: (args, limits) =>
      send(limits, async (options) => {
        await stub.logout(args, options);
      }),
  };
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

function userOf({ userId, email, fullname, orgId }: User): User {
  // Whoever answers without saying who the user is has checked nothing.
  if (userId === '' || orgId === '') {
    throw incomplete();
  }
  return { userId, email, fullname, orgId };
}

function instant(timestamp: Timestamp | undefined): Date {
  if (timestamp === undefined) {
    throw incomplete();
  }
  return timestampDate(timestamp);
}

function incomplete(): AuthFlowError {
  return new AuthFlowError({ code: 'UNKNOWN', message: 'The reply lacks fields: is this an AuthFlow server?' });
}

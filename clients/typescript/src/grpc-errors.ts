import {
  BadRequestSchema,
  type ErrorInfo,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from '@authflow/stubs/google/rpc/error_details_pb';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { readChallenge } from './challenge.ts';
import { AuthFlowError, type ErrorCode } from './errors.ts';

/** Of google.rpc.ErrorInfo: whose reasons are ours. */
const DOMAIN = 'authflow';

const CODES: Readonly<Record<Code, ErrorCode>> = {
  [Code.Canceled]: 'CANCELLED',
  [Code.Unknown]: 'UNKNOWN',
  [Code.InvalidArgument]: 'INVALID_ARGUMENT',
  [Code.DeadlineExceeded]: 'DEADLINE_EXCEEDED',
  [Code.NotFound]: 'NOT_FOUND',
  [Code.AlreadyExists]: 'ALREADY_EXISTS',
  [Code.PermissionDenied]: 'PERMISSION_DENIED',
  [Code.ResourceExhausted]: 'RESOURCE_EXHAUSTED',
  [Code.FailedPrecondition]: 'FAILED_PRECONDITION',
  [Code.Aborted]: 'ABORTED',
  [Code.OutOfRange]: 'OUT_OF_RANGE',
  [Code.Unimplemented]: 'UNIMPLEMENTED',
  [Code.Internal]: 'INTERNAL',
  [Code.Unavailable]: 'UNAVAILABLE',
  [Code.DataLoss]: 'DATA_LOSS',
  [Code.Unauthenticated]: 'UNAUTHENTICATED',
};

/**
 * Reads an error of a raw stub, of any service of the server, into ours. Never throws. The error becomes the cause; of one
 * that brings a challenge the cause is a copy without it.
 */
export function toAuthFlowError(error: unknown): AuthFlowError {
  if (error instanceof AuthFlowError) {
    return error;
  }
  const { code, rawMessage, metadata } = ConnectError.from(error);
  if (!(error instanceof ConnectError)) {
    return new AuthFlowError({ code: CODES[code], message: rawMessage, cause: error });
  }
  if (!metadata.has('grpc-status') && isBrokenConnection(error)) {
    return new AuthFlowError({ code: 'UNAVAILABLE', message: rawMessage, cause: error });
  }
  const info = detail(error, ErrorInfoSchema);
  const reason = info?.domain === DOMAIN ? info.reason : '';
  const violations = detail(error, BadRequestSchema)?.fieldViolations ?? [];
  return new AuthFlowError({
    code: CODES[code],
    reason,
    message: rawMessage,
    violations: violations.map(({ field, description }) => ({ field, message: description })),
    retryAfterMs: waitMs(detail(error, RetryInfoSchema)),
    challenge: readChallenge(reason, challengeFields(info)),
    cause: withoutMetadata(error, info),
  });
}

function challengeFields(info: ErrorInfo | undefined): Parameters<typeof readChallenge>[1] {
  const { challenge, methods, expires_at: expiresAt } = info?.metadata ?? {};
  return { challenge, methods: methods?.split(',').map((method) => method.trim()), expiresAt };
}

/** Consoles print causes, their details and headers too, and the metadata of an ErrorInfo may be secret. */
function withoutMetadata(error: ConnectError, info: ErrorInfo | undefined): ConnectError {
  if (Object.keys(info?.metadata ?? {}).length === 0) {
    return error;
  }
  const copy = new ConnectError(error.rawMessage, error.code, undefined, undefined, error.cause);
  return Object.assign(copy, { stack: error.stack });
}

/** Whether there was no whole reply. Connect gives such errors several codes, by the event that came first. */
export function isBrokenConnection({ code, cause }: ConnectError): boolean {
  // Aborted: ECONNRESET. Canceled: the server reset the stream; our own deadline and signals have ended the call before.
  if (code === Code.Aborted || code === Code.Canceled) {
    return true;
  }
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string';
}

function detail<Desc extends DescMessage>(error: ConnectError, schema: Desc): MessageShape<Desc> | undefined {
  return error.findDetails(schema)[0];
}

function waitMs(info: RetryInfo | undefined): number | null {
  if (info?.retryDelay === undefined) {
    return null;
  }
  const { seconds, nanos } = info.retryDelay;
  return Math.max(0, Number(seconds) * 1_000 + nanos / 1_000_000);
}

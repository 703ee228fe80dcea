import { create, type DescMessage, type Message, toBinary } from '@bufbuild/protobuf';
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { AuthError, type ErrorReason, type FieldViolation } from '../domain/errors.ts';

/** The codes a reason has on the wire. */
export interface WireCodes {
  /** The gRPC status code, the same number in grpc-js and Connect; null for reasons of plain HTTP alone. */
  readonly grpc: number | null;
  /** The HTTP status under `/auth` and `/organizations`. */
  readonly http: number;
}

const UNKNOWN = 2;
const INVALID_ARGUMENT: WireCodes = { grpc: 3, http: 400 };
const DEADLINE_EXCEEDED: WireCodes = { grpc: 4, http: 504 };
const NOT_FOUND: WireCodes = { grpc: 5, http: 404 };
const ALREADY_EXISTS: WireCodes = { grpc: 6, http: 409 };
const PERMISSION_DENIED: WireCodes = { grpc: 7, http: 403 };
const RESOURCE_EXHAUSTED: WireCodes = { grpc: 8, http: 429 };
const INTERNAL: WireCodes = { grpc: 13, http: 500 };
const UNAVAILABLE: WireCodes = { grpc: 14, http: 503 };
const UNAUTHENTICATED: WireCodes = { grpc: 16, http: 401 };

/** The one table from reasons to wire codes (docs/contract.md, section 2). */
export const WIRE_CODES: Readonly<Record<ErrorReason, WireCodes>> = {
  INVALID_ARGUMENT,
  PASSWORD_POLICY: INVALID_ARGUMENT,
  DISCLAIMER_REQUIRED: INVALID_ARGUMENT,
  NONCE_INVALID: UNAUTHENTICATED,
  NONCE_EXPIRED: UNAUTHENTICATED,
  NONCE_USED: UNAUTHENTICATED,
  API_KEY_INVALID: UNAUTHENTICATED,
  ADMIN_TOKEN_INVALID: UNAUTHENTICATED,
  ORIGIN_REFUSED: UNAUTHENTICATED,
  CREDENTIALS_INVALID: UNAUTHENTICATED,
  SESSION_INVALID: UNAUTHENTICATED,
  SESSION_EXPIRED: UNAUTHENTICATED,
  SESSION_REVOKED: UNAUTHENTICATED,
  USER_DISABLED: PERMISSION_DENIED,
  USER_NOT_FOUND: NOT_FOUND,
  ORGANIZATION_NOT_FOUND: NOT_FOUND,
  API_KEY_NOT_FOUND: NOT_FOUND,
  USER_EXISTS: ALREADY_EXISTS,
  ORGANIZATION_EXISTS: ALREADY_EXISTS,
  RATE_LIMITED: RESOURCE_EXHAUSTED,
  OVERLOADED: RESOURCE_EXHAUSTED,
  ACCOUNT_LOCKED: RESOURCE_EXHAUSTED,
  DEADLINE_EXCEEDED,
  UNAVAILABLE,
  INTERNAL,
  ROUTE_NOT_FOUND: { grpc: null, http: 404 },
  METHOD_NOT_ALLOWED: { grpc: null, http: 405 },
  PAYLOAD_TOO_LARGE: { grpc: null, http: 413 },
  UNSUPPORTED_MEDIA_TYPE: { grpc: null, http: 415 },
  // Reserved: never thrown yet. The right password came, so the caller is known but not let in.
  SECOND_FACTOR_REQUIRED: UNAUTHENTICATED,
  EMAIL_NOT_VERIFIED: PERMISSION_DENIED,
  PASSWORD_CHANGE_REQUIRED: PERMISSION_DENIED,
};

/** An error as every entrance tells it. All of it is safe for strangers. */
export interface WireError {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly grpcCode: number;
  readonly httpStatus: number;
  readonly violations: readonly FieldViolation[];
  /** How long to wait before a repeat, in milliseconds; null where none is named. */
  readonly retryAfterMs: number | null;
  /** For INTERNAL alone: the id under which the caller can ask for the cause that the log holds. */
  readonly requestId: string | null;
}

/**
 * What the caller is told of anything that was thrown. Only an AuthError speaks for itself; everything else is
 * INTERNAL with one fixed sentence and a new request id, and never its own message or stack.
 */
export function toWireError(error: unknown): WireError {
  if (!(error instanceof AuthError) || error.reason === 'INTERNAL') {
    return internalError(crypto.randomUUID());
  }
  const codes = WIRE_CODES[error.reason];
  return {
    reason: error.reason,
    // encodeURI in grpc-js throws on a lone surrogate.
    message: error.message.toWellFormed(),
    grpcCode: codes.grpc ?? UNKNOWN,
    httpStatus: codes.http,
    violations: error.violations,
    retryAfterMs: error.retryAfterMs,
    requestId: null,
  };
}

function internalError(requestId: string): WireError {
  return {
    reason: 'INTERNAL',
    message: `${new AuthError('INTERNAL').message} Request id: ${requestId}.`,
    grpcCode: INTERNAL.grpc ?? UNKNOWN,
    httpStatus: INTERNAL.http,
    violations: [],
    retryAfterMs: null,
    requestId,
  };
}

/** The wait as `Retry-After` wants it: whole seconds, rounded up, at least 1; null where none is named. */
export function retryAfterSeconds(error: WireError): number | null {
  return error.retryAfterMs === null ? null : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
}

/** A message with its descriptor: what a ConnectError takes as an outgoing detail. */
export interface ErrorDetail {
  readonly desc: DescMessage;
  readonly value: Message;
}

/** The `google.rpc` details of an error: ErrorInfo always, BadRequest for faults of fields, RetryInfo for a wait. */
export function errorDetails(error: WireError): ErrorDetail[] {
  const details: ErrorDetail[] = [
    {
      desc: ErrorInfoSchema,
      value: create(ErrorInfoSchema, {
        reason: error.reason,
        domain: 'authflow',
        metadata: error.requestId === null ? {} : { request_id: error.requestId },
      }),
    },
  ];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map(({ field, message }) => ({ field, description: message }));
    details.push({ desc: BadRequestSchema, value: create(BadRequestSchema, { fieldViolations }) });
  }
  if (error.retryAfterMs !== null) {
    const retryDelay = durationFromMs(error.retryAfterMs);
    details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  }
  return details;
}

/** The error as a serialized `google.rpc.Status`: the value of `grpc-status-details-bin`. */
export function toStatusBytes(error: WireError): Uint8Array {
  const details = errorDetails(error).map(({ desc, value }) => anyPack(desc, value));
  const status = create(StatusSchema, { code: error.grpcCode, message: error.message, details });
  return toBinary(StatusSchema, status);
}

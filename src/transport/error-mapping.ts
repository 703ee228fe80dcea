import { create, type DescMessage, type Message, toBinary } from '@bufbuild/protobuf';
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import type { ErrorReason } from '../domain/errors.ts';
import { type Failure, failureOf } from '../operations/failure.ts';
import { formatInstant } from './instant.ts';

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
const FAILED_PRECONDITION: WireCodes = { grpc: 9, http: 409 };
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
  SECOND_FACTOR_REQUIRED: UNAUTHENTICATED,
  EMAIL_NOT_VERIFIED: PERMISSION_DENIED,
  PASSWORD_CHANGE_REQUIRED: PERMISSION_DENIED,
  TOKEN_INVALID: UNAUTHENTICATED,
  TOKEN_EXPIRED: UNAUTHENTICATED,
  REAUTHENTICATION_REQUIRED: PERMISSION_DENIED,
  ACCESS_DENIED: PERMISSION_DENIED,
  CHALLENGE_INVALID: UNAUTHENTICATED,
  CODE_INVALID: UNAUTHENTICATED,
  SECOND_FACTOR_ALREADY_ENABLED: ALREADY_EXISTS,
  SECOND_FACTOR_NOT_ENABLED: FAILED_PRECONDITION,
};

/** A failure with its codes. */
export interface WireError extends Failure {
  readonly grpcCode: number;
  readonly httpStatus: number;
  /** What is told in place of {@link errorDetails}' own. */
  readonly details?: readonly ErrorDetail[];
}

/** A failure as it is told on the wire. One that brings its codes keeps them. */
export function wireError(failure: Failure | WireError): WireError {
  if ('grpcCode' in failure) {
    return failure;
  }
  const { grpc, http } = WIRE_CODES[failure.reason];
  return { ...failure, grpcCode: grpc ?? UNKNOWN, httpStatus: http };
}

/** The same of anything that was thrown, where no operation is asked for ({@link failureOf}). */
export function toWireError(error: unknown): WireError {
  return wireError(failureOf(error));
}

/** The wait as `Retry-After` wants it: whole seconds, rounded up, at least 1; null where none is named. */
export function retryAfterSeconds({ retryAfterMs }: Pick<Failure, 'retryAfterMs'>): number | null {
  return retryAfterMs === null ? null : Math.max(1, Math.ceil(retryAfterMs / 1000));
}

/** A message with its descriptor: what a ConnectError takes as an outgoing detail. */
export interface ErrorDetail {
  readonly desc: DescMessage;
  readonly value: Message;
}

/** The `google.rpc` details of an error: ErrorInfo always, BadRequest for faults of fields, RetryInfo for a wait. */
export function errorDetails(error: WireError): readonly ErrorDetail[] {
  if (error.details !== undefined) {
    return error.details;
  }
  const details: ErrorDetail[] = [
    {
      desc: ErrorInfoSchema,
      value: create(ErrorInfoSchema, {
        reason: error.reason,
        domain: 'authflow',
        metadata: metadataOf(error),
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

/** What the caller may do something with, as texts. */
function metadataOf({ requestId, nextStep }: WireError): Record<string, string> {
  return {
    ...(requestId === null ? {} : { request_id: requestId }),
    ...(nextStep === null
      ? {}
      : {
          challenge: nextStep.challenge,
          methods: nextStep.methods.join(','),
          expires_at: formatInstant(nextStep.expiresAt),
        }),
  };
}

/** The error as a serialized `google.rpc.Status`: the value of `grpc-status-details-bin`. */
export function toStatusBytes(error: WireError): Uint8Array {
  const details = errorDetails(error).map(({ desc, value }) => anyPack(desc, value));
  const status = create(StatusSchema, { code: error.grpcCode, message: error.message, details });
  return toBinary(StatusSchema, status);
}

import type { Challenge } from './second-factor-calls.ts';

/** The reasons that servers of this release answer with; the proto's `ErrorReason` says when. */
export const ERROR_REASONS = [
  'INVALID_ARGUMENT',
  'PASSWORD_POLICY',
  'DISCLAIMER_REQUIRED',
  'NONCE_INVALID',
  'NONCE_EXPIRED',
  'NONCE_USED',
  'API_KEY_INVALID',
  'ADMIN_TOKEN_INVALID',
  'ORIGIN_REFUSED',
  'CREDENTIALS_INVALID',
  'SESSION_INVALID',
  'SESSION_EXPIRED',
  'SESSION_REVOKED',
  'USER_DISABLED',
  'USER_NOT_FOUND',
  'ORGANIZATION_NOT_FOUND',
  'API_KEY_NOT_FOUND',
  'USER_EXISTS',
  'ORGANIZATION_EXISTS',
  'RATE_LIMITED',
  'OVERLOADED',
  'ACCOUNT_LOCKED',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
  'ROUTE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'SECOND_FACTOR_REQUIRED',
  'EMAIL_NOT_VERIFIED',
  'PASSWORD_CHANGE_REQUIRED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'REAUTHENTICATION_REQUIRED',
  'ACCESS_DENIED',
  'CHALLENGE_INVALID',
  'CODE_INVALID',
  'SECOND_FACTOR_ALREADY_ENABLED',
  'SECOND_FACTOR_NOT_ENABLED',
] as const;

/** A reason that this release knows. */
export type KnownErrorReason = (typeof ERROR_REASONS)[number];

/**
 * Why a call failed: a known reason, one that a later server made up, or `''` where none of ours came (a proxy's page, a
 * broken connection). Act on the code then.
 */
export type ErrorReason = KnownErrorReason | '' | (string & {});

/** The names of gRPC's status codes, which the JSON entrance's HTTP statuses are translated to. */
export type ErrorCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** What is wrong with one field of a request. */
export interface Violation {
  /** The field as the wire spells it, `newPassword` or `org_id`. */
  readonly field: string;
  /** A sentence for people. */
  readonly message: string;
}

/** What an AuthFlowError is made of. */
export interface AuthFlowErrorParts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly reason?: ErrorReason;
  readonly violations?: readonly Violation[];
  readonly retryAfterMs?: number | null;
  readonly challenge?: Challenge | null;
  /** The HTTP status that came; by default the one that the code stands for. */
  readonly statusCode?: number;
  readonly cause?: unknown;
}

/** An error as a server tells it to callers of HTTP. */
export interface ErrorBody {
  readonly statusCode: number;
  readonly error: string;
  readonly message: string;
  readonly violations?: readonly Violation[];
}

/** What a backend answers with; codes that are not here are 500. */
const STATUS_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Where a server tells a reason with another status than its code stands for. */
const STATUS_CODES_OF_REASONS: ReadonlyMap<ErrorReason, number> = new Map([['SECOND_FACTOR_NOT_ENABLED', 409]]);

/** What the backend itself did wrong, whoever its visitor is. */
const OWN_FAULTS: readonly ErrorReason[] = ['API_KEY_INVALID', 'ADMIN_TOKEN_INVALID'];
const OWN_FAULT_STATUS_CODE = 503;

/**
 * What every failed call rejects with, but for the ones that the caller's own signal ended. It holds no API key, session
 * token or password.
 */
export class AuthFlowError extends Error {
  override readonly name = 'AuthFlowError';
  /** The status code of gRPC. */
  readonly code: ErrorCode;
  /**
   * The HTTP status that a backend answers with: `statusCode` is where Express and Fastify look for it. 503 where the
   * API key or the admin token was refused, which is no fault of the visitor's.
   */
  readonly statusCode: number;
  /** Why; `''` where no reason of ours came. */
  readonly reason: ErrorReason;
  /** The faults of fields, with INVALID_ARGUMENT. */
  readonly violations: readonly Violation[];
  /** Milliseconds after which the same call may be tried again; null where the server gave no wait. */
  readonly retryAfterMs: number | null;
  /**
   * With SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED what the login needs now; null where none came. `loginStep`
   * and the calls that verify a code resolve with it. Neither it nor the error prints or serializes its token.
   */
  readonly challenge: Challenge | null;

  /** Makes an error; what is left out is empty. */
  constructor(parts: AuthFlowErrorParts) {
    const { code, message, reason = '', violations = [], retryAfterMs = null, challenge = null, cause } = parts;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.statusCode = isOwnFault(reason)
      ? OWN_FAULT_STATUS_CODE
      : (parts.statusCode ?? STATUS_CODES_OF_REASONS.get(reason) ?? STATUS_CODES[code] ?? 500);
    this.reason = reason;
    this.violations = violations;
    this.retryAfterMs = retryAfterMs;
    this.challenge = challenge;
  }

  /**
   * The error in the server's own shape, for a reply of your backend. Without a reason of ours its `message` is a
   * general one: what a connection failed of, and where, is for your log. So is a refused API key or admin token, which
   * is UNAVAILABLE here.
   */
  toJSON(): ErrorBody {
    const { statusCode, code, message, violations } = this;
    const reason = isOwnFault(this.reason) ? '' : this.reason;
    const isTransient = statusCode === OWN_FAULT_STATUS_CODE || code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED';
    return {
      statusCode,
      error: reason || (isTransient ? 'UNAVAILABLE' : 'INTERNAL'),
      message: reason === '' ? (isTransient ? 'Please try again later.' : 'Something went wrong.') : message,
      ...(violations.length === 0 ? {} : { violations }),
    };
  }
}

function isOwnFault(reason: ErrorReason): boolean {
  return OWN_FAULTS.includes(reason);
}

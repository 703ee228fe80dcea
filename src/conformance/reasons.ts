import { status } from '@grpc/grpc-js';

/** The codes that a reason has on the wire (the contract's section 2). */
interface Codes {
  readonly grpc: number;
  readonly http: number;
}

const INVALID: Codes = { grpc: status.INVALID_ARGUMENT, http: 400 };
const UNAUTHENTICATED: Codes = { grpc: status.UNAUTHENTICATED, http: 401 };
const FORBIDDEN: Codes = { grpc: status.PERMISSION_DENIED, http: 403 };
const NOT_FOUND: Codes = { grpc: status.NOT_FOUND, http: 404 };
const EXISTS: Codes = { grpc: status.ALREADY_EXISTS, http: 409 };

/** The kit's own copy of the contract's table, for the reasons that it can provoke over every entrance. */
export const REASONS = {
  INVALID_ARGUMENT: INVALID,
  PASSWORD_POLICY: INVALID,
  DISCLAIMER_REQUIRED: INVALID,
  NONCE_INVALID: UNAUTHENTICATED,
  NONCE_USED: UNAUTHENTICATED,
  API_KEY_INVALID: UNAUTHENTICATED,
  ADMIN_TOKEN_INVALID: UNAUTHENTICATED,
  ORIGIN_REFUSED: UNAUTHENTICATED,
  CREDENTIALS_INVALID: UNAUTHENTICATED,
  SESSION_INVALID: UNAUTHENTICATED,
  SESSION_REVOKED: UNAUTHENTICATED,
  TOKEN_INVALID: UNAUTHENTICATED,
  CHALLENGE_INVALID: UNAUTHENTICATED,
  CODE_INVALID: UNAUTHENTICATED,
  SECOND_FACTOR_REQUIRED: UNAUTHENTICATED,
  EMAIL_NOT_VERIFIED: FORBIDDEN,
  PASSWORD_CHANGE_REQUIRED: FORBIDDEN,
  REAUTHENTICATION_REQUIRED: FORBIDDEN,
  ACCESS_DENIED: FORBIDDEN,
  USER_DISABLED: FORBIDDEN,
  USER_NOT_FOUND: NOT_FOUND,
  ORGANIZATION_NOT_FOUND: NOT_FOUND,
  USER_EXISTS: EXISTS,
  SECOND_FACTOR_ALREADY_ENABLED: EXISTS,
  SECOND_FACTOR_NOT_ENABLED: { grpc: status.FAILED_PRECONDITION, http: 409 },
} as const satisfies Record<string, Codes>;

/** A reason that the kit can provoke over every entrance. */
export type Reason = keyof typeof REASONS;

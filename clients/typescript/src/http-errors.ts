import { readChallenge } from './challenge.ts';
import { AuthFlowError, type ErrorCode, type ErrorReason, type Violation } from './errors.ts';

/** The statuses of docs and of proxies; others are UNKNOWN. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ALREADY_EXISTS',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Of reasons that share their status with those of another code. */
const CODES_OF_REASONS: ReadonlyMap<ErrorReason, ErrorCode> = new Map([
  ['SECOND_FACTOR_NOT_ENABLED', 'FAILED_PRECONDITION'],
]);

/** Reads a reply that is no success into our error; anything but the server's own shape of body gives no reason. */
export function httpError(status: number, headers: Headers, body: unknown): AuthFlowError {
  const fields = isRecord(body) && body.statusCode === status ? body : {};
  const { error, message, violations, challenge, methods, expires_at: expiresAt } = fields;
  const reason = typeof error === 'string' ? error : '';
  return new AuthFlowError({
    code: CODES_OF_REASONS.get(reason) ?? CODES[status] ?? 'UNKNOWN',
    statusCode: status,
    reason,
    message: typeof message === 'string' ? message : `HTTP ${status}`,
    violations: Array.isArray(violations) ? violations.filter(isViolation) : [],
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
    challenge: readChallenge(reason, { challenge, methods, expiresAt }),
  });
}

/** Whether a value of JSON has named fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isViolation(value: unknown): value is Violation {
  return isRecord(value) && typeof value.field === 'string' && typeof value.message === 'string';
}

/** In whole seconds, as the server writes it. The other form, a date, would need two clocks that agree. */
function retryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : null;
}

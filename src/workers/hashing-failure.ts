import { AuthError } from '../domain/errors.ts';
import type { HashingFailure } from './messages.ts';

/** An error of the machine's hashing, as it is sent to the worker that asked. */
export function hashingFailure(error: unknown): HashingFailure {
  return error instanceof AuthError
    ? { reason: error.reason, retryAfterMs: error.retryAfterMs, message: error.message }
    : { reason: null, retryAfterMs: null, message: error instanceof Error ? error.message : 'A password hash failed.' };
}

/** The same error again, in the worker. */
export function hashingError({ reason, retryAfterMs, message }: HashingFailure): Error {
  return reason === null
    ? new Error(message)
    : new AuthError(reason, { message, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
}

import { AuthFlowError, type ErrorCode, type KnownErrorReason } from './errors.ts';

/** Makes the error that a server would answer with. */
export function failure(code: ErrorCode, reason: KnownErrorReason, message: string): AuthFlowError {
  return new AuthFlowError({ code, reason, message });
}

import { AuthError, type ErrorReason, type FieldViolation, type NextStep, type Waiter } from '../domain/errors.ts';

/** Why a call failed, as every entrance tells it in its own form. */
export interface Failure {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly violations: readonly FieldViolation[];
  /** How long to wait before a repeat, in milliseconds; null where none is named. */
  readonly retryAfterMs: number | null;
  /** Who is to wait, if not the caller: for admission alone, never sent. */
  readonly waiter?: Waiter | undefined;
  /** For INTERNAL alone: the id under which the caller can ask for the cause that the log holds. */
  readonly requestId: string | null;
  /** How a login goes on; null where it does not. Sent to the caller alone: it is in no log. */
  readonly nextStep: NextStep | null;
}

/**
 * What the caller is told of anything that was thrown. Only an AuthError speaks for itself; everything else is
 * INTERNAL with one fixed sentence and the id of the request, and never its own message or stack.
 */
export function failureOf(error: unknown, idOf: () => string = () => crypto.randomUUID()): Failure {
  if (!(error instanceof AuthError) || error.reason === 'INTERNAL') {
    const requestId = idOf();
    const message = `${new AuthError('INTERNAL').message} Request id: ${requestId}.`;
    return { reason: 'INTERNAL', message, violations: [], retryAfterMs: null, requestId, nextStep: null };
  }
  const { reason, violations, retryAfterMs, waiter, nextStep } = error;
  // encodeURI throws on a lone surrogate.
  const message = error.message.toWellFormed();
  return { reason, message, violations, retryAfterMs, waiter, requestId: null, nextStep };
}

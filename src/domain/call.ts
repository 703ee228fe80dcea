import { AuthError } from './errors.ts';
import type { CallContext } from './ports.ts';

/** Throws DEADLINE_EXCEEDED when nobody waits for the answer any more: nothing may be made that nobody will know of. */
export function requireCaller(call: CallContext): void {
  if (call.isAbandoned()) {
    throw new AuthError('DEADLINE_EXCEEDED');
  }
}

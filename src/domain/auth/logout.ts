import { AuthError } from '../errors.ts';
import { refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { hasExpired, proveSessionToEnd, readSessionParameters, type SessionInput } from './session.ts';

/**
 * Ends the session of a token. A session that had ended or expired before is a success, so that a caller may
 * repeat a call whose reply was lost. So is one that a wrong clock has dated ahead.
 *
 * Throws INVALID_ARGUMENT, API_KEY_INVALID, ORGANIZATION_NOT_FOUND, SESSION_INVALID.
 */
export async function logout(ports: Ports, input: SessionInput): Promise<void> {
  const faults = [...input.faults];
  const parameters = readSessionParameters(ports, input, faults);
  refuseFaults(faults);

  const { claims } = await proveSessionToEnd(ports, parameters);

  const now = ports.clock.now();
  if (hasExpired(claims, now)) {
    return;
  }
  if ((await ports.storage.endSession(claims, now)) === 'other_subject') {
    throw new AuthError('SESSION_INVALID');
  }
}

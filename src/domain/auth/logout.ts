import { AuthError } from '../errors.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { hasExpired, proveSessionToEnd, type SessionParameters } from './session.ts';

/**
 * Ends the session of a token. A session that had ended or expired before is a success, so that a caller may
 * repeat a call whose reply was lost. So is one that a wrong clock has dated ahead.
 *
 * Throws SESSION_INVALID.
 */
export async function logout(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
): Promise<void> {
  const claims = await proveSessionToEnd(ports, parameters, tenant);

  const now = ports.clock.now();
  if (hasExpired(claims, now)) {
    return;
  }
  if ((await ports.storage.endSession(claims, now)) === 'other_subject') {
    throw new AuthError('SESSION_INVALID');
  }
}

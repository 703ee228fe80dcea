import { AuthError } from '../errors.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { proveSessionToEnd, type SessionParameters } from './session.ts';

/**
 * Ends the session of a token. A session that had ended or expired before is a success, so that a caller may
 * repeat a call whose reply was lost. So is one that a wrong clock has dated ahead. A token that has expired ends a session that was
 * renewed since.
 *
 * Throws SESSION_INVALID.
 */
export async function logout(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
): Promise<void> {
  const claims = await proveSessionToEnd(ports, parameters, tenant);
  if ((await ports.storage.endSession(claims, ports.clock.now())) === 'other_subject') {
    throw new AuthError('SESSION_INVALID');
  }
}

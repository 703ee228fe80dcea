import { proveSession, type SessionParameters, useOwnSession } from '../auth/session.ts';
import type { Checked } from '../parameters.ts';
import type { CallContext, Ports } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import type { SessionDetails } from './storage.ts';

/** A user's own session, as the user sees it. */
export interface MySession extends SessionDetails {
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean;
}

/**
 * The live sessions of a session's user, newest first; none that somebody opened in the user's place.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED; ACCESS_DENIED for a session that somebody opened in the user's place.
 */
export async function listMySessions(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<readonly MySession[]> {
  const claims = await proveSession(ports, parameters, tenant);
  const { orgId, userId, sessionId } = await useOwnSession(ports, claims, call);
  const sessions = await ports.storage.listLiveSessions(orgId, userId, ports.clock.now());
  return sessions.map((session) => ({ ...session, isCurrent: session.sessionId === sessionId }));
}

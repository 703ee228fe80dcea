import { AuthError } from '../errors.ts';
import type { Ports, ProvenClaims } from '../ports.ts';
import type { OwnSession, OwnSessionRefusal, SessionRecord } from '../sessions/storage.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { requireLiveSession } from './session.ts';

/** A session whose user asks, as a write checks it again. */
export function ownSession(
  { kid }: ProvenClaims,
  { orgId, userId, email, sessionId }: SessionRecord,
  tenant: IdentifiedTenant | null,
): OwnSession {
  return { tenant: tenant ?? { orgId, keyId: null }, userId, email, sessionId, kid };
}

/** The error that a fresh call would get for what a write refused: where the session has ended meanwhile, how. */
export async function ownSessionRefusal(
  ports: Pick<Ports, 'storage' | 'clock'>,
  claims: ProvenClaims,
  outcome: OwnSessionRefusal,
): Promise<AuthError> {
  if (outcome !== 'session_ended') {
    return refusal(outcome);
  }
  await requireLiveSession(ports, claims);
  return new AuthError('SESSION_REVOKED');
}

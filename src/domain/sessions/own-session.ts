import type { ProvenClaims } from '../ports.ts';
import type { Tenant } from '../tenant.ts';
import type { OwnSession } from './storage.ts';

/** The session of a token that is proven, for a step of the store. Who names no organization speaks for the token's. */
export function ownSession({ orgId, userId, email, sessionId, kid }: ProvenClaims, tenant: Tenant | null): OwnSession {
  return { tenant: { orgId: tenant?.orgId ?? orgId, keyId: tenant?.keyId ?? null }, userId, email, sessionId, kid };
}

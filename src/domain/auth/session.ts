import { AuthError, type FieldViolation } from '../errors.ts';
import { readEmail, readOptionalId, readRequired, requireTenant } from '../parameters.ts';
import type { Ports, ProvenClaims, SessionClaims } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import { type IdentifiedTenant, identifyTenant } from '../tenant.ts';

/** Parameters that every session call takes; '' where one is missing. */
export interface SessionInput {
  readonly sessionToken: string;
  readonly email: string;
  readonly orgId: string;
  readonly apiKey: string;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/** The same parameters, checked. */
export interface SessionParameters {
  readonly sessionToken: string;
  readonly email: string;
  readonly orgId: string;
  readonly apiKey: string;
}

/**
 * Reads what every session call takes. Where organizations sign up freely a caller must say which one it speaks
 * for: otherwise anybody could sign one up and mint a session for any e-mail.
 */
export function readSessionParameters(
  { rules }: Pick<Ports, 'rules'>,
  input: SessionInput,
  faults: FieldViolation[],
): SessionParameters {
  if (rules.openSignup) {
    requireTenant(input.apiKey, input.orgId, faults);
  }
  return {
    sessionToken: readRequired('sessionToken', input.sessionToken, faults),
    email: readEmail('email', input.email, faults),
    orgId: readOptionalId('org_id', input.orgId, faults),
    apiKey: input.apiKey,
  };
}

/** A token that this service signed for the caller's e-mail and organization. It may have expired or ended. */
export interface ProvenSession {
  readonly claims: ProvenClaims;
  /** The caller's tenant, or null where it named none. */
  readonly tenant: IdentifiedTenant | null;
}

/** The API key step and the proof of the token. Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND, SESSION_INVALID. */
export function proveSession(ports: Ports, parameters: SessionParameters): Promise<ProvenSession> {
  return prove(ports, parameters, 'verify');
}

/**
 * Like {@link proveSession}, but proves a token that was issued in the future too: its session can be used from then on,
 * and must be ended before (security row T3).
 */
export function proveSessionToEnd(ports: Ports, parameters: SessionParameters): Promise<ProvenSession> {
  return prove(ports, parameters, 'verifyAhead');
}

async function prove(
  ports: Ports,
  parameters: SessionParameters,
  verify: 'verify' | 'verifyAhead',
): Promise<ProvenSession> {
  const tenant = await identifyTenant(ports, parameters);
  const claims = await ports.sessionTokens[verify](parameters.sessionToken, ports.clock.now());
  if (claims === null || claims.email !== parameters.email || (tenant !== null && tenant.orgId !== claims.orgId)) {
    throw new AuthError('SESSION_INVALID');
  }
  return { claims, tenant };
}

/** The token proves, the row decides. Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, in this order. */
export async function requireLiveSession(
  { storage, clock }: Pick<Ports, 'storage' | 'clock'>,
  claims: SessionClaims,
): Promise<SessionRecord> {
  const now = clock.now();
  if (hasExpired(claims, now)) {
    throw new AuthError('SESSION_EXPIRED');
  }
  const session = await storage.findSession(claims.orgId, claims.sessionId);
  if (session === null) {
    throw new AuthError('SESSION_REVOKED');
  }
  requireSameSubject(claims, session);
  if (session.expiresAt <= now) {
    throw new AuthError('SESSION_EXPIRED');
  }
  if (session.revokedAt !== null) {
    throw new AuthError('SESSION_REVOKED');
  }
  return session;
}

/** Whether a token is too old at this instant. */
export function hasExpired(claims: SessionClaims, now: number): boolean {
  return claims.expiresAtSeconds * 1000 <= now;
}

/** Throws SESSION_INVALID when a well-signed token does not speak of its row. */
function requireSameSubject(claims: SessionClaims, session: SessionRecord): void {
  if (session.userId !== claims.userId || session.email !== claims.email || session.orgId !== claims.orgId) {
    throw new AuthError('SESSION_INVALID');
  }
}

import { AuthError, type FieldViolation } from '../errors.ts';
import { readEmail, readOptionalId, readRequired, requireTenant } from '../parameters.ts';
import type { Ports, ProvenClaims, Rules, SessionClaims } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import type { IdentifiedTenant, TenantClaim } from '../tenant.ts';

/** Parameters that every session call takes; '' where one is missing. */
export interface SessionInput {
  readonly sessionToken: string;
  readonly email: string;
  readonly orgId: string;
  readonly apiKey: string;
}

/** The same parameters, checked. */
export interface SessionParameters extends TenantClaim {
  readonly sessionToken: string;
  readonly email: string;
}

/**
 * Reads what every session call takes, and adds what is wrong to `faults`. Where organizations sign up freely a caller must say which one it speaks
 * for: otherwise anybody could sign one up and mint a session for any e-mail.
 */
export function readSessionParameters(
  input: SessionInput,
  { openSignup }: Pick<Rules, 'openSignup'>,
  faults: FieldViolation[],
): SessionParameters {
  if (openSignup) {
    requireTenant(input.apiKey, input.orgId, faults);
  }
  return {
    sessionToken: readRequired('sessionToken', input.sessionToken, faults),
    email: readEmail('email', input.email, faults),
    orgId: readOptionalId('org_id', input.orgId, faults),
    apiKey: input.apiKey,
  };
}

/**
 * The claims of a token that this service signed for the caller's e-mail and, where it names one (`tenant`), its organization.
 * The token may have expired, and its session may have ended. Throws SESSION_INVALID.
 */
export async function proveSession(
  { sessionTokens, clock }: Pick<Ports, 'sessionTokens' | 'clock'>,
  parameters: SessionParameters,
  tenant: IdentifiedTenant | null,
): Promise<ProvenClaims> {
  return requireClaims(await sessionTokens.verify(parameters.sessionToken, clock.now()), parameters, tenant);
}

/**
 * Like {@link proveSession}, but proves a token that was issued in the future too: its session can be used from then on,
 * and must be ended before (docs/security.md, T3).
 */
export async function proveSessionToEnd(
  { sessionTokens, clock }: Pick<Ports, 'sessionTokens' | 'clock'>,
  parameters: SessionParameters,
  tenant: IdentifiedTenant | null,
): Promise<ProvenClaims> {
  return requireClaims(await sessionTokens.verifyAhead(parameters.sessionToken, clock.now()), parameters, tenant);
}

function requireClaims(
  claims: ProvenClaims | null,
  { email }: SessionParameters,
  tenant: IdentifiedTenant | null,
): ProvenClaims {
  if (claims === null || claims.email !== email || (tenant !== null && tenant.orgId !== claims.orgId)) {
    throw new AuthError('SESSION_INVALID');
  }
  return claims;
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

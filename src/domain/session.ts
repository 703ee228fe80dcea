import { AuthError, type FieldViolation } from './errors.ts';
import { type Page, type PageInput, readPage, takePage } from './page.ts';
import { readEmail, readId, readOptionalId, readRequired, refuseFaults, requireTenant } from './parameters.ts';
import type { Ports, SessionClaims } from './ports.ts';
import type { SessionRecord, Tenant } from './storage.ts';
import { identifyTenant } from './tenant.ts';
import { findUser } from './user.ts';

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
  readonly claims: SessionClaims;
  /** The caller's tenant, or null where it named none. */
  readonly tenant: Tenant | null;
}

/** The API key step and the proof of the token. Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND, SESSION_INVALID. */
export async function proveSession(ports: Ports, parameters: SessionParameters): Promise<ProvenSession> {
  const tenant = await identifyTenant(ports, parameters);
  const claims = await ports.sessionTokens.verify(parameters.sessionToken, ports.clock.now());
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
export function requireSameSubject(claims: SessionClaims, session: SessionRecord): void {
  if (session.userId !== claims.userId || session.email !== claims.email || session.orgId !== claims.orgId) {
    throw new AuthError('SESSION_INVALID');
  }
}

/** Which sessions an administrator wants to see: an organization's, or one user's by id or e-mail. */
export interface ListSessionsInput extends PageInput {
  readonly orgId: string;
  readonly user: string;
}

/** A page of sessions, ended ones included, oldest first. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function listSessions(
  ports: Ports,
  input: ListSessionsInput,
): Promise<{ readonly sessions: readonly SessionRecord[]; readonly nextPageToken: string }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  refuseFaults(faults);

  const userId = input.user === '' ? null : (await findUser(ports, orgId, input.user)).userId;
  const rows = await ports.storage.listSessions(orgId, userId, page.request);
  const { items, nextPageToken }: Page<SessionRecord> = takePage(rows, page, (session) => session.sessionId);
  return { sessions: items, nextPageToken };
}

/** Ends one session, whoever holds it. `endedSessions` is 0 when it had ended. Throws INVALID_ARGUMENT, SESSION_REVOKED. */
export async function revokeSession(
  ports: Ports,
  input: { readonly orgId: string; readonly sessionId: string; readonly faults: readonly FieldViolation[] },
): Promise<{ readonly endedSessions: number }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const sessionId = readId('session_id', input.sessionId, faults);
  refuseFaults(faults);

  const session = await ports.storage.findSession(orgId, sessionId);
  if (session === null) {
    throw new AuthError('SESSION_REVOKED', { message: 'The organization has no such session.' });
  }
  const outcome = await ports.storage.endSession(session, ports.clock.now());
  return { endedSessions: outcome === 'ended' ? 1 : 0 };
}

/** Ends every live session of a user. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function revokeUserSessions(
  ports: Ports,
  input: { readonly orgId: string; readonly user: string; readonly faults: readonly FieldViolation[] },
): Promise<{ readonly endedSessions: number }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  refuseFaults(faults);

  const { userId } = await findUser(ports, orgId, input.user);
  return { endedSessions: await ports.storage.endUserSessions(orgId, userId, ports.clock.now()) };
}

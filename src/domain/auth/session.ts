import { AuthError, type FieldViolation } from '../errors.ts';
import { readEmail, readOptionalId, readRequired, requireApiKey, requireTenant } from '../parameters.ts';
import type { CallContext, Ports, ProvenClaims, Rules, SessionClaims } from '../ports.ts';
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
  /** '' where the token alone is asked about ({@link readSessionAlone}). */
  readonly email: string;
}

/**
 * Reads what every session call takes, and adds what is wrong to `faults`. Where organizations sign up freely a caller must say which one it speaks
 * for: otherwise anybody could sign one up and mint a session for any e-mail. Where every call needs a key, it must show that.
 */
export function readSessionParameters(
  input: SessionInput,
  { openSignup, requiresApiKey }: Pick<Rules, 'openSignup' | 'requiresApiKey'>,
  faults: FieldViolation[],
): SessionParameters {
  requireNamedTenant(input, { isRequired: openSignup, requiresApiKey }, faults);
  return readProof(input, readEmail, faults);
}

/** The same of the calls that change or tell more: whom they speak for is never left out. */
export function readOwnSessionParameters(
  input: SessionInput,
  { requiresApiKey }: Pick<Rules, 'requiresApiKey'>,
  faults: FieldViolation[],
): SessionParameters {
  requireNamedTenant(input, { isRequired: true, requiresApiKey }, faults);
  return readProof(input, readEmail, faults);
}

/** The same of a call that the token alone opens: `email` may be '' . */
export function readSessionAlone(
  input: SessionInput,
  { openSignup, requiresApiKey }: Pick<Rules, 'openSignup' | 'requiresApiKey'>,
  faults: FieldViolation[],
): SessionParameters {
  requireNamedTenant(input, { isRequired: openSignup, requiresApiKey }, faults);
  return readProof(input, (...email) => (input.email === '' ? '' : readEmail(...email)), faults);
}

function requireNamedTenant(
  { apiKey, orgId }: SessionInput,
  { isRequired, requiresApiKey }: { readonly isRequired: boolean; readonly requiresApiKey: boolean },
  faults: FieldViolation[],
): void {
  if (requiresApiKey) {
    requireApiKey(apiKey, faults);
  } else if (isRequired) {
    requireTenant(apiKey, orgId, faults);
  }
}

function readProof(input: SessionInput, emailReader: typeof readEmail, faults: FieldViolation[]): SessionParameters {
  return {
    sessionToken: readRequired('sessionToken', input.sessionToken, faults),
    email: emailReader('email', input.email, faults),
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
  if (
    claims === null ||
    (email !== '' && claims.email !== email) ||
    (tenant !== null && tenant.orgId !== claims.orgId)
  ) {
    throw new AuthError('SESSION_INVALID');
  }
  return claims;
}

/** A session that is being looked up. */
export interface SessionLookUp {
  readonly sessionId: string;
  readonly found: Promise<SessionRecord | null>;
}

/**
 * Looks up the session that a token names while nobody knows yet who calls, where the token was proven before: across a network the
 * two questions share a round trip. Null where it was not.
 */
export function lookUpEarly(
  { storage, sessionTokens }: Pick<Ports, 'storage' | 'sessionTokens'>,
  { sessionToken }: SessionParameters,
): SessionLookUp | null {
  const claims = sessionTokens.recall(sessionToken);
  if (claims === null) {
    return null;
  }
  const { orgId, sessionId } = claims;
  const found = storage.findSession(orgId, sessionId);
  // A call that is refused before does not ask for it.
  found.catch(() => {});
  return { sessionId, found };
}

/**
 * The token proves, the row decides; `early`: the look-up where it is under way. Throws SESSION_INVALID, SESSION_EXPIRED,
 * SESSION_REVOKED, in this order.
 */
export async function requireLiveSession(
  { storage, clock }: Pick<Ports, 'storage' | 'clock'>,
  claims: SessionClaims,
  early: SessionLookUp | null = null,
): Promise<SessionRecord> {
  const now = clock.now();
  if (hasExpired(claims, now)) {
    throw new AuthError('SESSION_EXPIRED');
  }
  const session = await (early?.sessionId === claims.sessionId
    ? early.found
    : storage.findSession(claims.orgId, claims.sessionId));
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

/** Like {@link requireLiveSession}, for who comes with the session: its use is noted. */
export async function useSession(
  ports: Pick<Ports, 'storage' | 'clock' | 'sessionUses'>,
  claims: SessionClaims,
  call: CallContext,
  early: SessionLookUp | null = null,
): Promise<SessionRecord> {
  const session = await requireLiveSession(ports, claims, early);
  ports.sessionUses.note(session, ports.clock.now(), call);
  return session;
}

/**
 * Like {@link useSession}, for what the user alone may do: whoever opened the session in the user's place is then
 * ACCESS_DENIED, after every other reason.
 */
export async function useOwnSession(
  ports: Pick<Ports, 'storage' | 'clock' | 'sessionUses'>,
  claims: SessionClaims,
  call: CallContext,
): Promise<SessionRecord> {
  const session = await useSession(ports, claims, call);
  if (session.actor !== null) {
    throw new AuthError('ACCESS_DENIED');
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

import { ownSession, ownSessionRefusal } from '../auth/own-session.ts';
import {
  proveSession,
  readOwnSessionParameters,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import type { IssuedSession } from '../auth/storage.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, ProvenClaims, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import type { SessionRecord } from './storage.ts';

/** A session with its new token. */
export interface RenewSessionResult {
  readonly token: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
  readonly userId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readOwnSession(
  input: SessionInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<SessionParameters> {
  return checked(readOwnSessionParameters(input, rules, faults), faults);
}

/**
 * Makes a live session last from now on as long as a new one, within its longest age, and gives a token that says so. One that was
 * renewed or opened a moment ago keeps its end, and its new token says that. The token carries its user's roles as they are now; the
 * version of the password stays the one that opened the session: renewing proves nothing anew.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, API_KEY_INVALID, ORGANIZATION_NOT_FOUND; ACCESS_DENIED for a session that
 * somebody opened in the user's place.
 */
export async function renewSession(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<RenewSessionResult> {
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const now = ports.clock.now();
  const { kid, renewed } = await write(ports, { claims, session, tenant, now });
  const { sessionId, userId, orgId, email } = session;
  const token = signed(ports, kid, now, {
    claims: { ...claims, sessionId, userId, orgId, email },
    renewed,
  });
  return { token, expiresAt: renewed.expiresAt, email, fullname: renewed.fullname, orgId, userId };
}

interface Write {
  readonly claims: ProvenClaims;
  readonly session: SessionRecord;
  readonly tenant: IdentifiedTenant | null;
  readonly now: number;
}

async function write(
  ports: Ports,
  { claims, session, tenant, now: at }: Write,
): Promise<{ readonly kid: string; readonly renewed: IssuedSession }> {
  const { storage, sessionTokens, rules } = ports;
  const lifetime = { ttlSeconds: rules.sessionTtlSeconds, maxAgeSeconds: rules.sessionMaxAgeSeconds };
  const renewal = { ...ownSession(claims, session, tenant), lifetime, at };
  for (;;) {
    const kid = sessionTokens.currentKeyId(at);
    const result = await storage.renewSession({ ...renewal, signingKid: kid });
    if (result.outcome === 'renewed') {
      return { kid, renewed: result.session };
    }
    if (result.outcome !== 'next_signing_key_retired') {
      throw await ownSessionRefusal(ports, claims, result.outcome);
    }
    // Another process has retired the key. Each round follows such a rotation, so it ends.
    await sessionTokens.reloadKeys();
  }
}

interface Signed {
  readonly claims: ProvenClaims;
  readonly renewed: IssuedSession;
}

/** The session is renewed by now: what fails must not be answered UNAVAILABLE, which promises that nothing was done. */
function signed({ sessionTokens }: Ports, kid: string, now: number, { claims, renewed }: Signed): string {
  const { sessionId, userId, orgId, email, credentialVersion } = claims;
  const { expiresAt, roles, emailVerified, tokenKey } = renewed;
  const times = { issuedAtSeconds: Math.floor(now / 1000), expiresAtSeconds: expiresAt / 1000 };
  const of = { sessionId, userId, orgId, email, credentialVersion, actor: null };
  try {
    return sessionTokens.sign(kid, { ...of, ...times, roles, emailVerified }, tokenKey);
  } catch (error) {
    if (error instanceof AuthError && error.reason === 'UNAVAILABLE') {
      throw new Error('What signs went away after the session was renewed.', { cause: error });
    }
    throw error;
  }
}

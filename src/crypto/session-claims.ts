import type { SessionClaims } from '../domain/ports.ts';
import { isUuid } from '../domain/uuid.ts';

/**
 * The claims of a payload whose signature is good, if every one that is required is there and of its type: `iss` ours,
 * `aud` a string equal to `org_id`, ids in UUID form, instants in whole seconds, `exp` after `iat`. Of those that may be missing
 * `credential_version` is a whole number from 1 on, `roles` a list of texts, `act` an object with `sub`. Null otherwise. Claims
 * that are not named by the contract are reserved and ignored, but for `nbf`. Whether the token is of now is for the caller to judge.
 */
export function readSessionClaims(payload: unknown, issuer: string): SessionClaims | null {
  if (!isObject(payload)) {
    return null;
  }
  const { iss, aud, sub, sid, jti, iat, exp, email, org_id: orgId, email_verified: emailVerified } = payload;
  // A token that says when it begins is none of ours.
  if (payload.nbf !== undefined) {
    return null;
  }
  if (iss !== issuer || aud !== orgId || typeof emailVerified !== 'boolean') {
    return null;
  }
  if (!isId(orgId) || !isId(sub) || !isId(sid) || !isId(jti)) {
    return null;
  }
  if (!isInstant(iat) || !isInstant(exp) || exp <= iat) {
    return null;
  }
  if (typeof email !== 'string' || email === '') {
    return null;
  }
  if (payload.api_key !== undefined && typeof payload.api_key !== 'string') {
    return null;
  }
  const { credential_version: version } = payload;
  if (version !== undefined && !isVersion(version)) {
    return null;
  }
  const { act, roles } = payload;
  if (act !== undefined && !isActor(act)) {
    return null;
  }
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) {
    return null;
  }
  const credentialVersion = version ?? null;
  const actor = act?.sub ?? null;
  const times = { issuedAtSeconds: iat, expiresAtSeconds: exp };
  return { sessionId: sid, userId: sub, orgId, email, ...times, credentialVersion, actor };
}

/** Who acts in the place of the subject (RFC 8693, section 4.1). */
function isActor(value: unknown): value is { readonly sub: string } {
  return isObject(value) && typeof value.sub === 'string' && value.sub !== '';
}

/** Whether this is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isUuid(value);
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** Whole seconds; beyond 2^53 a number no longer says which. */
function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

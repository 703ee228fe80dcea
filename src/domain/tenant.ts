import { type Caller, classOfKey } from './caller.ts';
import { AuthError, type ErrorReason } from './errors.ts';
import type { Ports } from './ports.ts';

/** Whose call it is: the organization, and the key that proved it (null: by `org_id` alone). */
export interface Tenant {
  readonly orgId: string;
  readonly keyId: string | null;
}

/** What a caller says of the organization it speaks for; '' where it says nothing. */
export interface TenantClaim {
  readonly apiKey: string;
  readonly orgId: string;
}

/** A tenant, with how its caller proved itself. */
export type IdentifiedTenant = Tenant & Caller;

/** A tenant whose caller showed a key. */
export type KeyTenant = IdentifiedTenant & { readonly keyId: string };

/**
 * The tenant that a call speaks for, or null when it names none. A key, where one is given, decides alone and must
 * agree with `orgId`.
 *
 * Throws API_KEY_INVALID for a key that is malformed, unknown, revoked, of a closed organization or of another one
 * than `orgId`; ORGANIZATION_NOT_FOUND for an `orgId` without a key that is unknown or closed.
 */
export async function identifyTenant(
  { storage, apiKeys }: Pick<Ports, 'storage' | 'apiKeys'>,
  { apiKey, orgId }: TenantClaim,
): Promise<IdentifiedTenant | null> {
  if (apiKey !== '') {
    const apiKeyHash = apiKeys.hash(apiKey);
    const owner = apiKeyHash === null ? null : await storage.findApiKey(apiKeyHash);
    if (owner !== null && owner.revokedAt !== null) {
      throw new AuthError('API_KEY_INVALID', { subject: { orgId: owner.orgId, revokedKeyId: owner.keyId } });
    }
    if (owner === null || owner.organizationClosedAt !== null || (orgId !== '' && orgId !== owner.orgId)) {
      throw new AuthError('API_KEY_INVALID');
    }
    return { orgId: owner.orgId, keyId: owner.keyId, callerClass: classOfKey(owner) };
  }
  if (orgId === '') {
    return null;
  }
  const organization = await storage.findOrganization(orgId);
  if (organization === null || organization.closedAt !== null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  return { orgId, keyId: null, callerClass: 'no_key' };
}

/** Like {@link identifyTenant}, for calls whose parameters were read to name one. */
export async function requireIdentifiedTenant(
  ports: Pick<Ports, 'storage' | 'apiKeys'>,
  claim: TenantClaim,
): Promise<IdentifiedTenant> {
  const tenant = await identifyTenant(ports, claim);
  if (tenant === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  return tenant;
}

/** Like {@link requireIdentifiedTenant}, for calls that only a key opens: an `orgId` alone is API_KEY_INVALID. */
export async function requireKeyTenant(
  ports: Pick<Ports, 'storage' | 'apiKeys'>,
  claim: TenantClaim,
): Promise<KeyTenant> {
  const tenant = await requireIdentifiedTenant(ports, claim);
  const { keyId } = tenant;
  if (keyId === null) {
    throw new AuthError('API_KEY_INVALID');
  }
  return { ...tenant, keyId };
}

/** Why a store refused a step. The same word means the same to the caller in every call. */
const REFUSALS = {
  api_key_invalid: 'API_KEY_INVALID',
  organization_not_found: 'ORGANIZATION_NOT_FOUND',
  nonce_invalid: 'NONCE_INVALID',
  nonce_used: 'NONCE_USED',
  user_exists: 'USER_EXISTS',
  user_not_found: 'USER_NOT_FOUND',
  user_disabled: 'USER_DISABLED',
  // A fresh call would meet the new password.
  credentials_changed: 'CREDENTIALS_INVALID',
  session_ended: 'SESSION_REVOKED',
  // A fresh call would bring a token that nothing proves any more.
  signing_key_retired: 'SESSION_INVALID',
  email_not_verified: 'EMAIL_NOT_VERIFIED',
  challenge_invalid: 'CHALLENGE_INVALID',
  code_invalid: 'CODE_INVALID',
  not_enabled: 'SECOND_FACTOR_NOT_ENABLED',
  already_enabled: 'SECOND_FACTOR_ALREADY_ENABLED',
} as const satisfies Record<string, ErrorReason>;

/** The error for a step that the store refused. */
export function refusal(outcome: keyof typeof REFUSALS): AuthError {
  return new AuthError(REFUSALS[outcome]);
}

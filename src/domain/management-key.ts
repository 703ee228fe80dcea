import { AuthError } from './errors.ts';
import type { Ports } from './ports.ts';

/** The holder of an organization's management key. */
export interface KeyManager {
  readonly isKeyManager: true;
  readonly orgId: string;
  readonly keyId: string;
  readonly mayWrite: boolean;
  readonly mayImpersonate: boolean;
}

/**
 * Who shows a management key. Looked up with each call, so that a revoked one is refused from the next on. Throws API_KEY_INVALID for
 * one that is malformed, unknown, revoked or of a closed organization.
 */
export async function requireManagementKey(
  { storage, apiKeys }: Pick<Ports, 'storage' | 'apiKeys'>,
  managementKey: string,
): Promise<KeyManager> {
  const digest = apiKeys.hashManagementKey(managementKey);
  const owner = digest === null ? null : await storage.findManagementKey(digest);
  if (owner === null) {
    throw new AuthError('API_KEY_INVALID');
  }
  const { orgId, keyId, kind, impersonate, revokedAt, organizationClosedAt } = owner;
  if (revokedAt !== null) {
    throw new AuthError('API_KEY_INVALID', { subject: { orgId, revokedKeyId: keyId } });
  }
  if (organizationClosedAt !== null) {
    throw new AuthError('API_KEY_INVALID');
  }
  const mayWrite = kind === 'management';
  return { isKeyManager: true, orgId, keyId, mayWrite, mayImpersonate: mayWrite && impersonate };
}

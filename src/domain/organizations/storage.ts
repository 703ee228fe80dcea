import type { PageRequest } from '../page.ts';
import type { EndedGeneration } from '../sessions/storage.ts';

/** What the rules of organizations and their keys need from the store. `Storage` says what holds for every operation. */
export interface OrganizationStorage {
  /** Creates an organization with its first key, which is the token key. Of two with one `nameKey`, one wins. */
  createOrganization(organization: Organization, firstKey: NewApiKey): Promise<'created' | 'already_exists'>;
  findOrganization(orgId: string): Promise<Organization | null>;
  findOrganizationByNameKey(nameKey: string): Promise<Organization | null>;
  /** Oldest first, by (createdAt, orgId). */
  listOrganizations(page: PageRequest): Promise<readonly Organization[]>;
  /** Those that are open and have no live key that was never sealed for tokens. Oldest first, by (createdAt, orgId). */
  listOrganizationsWithoutPrivateKey(page: PageRequest): Promise<readonly Organization[]>;
  /**
   * Closes it (again: keeps the first instant) and ends its sessions: `ended` is null where it had none. Null when there is
   * no such organization.
   */
  closeOrganization(
    orgId: string,
    at: number,
  ): Promise<{ readonly organization: Organization; readonly ended: EndedGeneration | null } | null>;
  /** Opens it again; its sessions stay ended. Null when there is none. */
  reopenOrganization(orgId: string): Promise<Organization | null>;
  /** The key of this digest, revoked or not, and whether its organization is closed. */
  findApiKey(apiKeyHash: Uint8Array): Promise<ApiKeyOwner | null>;
  /**
   * Adds a key. With `inTokens` it takes that place from the present token key, whose sealed form is erased; that it
   * had one is remembered for ever.
   */
  createApiKey(key: NewApiKey): Promise<'created' | 'organization_not_found'>;
  /** Oldest first, by (createdAt, keyId). */
  listApiKeys(orgId: string, page: PageRequest): Promise<readonly ApiKeyRecord[]>;
  /**
   * Revokes a key (again: keeps the first instant) and erases its sealed form. With `endSessions` it ends every
   * session of the organization in the same step: `ended` is null where it had none. Null when the organization has no such
   * key.
   */
  revokeApiKey(
    revocation: ApiKeyRevocation,
  ): Promise<{ readonly apiKey: ApiKeyRecord; readonly ended: EndedGeneration | null } | null>;
}

export interface Organization {
  readonly orgId: string;
  readonly name: string;
  /** The name as it is compared: unique. */
  readonly nameKey: string;
  readonly createdAt: number;
  readonly closedAt: number | null;
}

export interface NewApiKey {
  readonly keyId: string;
  readonly orgId: string;
  readonly label: string;
  /** SHA-256 of the key. */
  readonly apiKeyHash: Uint8Array;
  /** The key sealed for the claim of tokens; null for every key but a token key, and where tokens carry ids. */
  readonly sealedApiKey: Uint8Array | null;
  readonly inTokens: boolean;
  readonly createdAt: number;
}

export interface ApiKeyRecord {
  readonly keyId: string;
  readonly orgId: string;
  readonly label: string;
  readonly inTokens: boolean;
  /** Whether it is or ever was kept sealed for tokens, or may have been: whoever saw a token then knows it. */
  readonly wasSealed: boolean;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface ApiKeyOwner {
  readonly keyId: string;
  readonly orgId: string;
  /** As that of {@link ApiKeyRecord}. */
  readonly wasSealed: boolean;
  readonly revokedAt: number | null;
  readonly organizationClosedAt: number | null;
}

export interface ApiKeyRevocation {
  readonly orgId: string;
  readonly keyId: string;
  readonly at: number;
  readonly endSessions: boolean;
}

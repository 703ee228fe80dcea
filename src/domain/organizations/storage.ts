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
  /** Those that are open and have no live API key that was never sealed for tokens. Oldest first, by (createdAt, orgId). */
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
  /**
   * Changes what is given of an organization. Of two that take one `nameKey`, one wins. Null when there is no such organization.
   * `keyId`: the management key that does so; only while it is not revoked and the organization open.
   */
  updateOrganization(
    orgId: string,
    update: OrganizationUpdate,
    keyId?: string | null,
  ): Promise<Organization | 'already_exists' | 'api_key_invalid' | null>;
  /** How many users an organization has, counted up to `most`. */
  countUsers(orgId: string, most: number): Promise<number>;
  /** The API key of this digest, revoked or not, and whether its organization is closed; never a management key. */
  findApiKey(apiKeyHash: Uint8Array): Promise<ApiKeyOwner | null>;
  /** The management key of this digest, revoked or not, and whether its organization is closed; never an API key. */
  findManagementKey(apiKeyHash: Uint8Array): Promise<ManagementKeyOwner | null>;
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
  /** How long its sessions last; null: as the settings of the server say. */
  readonly sessionTtlSeconds: number | null;
  /** Whether its mails are sent: not those of one that signed itself up, until an administrator approves it. */
  readonly mailApproved: boolean;
  /** The text of a JSON object: its other settings, but for those at their defaults (`settings.ts`). */
  readonly settings: string;
}

/** What changes of an organization; what is missing stays. */
export interface OrganizationUpdate {
  readonly name?: { readonly name: string; readonly nameKey: string };
  readonly sessionTtlSeconds?: number | null;
  readonly mailApproved?: boolean;
  /** Settings by their names, put over those that there are. One that is null goes back to its default. */
  readonly settings?: Readonly<Record<string, string | null>>;
}

/** What a key opens: the six calls and AccountService, or its organization's management, to change it or to read it. */
export type ApiKeyKind = 'api' | 'management' | 'management_read';

export interface NewApiKey {
  readonly keyId: string;
  readonly orgId: string;
  readonly label: string;
  /** SHA-256 of the key. */
  readonly apiKeyHash: Uint8Array;
  /** The key sealed for the claim of tokens; null for every key but a token key, and where tokens carry ids. */
  readonly sealedApiKey: Uint8Array | null;
  readonly inTokens: boolean;
  readonly kind: ApiKeyKind;
  /** Whether it opens Impersonate. */
  readonly impersonate: boolean;
  readonly createdAt: number;
}

export interface ApiKeyRecord {
  readonly keyId: string;
  readonly orgId: string;
  readonly label: string;
  readonly inTokens: boolean;
  /** Whether it is or ever was kept sealed for tokens, or may have been: whoever saw a token then knows it. */
  readonly wasSealed: boolean;
  readonly kind: ApiKeyKind;
  /** Whether it opens Impersonate. */
  readonly impersonate: boolean;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface ManagementKeyOwner {
  readonly keyId: string;
  readonly orgId: string;
  readonly kind: Exclude<ApiKeyKind, 'api'>;
  readonly impersonate: boolean;
  readonly revokedAt: number | null;
  readonly organizationClosedAt: number | null;
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

/**
 * What the rules need from a store. Every method is one whole atomic operation named after the rule it serves:
 * it happens entirely or not at all, and once its promise is fulfilled its effect survives a power cut.
 *
 * Common promises, for every adapter:
 *   - Instants (`…At`) are milliseconds since 1970, ids lower-case text.
 *   - Foreseen outcomes are return values. An adapter throws `AuthError` UNAVAILABLE when the store cannot be
 *     reached, is locked for too long, full or read-only (nothing was done then), and anything else only for a
 *     fault of its own.
 *   - Where operations race, exactly one order of them is what everybody sees.
 *   - All ways to end sessions (logout, password change, disable, delete, close, revoke) end them alike: the rows
 *     stay until they are swept, with `revokedAt` set; a session that has ended is never ended again.
 */
export interface Storage {
  /** The store's identity, or null before {@link initialize}. */
  readStoreIdentity(): Promise<StoreIdentity | null>;
  /** Gives a new store its identity and its first signing key. Of several starts at once, one wins. */
  initialize(
    identity: StoreIdentity,
    firstSigningKey: SigningKeyRecord,
  ): Promise<'initialized' | 'already_initialized'>;
  /** Writes, and leaves nothing of it: fulfilled when the store can be written, throws UNAVAILABLE otherwise. */
  ping(): Promise<void>;
  /**
   * Removes at most `limit` rows that no rule needs any more: sessions whose `expiresAt`, and spent nonces whose
   * `keepUntil`, lie before `now`; signing keys that were retired or superseded by a live one, and signed nothing that
   * expires, {@link KEEP_ENDED_SIGNING_KEYS_MS} before. Tells whether it stopped at the limit.
   */
  sweep(now: number, limit: number): Promise<{ readonly removed: number; readonly more: boolean }>;
  /** Writes a consistent copy of the whole store to a new file, while calls go on. Fails if the file exists. */
  backup(file: string): Promise<void>;
  /** Lets go of everything; waits for writes that were asked for before. Later calls throw UNAVAILABLE. */
  close(): Promise<void>;

  /** Creates an organization with its first key, which is the token key. Of two with one `nameKey`, one wins. */
  createOrganization(organization: Organization, firstKey: NewApiKey): Promise<'created' | 'already_exists'>;
  findOrganization(orgId: string): Promise<Organization | null>;
  findOrganizationByNameKey(nameKey: string): Promise<Organization | null>;
  /** Oldest first, by (createdAt, orgId). */
  listOrganizations(page: PageRequest): Promise<readonly Organization[]>;
  /** Closes it (again: keeps the first instant) and ends its live sessions; null when there is none. */
  closeOrganization(
    orgId: string,
    at: number,
  ): Promise<{ readonly organization: Organization; readonly endedSessions: number } | null>;
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
   * live session of the organization in the same step. Null when the organization has no such key.
   */
  revokeApiKey(
    revocation: ApiKeyRevocation,
  ): Promise<{ readonly apiKey: ApiKeyRecord; readonly endedSessions: number } | null>;

  /**
   * The account step of SignUp before the hash: refuses a key that is no longer live (nothing spent), spends the
   * nonce, then looks for the user. Of many calls with one nonce exactly one gets past `nonce_used`.
   */
  beginSignUp(attempt: SignUpAttempt): Promise<'begun' | 'api_key_invalid' | 'nonce_used' | 'user_exists'>;
  /** The write of SignUp after the hash, with the key and the e-mail checked once more. */
  createUser(user: NewUser): Promise<'created' | 'api_key_invalid' | 'user_exists'>;
  /**
   * The account step of Login before the hash: refuses a tenant that is no longer open (nothing spent), spends
   * the nonce, then reads the user. Of many calls with one nonce exactly one gets past `nonce_used`.
   */
  beginLogin(attempt: LoginAttempt): Promise<LoginBeginning>;
  /**
   * The write of Login after the hash. It inserts the session only if the tenant is still open, the user still
   * there, enabled and at `credentialVersion`. It also replaces the hash when `rehash` is given and the stored
   * one is still `rehash.from`, ends the user's oldest sessions beyond `maxLiveSessions`, those first that are dated
   * more than {@link MAX_CLOCK_SKEW_MS} after it, and keeps the signing key verifying until the session expires.
   */
  createSession(session: NewSession): Promise<SessionCreation>;

  /** The session with what Validate answers, ended or not; null when its row, or its user's, is gone. */
  findSession(orgId: string, sessionId: string): Promise<SessionRecord | null>;
  /** Ends one session (again, or gone: nothing happens). */
  endSession(session: SessionReference, at: number): Promise<'ended' | 'already_ended' | 'not_found'>;
  /** Ends the live sessions of a user. The number that ended. */
  endUserSessions(orgId: string, userId: string, at: number): Promise<number>;
  /** The sessions of a user or of a whole organization, ended ones included. Oldest first, by (createdAt, sessionId). */
  listSessions(orgId: string, userId: string | null, page: PageRequest): Promise<readonly SessionRecord[]>;
  /** The credentials of a user; null when there is none. */
  findUserCredentials(orgId: string, userId: string): Promise<UserCredentials | null>;
  /**
   * The write of ChangePassword after the hash: only if the tenant is still open, the session still live and the
   * user enabled and at `credentialVersion`. It raises `credentialVersion` by one and ends the user's other live
   * sessions.
   */
  changePassword(change: PasswordChange): Promise<PasswordChangeOutcome>;

  /** Oldest first, by (createdAt, userId). */
  listUsers(orgId: string, page: PageRequest): Promise<readonly UserRecord[]>;
  findUserByEmail(orgId: string, email: string): Promise<UserRecord | null>;
  findUser(orgId: string, userId: string): Promise<UserRecord | null>;
  /** Disables the user (again: keeps the first instant) and ends their live sessions; null when there is none. */
  disableUser(
    orgId: string,
    userId: string,
    at: number,
  ): Promise<{ readonly user: UserRecord; readonly endedSessions: number } | null>;
  enableUser(orgId: string, userId: string): Promise<UserRecord | null>;
  /** Ends the user's live sessions and removes the user. Null when there is none. */
  deleteUser(orgId: string, userId: string, at: number): Promise<{ readonly endedSessions: number } | null>;

  /** Every signing key that was not swept, in the order in which they were added, which is the same for everybody. */
  listSigningKeys(): Promise<readonly SigningKeyRecord[]>;
  /** Adds a key that signs from its `activatesAt`. With `retireOthersAt` every other key is retired in the same step. */
  addSigningKey(key: SigningKeyRecord, retireOthersAt: number | null): Promise<void>;
}

/**
 * How long a signing key outlives its last token, in milliseconds: 400 days, the longest that a session can live. Until
 * then whoever shows an expired token is told that it has expired, and can log out; after that it is any stranger's.
 */
export const KEEP_ENDED_SIGNING_KEYS_MS = 400 * 24 * 60 * 60 * 1000;

/** Which store this is. Made once, with the store. */
export interface StoreIdentity {
  /** Random; never changes. */
  readonly storeId: string;
  /** Random; replaced when a backup is restored, so that older nonces and sessions end. */
  readonly epoch: string;
  /** A value sealed with the secret that the store was made under: another secret cannot open it. */
  readonly secretCheck: Uint8Array;
}

export interface Organization {
  readonly orgId: string;
  readonly name: string;
  /** The name as it is compared: unique. */
  readonly nameKey: string;
  readonly createdAt: number;
  readonly closedAt: number | null;
}

/** A page of a list ordered by (createdAt, id): the `limit` rows behind `after`. */
export interface PageRequest {
  /** 1 or more. */
  readonly limit: number;
  readonly after: PagePosition | null;
}

export interface PagePosition {
  readonly createdAt: number;
  readonly id: string;
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
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface ApiKeyOwner {
  readonly keyId: string;
  readonly orgId: string;
  /** Whether it is or ever was kept sealed for tokens, or may have been: whoever saw a token then knows it. */
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

/** Whose call it is: the organization, and the key that proved it (null: by `org_id` alone). */
export interface Tenant {
  readonly orgId: string;
  readonly keyId: string | null;
}

/** A nonce to spend. */
export interface SpentNonce {
  readonly nonceId: string;
  /** How long the id must be remembered: past this instant no clock accepts the nonce. */
  readonly keepUntil: number;
}

export interface SignUpAttempt {
  readonly orgId: string;
  readonly keyId: string;
  readonly email: string;
  readonly nonce: SpentNonce;
}

export interface NewUser {
  readonly userId: string;
  readonly orgId: string;
  /** The key that asks; checked again. */
  readonly keyId: string;
  readonly email: string;
  readonly fullname: string;
  readonly passwordHash: string;
  readonly createdAt: number;
}

export interface LoginAttempt {
  readonly tenant: Tenant;
  readonly email: string;
  readonly nonce: SpentNonce;
}

export type LoginBeginning =
  | { readonly outcome: 'begun'; readonly user: UserCredentials }
  | { readonly outcome: 'api_key_invalid' | 'organization_not_found' | 'nonce_used' | 'user_not_found' };

/** What a password is checked against. */
export interface UserCredentials {
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  /** Self-describing; null for a user who has no password. */
  readonly passwordHash: string | null;
  /** Raised by every change of the password, never by a mere upgrade of its hash. */
  readonly credentialVersion: number;
  readonly disabledAt: number | null;
}

export interface NewSession {
  readonly tenant: Tenant;
  readonly sessionId: string;
  readonly userId: string;
  readonly credentialVersion: number;
  readonly rehash: { readonly from: string; readonly to: string } | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly maxLiveSessions: number;
  /** The key that will sign the session's token. */
  readonly kid: string;
}

export type SessionCreation =
  | { readonly outcome: 'created'; readonly tokenKey: TokenKey | null }
  | {
      readonly outcome:
        | 'api_key_invalid'
        | 'organization_not_found'
        | 'user_not_found'
        | 'user_disabled'
        | 'credentials_changed';
    };

/** The organization's live token key. */
export interface TokenKey {
  readonly keyId: string;
  /** Null where it was made while tokens carried ids. */
  readonly sealedApiKey: Uint8Array | null;
}

export interface SessionReference {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
}

export interface SessionRecord extends SessionReference {
  readonly email: string;
  readonly fullname: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it ended before its time; null while it lives. */
  readonly revokedAt: number | null;
}

export interface PasswordChange {
  readonly tenant: Tenant;
  readonly userId: string;
  readonly sessionId: string;
  readonly credentialVersion: number;
  readonly passwordHash: string;
  readonly at: number;
}

export type PasswordChangeOutcome =
  | { readonly outcome: 'changed'; readonly endedSessions: number }
  | {
      readonly outcome: 'api_key_invalid' | 'organization_not_found' | 'session_ended' | 'credentials_changed';
    };

export interface UserRecord {
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly emailVerifiedAt: number | null;
}

/**
 * A signing key as it is stored. Its state follows from the order in which keys were added and from the instants: the
 * last added whose `activatesAt` has passed is current, and where there is none the first; those before it verify until
 * `verifiesUntil`; those after it are next.
 */
export interface SigningKeyRecord {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  /** The public key as a JWK, in JSON. */
  readonly publicJwk: string;
  /** The private key (PKCS #8), sealed. */
  readonly sealedPrivateKey: Uint8Array;
  readonly createdAt: number;
  readonly activatesAt: number;
  /** The last `exp` it signed, rounded up by at most an hour; 0 before the first. */
  readonly verifiesUntil: number;
  /** Set when it was retired at once; it verifies nothing from then on. */
  readonly retiredAt: number | null;
}

import type { MailTokens } from './accounts/mail-token.ts';
import type { TokenKey } from './auth/storage.ts';
import type { LockRules } from './auth/tries.ts';
import type { TryEnds } from './auth/try-ends.ts';
import type { TryGate } from './auth/try-gate.ts';
import type { Caller, CallerClass } from './caller.ts';
import type { Mail, MailRequest } from './mail/mail.ts';
import type { MailRequestRecord, NewMail, NewMailRequest, OutboxMail } from './mail/storage.ts';
import type { WaitingRequests } from './mail/waiting-requests.ts';
import type { ApiKeyKind } from './organizations/storage.ts';
import type { Words } from './passwords/near-words.ts';
import type { PasswordPolicy } from './passwords/password-policy.ts';
import type { ChallengeTokens } from './second-factors/challenge.ts';
import type { LoginCodes, TotpSecrets } from './second-factors/codes.ts';
import type { Device } from './sessions/device.ts';
import type { SessionUses } from './sessions/session-uses.ts';
import type { Storage } from './storage.ts';

/** What the rules need from the world outside: the use cases take exactly this. */
export interface Ports {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly passwords: PasswordHasher;
  readonly foreignHashes: ForeignHashes;
  readonly nonces: NonceSigner;
  readonly mailTokens: MailTokens;
  readonly challengeTokens: ChallengeTokens;
  readonly totpSecrets: TotpSecrets;
  readonly loginCodes: LoginCodes;
  readonly sessionTokens: SessionTokenSigner;
  readonly apiKeys: ApiKeySource;
  readonly adminTokens: AdminTokenVerifier;
  readonly mails: MailSealer;
  /** Of this process. */
  readonly waitingRequests: WaitingRequests;
  /** Null where the settings name no list. */
  readonly breachedPasswords: BreachedPasswords | null;
  /** Of this process. */
  readonly tryGate: TryGate;
  /** Of this process. */
  readonly tryEnds: TryEnds;
  /** Of this process. */
  readonly sessionUses: SessionUses;
  readonly rules: Rules;
}

/** The settings that rules depend on, and what comes with the release. */
export interface Rules {
  readonly nonceTtlSeconds: number;
  readonly sessionTtlSeconds: number;
  /** How long after its login a session is renewed at most. */
  readonly sessionMaxAgeSeconds: number;
  /** Whether anybody may sign up an organization; session calls then need a key or an `org_id`. */
  readonly openSignup: boolean;
  /** Whether `/auth` takes GET, as callers of the hosted product use it. */
  readonly takesGet: boolean;
  /** Whether a login tells neither that a user is unknown or disabled, nor that an organization is unknown. */
  readonly hidesUsers: boolean;
  /** Whether each of the six calls needs an API key. */
  readonly requiresApiKey: boolean;
  /** Whether a change of a password needs the present one. */
  readonly requiresCurrentPassword: boolean;
  /** What a new password must be. */
  readonly passwordPolicy: PasswordPolicy;
  /** Words that no new password is made of. */
  readonly commonWords: Words;
  readonly lock: LockRules;
  /** Users with one of these roles are read-only to a management key, which gives nobody one. */
  readonly protectedRoles: readonly string[];
}

/** Time that never goes back within one process. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface IdSource {
  /** A random UUIDv4 in lower case. */
  uuidV4(): string;
  /** A UUIDv7 (RFC 9562) of the given instant in lower case; later ones sort after earlier ones. */
  uuidV7(at: number): string;
}

/** What a use case may know of the call it serves. */
export interface CallContext {
  /** Whether nobody waits for the answer any more (deadline passed, caller gone): do not begin expensive work. */
  isAbandoned(): boolean;
  /** How long the caller still waits, in milliseconds; absent where it waits for as long as it takes. */
  remainingMs?(): number;
  /** With what the person behind the call makes it; absent where nobody is to be believed. */
  device?(): Device;
}

export interface PasswordHasher {
  /**
   * Throws AuthError OVERLOADED with a wait where one who came now would get no place in the queue, so that nothing is read or
   * computed for it in vain. Takes none: {@link acquire} may refuse it all the same.
   */
  requirePlace(caller: Caller): void;
  /**
   * Takes a place in the queue of passwords to hash and waits for its turn: nothing may be spent for the call before.
   * To be let go with {@link HashSlot.release}. The queue is shared over organizations and, within one, over the classes of
   * its callers, the highest first. Throws AuthError OVERLOADED with a wait when it is full and the caller's share of it is
   * used up, DEADLINE_EXCEEDED when the call is abandoned as its turn comes, UNAVAILABLE when no passwords are hashed any
   * more.
   */
  acquire(caller: Caller, call: CallContext): Promise<HashSlot>;
}

/**
 * A turn in the queue. Passwords arrive normalized (NFC) and are never truncated. Hashing throws AuthError UNAVAILABLE
 * when it is closed or its threads die: nothing was done by it. A use case that has spent a nonce by then answers
 * otherwise (`afterSpentNonce`).
 */
export interface HashSlot {
  /** A new self-describing hash under the present parameters. Throws DEADLINE_EXCEEDED for an abandoned call. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one hashed, and whether the hash is weaker than one under the present parameters would
   * be, and so to be renewed: a stronger one never is. Costs one hash of the stored form, whatever the password. Throws
   * DEADLINE_EXCEEDED for an abandoned call, and an error of no reason for a form that is not known or out of bounds.
   */
  verify(password: string, passwordHash: string): Promise<PasswordVerdict>;
  /** Costs what {@link verify} does of a hash under the present parameters, and matches nothing. */
  verifyNobody(password: string): Promise<PasswordVerdict>;
  /** Gives the place back. Repeating it does nothing. */
  release(): void;
}

export interface ForeignHashes {
  /** Reads a password hash that another system has made, or this one: nothing is computed, and a fault quotes nothing of it. */
  read(passwordHash: string): ReadHash;
}

/** The form in which it is stored and verified; or why it is not taken, as a predicate ("is too long"). */
export type ReadHash = { readonly stored: string } | { readonly fault: string };

export interface PasswordVerdict {
  readonly matches: boolean;
  readonly outdated: boolean;
}

/** What a nonce is bound to. */
export interface NonceBinding {
  readonly email: string;
  /** The organization of the key that asked for it; null when none did. */
  readonly orgId: string | null;
}

export interface Nonce {
  readonly nonceId: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

export interface VerifiedNonce extends Nonce {
  /** The epoch of the store under which it was verified. */
  readonly epoch: string;
}

export interface NonceSigner {
  /** A signed token for a nonce. Stores nothing. */
  sign(nonce: Nonce, binding: NonceBinding): string;
  /**
   * The nonce of a token made by {@link sign} for this e-mail and, where it was bound to one, this organization.
   * Null when it is malformed, forged, bound otherwise or of another epoch of the store. Age is for the caller to judge.
   */
  verify(token: string, binding: { readonly email: string; readonly orgId: string }): VerifiedNonce | null;
}

/** The claims of a session token; instants in whole seconds since 1970, as in the token. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** The user's when the session began; null in tokens of before they carried it. */
  readonly credentialVersion: number | null;
  /** Who opened the session in the place of its user; null where the user did. */
  readonly actor: string | null;
}

/** Claims of a new token: with what others who verify it are told of its user, as it is at this moment. */
export interface IssuedClaims extends SessionClaims {
  readonly emailVerified: boolean;
  readonly roles: readonly string[];
}

/** Claims of a token that this service signed. */
export interface ProvenClaims extends SessionClaims {
  /** The key that signed it. */
  readonly kid: string;
}

export interface SessionTokenSigner {
  /** The id of the key that signs at this instant. Throws AuthError UNAVAILABLE when no key can be used. */
  currentKeyId(now: number): string;
  /** Reads the keys anew, when the store has told that one was retired. Throws what the store throws. */
  reloadKeys(): Promise<void>;
  /**
   * Signs claims with the named key. `tokenKey` becomes the claim `api_key` in the form the settings ask for. Throws
   * AuthError UNAVAILABLE when the key was retired since {@link currentKeyId} named it: no token was made. Login, which
   * has spent a nonce and opened the session by then, answers INTERNAL.
   */
  sign(kid: string, claims: IssuedClaims, tokenKey: TokenKey | null): string;
  /**
   * The claims of a token that this service signed with a key that still verifies. Null for anything else:
   * malformed, forged, of another type, issuer or audience, issued in the future, incomplete. An expired token
   * still yields its claims: age is for the caller to judge.
   */
  verify(token: string, now: number): Promise<ProvenClaims | null>;
  /**
   * The claims that this token was proven to have once, at once; null for one that was not, or is not remembered. Proves nothing
   * now: it may be too old, or its key retired.
   */
  recall(token: string): SessionClaims | null;
  /** Like {@link verify}, but yields the claims of a token issued in the future too: the clock was ahead once. */
  verifyAhead(token: string, now: number): Promise<ProvenClaims | null>;
}

export interface ApiKeySource {
  /** A new random key of a kind, with its digest. */
  create(kind: ApiKeyKind): { readonly apiKey: string; readonly apiKeyHash: Uint8Array };
  /** The digest of an API key, or null when it is not of an API key's form. */
  hash(apiKey: string): Uint8Array | null;
  /** The digest of a management key, or null when it is not of a management key's form. */
  hashManagementKey(managementKey: string): Uint8Array | null;
  /** The key sealed for the row it belongs to, or null where tokens do not hold keys. */
  seal(apiKey: string, row: { readonly orgId: string; readonly keyId: string }): Uint8Array | null;
}

export interface AdminTokenVerifier {
  /** Whether this is the admin token, compared in constant time. A replaced token is refused from the next call on. */
  verify(adminToken: string): Promise<boolean>;
}

export interface BreachedPasswords {
  /**
   * Whether a normalized password is on the list of those that were stolen somewhere. Throws AuthError UNAVAILABLE when the list
   * cannot be read.
   */
  has(password: string): Promise<boolean>;
}

/** Makes what the outbox keeps: sealed, so that the store tells neither addresses nor texts. */
export interface MailSealer {
  /** A request by an address: the same work for every one. `at`: now. */
  sealRequest(request: MailRequest, at: number): NewMailRequest;
  /** A mail to a user, charged to a class of callers; to be given to the write that is its cause. `at`: now. */
  seal(mail: Mail, callerClass: CallerClass, at: number): NewMail;
}

/** Opens what a {@link MailSealer} has sealed. Neither throws. */
export interface MailOpener {
  openRequest(request: MailRequestRecord): MailRequest | Unopened;
  open(mail: Pick<OutboxMail, 'orgId' | 'mailId' | 'sealedMail'>): Mail | Unopened;
}

/** `for_now`: another process may know the secret, or this one soon. `for_good`: it was changed, moved, or is not to be believed. */
export interface Unopened {
  readonly unopened: 'for_now' | 'for_good';
}

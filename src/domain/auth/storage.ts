import type { CallerClass } from '../caller.ts';
import type { NewMail } from '../mail/storage.ts';
import type { ChallengeSeed, OpenChallenge } from '../second-factors/challenge.ts';
import type { CodeUse } from '../second-factors/storage.ts';
import type { Device } from '../sessions/device.ts';
import type { Tenant } from '../tenant.ts';
import type { CountedAs, CountedTries, LockRules, TryEnd } from './tries.ts';

/** What SignUp, Login and ChangePassword need from the store. `Storage` says what holds for every operation. */
export interface AuthStorage {
  /**
   * The account step of SignUp before the hash: refuses a key that is no longer live (nothing spent), spends the
   * nonce, then looks for the user. Of many calls with one nonce exactly one gets past `nonce_used`; one of another epoch than the
   * store's is `nonce_invalid`.
   */
  beginSignUp(attempt: SignUpAttempt): Promise<SignUpBeginning>;
  /** The write of SignUp after the hash, with the key and the e-mail checked once more. */
  createUser(user: NewUser): Promise<'created' | 'api_key_invalid' | 'user_exists'>;
  /** What there is of a nonce, of whose an e-mail is and of the tries at it, known to the organization or not; holds nothing. */
  lookAtLogin(orgId: string, email: string, nonceId: string): Promise<LoginPreview>;
  /**
   * The account step of Login before the hash: refuses a tenant that is no longer open (nothing spent), spends
   * the nonce, and counts the try ({@link beginTry}). Of many calls with one nonce exactly one gets past `nonce_used`; one of
   * another epoch than the store's is `nonce_invalid`. `locked` and `wait` spend and count nothing, and are told of an unspent
   * nonce alone. Where users are not hidden an unknown one has failed with this step.
   */
  beginLogin(attempt: LoginAttempt): Promise<LoginBeginning>;
  /**
   * Says how a counted try ended, but for `succeeded`, which {@link createSession} says itself. May be asked for again whatever it threw:
   * of one `endId` it is done once.
   */
  endTry(ending: TryEnding): Promise<{ readonly isHardLocked: boolean }>;
  /**
   * The write of Login after the hash. It inserts the session only if the tenant is still open, the user still
   * there, enabled and at `credentialVersion`, and the signing key not retired. It also replaces the hash when `rehash` is given and the stored
   * one is still `rehash.from`, ends the user's oldest sessions beyond `maxLiveSessions`, those first that are dated
   * more than {@link MAX_CLOCK_SKEW_MS} after it, and keeps the signing key verifying until the session expires. The counter of
   * the `attempt` begins anew. A session that somebody opens in the user's place is none of the `maxLiveSessions`.
   * Where a second factor or another password is needed first it hands out the `challenge`, and the counter stays.
   */
  createSession(session: NewSession): Promise<SessionCreation>;
  /**
   * Counts a try at `currentPassword` before it is compared: the how-manieth it is since the last right one. One more than `most`
   * ends the session.
   */
  countCurrentPassword(attempt: CurrentPasswordAttempt): Promise<CurrentPasswordCount>;
  /** The credentials of a user; null when there is none. */
  findUserCredentials(orgId: string, userId: string): Promise<UserCredentials | null>;
  /**
   * The write of ChangePassword after the hash: only if the tenant is still open, the signing key of the token not retired,
   * the session still live and the user enabled and at `credentialVersion`. It raises `credentialVersion` by one and ends the user's other live
   * sessions; the failures of known devices are forgotten, as those of before are none any more. Whoever has proven the present password (`isProven`) has its tries forgotten.
   */
  changePassword(change: PasswordChange): Promise<PasswordChangeOutcome>;
}

/** A nonce to spend. */
export interface SpentNonce {
  readonly nonceId: string;
  /** How long the id must be remembered: past this instant no clock accepts the nonce. */
  readonly keepUntil: number;
  /** The store's, when the nonce was verified. Once it is another, what was spent before may be forgotten. */
  readonly epoch: string;
}

export interface SignUpAttempt {
  readonly orgId: string;
  readonly keyId: string;
  readonly email: string;
  readonly nonce: SpentNonce;
}

export type SignUpBeginning = 'begun' | 'api_key_invalid' | 'nonce_invalid' | 'nonce_used' | 'user_exists';

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

export interface LoginPreview {
  readonly isNonceSpent: boolean;
  /** Whose devices would be known ones; null for an unknown e-mail. */
  readonly user: KnownDevice | null;
  readonly tries: readonly CountedTries[];
}

export interface LoginAttempt {
  readonly tenant: Tenant;
  readonly email: string;
  readonly nonce: SpentNonce;
  readonly callerClass: CallerClass;
  /** Whom a session token that was shown proves; null where none was. */
  readonly device: KnownDevice | null;
  readonly lock: LockRules;
  /** Whether an unknown e-mail is treated as one whose password is wrong. */
  readonly hidesUsers: boolean;
  /** Where a new counter would be forgotten for others, if the e-mail is unknown. */
  readonly part: number;
  readonly at: number;
}

/** A device of a user, good while the user's `credentialVersion` is this one. */
export interface KnownDevice {
  readonly userId: string;
  readonly credentialVersion: number;
}

export type LoginBeginning =
  /** `user`: null for an unknown one, where users are hidden. */
  | { readonly outcome: 'begun'; readonly user: UserCredentials | null; readonly countedAs: CountedAs }
  | LoginLock
  /** Others are being compared. */
  | { readonly outcome: 'wait' }
  | { readonly outcome: 'user_not_found'; readonly isHardLocked: boolean }
  | { readonly outcome: 'api_key_invalid' | 'organization_not_found' | 'nonce_invalid' | 'nonce_used' };

/** `retryAfterMs`: null for a hard lock. */
export interface LoginLock {
  readonly outcome: 'locked';
  readonly retryAfterMs: number | null;
  /** Given where the hard lock began with this, by tries whose processes died; with whose it is, null for nobody's. */
  readonly began?: { readonly userId: string | null };
}

/** A try that was counted. */
export interface CountedTry {
  readonly email: string;
  readonly countedAs: CountedAs;
  /** Whose e-mail it is; null for nobody's. Users' counters are never given up for others, and their locks are on record. */
  readonly userId: string | null;
  readonly lock: LockRules;
}

export interface TryEnding extends CountedTry {
  readonly orgId: string;
  /** Random: of all that are asked for with one id, one is done. */
  readonly endId: string;
  readonly end: Exclude<TryEnd, 'succeeded'>;
  /** The session that the try has opened if the answer to that was lost: where it is there, the try has ended with it. Null for none. */
  readonly sessionId: string | null;
  readonly at: number;
}

export interface CurrentPasswordAttempt {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly most: number;
  readonly at: number;
}

export type CurrentPasswordCount =
  | { readonly outcome: 'counted'; readonly tries: number }
  | { readonly outcome: 'session_ended' };

/** What a password is checked against. */
export interface UserCredentials {
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  /** Self-describing; null for a user who has no password. */
  readonly passwordHash: string | null;
  /** Raised by every change of the password, the address or a second factor and by disabling, never by a mere upgrade of the hash. */
  readonly credentialVersion: number;
  readonly disabledAt: number | null;
  readonly emailVerifiedAt: number | null;
  /** In the order in which they were given. */
  readonly roles: readonly string[];
  /** When a session set the password without proving the one before; null where the last one was set otherwise. */
  readonly passwordUnprovenSince: number | null;
  /** Raised by what voids the warnings that were mailed about a change of the address. */
  readonly addressVersion: number;
  readonly hasSecondFactor: boolean;
  /** Whether the password is to be changed before the next login. */
  readonly mustChangePassword: boolean;
}

export interface NewSession {
  readonly tenant: Tenant;
  readonly sessionId: string;
  readonly userId: string;
  readonly credentialVersion: number;
  readonly rehash: { readonly from: string; readonly to: string } | null;
  readonly createdAt: number;
  /** By the settings of the server. Where the organization has a time of its own that decides, within the longest age; not where there is an `actor`. */
  readonly expiresAt: number;
  readonly maxAgeSeconds: number;
  readonly maxLiveSessions: number;
  /** Who opens it in the place of its user; null where the user does. */
  readonly actor: string | null;
  readonly device: Device;
  /** The key that will sign the session's token. */
  readonly kid: string;
  /** The try that opens it; null where none was counted. */
  readonly attempt: CountedTry | null;
  /** What is handed out in its place where more than a password is needed; null where nothing more ever is. */
  readonly challenge: ChallengeSeed | null;
}

export type SessionCreation =
  | { readonly outcome: 'created'; readonly session: IssuedSession }
  /** The password was right, and something is left to do. */
  | { readonly outcome: 'challenged'; readonly challenge: OpenChallenge }
  | {
      readonly outcome:
        | 'api_key_invalid'
        | 'organization_not_found'
        | 'user_not_found'
        | 'user_disabled'
        | 'email_not_verified'
        | 'credentials_changed'
        | 'signing_key_retired';
    };

/** What a new token and its reply say that the write has found. */
export interface IssuedSession {
  readonly expiresAt: number;
  readonly fullname: string;
  readonly roles: readonly string[];
  readonly emailVerified: boolean;
  readonly tokenKey: TokenKey | null;
}

/** The organization's live token key. */
export interface TokenKey {
  readonly keyId: string;
  /** Null where it was made while tokens carried ids. */
  readonly sealedApiKey: Uint8Array | null;
}

export interface PasswordChange {
  readonly tenant: Tenant;
  readonly userId: string;
  readonly sessionId: string;
  /** The key that signed the token which proved the session. */
  readonly kid: string;
  readonly credentialVersion: number;
  readonly passwordHash: string;
  /** Whether the present password was given, and right. */
  readonly isProven: boolean;
  /** Since when the new password proves nothing; by default as the present one where that is proven, else since the change. */
  readonly unprovenSince?: number | null;
  /** Of a user with a second factor: the code that was given with it. */
  readonly code?: CodeUse | null;
  /** Tells the user; null where nobody is to be told. */
  readonly notice?: NewMail | null;
  readonly at: number;
}

export type PasswordChangeOutcome =
  | { readonly outcome: 'changed'; readonly endedSessions: number }
  | {
      readonly outcome:
        | 'api_key_invalid'
        | 'organization_not_found'
        | 'signing_key_retired'
        | 'session_ended'
        | 'credentials_changed'
        | 'code_invalid';
    };

import type { AccountStorage } from './accounts/storage.ts';
import type { AuditOrigin } from './audit/audit-event.ts';
import type { AuditStorage } from './audit/storage.ts';
import type { AuthStorage } from './auth/storage.ts';
import type { MailStorage } from './mail/storage.ts';
import type { OrganizationStorage } from './organizations/storage.ts';
import type { SecondFactorStorage } from './second-factors/storage.ts';
import type { SecretStorage } from './secret/storage.ts';
import type { SessionStorage } from './sessions/storage.ts';
import type { SigningKeyRecord, SigningKeyStorage } from './signing-keys/storage.ts';
import type { UserStorage } from './users/storage.ts';

/**
 * What the rules need from a store. Every method is one whole atomic operation named after the rule it serves:
 * it happens entirely or not at all, and once its promise is fulfilled its effect survives a power cut.
 *
 * Common promises, for every engine:
 *   - Instants (`…At`) are milliseconds since 1970, ids lower-case text.
 *   - Foreseen outcomes are return values. An engine throws `AuthError` UNAVAILABLE when the store cannot be
 *     reached, is locked for too long, full or read-only (nothing was done then), and anything else only for a
 *     fault of its own.
 *   - Where operations race, exactly one order of them is what everybody sees.
 *   - All ways to end sessions (logout, password change, disable, delete, close, revoke) end them alike: the rows
 *     stay until they are swept, and tell `revokedAt`; a session that has ended is never ended again.
 */
export interface Storage
  extends OrganizationStorage,
    AuthStorage,
    SessionStorage,
    UserStorage,
    SecondFactorStorage,
    SigningKeyStorage,
    SecretStorage,
    AccountStorage,
    AuditStorage,
    MailStorage {
  /**
   * The same store, whose writes the audit log tells as caused by this: `originOf` is asked once for each, as it is asked for. Of a
   * handle that was given none they are the system's.
   */
  causedBy(originOf: () => AuditOrigin): Storage;
  /** What the audit log would tell of a write that is asked for now as its cause. */
  origin(): AuditOrigin;
  /** The store's identity, or null before {@link initialize}. */
  readStoreIdentity(): Promise<StoreIdentity | null>;
  /** Gives a new store its identity and its first signing key. Of several starts at once, one wins. */
  initialize(
    identity: StoreIdentity,
    firstSigningKey: SigningKeyRecord,
  ): Promise<'initialized' | 'already_initialized'>;
  /**
   * Begins another life of a store, as a restored one needs it: nothing that was handed out before opens anything. Replaces the
   * epoch, so that older nonces fail; ends every session; retires every signing key and adds one.
   */
  beginEpoch(epoch: string, signingKey: SigningKeyRecord, at: number): Promise<void>;
  /** Replaces the epoch alone: older nonces fail, and sessions live on. */
  renewEpoch(epoch: string): Promise<void>;
  /** Writes, and leaves nothing of it: fulfilled when the store can be written, throws UNAVAILABLE otherwise. */
  ping(): Promise<void>;
  /**
   * Removes at most `limit` rows that no rule needs any more: sessions whose `expiresAt`, and spent nonces whose
   * `keepUntil`, lie before `now`; signing keys that were retired or superseded by a live one, and signed nothing that
   * expires, `KEEP_ENDED_SIGNING_KEYS_MS` before; counters of e-mails that no user had, last met `KEEP_UNKNOWN_TRIES_MS` before; mails, requests
   * for mails, budgets of mails and challenges of logins whose time is over. A store across
   * a network takes its own clock where that is behind `now`. Tells whether it stopped at the limit.
   */
  sweep(now: number, limit: number): Promise<{ readonly removed: number; readonly more: boolean }>;
  /** Lets go of everything; waits for writes that were asked for before. Later calls throw UNAVAILABLE. */
  close(): Promise<void>;
}

/** Which store this is. Made once, with the store. */
export interface StoreIdentity {
  /** Random; never changes. */
  readonly storeId: string;
  /** Random; replaced when a backup is restored, so that older nonces and sessions end. */
  readonly epoch: string;
  /** A value sealed under the secret in force: another cannot open it. */
  readonly secretCheck: Uint8Array;
}

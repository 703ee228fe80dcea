import type { LeftAddress } from '../domain/accounts/left-address.ts';
import type { AuditEvent, AuditOrigin } from '../domain/audit/audit-event.ts';
import type {
  AuditFeedQuery,
  AuditQuery,
  AuditRemoval,
  AuditSlice,
  PositionedAuditEvent,
} from '../domain/audit/storage.ts';
import type { LoginPreview, NewSession, SpentNonce, TokenKey, UserCredentials } from '../domain/auth/storage.ts';
import type { CountedAs, CountedTries, Tries } from '../domain/auth/tries.ts';
import type { CallerClass } from '../domain/caller.ts';
import type { SpentBudget } from '../domain/mail/budget.ts';
import type {
  LeasedMail,
  MailCounts,
  MailLease,
  MailLeaseEnding,
  MailRecord,
  MailRequestRecord,
  NewMail,
  NewMailRequest,
  OutboxMail,
  SealedMail,
} from '../domain/mail/storage.ts';
import type {
  ApiKeyOwner,
  ApiKeyRecord,
  ManagementKeyOwner,
  NewApiKey,
  Organization,
} from '../domain/organizations/storage.ts';
import type { PageRequest } from '../domain/page.ts';
import type {
  LoginChallenge,
  SealedFactor,
  SealedFactorPosition,
  SecondFactor,
} from '../domain/second-factors/storage.ts';
import type { ApiKeyPosition, ResealedApiKey, ResealedSigningKey, SealedApiKey } from '../domain/secret/storage.ts';
import type {
  EndedGeneration,
  EndedSlice,
  SessionDetails,
  SessionRecord,
  SessionUse,
} from '../domain/sessions/storage.ts';
import type { SigningKeyRecord } from '../domain/signing-keys/storage.ts';
import type { StoreIdentity } from '../domain/storage.ts';
import type { AddedUser, HashedUser, ImportedUser, UserQuery, UserRecord, UserSlice } from '../domain/users/storage.ts';
import type { AppliedMigration } from './migrator.ts';

/** What a primitive gives: at once, or later where the engine lies across a network. */
export type Answer<T> = T | Promise<T>;

/**
 * The rows of an engine: what it can read, put and remove, and no rule. The steps (`steps/`) decide with them.
 *
 * What the steps of a write have read holds until its commit. Where one writer works at a time it does; an engine with
 * several keeps the row from others (`SELECT … FOR SHARE`, or `FOR UPDATE`), and runs anew what met a deadlock.
 * A `find` of nothing gives null. An `insert` that gives a boolean tells whether its unique key was free, whoever else is
 * inserting; every other that clashes throws. What changes or removes a row that is not there does nothing.
 */
export interface Rows {
  readonly clock: {
    /** That instant, or what the clock of an engine across a network shows where it is behind: all processes share that one. */
    notAfter(at: number): Answer<number>;
  };
  readonly appliedMigrations: {
    /** By version. */
    list(): Answer<readonly AppliedMigration[]>;
  };
  readonly identity: {
    find(): Answer<StoreIdentity | null>;
    insert(identity: StoreIdentity): Answer<boolean>;
    setEpoch(epoch: string): Answer<void>;
    /** Where it is `from` still; tells whether it was. */
    replaceSecretCheck(from: Uint8Array, to: Uint8Array): Answer<boolean>;
  };
  readonly organizations: {
    find(orgId: string): Answer<Organization | null>;
    findByNameKey(nameKey: string): Answer<Organization | null>;
    /** By (createdAt, orgId). */
    list(page: PageRequest): Answer<readonly Organization[]>;
    /** Open ones without a live API key that was never sealed for tokens; by (createdAt, orgId). */
    listWithoutPrivateKey(page: PageRequest): Answer<readonly Organization[]>;
    /** By its `nameKey`. */
    insert(organization: Organization): Answer<boolean>;
    /** All that an update can change; throws where another has the `nameKey`. */
    update(organization: Organization): Answer<void>;
    setClosedAt(orgId: string, closedAt: number | null): Answer<void>;
    /** The generation of the sessions that are made now; 0 at first. */
    findSessionGeneration(orgId: string): Answer<number | null>;
    /** Keeps when the present generation ended, and begins the next. */
    endSessionGeneration(ended: EndedGeneration): Answer<void>;
  };
  readonly apiKeys: {
    /** Of an API key, with the state of its organization. Every call makes this look-up. */
    findByHash(apiKeyHash: Uint8Array): Answer<ApiKeyOwner | null>;
    /** Of a management key, with the state of its organization. */
    findManagementByHash(apiKeyHash: Uint8Array): Answer<ManagementKeyOwner | null>;
    find(orgId: string, keyId: string): Answer<ApiKeyRecord | null>;
    findTokenKey(orgId: string): Answer<TokenKey | null>;
    /** By (createdAt, keyId). */
    list(orgId: string, page: PageRequest): Answer<readonly ApiKeyRecord[]>;
    /** Those with a sealed form, by (orgId, keyId), after a position or from the first on. */
    listSealed(after: ApiKeyPosition | null, limit: number): Answer<readonly SealedApiKey[]>;
    /** Where it is `from` still; tells whether it was. */
    replaceSealed(key: ResealedApiKey): Answer<boolean>;
    /** Remembers for ever whether it came with a sealed form. */
    insert(key: NewApiKey): Answer<void>;
    /** Takes the organization's token key out of tokens, and erases its sealed form. */
    clearTokenKey(orgId: string): Answer<void>;
    /** Also takes it out of tokens, and erases its sealed form. */
    setRevokedAt(orgId: string, keyId: string, revokedAt: number): Answer<void>;
  };
  readonly users: {
    find(orgId: string, userId: string): Answer<UserRecord | null>;
    /** E-mails are compared as they were normalized, byte by byte. */
    findByEmail(orgId: string, email: string): Answer<UserRecord | null>;
    findCredentials(orgId: string, userId: string): Answer<UserCredentials | null>;
    findCredentialsByEmail(orgId: string, email: string): Answer<UserCredentials | null>;
    /** By (createdAt, userId). */
    list(orgId: string, page: PageRequest): Answer<readonly UserRecord[]>;
    /** Those of a query, where no more than `most` names and `most` e-mails begin as it asks; else null. */
    search(query: UserQuery, most: number): Answer<UserSlice | null>;
    /** Looks at so many in the order of a query, and gives those that match. */
    walk(query: UserQuery, lookedAt: number): Answer<UserSlice>;
    /** How many an organization has, counted up to `most`. */
    count(orgId: string, most: number): Answer<number>;
    /** By its e-mail, with `credentialVersion` 1. */
    insert(user: AddedUser): Answer<boolean>;
    /** As {@link insert}, with all that an imported user has. */
    insertImported(orgId: string, user: ImportedUser): Answer<boolean>;
    /** By (createdAt, userId). */
    listHashed(orgId: string, page: PageRequest): Answer<readonly HashedUser[]>;
    /**
     * All that an update can change; throws where another of the organization has the e-mail. Another e-mail raises `addressVersion`: what
     * was mailed to take the one before back opens nothing.
     */
    update(user: UserRecord): Answer<void>;
    /** Makes at most `limit` users found by their names who are not yet, as those of before they could be; tells how many. */
    indexNames(limit: number): Answer<number>;
    setPassword(user: UserKey, password: StoredPassword): Answer<void>;
    /** Raises the credential version by one. */
    setHasSecondFactor(user: UserKey, hasSecondFactor: boolean): Answer<void>;
    /** Tells whether the e-mail was nobody else's. */
    setEmail(user: UserKey, email: StoredEmail): Answer<boolean>;
    setEmailVerified(user: UserKey, verified: Omit<StoredEmail, 'email' | 'credentialVersion'>): Answer<void>;
    setFullname(user: UserKey, fullname: string): Answer<void>;
    setDisabledAt(orgId: string, userId: string, disabledAt: number | null): Answer<void>;
    /** By one. */
    raiseCredentialVersion(user: UserKey): Answer<void>;
    remove(orgId: string, userId: string): Answer<void>;
  };
  readonly sessions: {
    /**
     * With its user; null where that one is gone. `revokedAt` is when it ended by itself, else when its generation did.
     * Every Validate makes this look-up.
     */
    find(orgId: string, sessionId: string): Answer<SessionRecord | null>;
    /** Of one user, or of all (null), where the user is there; by (createdAt, sessionId). */
    list(orgId: string, userId: string | null, page: PageRequest): Answer<readonly SessionDetails[]>;
    /**
     * Those of a user and the present generation that did not end by themselves, expire after an instant and were opened by the user;
     * newest first, by (createdAt, sessionId).
     */
    listLive(orgId: string, userId: string, at: number): Answer<readonly SessionDetails[]>;
    /** Those of a user and the present generation that did not end by themselves, in no order. */
    listUnrevoked(orgId: string, userId: string): Answer<readonly UnrevokedSession[]>;
    /** Whether a generation has any that did not end by itself. */
    hasUnrevoked(orgId: string, generation: number): Answer<boolean>;
    /** Of so many sessions of the organization, by id from `after` on, those that lived when their generation ended. */
    countEnded(ended: EndedGeneration, after: string, limit: number): Answer<EndedSlice>;
    /** Of the present generation. */
    insert(session: NewSession & { readonly expiresAt: number }): Answer<void>;
    setExpiresAt(orgId: string, sessionId: string, expiresAt: number): Answer<void>;
    setRevokedAt(orgId: string, sessionId: string, revokedAt: number): Answer<void>;
    /** One more; gives how many there are now. 0 where there is no such session. */
    countWrongPassword(orgId: string, sessionId: string): Answer<number>;
    clearWrongPasswords(orgId: string, sessionId: string): Answer<void>;
    /**
     * Where that is not later than `keptMs` after the last one that is there. One that somebody else holds may be left out: it is no
     * reason to wait.
     */
    recordUses(uses: readonly SessionUse[], keptMs: number): Answer<void>;
    /** Removes at most `limit` whose `expiresAt` lies before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly spentNonces: {
    insert(nonce: SpentNonce): Answer<boolean>;
    remove(nonceId: string): Answer<void>;
    /** Removes at most `limit` whose `keepUntil` lies before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly leftAddresses: {
    find(orgId: string, userId: string, addressVersion: number): Answer<LeftAddress | null>;
    /** Whether an e-mail, left and proven between two instants, is kept for another than this user. */
    isKept(orgId: string, email: string, by: KeptFor): Answer<boolean>;
    insert(left: NewLeftAddress): Answer<void>;
    /** Removes those of a user from a version on. */
    removeFrom(orgId: string, userId: string, addressVersion: number): Answer<void>;
    /** Removes at most `limit` that were left before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly secondFactors: {
    find(orgId: string, userId: string): Answer<SecondFactor | null>;
    /** In the place of what there is. */
    put(factor: SecondFactor): Answer<void>;
    /** With its recovery codes. */
    remove(orgId: string, userId: string): Answer<void>;
    countRecoveryCodes(orgId: string, userId: string): Answer<number>;
    /** In the place of those that there are. */
    putRecoveryCodes(orgId: string, userId: string, digests: readonly Uint8Array[]): Answer<void>;
    /** Tells whether it was there. */
    removeRecoveryCode(orgId: string, userId: string, digest: Uint8Array): Answer<boolean>;
    findLoginCodeTries(orgId: string, userId: string, callerClass: CallerClass): Answer<number>;
    putLoginCodeTries(orgId: string, userId: string, callerClass: CallerClass, wrongCodes: number): Answer<void>;
    removeLoginCodeTries(orgId: string, userId: string): Answer<void>;
    /** By (orgId, userId), after a position or from the first on. */
    listSealed(after: SealedFactorPosition | null, limit: number): Answer<readonly SealedFactor[]>;
  };
  readonly loginChallenges: {
    find(orgId: string, challengeId: string): Answer<LoginChallenge | null>;
    /** Keeps it from others until the commit, also one that is not there: `empty` stands for it then, and may be left behind. */
    hold(empty: LoginChallenge): Answer<LoginChallenge>;
    /** The oldest first. */
    listOfUser(orgId: string, userId: string): Answer<readonly LoginChallenge[]>;
    /** In the place of what there is. */
    put(challenge: LoginChallenge): Answer<void>;
    /** Takes the codes of mails from all challenges of a user of one kind and class of callers. */
    clearCodes(like: Pick<LoginChallenge, 'orgId' | 'userId' | 'kind' | 'callerClass'>): Answer<void>;
    remove(orgId: string, challengeId: string): Answer<void>;
    removeOfUser(orgId: string, userId: string): Answer<void>;
    /** Removes at most `limit` that expired before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  /** By e-mail, whether it is a user's or not. */
  readonly loginTries: {
    /** Of all counters of an e-mail; with whose it is, and whether a nonce was spent. */
    look(orgId: string, email: string, nonceId: string): Answer<LoginPreview>;
    list(orgId: string, email: string): Answer<readonly CountedTries[]>;
    /** Keeps a counter from others until the commit, also one that is not there: that has no tries, and may be left behind so. */
    hold(key: TriesKey): Answer<Tries>;
    /** All counters of an e-mail that are there, kept from others until the commit; by `countedAs`. */
    holdAll(orgId: string, email: string): Answer<readonly CountedTries[]>;
    /** In the place of what there is. To be called for what was held. */
    put(key: TriesKey, counted: PutTries): Answer<void>;
    /** To be called for what was held. */
    remove(key: TriesKey): Answer<void>;
    /** Removes all counters of an e-mail. */
    removeAll(orgId: string, email: string): Answer<void>;
    /** Of the e-mails of a part without a user removes those that were met the longest ago, but for so many. */
    removeSurplus(of: TriesPart, most: number): Answer<void>;
    /** Removes at most `limit` of e-mails of {@link TOLD_PART} without a user that were last met before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly mailRequests: {
    /** Of a class of an organization, up to so many. */
    count(orgId: string, callerClass: CallerClass, most: number): Answer<number>;
    /** In the place of an equal one, which keeps its turn. */
    put(request: NewMailRequest): Answer<void>;
    /** Those that were asked for first. */
    list(limit: number): Answer<readonly MailRequestRecord[]>;
    /** Where it is sealed as it was; tells whether it was. */
    remove(request: Omit<MailRequestRecord, 'callerClass'>): Answer<boolean>;
    /** Removes at most `limit` that were asked for before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly mailBudgets: {
    /** Keeps a budget from others until the commit, also one that is not there: that is unspent, and may be left behind so. */
    hold(orgId: string, key: string): Answer<SpentBudget>;
    /** To be called for what was held. */
    put(orgId: string, key: string, spent: SpentBudget): Answer<void>;
    /** Removes at most `limit` that nobody needs to know since before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly mails: {
    /** Waiting, and due at once. */
    insert(mail: NewMail, keepUntil: number): Answer<void>;
    find(mailId: string): Answer<OutboxMail | null>;
    /** Kept from others until the commit. */
    findLeased(lease: Pick<MailLeaseEnding, 'orgId' | 'mailId' | 'leaseId'>): Answer<MailRecord | null>;
    /** Of one organization, or of all (null); by id. */
    list(orgId: string | null, after: string | null, limit: number): Answer<readonly MailRecord[]>;
    /** By id. */
    listSealed(after: string | null, limit: number): Answer<readonly SealedMail[]>;
    /** Where it is `from` still; tells whether it was. */
    replaceSealed(mail: SealedMail & { readonly to: Uint8Array }): Answer<boolean>;
    count(at: number): Answer<MailCounts>;
    hasDue(at: number): Answer<boolean>;
    /** Organizations in turn; gives the ids; never waits for what others hold. */
    lease(lease: MailLease): Answer<readonly LeasedMail[]>;
    /** Ends its lease, too. */
    change(orgId: string, mailId: string, to: ChangedMail): Answer<void>;
    /** Waiting, untried and due at once; who has leased it keeps it. */
    requeue(orgId: string, mailId: string, times: { readonly at: number; readonly keepUntil: number }): Answer<void>;
    remove(orgId: string, mailId: string): Answer<void>;
    /** Removes those to a user of a kind, of one class of callers, that wait and are leased by nobody at that instant. */
    removeWaiting(mail: Pick<NewMail, 'orgId' | 'userId' | 'kind' | 'callerClass' | 'at'>): Answer<void>;
    removeOfUser(orgId: string, userId: string): Answer<void>;
    /** Removes at most `limit` whose `keepUntil` lies before; tells how many. */
    removeExpired(before: number, limit: number): Answer<number>;
  };
  readonly signingKeys: {
    find(kid: string): Answer<SigningKeyRecord | null>;
    /** In the order in which they were added. */
    list(): Answer<readonly SigningKeyRecord[]>;
    insert(key: SigningKeyRecord): Answer<void>;
    setRetiredAt(kid: string, retiredAt: number): Answer<void>;
    setVerifiesUntil(kid: string, verifiesUntil: number): Answer<void>;
    /** Where it is `from` still; tells whether it was. */
    replaceSealed(key: ResealedSigningKey): Answer<boolean>;
    remove(kid: string): Answer<void>;
  };
  readonly auditEvents: {
    /** Gives it its position. One that is there stays. */
    insert(event: AuditEvent): Answer<void>;
    /** Looks at so many events, oldest first, and gives those that match. */
    list(query: AuditQuery, lookedAt: number): Answer<AuditSlice>;
    lastPosition(): Answer<number>;
    /** The least of so many events from an instant on, oldest first. */
    firstPosition(from: number, lookedAt: number): Answer<number | null>;
    /** By position. */
    listFeed(query: AuditFeedQuery): Answer<readonly PositionedAuditEvent[]>;
    /** Never the last position; tells how many. */
    removeOlder(removal: AuditRemoval): Answer<number>;
  };
}

/** The rows of one write, with where it comes from. */
export interface WriteRows extends Rows {
  readonly origin: AuditOrigin;
}

export interface UserKey {
  readonly orgId: string;
  readonly userId: string;
}

export interface TriesKey {
  readonly orgId: string;
  readonly email: string;
  readonly countedAs: CountedAs;
}

export interface PutTries {
  readonly tries: Tries;
  readonly isUser: boolean;
  /** Where the counter is new; an older one keeps its own. */
  readonly part: number;
  readonly at: number;
}

export type TriesPart = Pick<TriesKey, 'orgId' | 'countedAs'> & Pick<PutTries, 'part'>;

export type ChangedMail = Pick<MailRecord, 'state' | 'dueAt' | 'fault' | 'attempts' | 'keepUntil'>;

export interface StoredPassword {
  readonly passwordHash: string | null;
  readonly credentialVersion: number;
  readonly passwordUnprovenSince: number | null;
  readonly mustChangePassword: boolean;
}

export interface StoredEmail {
  readonly email: string;
  readonly emailVerifiedAt: number | null;
  readonly credentialVersion: number;
  readonly addressVersion: number;
}

export interface KeptFor {
  readonly exceptFor: string;
  readonly after: number;
  readonly before: number;
}

export interface NewLeftAddress extends UserKey, LeftAddress {
  readonly addressVersion: number;
  readonly wasProven: boolean;
}

/** A session that was not revoked; it may have expired. */
export interface UnrevokedSession {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Who opened it in the place of its user; null where the user did. */
  readonly actor: string | null;
}

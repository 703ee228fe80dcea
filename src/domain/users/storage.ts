import type { MailTokenKind } from '../accounts/mail-token.ts';
import type { NewSession, SessionCreation } from '../auth/storage.ts';
import type { CountedTries } from '../auth/tries.ts';
import type { NewMail } from '../mail/storage.ts';
import type { PageRequest } from '../page.ts';
import type { SearchPrefixes } from './name-words.ts';

/** What the administration of users needs from the store. `Storage` says what holds for every operation. */
export interface UserStorage {
  /** Oldest first, by (createdAt, userId). */
  listUsers(orgId: string, page: PageRequest): Promise<readonly UserRecord[]>;
  findUserByEmail(orgId: string, email: string): Promise<UserRecord | null>;
  findUser(orgId: string, userId: string): Promise<UserRecord | null>;
  /**
   * The users that a query asks for, in its order, by what begins with its search: null where more do than {@link MOST_SEARCHED}, or where
   * it searches for nothing.
   */
  searchUsers(query: UserQuery): Promise<UserSlice | null>;
  /** The same among the next {@link lookedAt} users in the query's order. */
  walkUsers(query: UserQuery): Promise<UserSlice>;
  /** Adds a user for a manager, and queues an invitation where one is given. Of several with one e-mail, one wins. */
  addUser(
    user: AddedUser,
    manager: UserManager | null,
    invitation?: NewMail | null,
  ): Promise<'added' | ManagerRefusal | 'user_exists'>;
  /** Tells the audit log that a manager was given the token of a mail, where it may be, and only if the user is at `credentialVersion`. */
  recordMailToken(
    managed: ManagedUser & { readonly credentialVersion: number },
    kind: MailTokenKind,
  ): Promise<MailTokenOutcome>;
  /**
   * Changes a user for a manager, in one step with the look at whether that may: its key is live, its organization open, and neither the
   * user nor what is given has a role that only the administrator may touch.
   */
  manageUser(managed: ManagedUser, change: UserChange): Promise<ManagedOutcome>;
  /**
   * The write of Impersonate: inserts a session as `createSession` does, unless the user has a role that is not for the manager, and tells
   * the audit log why.
   */
  impersonate(session: NewSession, by: Impersonation): Promise<SessionCreation | { readonly outcome: 'access_denied' }>;
  /** Disables the user (again: keeps the first instant), raises `credentialVersion` and ends their live sessions; null when there is none. */
  disableUser(
    orgId: string,
    userId: string,
    at: number,
  ): Promise<{ readonly user: UserRecord; readonly endedSessions: number } | null>;
  enableUser(orgId: string, userId: string): Promise<UserRecord | null>;
  /** The counters of failed logins with an e-mail; none where none failed since the last right one. */
  listLoginTries(orgId: string, email: string): Promise<readonly CountedTries[]>;
  /** Forgets these failures, hard locks too, but for tries that are under way; gives what they were. */
  unlockUser(user: UnlockedUser, at: number): Promise<readonly CountedTries[]>;
  /**
   * Sets a user's password, whatever it was before: raises `credentialVersion` by one, ends the user's live sessions and forgets
   * failed logins. Null when there is none. `mustChange`: whether the next login demands another; by default not.
   */
  setUserPassword(
    orgId: string,
    userId: string,
    passwordHash: string,
    at: number,
    mustChange?: boolean,
  ): Promise<{ readonly endedSessions: number } | null>;
  /**
   * Adds users of another system to an open organization, all or none of them but for those whose e-mail is a user's, or kept for one
   * who left it: these stay as they are, and of two in the batch the first is added. Failures of before, at e-mails that were nobody's, are not the new users'.
   * `added` tells of each whether it was. One event tells how many. Of batches that race for an e-mail, one wins.
   */
  importUsers(orgId: string, users: readonly ImportedUser[]): Promise<UserImport>;
  /** As {@link listUsers}, with the stored hashes of their passwords. */
  listHashedUsers(orgId: string, page: PageRequest): Promise<readonly HashedUser[]>;
  /** Ends the user's live sessions and removes the user, with the counters of failed logins. Null when there is none. */
  deleteUser(orgId: string, userId: string, at: number): Promise<{ readonly endedSessions: number } | null>;
}

/** Candidates that a search reads at most, of names and of e-mails each: fetching them takes a few milliseconds. */
export const MOST_SEARCHED = 1_000;
/**
 * Rows that a page of a walk looks at. By age they lie where they are read, by e-mail each is looked up, and of a search the words of each:
 * some five milliseconds of either among 1,000,000 users, up to ten of a search (docs/performance.md, B14).
 */
const LOOKED_AT = { created_at: 2_000, email: 500, search: 500 } as const;

/** How many rows a page of a walk looks at: as many as it gives where everybody matches. */
export function lookedAt({ order, limit, ...filter }: UserQuery): number {
  const { search, role, emailVerified, disabled, createdFrom, createdUntil } = filter;
  const isByAge = order === 'created_at';
  const matchesAll = search === null && role === '' && emailVerified === null && disabled === null;
  return matchesAll && createdUntil === null && (createdFrom === null || isByAge)
    ? limit
    : LOOKED_AT[search === null ? order : 'search'];
}

/** Which users of an organization, from where on. */
export interface UserQuery {
  readonly orgId: string;
  readonly order: 'created_at' | 'email';
  /** The user after whom it goes on; null from the first on. */
  readonly after: UserPosition | null;
  /** 1 or more. */
  readonly limit: number;
  /** Null for everybody. */
  readonly search: SearchPrefixes | null;
  /** '' for any. */
  readonly role: string;
  readonly emailVerified: boolean | null;
  readonly disabled: boolean | null;
  /** From this instant on; null from the first. */
  readonly createdFrom: number | null;
  /** Before this instant. */
  readonly createdUntil: number | null;
}

export type UserPosition = Pick<UserRecord, 'userId' | 'email' | 'createdAt'>;

export interface UserSlice {
  readonly users: readonly UserRecord[];
  /** From where on there may be more; null where there are none. */
  readonly next: UserPosition | null;
}

/** Who manages by a key: the key, and the roles that are not for it. The administrator is null. */
export interface UserManager {
  readonly keyId: string;
  readonly protectedRoles: readonly string[];
}

/** Why a manager may not, as a fresh call would be told. */
export type ManagerRefusal = 'organization_not_found' | 'api_key_invalid' | 'access_denied';

/** Every column of a new user, but for what begins alike for all. */
export interface AddedUser {
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  readonly passwordHash: string | null;
  readonly createdAt: number;
  readonly emailVerifiedAt: number | null;
  readonly roles: readonly string[];
  readonly publicMetadata: string;
  readonly privateMetadata: string;
}

/** Who opens a session in a user's place, and why. */
export interface Impersonation {
  readonly manager: UserManager | null;
  /** A line that whoever manages wrote. */
  readonly reason: string;
}

export interface ManagedUser {
  readonly orgId: string;
  readonly userId: string;
  readonly manager: UserManager | null;
  readonly at: number;
}

/** What becomes of a user. */
export type UserChange =
  | { readonly kind: 'update'; readonly update: UserUpdate }
  | { readonly kind: 'set_password'; readonly passwordHash: string; readonly mustChange: boolean }
  | { readonly kind: 'disable' | 'enable' | 'unlock' | 'delete' | 'reset_second_factor' }
  /** `sessionId`: null for all. */
  | { readonly kind: 'end_sessions'; readonly sessionId: string | null };

/** What is missing stays. */
export interface UserUpdate {
  readonly email?: string;
  readonly fullname?: string;
  /** Of the e-mail that the user has then. */
  readonly emailVerified?: boolean;
  readonly roles?: readonly string[];
  readonly publicMetadata?: string;
  readonly privateMetadata?: string;
}

export type ManagedOutcome =
  /** `user`: null where there is none any more. */
  | { readonly outcome: 'changed'; readonly user: UserRecord | null; readonly endedSessions: number }
  | { readonly outcome: ManagerRefusal | 'user_not_found' | 'user_exists' };

export interface MailTokenOutcome {
  readonly outcome: 'recorded' | ManagerRefusal | 'user_not_found' | 'credentials_changed';
}

export interface UserRecord {
  readonly userId: string;
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly emailVerifiedAt: number | null;
  /** In the order in which they were given. */
  readonly roles: readonly string[];
  /** The text of a JSON object; '' for none. The user is shown it. */
  readonly publicMetadata: string;
  /** The text of a JSON object; '' for none. */
  readonly privateMetadata: string;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
}

/** A user who has had an account elsewhere. */
export interface ImportedUser extends Omit<UserRecord, 'orgId' | 'hasPassword' | 'hasSecondFactor'> {
  /** In the form in which it is stored; null where there is none. */
  readonly passwordHash: string | null;
}

export type UserImport =
  | { readonly outcome: 'imported'; readonly added: readonly boolean[] }
  | { readonly outcome: 'organization_not_found' };

export interface HashedUser extends UserRecord {
  /** As it is stored; null where there is none. */
  readonly passwordHash: string | null;
}

/** Whose counters are removed, by whose e-mail. */
export type UnlockedUser = Pick<UserRecord, 'orgId' | 'userId' | 'email'>;

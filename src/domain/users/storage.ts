import type { CountedTries } from '../auth/tries.ts';
import type { PageRequest } from '../page.ts';

/** What the administration of users needs from the store. `Storage` says what holds for every operation. */
export interface UserStorage {
  /** Oldest first, by (createdAt, userId). */
  listUsers(orgId: string, page: PageRequest): Promise<readonly UserRecord[]>;
  findUserByEmail(orgId: string, email: string): Promise<UserRecord | null>;
  findUser(orgId: string, userId: string): Promise<UserRecord | null>;
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
   * failed logins. Null when there is none.
   */
  setUserPassword(
    orgId: string,
    userId: string,
    passwordHash: string,
    at: number,
  ): Promise<{ readonly endedSessions: number } | null>;
  /**
   * Adds users of another system to an open organization, all or none of them but for those whose e-mail is a user's: these stay as
   * they are, and of two in the batch the first is added. Failures of before, at e-mails that were nobody's, are not the new users'.
   * `added` tells of each whether it was. One event tells how many. Of batches that race for an e-mail, one wins.
   */
  importUsers(orgId: string, users: readonly ImportedUser[]): Promise<UserImport>;
  /** As {@link listUsers}, with the stored hashes of their passwords. */
  listHashedUsers(orgId: string, page: PageRequest): Promise<readonly HashedUser[]>;
  /** Ends the user's live sessions and removes the user, with the counters of failed logins. Null when there is none. */
  deleteUser(orgId: string, userId: string, at: number): Promise<{ readonly endedSessions: number } | null>;
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
}

/** A user who has had an account elsewhere. */
export interface ImportedUser extends Omit<UserRecord, 'orgId' | 'hasPassword'> {
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

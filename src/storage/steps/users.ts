import type { UserCredentials } from '../../domain/auth/storage.ts';
import type { ImportedUser, UserImport, UserRecord } from '../../domain/users/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { isKeptForAnother } from './left-addresses.ts';
import { endSessionsOfUser } from './session-endings.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { forgetFailures } from './tries.ts';

/** The first to disable the user gives the instant. */
export function* disableUser(
  rows: WriteRows,
  orgId: string,
  userId: string,
  at: number,
): Steps<{ readonly user: UserRecord; readonly endedSessions: number } | null> {
  const found = yield* ask(rows.users.find(orgId, userId));
  if (found === null) {
    return null;
  }
  const user = { ...found, disabledAt: found.disabledAt ?? at };
  yield* ask(rows.users.setDisabledAt(orgId, userId, user.disabledAt));
  if (found.disabledAt === null) {
    // What was bound to it stays void when the user is enabled again.
    yield* ask(rows.users.raiseCredentialVersion({ orgId, userId }));
  }
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  yield* record(rows, { type: 'user.disabled', orgId, userId, details: { ended_sessions: endedSessions } });
  return { user, endedSessions };
}

export function* enableUser(rows: WriteRows, orgId: string, userId: string): Steps<UserRecord | null> {
  const found = yield* ask(rows.users.find(orgId, userId));
  if (found === null) {
    return null;
  }
  yield* ask(rows.users.setDisabledAt(orgId, userId, null));
  yield* record(rows, { type: 'user.enabled', orgId, userId });
  return { ...found, disabledAt: null };
}

/** Of several the last one's password stays. A login under way from an older one meets another `credentialVersion`. */
export function* setUserPassword(
  rows: WriteRows,
  orgId: string,
  userId: string,
  passwordHash: string,
  at: number,
  mustChange = false,
): Steps<{ readonly endedSessions: number } | null> {
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  if (user === null) {
    return null;
  }
  const endedSessions = yield* replacePassword(rows, user, { passwordHash, mustChange }, at);
  yield* forgetFailures(rows, user, at);
  yield* record(rows, { type: 'user.password_set', orgId, userId, details: { ended_sessions: endedSessions } });
  return { endedSessions };
}

/** What {@link replacePassword} sets. */
interface ReplacingPassword {
  readonly passwordHash: string | null;
  /** By default the next login takes it as it is. */
  readonly mustChange?: boolean;
  /** Since when it proves nothing; by default it does. */
  readonly unprovenSince?: number | null;
}

/** Gives a user another password, or none; tells how many sessions ended. */
export function* replacePassword(
  rows: Rows,
  { orgId, userId, credentialVersion: version }: UserCredentials,
  { passwordHash, mustChange = false, unprovenSince = null }: ReplacingPassword,
  at: number,
): Steps<number> {
  const state = { passwordUnprovenSince: unprovenSince, mustChangePassword: mustChange };
  yield* ask(rows.users.setPassword({ orgId, userId }, { passwordHash, credentialVersion: version + 1, ...state }));
  return yield* endSessionsOfUser(rows, orgId, userId, at);
}

/** Of two the first finds the user. The sessions stay as ended rows: nothing cascades. */
export function* deleteUser(
  rows: WriteRows,
  orgId: string,
  userId: string,
  at: number,
): Steps<{ readonly endedSessions: number } | null> {
  const user = yield* ask(rows.users.find(orgId, userId));
  if (user === null) {
    return null;
  }
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  yield* removeUser(rows, user);
  yield* record(rows, { type: 'user.deleted', orgId, userId, details: { ended_sessions: endedSessions } });
  return { endedSessions };
}

/** Removes a user with all that is theirs, but for ended sessions and events. */
export function* removeUser(
  rows: Rows,
  { orgId, userId, email }: Pick<UserRecord, 'orgId' | 'userId' | 'email'>,
): Steps<void> {
  yield* ask(rows.users.remove(orgId, userId));
  yield* ask(rows.leftAddresses.removeFrom(orgId, userId, 0));
  yield* ask(rows.secondFactors.remove(orgId, userId));
  yield* ask(rows.secondFactors.removeLoginCodeTries(orgId, userId));
  yield* ask(rows.loginChallenges.removeOfUser(orgId, userId));
  yield* ask(rows.loginTries.removeAll(orgId, email));
  yield* ask(rows.mails.removeOfUser(orgId, userId));
}

/** In the order of their e-mails, so that of two batches none waits for the other; of many with one e-mail, the one that inserts it wins. */
export function* importUsers(rows: WriteRows, orgId: string, users: readonly ImportedUser[]): Steps<UserImport> {
  const organization = yield* ask(rows.organizations.find(orgId));
  if (organization === null || organization.closedAt !== null) {
    return { outcome: 'organization_not_found' };
  }
  const inOrder = users
    .map((user, place) => ({ user, place }))
    .sort((a, b) => compare(a.user.email, b.user.email) || a.place - b.place);
  const inserted = yield* askAll(...inOrder.map(({ user }) => rows.users.insertImported(orgId, user)));
  const kept = yield* askAll(
    ...inOrder.map(({ user }) => isKeptForAnother(rows, { ...user, orgId }, user.email, rows.origin.at)),
  );
  const added = users.map(() => false);
  const emails: string[] = [];
  for (const [index, { user, place }] of inOrder.entries()) {
    if (inserted[index] === true && kept[index] === true) {
      yield* ask(rows.users.remove(orgId, user.userId));
    } else if (inserted[index] === true) {
      added[place] = true;
      emails.push(user.email);
    }
  }
  yield* askAll(...emails.map((email) => rows.loginTries.removeAll(orgId, email)));
  if (emails.length > 0) {
    yield* record(rows, { type: 'user.imported', orgId, count: emails.length });
  }
  return { outcome: 'imported', added };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

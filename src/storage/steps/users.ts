import type { UserRecord } from '../../domain/users/storage.ts';
import type { Rows } from '../rows.ts';
import { endSessionsOfUser } from './session-endings.ts';
import { ask, type Steps } from './steps.ts';

/** The first to disable the user gives the instant. */
export function* disableUser(
  rows: Rows,
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
  return { user, endedSessions: yield* endSessionsOfUser(rows, orgId, userId, at) };
}

export function* enableUser(rows: Rows, orgId: string, userId: string): Steps<UserRecord | null> {
  const found = yield* ask(rows.users.find(orgId, userId));
  if (found === null) {
    return null;
  }
  yield* ask(rows.users.setDisabledAt(orgId, userId, null));
  return { ...found, disabledAt: null };
}

/** Of several the last one's password stays. A login under way from an older one meets another `credentialVersion`. */
export function* setUserPassword(
  rows: Rows,
  orgId: string,
  userId: string,
  passwordHash: string,
  at: number,
): Steps<{ readonly endedSessions: number } | null> {
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  if (user === null) {
    return null;
  }
  const credentialVersion = user.credentialVersion + 1;
  yield* ask(rows.users.setPassword({ orgId, userId }, { passwordHash, credentialVersion }));
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  yield* ask(rows.loginTries.removeAll(orgId, user.email));
  return { endedSessions };
}

/** Of two the first finds the user. The sessions stay as ended rows: nothing cascades. */
export function* deleteUser(
  rows: Rows,
  orgId: string,
  userId: string,
  at: number,
): Steps<{ readonly endedSessions: number } | null> {
  const user = yield* ask(rows.users.find(orgId, userId));
  if (user === null) {
    return null;
  }
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  yield* ask(rows.users.remove(orgId, userId));
  yield* ask(rows.loginTries.removeAll(orgId, user.email));
  return { endedSessions };
}

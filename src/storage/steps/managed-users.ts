import type { MailTokenKind } from '../../domain/accounts/mail-token.ts';
import type { NewSession, SessionCreation } from '../../domain/auth/storage.ts';
import type { NewMail } from '../../domain/mail/storage.ts';
import type {
  AddedUser,
  Impersonation,
  MailTokenOutcome,
  ManagedOutcome,
  ManagedUser,
  ManagerRefusal,
  UserChange,
  UserManager,
  UserRecord,
  UserUpdate,
} from '../../domain/users/storage.ts';
import type { WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { createSession } from './auth.ts';
import { insertUser, isKeptForAnother } from './left-addresses.ts';
import { queueMail } from './mail.ts';
import { resetSecondFactor } from './second-factors.ts';
import { endSessionsOfUser, endUserSessions } from './session-endings.ts';
import { endSession } from './sessions.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { unlockUser } from './tries.ts';
import { deleteUser, disableUser, enableUser, setUserPassword } from './users.ts';

/*
 * What managers do with users. Whether they may is looked at in the same step as it is done, with the organization, the key and the user
 * held: a key that is revoked, or a role that is given, before this is committed wins.
 */

/** Of many with one e-mail, the one that inserts it wins. */
export function* addUser(
  rows: WriteRows,
  user: AddedUser,
  manager: UserManager | null,
  invitation: NewMail | null = null,
): Steps<'added' | ManagerRefusal | 'user_exists'> {
  const { orgId, userId, email, roles } = user;
  const refusal = yield* refuseManager(rows, orgId, manager);
  if (refusal !== null) {
    return refusal;
  }
  if (hasProtected(roles, manager)) {
    return 'access_denied';
  }
  if (!(yield* insertUser(rows, user))) {
    return 'user_exists';
  }
  yield* ask(rows.loginTries.removeAll(orgId, email));
  yield* record(rows, { type: 'user.created', orgId, userId, details: { roles: roles.length } });
  if (invitation !== null) {
    yield* queueMail(rows, invitation);
  }
  return 'added';
}

export function* manageUser(rows: WriteRows, managed: ManagedUser, change: UserChange): Steps<ManagedOutcome> {
  const user = yield* manageable(rows, managed);
  return 'outcome' in user ? user : yield* changeUser(rows, user, managed, change);
}

export function* recordMailToken(
  rows: WriteRows,
  { credentialVersion, ...managed }: ManagedUser & { readonly credentialVersion: number },
  kind: MailTokenKind,
): Steps<MailTokenOutcome> {
  const user = yield* manageable(rows, managed);
  if ('outcome' in user) {
    return user;
  }
  const { orgId, userId } = user;
  if ((yield* ask(rows.users.findCredentials(orgId, userId)))?.credentialVersion !== credentialVersion) {
    return { outcome: 'credentials_changed' };
  }
  yield* record(rows, { type: 'user.mail_token_created', orgId, userId, details: { kind } });
  return { outcome: 'recorded' };
}

/** A user whom a manager may change, or why not. */
function* manageable(
  rows: WriteRows,
  { orgId, userId, manager }: ManagedUser,
): Steps<UserRecord | { readonly outcome: ManagerRefusal | 'user_not_found' }> {
  const refusal = yield* refuseManager(rows, orgId, manager);
  if (refusal !== null) {
    return { outcome: refusal };
  }
  const user = yield* ask(rows.users.find(orgId, userId));
  if (user === null) {
    return { outcome: 'user_not_found' };
  }
  return hasProtected(user.roles, manager) ? { outcome: 'access_denied' } : user;
}

/** What ends credentials wins when it is committed first, as it does of a login. */
export function* impersonate(
  rows: WriteRows,
  session: NewSession,
  { manager, reason }: Impersonation,
): Steps<SessionCreation | { readonly outcome: 'access_denied' }> {
  const { tenant, userId, sessionId, createdAt, expiresAt } = session;
  const { orgId } = tenant;
  const user = yield* ask(rows.users.find(orgId, userId));
  if (user !== null && hasProtected(user.roles, manager)) {
    return { outcome: 'access_denied' };
  }
  const creation = yield* createSession(rows, session);
  if (creation.outcome === 'created') {
    const details = { reason, seconds: Math.floor(expiresAt / 1000) - Math.floor(createdAt / 1000) };
    yield* record(rows, { type: 'user.impersonated', orgId, userId, targetId: sessionId, details });
  }
  return creation;
}

function* changeUser(
  rows: WriteRows,
  user: UserRecord,
  { manager, at }: ManagedUser,
  change: UserChange,
): Steps<ManagedOutcome> {
  const { orgId, userId } = user;
  const changed = (of: UserRecord | null, endedSessions = 0) =>
    ({ outcome: 'changed', user: of, endedSessions }) as const;
  switch (change.kind) {
    case 'update':
      return hasProtected(change.update.roles ?? [], manager)
        ? { outcome: 'access_denied' }
        : yield* updateUser(rows, user, change.update, at);
    case 'set_password': {
      const set = yield* setUserPassword(rows, orgId, userId, change.passwordHash, at, change.mustChange);
      return changed({ ...user, hasPassword: true }, set?.endedSessions);
    }
    case 'disable': {
      const disabled = yield* disableUser(rows, orgId, userId, at);
      return changed(disabled?.user ?? null, disabled?.endedSessions);
    }
    case 'enable':
      return changed(yield* enableUser(rows, orgId, userId));
    case 'unlock':
      yield* unlockUser(rows, user, at);
      return changed(user);
    case 'delete':
      return changed(null, (yield* deleteUser(rows, orgId, userId, at))?.endedSessions);
    case 'end_sessions': {
      const { sessionId } = change;
      if (sessionId === null) {
        return changed(user, yield* endUserSessions(rows, orgId, userId, at));
      }
      const outcome = yield* endSession(rows, { orgId, userId, email: user.email, sessionId }, at);
      return changed(user, outcome === 'ended' ? 1 : 0);
    }
    case 'reset_second_factor':
      return changed({ ...user, hasSecondFactor: false }, yield* resetSecondFactor(rows, { orgId, userId }, at));
  }
}

/** Of two that take one e-mail, the one that is committed first has it. What it changes of the credentials ends the sessions. */
function* updateUser(rows: WriteRows, before: UserRecord, update: UserUpdate, at: number): Steps<ManagedOutcome> {
  const { orgId, userId } = before;
  const { emailVerified, ...fields } = update;
  const user = { ...before, ...fields, emailVerifiedAt: verifiedAt(before, update, at) };
  const hasMoved = user.email !== before.email;
  if (hasMoved && (yield* ask(rows.users.findByEmail(orgId, user.email))) !== null) {
    return { outcome: 'user_exists' };
  }
  // Who left it meanwhile was still there just now.
  if (hasMoved && (yield* ask(isKeptForAnother(rows, user, user.email, at)))) {
    return { outcome: 'user_exists' };
  }
  yield* ask(rows.users.update(user));
  if (hasMoved) {
    yield* ask(rows.leftAddresses.removeFrom(orgId, userId, 0));
    yield* ask(rows.users.raiseCredentialVersion({ orgId, userId }));
    yield* ask(rows.loginTries.removeAll(orgId, before.email));
    yield* ask(rows.loginTries.removeAll(orgId, user.email));
  }
  const hasLostRole = before.roles.some((role) => !user.roles.includes(role));
  const endedSessions = hasMoved || hasLostRole ? yield* endSessionsOfUser(rows, orgId, userId, at) : 0;
  const changed = Object.keys(update).sort().join(' ');
  yield* record(rows, { type: 'user.updated', orgId, userId, details: { changed, ended_sessions: endedSessions } });
  return { outcome: 'changed', user, endedSessions };
}

/** Another address counts as not proven, unless the call says that it is. */
function verifiedAt(
  { email, emailVerifiedAt }: UserRecord,
  { email: newEmail = email, emailVerified }: UserUpdate,
  at: number,
): number | null {
  const present = newEmail === email ? emailVerifiedAt : null;
  if (emailVerified === undefined) {
    return present;
  }
  return emailVerified ? (present ?? at) : null;
}

function* refuseManager(rows: WriteRows, orgId: string, manager: UserManager | null): Steps<ManagerRefusal | null> {
  const [organization, key] = yield* askAll(
    rows.organizations.find(orgId),
    manager === null ? null : rows.apiKeys.find(orgId, manager.keyId),
  );
  if (manager === null) {
    return organization === null ? 'organization_not_found' : null;
  }
  const isLive = organization?.closedAt === null && key !== null && key.revokedAt === null;
  return isLive ? null : 'api_key_invalid';
}

function hasProtected(roles: readonly string[], manager: UserManager | null): boolean {
  return manager !== null && roles.some((role) => manager.protectedRoles.includes(role));
}

import { leadsBack } from '../../domain/accounts/left-address.ts';
import type {
  AddressProof,
  EmailChange,
  EmailChangeOutcome,
  EmailChangeRequest,
  EmailTakeBack,
  NotMeReport,
  PasswordReset,
  PasswordResetOutcome,
  ProvenSession,
  SessionStepOutcome,
} from '../../domain/accounts/storage.ts';
import type { UserCredentials } from '../../domain/auth/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { factorOf, withholdEmail } from './codes.ts';
import { isOfOtherEpoch } from './epoch.ts';
import { isKeptForAnother } from './left-addresses.ts';
import { queueMail } from './mail.ts';
import { forgetWrongPasswords, ownerOfSession } from './proven-session.ts';
import { takeOffFactor } from './second-factors.ts';
import { endSessionsOfUser } from './session-endings.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { forgetFailures } from './tries.ts';
import { removeUser, replacePassword } from './users.ts';

/*
 * What tokens of mails do, and what a session with a fresh proof does to its account. A token needs no row: what it is bound to is
 * compared here once more, with the user held, so that of many that race the first wins and the others see what it changed.
 */

export function* verifyEmail(rows: WriteRows, proof: AddressProof): Steps<'verified' | 'token_invalid'> {
  const user = yield* ownerOf(rows, proof);
  if (user === null || user.email !== proof.email) {
    return 'token_invalid';
  }
  if (user.emailVerifiedAt === null) {
    const { orgId, userId, addressVersion } = user;
    yield* ask(rows.users.setEmailVerified({ orgId, userId }, { emailVerifiedAt: proof.at, addressVersion }));
    yield* record(rows, { type: 'user.email_verified', orgId, userId });
  }
  return 'verified';
}

/** Of many with one token the first raises the version to which it is bound. */
export function* resetPassword(rows: WriteRows, reset: PasswordReset): Steps<PasswordResetOutcome> {
  const { email, credentialVersion, passwordHash, notice, at } = reset;
  const user = yield* ownerOf(rows, reset);
  if (user === null || user.email !== email || user.credentialVersion !== credentialVersion) {
    return { outcome: 'token_invalid' };
  }
  const { orgId, userId, emailVerifiedAt, addressVersion } = user;
  const endedSessions = yield* replacePassword(rows, user, { passwordHash }, at);
  if (emailVerifiedAt === null) {
    // Whoever signed up with an address of another's keeps nothing: what they had mailed before opens nothing, either.
    const verified = { emailVerifiedAt: at, addressVersion: addressVersion + 1 };
    yield* ask(rows.users.setEmailVerified({ orgId, userId }, verified));
  }
  if (emailVerifiedAt === null || (yield* factorOf(rows, user)).isBeforeProof) {
    // Nor does their factor, though the owner of the mailbox has followed a link meanwhile that proved the address.
    yield* takeOffFactor(rows, user);
  }
  // One mailbox is not two factors, whenever the second is set up.
  yield* withholdEmail(rows, user);
  yield* ask(rows.secondFactors.removeLoginCodeTries(orgId, userId));
  yield* forgetFailures(rows, user, at);
  const details = { ended_sessions: endedSessions, proved_email: emailVerifiedAt === null };
  yield* record(rows, { type: 'user.password_reset', orgId, userId, details });
  yield* queueMail(rows, notice);
  return { outcome: 'reset', endedSessions };
}

export function* requestEmailChange(
  rows: WriteRows,
  request: EmailChangeRequest,
): Steps<SessionStepOutcome | { readonly outcome: 'requested' }> {
  const user = yield* ownerOfSession(rows, request);
  if ('outcome' in user) {
    return user;
  }
  const { orgId, userId } = user;
  yield* forgetWrongPasswords(rows, request);
  yield* record(rows, { type: 'user.email_change_requested', orgId, userId, targetId: request.sessionId });
  // Nobody is moved who was not warned.
  if ((yield* queueMail(rows, request.warning)) === 'queued') {
    yield* queueMail(rows, request.mail);
  }
  return { outcome: 'requested' };
}

/** Of many that take one address the first has it. */
export function* changeEmail(rows: WriteRows, change: EmailChange): Steps<EmailChangeOutcome> {
  const { email, newEmail, credentialVersion, at } = change;
  const user = yield* ownerOf(rows, change);
  if (user === null || user.email !== email || user.credentialVersion !== credentialVersion) {
    return { outcome: 'token_invalid' };
  }
  const { orgId, userId, addressVersion } = user;
  const endedSessions = yield* moveTo(rows, user, newEmail, at);
  if (endedSessions === null) {
    return { outcome: 'user_exists' };
  }
  const wasProven = user.emailVerifiedAt !== null;
  yield* ask(rows.leftAddresses.insert({ orgId, userId, addressVersion, email, wasProven, leftAt: at }));
  yield* record(rows, { type: 'user.email_changed', orgId, userId, details: { ended_sessions: endedSessions } });
  return { outcome: 'changed', endedSessions };
}

export function* takeEmailBack(rows: WriteRows, undo: EmailTakeBack): Steps<EmailChangeOutcome> {
  const { orgId, userId, addressVersion, email, mail, at } = undo;
  const user = yield* ownerOf(rows, undo);
  const left = yield* ask(rows.leftAddresses.find(orgId, userId, addressVersion));
  if (user === null || !leadsBack(undo, user, left, at)) {
    return { outcome: 'token_invalid' };
  }
  const endedSessions = yield* moveTo(rows, user, email, at);
  if (endedSessions === null) {
    return { outcome: 'user_exists' };
  }
  yield* ask(rows.leftAddresses.removeFrom(orgId, userId, addressVersion));
  // Whoever moved the account may have set it, or known it before.
  yield* takePasswordAway(rows, user);
  const details = { ended_sessions: endedSessions, moved_back: user.email !== email };
  yield* record(rows, { type: 'user.email_change_undone', orgId, userId, details });
  yield* queueMail(rows, mail);
  return { outcome: 'changed', endedSessions };
}

/** Whoever has the mailbox of a user's proven or present address says that something was not them. */
export function* reportNotMe(rows: WriteRows, report: NotMeReport): Steps<'reported' | 'token_invalid'> {
  const user = yield* ownerOf(rows, report);
  if (user === null || user.email !== report.email) {
    return 'token_invalid';
  }
  const { orgId, userId } = user;
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, report.at);
  yield* takePasswordAway(rows, user);
  yield* ask(rows.loginChallenges.removeOfUser(orgId, userId));
  yield* record(rows, { type: 'user.not_me_reported', orgId, userId, details: { ended_sessions: endedSessions } });
  yield* queueMail(rows, report.mail);
  return 'reported';
}

/** Whoever did what is undone may know it. */
function* takePasswordAway(rows: Rows, { orgId, userId, credentialVersion }: UserCredentials): Steps<void> {
  const none = { passwordHash: null, passwordUnprovenSince: null, mustChangePassword: false };
  yield* ask(rows.users.setPassword({ orgId, userId }, { ...none, credentialVersion: credentialVersion + 1 }));
}

export function* deleteAccount(
  rows: WriteRows,
  deletion: ProvenSession,
): Steps<SessionStepOutcome | { readonly outcome: 'deleted'; readonly endedSessions: number }> {
  const user = yield* ownerOfSession(rows, deletion);
  if ('outcome' in user) {
    return user;
  }
  const { orgId, userId } = user;
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, deletion.at);
  yield* removeUser(rows, user);
  const details = { ended_sessions: endedSessions };
  yield* record(rows, { type: 'user.deleted', orgId, userId, targetId: deletion.sessionId, details });
  return { outcome: 'deleted', endedSessions };
}

/** Whose token is spent; null where none may be. */
function* ownerOf(
  rows: Rows,
  { orgId, userId, epoch }: Pick<AddressProof, 'orgId' | 'userId' | 'epoch'>,
): Steps<UserCredentials | null> {
  const [organization, user, identity] = yield* askAll(
    rows.organizations.find(orgId),
    rows.users.findCredentials(orgId, userId),
    rows.identity.find(),
  );
  const isOpen = organization !== null && organization.closedAt === null;
  const isEnabled = user !== null && user.disabledAt === null;
  return isOpen && isEnabled && !isOfOtherEpoch(identity, { epoch }) ? user : null;
}

/** Tells how many sessions ended; null, with nothing done, where the address is another's, or kept for another. */
function* moveTo(rows: Rows, user: UserCredentials, email: string, at: number): Steps<number | null> {
  const { orgId, userId } = user;
  const versions = { credentialVersion: user.credentialVersion + 1, addressVersion: user.addressVersion + 1 };
  if (!(yield* ask(rows.users.setEmail({ orgId, userId }, { email, emailVerifiedAt: at, ...versions })))) {
    return null;
  }
  if (yield* ask(isKeptForAnother(rows, user, email, at))) {
    yield* ask(rows.users.setEmail({ orgId, userId }, user));
    return null;
  }
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  if (email === user.email) {
    yield* forgetFailures(rows, user, at);
    return endedSessions;
  }
  // Those of the new address were failures at nobody's. In one order, so that no two writes wait for each other.
  for (const left of [email, user.email].toSorted()) {
    yield* ask(rows.loginTries.removeAll(orgId, left));
  }
  return endedSessions;
}

import type { ProvenSession, SessionStepOutcome } from '../../domain/accounts/storage.ts';
import type { UserCredentials } from '../../domain/auth/storage.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import type { OwnSession, OwnSessionRefusal } from '../../domain/sessions/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { spendCode } from './codes.ts';
import { judgeOwnSession, ownSessionOf } from './own-session.ts';
import { ask, askAll, type Steps } from './steps.ts';

/**
 * Whose session has given a fresh proof, or why it opens nothing any more; in the order of ChangePassword. Of a user with a second factor
 * the code that was given with it is spent: the caller refuses nothing after that.
 */
export function* ownerOfSession(rows: WriteRows, proven: ProvenSession): Steps<UserCredentials | SessionStepOutcome> {
  const [organization, key, user, signingKey, session] = yield* askAll(...ownSessionOf(rows, proven));
  const judged = judgeOwnSession({ organization, key, user, signingKey, session }, proven, proven.at);
  if (typeof judged === 'string') {
    return { outcome: judged };
  }
  if (judged.user.credentialVersion !== proven.credentialVersion) {
    return { outcome: 'credentials_changed' };
  }
  if (
    judged.user.hasSecondFactor &&
    !(yield* spendCode(rows, judged.user, proven.code, { besidePassword: proven.isProven }))
  ) {
    return { outcome: 'code_invalid' };
  }
  return judged.user;
}

/** Whoever has proven who they are was no guesser. */
export function* forgetWrongPasswords(rows: Rows, { tenant, sessionId, isProven, code }: ProvenSession): Steps<void> {
  if (isProven || code !== null) {
    yield* ask(rows.sessions.clearWrongPasswords(tenant.orgId, sessionId));
  }
}

/** Whose live session it is, without a proof; or why it opens nothing. */
export function* ownerOfLiveSession(
  rows: Rows,
  session: OwnSession & { readonly at: number },
): Steps<
  { readonly organization: Organization; readonly user: UserCredentials } | { readonly outcome: OwnSessionRefusal }
> {
  const [organization, key, user, signingKey, found] = yield* askAll(...ownSessionOf(rows, session));
  const judged = judgeOwnSession({ organization, key, user, signingKey, session: found }, session, session.at);
  return typeof judged === 'string' ? { outcome: judged } : { organization: judged.organization, user: judged.user };
}

import { randomUUID } from 'node:crypto';
import type { ProvenSession } from '../../domain/accounts/storage.ts';
import { systemOrigin } from '../../domain/audit/audit-event.ts';
import type { CurrentPasswordAttempt, PasswordChange, PasswordChangeOutcome } from '../../domain/auth/storage.ts';
import { unprovenAfter } from '../../domain/auth/unproven-password.ts';
import type { SecretReplacement } from '../../domain/secret/storage.ts';
import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import type { StoreObserver } from '../engine.ts';
import { stepsOf } from '../operations.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from '../steps/audit.ts';
import { spendCode, withholdEmail } from '../steps/codes.ts';
import { replaceSecretCheck } from '../steps/secret.ts';
import { ask, type Steps } from '../steps/steps.ts';
import { addSigningKey, retireSigningKey } from '../steps/store.ts';
import { endSessionByFailures } from '../steps/tries.ts';
import { deleteUser, replacePassword } from '../steps/users.ts';
import { isOutOfReach, isUniqueViolation } from './errors.ts';
import { FACTOR_ENDINGS, factorEndingAgain } from './factor-endings.ts';
import type { Written } from './kept-outcomes.ts';
import type { Ending, RecentWrites } from './recent-writes.ts';
import type { Queries } from './statement.ts';
import { type Committed, LostCommitError } from './transaction.ts';
import { whatIsMet } from './write-transaction.ts';

export interface LossRecovery {
  readonly recent: RecentWrites;
  readonly observer: StoreObserver | null;
  /** Runs a write in a transaction of its own on the connection, by other steps where some are given. */
  readonly write: (
    write: AskedWrite,
    writeId: string,
    steps?: (rows: Rows) => Steps<Written>,
  ) => Promise<Committed<Written>>;
}

/**
 * For when acknowledged writes are missing: this primary was a standby that did not have them yet. Nonces that were spent there
 * may come again: all of before end, by another epoch. What ended sessions, keys or users in the last minute and is missing is
 * done again, under its id: where that is interrupted, it goes on from there. Throws where the connection does not last.
 */
export async function recoverFromLoss(queries: Queries, recovery: LossRecovery): Promise<void> {
  const { recent, observer, write } = recovery;
  const endings = await recent.lostEndings(queries);
  // First: a former primary that wakes up lacks writes, too, and takes none.
  const epochId = randomUUID();
  const renewal = { name: 'renewEpoch', args: [randomUUID()], origin: systemOrigin(Date.now()) } as const;
  const epoch = await write(renewal, epochId);
  observer?.writesLost(endings.length);
  const done: (readonly [string, number])[] = [[epochId, epoch.committedAt]];
  for (const ending of endings) {
    const committedAt = await endAgain(ending, recovery);
    if (committedAt !== null) {
      done.push([ending.writeId, committedAt]);
    }
  }
  recent.forgetLost();
  for (const [writeId, committedAt] of done) {
    recent.acknowledgedEmpty(writeId, committedAt);
  }
}

/** When, or null where it was not done now. */
async function endAgain(ending: Ending, { observer, write }: LossRecovery): Promise<number | null> {
  try {
    return (await write(ending, ending.writeId, (rows) => stepsAgain(rows, ending))).committedAt;
  } catch (error) {
    if (isOutOfReach(error) || error instanceof LostCommitError) {
      throw error;
    }
    // Done before the last interruption, or a key that another process has added again.
    if (!isUniqueViolation(error)) {
      observer?.endingNotRepeated(error);
    }
    return null;
  }
}

/** What an ending needs to be done again on what is there now: somebody may have changed it since. */
function* stepsAgain(rows: Rows, ending: Ending): Steps<Written> {
  const { name, args, met, origin } = ending;
  if ((yield* whatIsMet(rows, name, args)) !== met) {
    return { outcome: null };
  }
  if (name === 'addSigningKey') {
    return {
      outcome: yield* addSigningKeyAgain({ ...rows, origin }, args as Parameters<typeof addSigningKeyAgain>[1]),
    };
  }
  if (name === 'countCurrentPassword') {
    return { outcome: yield* endSessionByFailures({ ...rows, origin }, args[0] as CurrentPasswordAttempt) };
  }
  if (name === 'replaceSecretCheck') {
    return { outcome: yield* replaceSecretCheckAgain({ ...rows, origin }, args[0] as SecretReplacement) };
  }
  if (FACTOR_ENDINGS.has(name)) {
    yield* factorEndingAgain({ ...rows, origin }, ending);
    return { outcome: null };
  }
  if (name === 'deleteAccount') {
    return { outcome: yield* deleteAccountAgain({ ...rows, origin }, args[0] as ProvenSession) };
  }
  const outcome = yield* stepsOf(yield* underPresentEpoch(rows, ending), rows);
  if (name === 'changePassword' && OVERTAKEN.has((outcome as PasswordChangeOutcome).outcome)) {
    yield* setPasswordInstead({ ...rows, origin }, args[0] as PasswordChange);
  }
  return { outcome };
}

/** Its session was lost, too; or of a user with a factor a later code was taken meanwhile. */
const OVERTAKEN: ReadonlySet<PasswordChangeOutcome['outcome']> = new Set(['session_ended', 'code_invalid']);

const SPENDS_TOKEN: ReadonlySet<AskedWrite['name']> = new Set([
  'resetPassword',
  'changeEmail',
  'takeEmailBack',
  'reportNotMe',
]);

/** Its token was proven under the epoch that has ended; what else it was bound to is compared. */
function* underPresentEpoch(rows: Rows, ending: Ending): Steps<AskedWrite> {
  if (!SPENDS_TOKEN.has(ending.name)) {
    return ending;
  }
  const { epoch } = (yield* ask(rows.identity.find())) ?? {};
  return { ...ending, args: [{ ...(ending.args[0] as object), epoch }] };
}

/** The session that asked for it may have been lost, too; not where the credentials are others than those by which it was asked for. */
function* deleteAccountAgain(
  rows: WriteRows,
  { tenant: { orgId }, userId, credentialVersion, at }: ProvenSession,
): Steps<unknown> {
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  return user?.credentialVersion === credentialVersion ? yield* deleteUser(rows, orgId, userId, at) : null;
}

/** Keys that were added since stay. */
function* addSigningKeyAgain(
  rows: WriteRows,
  [key, retireOthersAt]: readonly [SigningKeyRecord, number | null],
): Steps<void> {
  const others = yield* ask(rows.signingKeys.list());
  yield* addSigningKey(rows, key, null);
  for (const { kid, createdAt, retiredAt } of others) {
    if (retireOthersAt !== null && retiredAt === null && createdAt <= key.createdAt) {
      yield* retireSigningKey(rows, kid, retireOthersAt);
    }
  }
}

/** Nonces of its own epoch were spent, too, and lost: they get another. */
function* replaceSecretCheckAgain(rows: WriteRows, { compromised, ...checks }: SecretReplacement): Steps<boolean> {
  const renewed = compromised && { ...compromised, epoch: randomUUID() };
  return yield* replaceSecretCheck(rows, { ...checks, compromised: renewed });
}

/**
 * The change can no longer be made by its session or its code, and the old password would stay. It is set without that session, which ends the
 * user's others as the change did; but not where the credentials are those any more from which it was made.
 */
function* setPasswordInstead(rows: WriteRows, change: PasswordChange): Steps<void> {
  const { tenant, userId, credentialVersion, passwordHash, at } = change;
  const user = yield* ask(rows.users.findCredentials(tenant.orgId, userId));
  if (user?.credentialVersion === credentialVersion) {
    const { orgId } = tenant;
    if (user.hasSecondFactor) {
      // A code that was seen would open something else.
      yield* spendCode(rows, user, change.code ?? null, { besidePassword: true });
    } else if (!change.isProven) {
      yield* withholdEmail(rows, user);
    }
    yield* replacePassword(rows, user, { passwordHash, unprovenSince: unprovenAfter(change, user) }, at);
    yield* record(rows, { type: 'user.password_changed', orgId, userId });
  }
}

import { randomUUID } from 'node:crypto';
import type { PasswordChange, PasswordChangeOutcome } from '../../domain/auth/storage.ts';
import type { StoreObserver } from '../engine.ts';
import { isOutOfReach, isUniqueViolation } from './errors.ts';
import type { AskedWrite, Ending, RecentWrites } from './recent-writes.ts';
import { postgresRows } from './rows/rows.ts';
import type { Queries } from './statement.ts';
import { LostCommitError } from './transaction.ts';

export interface LossRecovery {
  readonly recent: RecentWrites;
  readonly observer: StoreObserver | null;
  /** Runs a write in a transaction of its own on the connection. */
  readonly write: (write: AskedWrite, writeId: string) => Promise<unknown>;
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
  await write({ name: 'renewEpoch', args: [randomUUID()] }, randomUUID());
  observer?.writesLost(endings.length);
  for (const ending of endings) {
    await endAgain(queries, ending, recovery);
  }
  recent.forgetLost();
}

async function endAgain(queries: Queries, ending: Ending, { observer, write }: LossRecovery): Promise<void> {
  try {
    const instead = await passwordInstead(queries, ending, await write(ending, ending.writeId));
    if (instead !== null) {
      await write(instead, randomUUID());
    }
  } catch (error) {
    if (isOutOfReach(error) || error instanceof LostCommitError) {
      throw error;
    }
    // Done before the last interruption, or a key that another process has added again.
    if (!isUniqueViolation(error)) {
      observer?.endingNotRepeated(error);
    }
  }
}

/**
 * What a password change that was lost needs where it cannot be done as it was: the session that asked for it was lost, too, and
 * the old password would stay. It is set without that session, which ends the user's others as the change did. Null where
 * the change was done, or where the credentials are not those any more from which it was made.
 */
async function passwordInstead(
  queries: Queries,
  { name, args }: AskedWrite,
  outcome: unknown,
): Promise<AskedWrite | null> {
  if (name !== 'changePassword' || (outcome as PasswordChangeOutcome).outcome !== 'session_ended') {
    return null;
  }
  const { tenant, userId, credentialVersion, passwordHash, at } = args[0] as PasswordChange;
  const user = await postgresRows(queries).users.findCredentials(tenant.orgId, userId);
  return user?.credentialVersion === credentialVersion
    ? { name: 'setUserPassword', args: [tenant.orgId, userId, passwordHash, at] }
    : null;
}

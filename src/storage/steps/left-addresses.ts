import { KEEP_LEFT_ADDRESSES_MS } from '../../domain/accounts/left-address.ts';
import type { AddedUser } from '../../domain/users/storage.ts';
import type { Rows, UserKey } from '../rows.ts';
import { ask, askAll, type Steps } from './steps.ts';

/**
 * Whether an address is kept for another user, who was moved from it and may go back. To be asked after it was taken, with the answer
 * to be undone where it is kept: what was seen before may not show who left it meanwhile.
 */
export function isKeptForAnother(rows: Rows, { orgId, userId }: UserKey, email: string, at: number) {
  // One that a clock far ahead has dated is not kept for longer than others.
  const [after, before] = [at - KEEP_LEFT_ADDRESSES_MS, at + KEEP_LEFT_ADDRESSES_MS];
  return rows.leftAddresses.isKept(orgId, email, { exceptFor: userId, after, before });
}

/** Tells whether the e-mail was nobody's, nor kept for anybody: else nothing is done. */
export function* insertUser(rows: Rows, user: AddedUser): Steps<boolean> {
  const { orgId, userId, email, createdAt } = user;
  const [isInserted, isKept] = yield* askAll(rows.users.insert(user), isKeptForAnother(rows, user, email, createdAt));
  if (isInserted && isKept) {
    yield* ask(rows.users.remove(orgId, userId));
  }
  return isInserted && !isKept;
}

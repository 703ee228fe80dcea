import type { UserCredentials } from '../../domain/auth/storage.ts';
import { MOST_WRONG_CODES, MOST_WRONG_RECOVERY_CODES } from '../../domain/second-factors/challenge.ts';
import type { CodeUse, SecondFactor } from '../../domain/second-factors/storage.ts';
import type { Rows, UserKey, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { ask, type Steps } from './steps.ts';

/*
 * Codes of second factors: counted before they are compared, and spent in the write that they open. Who reads or changes what is kept of a
 * factor holds its user, so that of many at once each sees those before it (docs/security.md, F2).
 */

/** What is kept of a user's factor; of one of whom nothing is, a row that says so. */
export function* factorOf(rows: Rows, { orgId, userId }: UserKey): Steps<SecondFactor> {
  return (yield* ask(rows.secondFactors.find(orgId, userId))) ?? emptyFactor({ orgId, userId });
}

/** Nothing. */
export function emptyFactor({ orgId, userId }: UserKey): SecondFactor {
  return {
    orgId,
    userId,
    sealedSecret: null,
    lastStep: 0,
    pendingSecret: null,
    pendingUntil: 0,
    wrongCodes: 0,
    wrongRecoveryCodes: 0,
    withholdsEmail: false,
    isBeforeProof: false,
  };
}

/** Takes a mailbox out of a user's second factors until one is proven beside the password, whenever it is set up. */
export function* withholdEmail(rows: Rows, user: UserKey): Steps<void> {
  yield* ask(rows.secondFactors.put({ ...(yield* factorOf(rows, user)), withholdsEmail: true }));
}

/** Counts a try at a code of a user; null, with nothing counted, where no more are compared. */
export function* countCode(rows: WriteRows, factor: SecondFactor, isRecovery: boolean): Steps<SecondFactor | null> {
  const { orgId, userId, wrongCodes, wrongRecoveryCodes } = factor;
  if (isRecovery ? wrongRecoveryCodes >= MOST_WRONG_RECOVERY_CODES : wrongCodes >= MOST_WRONG_CODES) {
    return null;
  }
  const counted = isRecovery
    ? { ...factor, wrongRecoveryCodes: wrongRecoveryCodes + 1 }
    : { ...factor, wrongCodes: wrongCodes + 1 };
  yield* ask(rows.secondFactors.put(counted));
  if (counted.wrongCodes === MOST_WRONG_CODES && !isRecovery) {
    yield* record(rows, { type: 'user.second_factor_locked', orgId, userId });
  }
  return counted;
}

/**
 * Spends a code of a user's factor; false, with nothing changed, where it was spent before. A right code begins the count anew. Mailed codes
 * are offered again where the password was proven with it, or is replaced: beside a login by mail whoever reads the mails may still have
 * the password that they set by one.
 */
export function* spendCode(
  rows: WriteRows,
  user: UserCredentials,
  code: CodeUse | null,
  { besidePassword }: { readonly besidePassword: boolean },
): Steps<boolean> {
  if (code === null) {
    return false;
  }
  const { orgId, userId } = user;
  const factor = yield* factorOf(rows, user);
  const proven = { ...factor, wrongCodes: 0, withholdsEmail: factor.withholdsEmail && !besidePassword };
  if (code.kind === 'totp') {
    if (factor.sealedSecret === null || code.step <= factor.lastStep) {
      return false;
    }
    yield* ask(rows.secondFactors.put({ ...proven, lastStep: code.step }));
    return true;
  }
  if (!(yield* ask(rows.secondFactors.removeRecoveryCode(orgId, userId, code.digest)))) {
    return false;
  }
  yield* ask(rows.secondFactors.put({ ...proven, wrongRecoveryCodes: 0 }));
  const left = yield* ask(rows.secondFactors.countRecoveryCodes(orgId, userId));
  yield* record(rows, { type: 'user.recovery_code_used', orgId, userId, details: { left } });
  return true;
}

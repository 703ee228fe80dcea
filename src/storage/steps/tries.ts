import { isDeviceOf } from '../../domain/auth/known-device.ts';
import type {
  CountedTry,
  CurrentPasswordAttempt,
  CurrentPasswordCount,
  LoginAttempt,
  TryEnding,
  UserCredentials,
} from '../../domain/auth/storage.ts';
import {
  beginTry,
  COUNTED_AS,
  type CountedAs,
  type CountedTries,
  endTry as ended,
  isEmpty,
  isExhausted,
  isHardLocked,
  KEEP_TRY_ENDS_MS,
  type LockRules,
  MOST_UNKNOWN_TRIES,
  resetTries,
  settle,
  TOLD_PART,
  type Tries,
  type TryDecision,
  type TryEnd,
} from '../../domain/auth/tries.ts';
import type { SessionRecord } from '../../domain/sessions/storage.ts';
import type { UnlockedUser } from '../../domain/users/storage.ts';
import type { PutTries, Rows, TriesKey, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { endSessions } from './session-endings.ts';
import { ask, askAll, type Steps } from './steps.ts';

/*
 * Tries at passwords, counted before they are compared (docs/security.md, A1). A counter is held from when it is read until the
 * commit, whether it is there or not, so that of many who begin at once each sees those before it.
 */

/** An id that no user has. */
const NOBODY = '';

/** A counter as a write has read and holds it. */
export interface HeldTries {
  readonly key: TriesKey;
  readonly tries: Tries;
}

/** What {@link reserveTry} decided, and of which counter. */
export type Reservation =
  | Exclude<TryDecision, { readonly outcome: 'reserved' }>
  | { readonly outcome: 'locked'; readonly retryAfterMs: null; readonly began: { readonly userId: string | null } }
  | { readonly outcome: 'reserved'; readonly held: HeldTries };

/** Which counter an attempt is for, unless that is {@link isExhausted}. */
export function firstCounterOf({ tenant, email, device, callerClass }: LoginAttempt, user: UserCredentials | null) {
  const { orgId } = tenant;
  const countedAs: CountedAs = isDeviceOf(device, user) ? 'known_device' : callerClass;
  return { orgId, email, countedAs } satisfies TriesKey;
}

/**
 * Reserves a try in a counter that is held, or in that of the caller's class where known devices had theirs. Tries whose processes
 * died are put down as failed before, so that the lock that they bring about is on record, and told of, once.
 */
export function* reserveTry(
  rows: WriteRows,
  held: HeldTries,
  attempt: LoginAttempt,
  userId: string | null,
): Steps<Reservation> {
  const { callerClass, lock, part, at } = attempt;
  const { key, tries } = held;
  if (key.countedAs === 'known_device' && isExhausted(tries, lock)) {
    const classKey = { ...key, countedAs: callerClass };
    const ofClass = { key: classKey, tries: yield* ask(rows.loginTries.hold(classKey)) };
    return yield* reserveTry(rows, ofClass, attempt, userId);
  }
  const isUser = userId !== null;
  const settled = settle(tries, lock, at);
  if (settled !== tries) {
    yield* putTries(rows, key, { tries: settled, isUser, part, at });
    yield* recordLock(rows, { key, before: tries, after: settled, userId, lock });
  }
  const decision = beginTry(settled, key.countedAs, lock, at);
  if (decision.outcome !== 'reserved') {
    const began = settled !== tries && isHardLocked(settled, key.countedAs, lock);
    return began ? { outcome: 'locked', retryAfterMs: null, began: { userId } } : decision;
  }
  yield* putTries(rows, key, { tries: decision.tries, isUser, part, at });
  if (isEmpty(tries)) {
    // Whether it is a user's or not: who is unknown costs the same statements.
    yield* ask(rows.loginTries.removeSurplus({ ...key, part }, MOST_UNKNOWN_TRIES));
  }
  return { outcome: 'reserved', held: { key, tries: decision.tries } };
}

/** Lets go of a counter that was held for nothing. */
export function* letGo(rows: Rows, { key, tries }: HeldTries): Steps<void> {
  if (isEmpty(tries)) {
    yield* ask(rows.loginTries.remove(key));
  }
}

/** Ends a try in a counter that is held. */
export function* endHeldTry(
  rows: WriteRows,
  { key, tries }: HeldTries,
  { end, userId, lock, at }: Omit<CountedTry, 'email' | 'countedAs'> & { readonly end: TryEnd; readonly at: number },
): Steps<{ readonly isHardLocked: boolean }> {
  const after = ended(tries, end, lock, at);
  yield* putTries(rows, key, { tries: after, isUser: userId !== null, part: TOLD_PART, at });
  yield* recordLock(rows, { key, before: tries, after, userId, lock });
  return { isHardLocked: isHardLocked(after, key.countedAs, lock) };
}

interface ChangedTries {
  readonly key: TriesKey;
  readonly before: Tries;
  readonly after: Tries;
  readonly userId: string | null;
  readonly lock: LockRules;
}

/** Locks of e-mails that are nobody's are as many as a stranger makes up: they are not told. */
function* recordLock(rows: WriteRows, { key, before, after, userId, lock }: ChangedTries): Steps<void> {
  const isHard = isHardLocked(after, key.countedAs, lock);
  if (userId !== null && (isHard || after.lockedUntil > before.lockedUntil)) {
    const details = { counted_as: key.countedAs, failures: after.failures - after.pending };
    yield* record(rows, { type: isHard ? 'user.hard_locked' : 'user.locked', orgId: key.orgId, userId, details });
  }
}

/**
 * Of many that end at once each ends its own, once, however often that is asked for. It counts for whom it was begun: for a user who was deleted since nothing stays, and
 * who signed up since starts without it.
 */
export function* endTry(rows: WriteRows, ending: TryEnding): Steps<{ readonly isHardLocked: boolean }> {
  const { orgId, email, countedAs, userId, endId, end, sessionId, lock, at } = ending;
  const key = { orgId, email, countedAs };
  const [, , owner, session, isFirst, tries] = yield* askAll(
    rows.organizations.find(orgId),
    // Held until the commit: who deletes the user comes after, and who opens a session of theirs came before, or comes after. Of nobody it
    // is asked for all the same, where users are hidden.
    rows.users.find(orgId, userId ?? NOBODY),
    rows.users.findByEmail(orgId, email),
    sessionId === null ? null : rows.sessions.find(orgId, sessionId),
    // No nonce's id: a mark that this end was done.
    rows.spentNonces.insert({ nonceId: `end ${endId}`, keepUntil: at + KEEP_TRY_ENDS_MS, epoch: '' }),
    rows.loginTries.hold(key),
  );
  const held = { key, tries };
  if ((owner?.userId ?? null) === userId) {
    if (isFirst && session === null) {
      return yield* endHeldTry(rows, held, ending);
    }
    yield* letGo(rows, held);
    // Nobody heard of the lock that it brought about.
    return { isHardLocked: end === 'failed' && isHardLocked(tries, countedAs, lock) };
  }
  if (owner === null) {
    yield* ask(rows.loginTries.remove(key));
  } else {
    yield* letGo(rows, held);
  }
  return { isHardLocked: false };
}

/** Whoever tries meanwhile is counted before or after, and never twice as many at once. */
export function* unlockUser(
  rows: WriteRows,
  { orgId, userId, email }: UnlockedUser,
  at: number,
): Steps<readonly CountedTries[]> {
  const user = yield* ask(rows.users.find(orgId, userId));
  if (user === null) {
    return [];
  }
  const factor = yield* ask(rows.secondFactors.find(orgId, userId));
  const hasWrongCodes = factor !== null && factor.wrongCodes + factor.wrongRecoveryCodes > 0;
  if (hasWrongCodes) {
    yield* ask(rows.secondFactors.put({ ...factor, wrongCodes: 0, wrongRecoveryCodes: 0 }));
  }
  yield* ask(rows.secondFactors.removeLoginCodeTries(orgId, userId));
  const opened = yield* forgetFailures(rows, { orgId, email }, at);
  if (opened.length > 0 || hasWrongCodes) {
    yield* record(rows, { type: 'user.unlocked', orgId, userId });
  }
  return opened;
}

/** Forgets the failures of a user in these counters; gives what they were. Tries that are under way stay counted. */
export function* forgetFailures(
  rows: Rows,
  { orgId, email }: Pick<TriesKey, 'orgId' | 'email'>,
  at: number,
  counters: readonly CountedAs[] = COUNTED_AS,
): Steps<readonly CountedTries[]> {
  const forgotten: CountedTries[] = [];
  const held = yield* ask(rows.loginTries.holdAll(orgId, email));
  for (const counter of held.filter(({ countedAs }) => counters.includes(countedAs))) {
    const { countedAs, ...before } = counter;
    const tries = resetTries(before, at);
    yield* putTries(rows, { orgId, email, countedAs }, { tries, isUser: true, part: TOLD_PART, at });
    if (tries.failures < before.failures) {
      forgotten.push(counter);
    }
  }
  return forgotten;
}

/** Of many at once, so many as may be are counted; the next one ends the session. */
export function* countCurrentPassword(rows: WriteRows, attempt: CurrentPasswordAttempt): Steps<CurrentPasswordCount> {
  const { orgId, sessionId, most } = attempt;
  const session = yield* findLiveSession(rows, attempt);
  if (session === null) {
    return { outcome: 'session_ended' };
  }
  const tries = yield* ask(rows.sessions.countWrongPassword(orgId, sessionId));
  if (tries > most) {
    yield* endByFailures(rows, session, attempt);
    return { outcome: 'session_ended' };
  }
  return { outcome: 'counted', tries };
}

/** As the count that went too far did, whatever is counted now. */
export function* endSessionByFailures(rows: WriteRows, attempt: CurrentPasswordAttempt): Steps<CurrentPasswordCount> {
  const session = yield* findLiveSession(rows, attempt);
  if (session !== null) {
    yield* endByFailures(rows, session, attempt);
  }
  return { outcome: 'session_ended' };
}

function* findLiveSession(
  rows: Rows,
  { orgId, userId, sessionId, at }: CurrentPasswordAttempt,
): Steps<SessionRecord | null> {
  const session = yield* ask(rows.sessions.find(orgId, sessionId));
  const isLive = session?.userId === userId && session.revokedAt === null && session.expiresAt > at;
  return isLive ? session : null;
}

function* endByFailures(
  rows: WriteRows,
  session: SessionRecord,
  { orgId, userId, sessionId, at }: CurrentPasswordAttempt,
): Steps<void> {
  yield* endSessions(rows, orgId, [session], at);
  yield* record(rows, { type: 'session.ended_by_failures', orgId, userId, targetId: sessionId });
}

function* putTries(rows: Rows, key: TriesKey, counted: PutTries): Steps<void> {
  yield* ask(isEmpty(counted.tries) ? rows.loginTries.remove(key) : rows.loginTries.put(key, counted));
}

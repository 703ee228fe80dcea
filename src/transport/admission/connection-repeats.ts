import type { ErrorReason } from '../../domain/errors.ts';
import type { Failure } from '../../operations/failure.ts';
import { PersonRepeats } from './person-repeats.ts';
import { AT_ONCE, type Manner, Repeats, type RepeatsOptions } from './repeats.ts';

/** How a call ended; null for a success. */
export type Outcome = Pick<Failure, 'reason' | 'retryAfterMs' | 'waiter'> | null;

/** A call that is about to be answered; in milliseconds that never go back, but for `random`, from 0 to 1. */
export interface AnsweredCall {
  readonly arrivedAt: number;
  /** What {@link ConnectionRepeats.arrive} said of it. */
  readonly isEarly: boolean;
  readonly now: number;
  readonly random: number;
}

/** How an answer is to be told. */
export interface Told {
  readonly manner: Manner;
  /** Whether its call came although it had been told to wait, and that is over later. */
  readonly isEarly: boolean;
  /** Whether one person of many is to wait. */
  readonly isOfPerson: boolean;
}

/** Failures that tell the caller, or a person, to wait. */
const TELL_TO_WAIT: ReadonlySet<ErrorReason> = new Set(['OVERLOADED', 'RATE_LIMITED', 'ACCOUNT_LOCKED']);

/**
 * Failures of who was let in: limits had room, a nonce was spent, and what was asked for was looked up, mostly after a hash. The others
 * cost so little that who never waits could have one at any time.
 */
const SERVED: ReadonlySet<ErrorReason> = new Set([
  'CREDENTIALS_INVALID',
  'USER_NOT_FOUND',
  'USER_DISABLED',
  'USER_EXISTS',
  'ORGANIZATION_EXISTS',
  'SECOND_FACTOR_REQUIRED',
  'EMAIL_NOT_VERIFIED',
  'PASSWORD_CHANGE_REQUIRED',
  'REAUTHENTICATION_REQUIRED',
  'CODE_INVALID',
]);

const OF_NO_WAIT: Told = { manner: AT_ONCE, isEarly: false, isOfPerson: false };

/**
 * Which waits were told on one connection, and whether they are kept. OVERLOADED and RATE_LIMITED are its caller's: the bucket is its
 * key's, its address's, or that of all without a key, so that each further call would be refused, too. Where a key that was never in
 * tokens has named a person whose bucket it is (docs/security.md, L1), or whose account is locked, the wait counts for nothing: a
 * backend sends the calls of others through the same connection, and vouches for them. By any other caller a locked account counts for
 * tries at that account alone ({@link PersonRepeats}). Who was served, or has waited, starts afresh; no other failure forgives.
 */
export class ConnectionRepeats {
  readonly #ofCaller: Repeats;
  readonly #ofPersons = new PersonRepeats();
  #hasEnded = false;

  constructor(options: RepeatsOptions) {
    this.#ofCaller = new Repeats(options);
  }

  /** Whether a call that comes early is to be refused unread where no place is left. */
  get isUnread(): boolean {
    return this.#ofCaller.isUnread;
  }

  /** A call has come that may be told to wait; whether it came before its time. */
  arrive(now: number): boolean {
    return this.#ofCaller.arrive(now);
  }

  /** A call was served. */
  serve(): void {
    this.#ofCaller.serve();
    this.#ofPersons.serve();
  }

  /** The connection ends with an answer; whether it is the first one, as others may be on their way. */
  end(): boolean {
    const isFirst = !this.#hasEnded;
    this.#hasEnded = true;
    return isFirst;
  }

  /** A call has ended. */
  tell(outcome: Outcome, call: AnsweredCall): Told {
    if (outcome === null || SERVED.has(outcome.reason)) {
      this.serve();
      return OF_NO_WAIT;
    }
    const { reason, retryAfterMs: waitMs, waiter } = outcome;
    if (waitMs === null || waiter === null || !TELL_TO_WAIT.has(reason)) {
      this.#ofCaller.pass();
      return OF_NO_WAIT;
    }
    if (waiter !== undefined) {
      this.#ofCaller.pass();
      return { ...this.#ofPersons.refuse(waiter, { ...call, waitMs }), isOfPerson: true };
    }
    const manner = this.#ofCaller.refuse(call.now, waitMs, call.random);
    return { manner, isEarly: call.isEarly, isOfPerson: false };
  }
}

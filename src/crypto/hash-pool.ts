import os from 'node:os';
import type { Caller, CallerClass } from '../domain/caller.ts';
import { AuthError } from '../domain/errors.ts';
import { type Claimant, FairPlaces } from '../domain/fair-places.ts';
import type { CallContext } from '../domain/ports.ts';
import { type HashJob, type HashThreadCounters, HashThreads } from './hash-threads.ts';
import { expectedMs } from './hashes/computation.ts';
import type { HashParameters } from './hashes/hash-parameters.ts';

export interface HashPoolOptions {
  /** How new hashes are made. Tells how long a hash takes before one was measured. */
  readonly parameters: HashParameters;
  /** How many hash at once; by default as many as there are cores. */
  readonly threads?: number;
  /** How many callers may wait for each thread; by default what it works off in one to two seconds, 2 to 16. */
  readonly waitingPerThread?: number;
  /** Whether the native implementation of bcrypt is used where it loads; true by default. Both make the same hashes. */
  readonly native?: boolean;
  /** The thread's script; `hash-worker.js` beside this file by default. */
  readonly workerFile?: URL;
}

/** A turn: leave to do what comes before a hash, and to hash. */
export interface HashTurn {
  /**
   * Runs a job in a thread, as {@link HashThreads.run} says. UNAVAILABLE: the job did nothing; where a nonce was spent for
   * it before, the use case answers INTERNAL.
   */
  run(job: HashJob): Promise<string | boolean>;
  /** Gives the place back. Repeating it does nothing. */
  release(): void;
}

/** Where passwords are hashed: a pool, or one that another process has. */
export interface Hashing {
  /** How new hashes are made. */
  readonly parameters: HashParameters;
  /** Throws AuthError OVERLOADED where {@link waitFor} names a wait. */
  requirePlace(caller: Caller): void;
  /** As {@link HashPool.acquire} says. */
  acquire(caller: Caller, call: CallContext): Promise<HashTurn>;
  /**
   * How long one who came now would be told to wait, in milliseconds; null where it may get a place. Null as caller: one of whom
   * nothing is known, which waits where all places are taken. Takes no place.
   */
  waitFor(caller: Caller | null): number | null;
  /** Refuses who waits (UNAVAILABLE) and lets running jobs end. Repeating it does nothing more. */
  close(): Promise<void>;
}

/** What the pool did and does: for metrics. */
export interface HashPoolCounters extends HashThreadCounters {
  /** Places taken: callers that hash, wait to, or are about to. */
  readonly slots: number;
  /** Callers that were told OVERLOADED since the start, by class. */
  readonly refused: Readonly<Record<CallerClass, number>>;
}

/** What a thread works off in one to two seconds. */
const WAITING_MS_PER_THREAD = 16 * 65;
/** One whose nonce is being spent, one that is hashed, one whose session is being written: so no thread is ever idle. */
const TURNS_PER_THREAD = 3;

interface Waiter extends Claimant {
  readonly call: CallContext;
  readonly resolve: (turn: HashTurn) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Hashes passwords in threads behind a bounded queue, which organizations and the classes of their callers share fairly:
 * {@link FairPlaces} says who gets in and whose turn it is to begin, the threads hash in the order of `FairQueue`.
 */
export class HashPool implements Hashing {
  /** How new hashes are made. */
  readonly parameters: HashParameters;
  readonly #maxThreads: number;
  readonly #threads: HashThreads;
  readonly #places: FairPlaces<Waiter>;
  readonly #refused: Record<CallerClass, number>;
  /** What is told: the same for all with the same wait, for a stack is dear and says nothing here. */
  #overloaded = new AuthError('OVERLOADED', { retryAfterMs: 1_000 });
  #isClosing = false;

  constructor(options: HashPoolOptions) {
    this.parameters = options.parameters;
    const expectedHashMs = expectedMs(options.parameters);
    this.#maxThreads = options.threads ?? os.availableParallelism();
    this.#threads = new HashThreads({
      threads: this.#maxThreads,
      native: options.native ?? true,
      workerFile: options.workerFile ?? new URL('./hash-worker.js', import.meta.url),
      expectedHashMs,
    });
    this.#places = new FairPlaces({
      places: this.#maxThreads * (1 + (options.waitingPerThread ?? defaultWaitingPerThread(expectedHashMs))),
      turnsPerClass: this.#maxThreads * TURNS_PER_THREAD,
    });
    this.#refused = { private_key: 0, token_key: 0, no_key: 0 };
  }

  /**
   * Takes a place in the queue and waits for its turn. Nothing may be spent for the call before. Rejected with AuthError
   * OVERLOADED and a wait when all places are taken and the caller's organization or class has its share of them, at once
   * or when others who have less come meanwhile, and at once when its turn cannot come before the deadline; with DEADLINE_EXCEEDED when nobody waits for the call any more as its
   * turn comes; with UNAVAILABLE when the pool is closing.
   */
  acquire(caller: Caller, call: CallContext): Promise<HashTurn> {
    return new Promise((resolve, reject) => {
      if (this.#isClosing) {
        reject(new AuthError('UNAVAILABLE'));
        return;
      }
      this.#dropAbandoned();
      if (this.#isTooLate(caller, call)) {
        this.#refused[caller.callerClass] += 1;
        reject(this.#overloadedError());
        return;
      }
      const waiter = { caller, call, resolve, reject };
      const arrival = this.#places.arrive(waiter);
      const refused = arrival.admitted ? arrival.evicted : waiter;
      if (refused !== null) {
        this.#refused[refused.caller.callerClass] += 1;
        refused.reject(this.#overloadedError());
      }
      this.#callNext();
    });
  }

  requirePlace(caller: Caller): void {
    if (this.waitFor(caller) !== null) {
      this.#refused[caller.callerClass] += 1;
      throw this.#overloadedError();
    }
  }

  waitFor(caller: Caller | null): number | null {
    this.#dropAbandoned();
    const hasPlace = caller === null ? !this.#places.isFull : this.#places.hasPlaceFor(caller);
    return hasPlace ? null : this.#retryAfterMs();
  }

  counters(): HashPoolCounters {
    return { ...this.#threads.counters(), slots: this.#places.taken, refused: { ...this.#refused } };
  }

  /** Refuses who waits (UNAVAILABLE), lets running jobs end, then ends the threads. Repeating it does nothing more. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#rejectAll(() => true, 'UNAVAILABLE');
    return this.#threads.close();
  }

  #callNext(): void {
    for (let waiter = this.#places.call(); waiter !== undefined; waiter = this.#places.call()) {
      if (waiter.call.isAbandoned()) {
        this.#places.leave(waiter.caller);
        waiter.reject(new AuthError('DEADLINE_EXCEEDED'));
      } else {
        waiter.resolve(this.#turnOf(waiter));
      }
    }
  }

  #turnOf({ caller, call }: Waiter): HashTurn {
    let isHeld = true;
    return {
      run: (job) => this.#threads.run(job, { caller, call }),
      release: () => {
        if (isHeld) {
          isHeld = false;
          this.#places.leave(caller);
          this.#callNext();
        }
      },
    };
  }

  #rejectAll(applies: (waiter: Waiter) => boolean, reason: 'DEADLINE_EXCEEDED' | 'UNAVAILABLE'): void {
    for (const { reject } of this.#places.remove(applies)) {
      reject(new AuthError(reason));
    }
  }

  /** Those that nobody waits for make room where it is wanted. */
  #dropAbandoned(): void {
    if (this.#places.isFull) {
      this.#rejectAll(({ call }) => call.isAbandoned(), 'DEADLINE_EXCEEDED');
    }
  }

  /** Those of its own class are before it in any case. */
  #isTooLate(caller: Caller, { remainingMs }: CallContext): boolean {
    const workMs = this.#places.before(caller) * this.#threads.counters().meanHashMs;
    return remainingMs !== undefined && remainingMs() < workMs / this.#maxThreads;
  }

  #overloadedError(): AuthError {
    const retryAfterMs = this.#retryAfterMs();
    if (this.#overloaded.retryAfterMs !== retryAfterMs) {
      this.#overloaded = new AuthError('OVERLOADED', { retryAfterMs });
    }
    return this.#overloaded;
  }

  /** When a place should be free again: the time in which all that was asked for is worked off, in whole seconds. */
  #retryAfterMs(): number {
    const workMs = this.#places.taken * this.#threads.counters().meanHashMs;
    return Math.max(1, Math.ceil(workMs / this.#maxThreads / 1000)) * 1000;
  }
}

function defaultWaitingPerThread(expectedHashMs: number): number {
  return Math.min(16, Math.max(2, Math.round(WAITING_MS_PER_THREAD / expectedHashMs)));
}

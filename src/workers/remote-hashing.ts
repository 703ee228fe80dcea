import type { Hashing, HashTurn } from '../crypto/hash-pool.ts';
import type { HashJob } from '../crypto/hash-threads.ts';
import type { HashParameters } from '../crypto/hashes/hash-parameters.ts';
import { RecentlyUsed } from '../crypto/recently-used.ts';
import type { Caller, CallerClass } from '../domain/caller.ts';
import { AuthError } from '../domain/errors.ts';
import type { CallContext } from '../domain/ports.ts';
import { hashingError } from './hashing-failure.ts';
import type { HashingReply, HashingRequest } from './messages.ts';

/**
 * How often a worker looks for calls that nobody waits for any more, while it waits for others' hashes: well within the time of
 * one hash of cost 10 (65 ms), so that hardly one is begun for nobody.
 */
const LOOK_EVERY_MS = 20;
/** It pings every second. */
const BEHIND_RETRY_MS = 1_000;

/**
 * For how long a class for which the supervisor said that it has no place is taken to have none: one is free again with each hash. So
 * the supervisor is asked ten times a second for each, however many come.
 */
const REFUSED_FOR_MS = 100;
const MOST_REFUSED = 1_024;

interface Refusal {
  readonly until: number;
  /** One for all that are told the same: a stack is dear, and says nothing here. */
  readonly error: AuthError;
  readonly retryAfterMs: number;
}

interface Waiting<T> {
  readonly caller: Caller;
  readonly call: CallContext;
  readonly turn: number;
  /** Whether the supervisor was told that nobody waits for it any more. */
  isGivenUp: boolean;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The machine's hashing, as a worker has it: it asks the supervisor for turns and hashes. The promises are the pool's, but that a
 * call is known to be abandoned within {@link LOOK_EVERY_MS}.
 */
export class RemoteHashing implements Hashing {
  readonly parameters: HashParameters;
  /** Callers that were told OVERLOADED here, by class: the supervisor was not asked, and has not counted them. */
  readonly refused: Record<CallerClass, number> = { private_key: 0, token_key: 0, no_key: 0 };
  readonly #send: (request: HashingRequest) => boolean;
  readonly #turns = new Map<number, Waiting<HashTurn>>();
  readonly #runs = new Map<number, Omit<Waiting<string | boolean>, 'caller'>>();
  /** By organization and class; '' is one of whom nothing is known. */
  readonly #refused = new RecentlyUsed<Refusal>(MOST_REFUSED);
  readonly #now: () => number;
  #lastId = 0;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #isBehind = false;
  #onIdle: (() => void) | null = null;

  /** `send` tells whether the channel takes more; `now`: milliseconds that never go back. */
  constructor(parameters: HashParameters, send: (request: HashingRequest) => boolean, now = () => performance.now()) {
    this.parameters = parameters;
    this.#send = send;
    this.#now = now;
  }

  acquire(caller: Caller, call: CallContext): Promise<HashTurn> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new AuthError('UNAVAILABLE'));
        return;
      }
      if (this.#isBehind) {
        // What nobody reads would grow here: nothing more is asked for until the supervisor is heard of.
        reject(new AuthError('OVERLOADED', { retryAfterMs: BEHIND_RETRY_MS }));
        return;
      }
      const turn = this.#nextId();
      this.#turns.set(turn, { caller, call, turn, isGivenUp: false, resolve, reject });
      this.#ask({ kind: 'acquire', turn, caller, remainingMs: call.remainingMs?.() ?? null });
      this.#startLooking();
    });
  }

  requirePlace(caller: Caller): void {
    const refusal = this.#refusalOf(caller);
    if (refusal !== null) {
      this.refused[caller.callerClass] += 1;
      throw refusal.error;
    }
  }

  /** By what the supervisor said last. */
  waitFor(caller: Caller | null): number | null {
    return this.#refusalOf(caller)?.retryAfterMs ?? null;
  }

  /** The supervisor said something: it reads. */
  heard(): void {
    this.#isBehind = false;
  }

  receive(reply: HashingReply): void {
    switch (reply.kind) {
      case 'acquired':
        this.#acquired(reply.turn);
        break;
      case 'refused':
        this.#refuse(reply);
        break;
      case 'hashed':
        take(this.#runs, reply.run)?.resolve(reply.value);
        break;
      case 'not_hashed':
        take(this.#runs, reply.run)?.reject(hashingError(reply.failure));
    }
    this.#tellIdle();
  }

  close(): Promise<void> {
    this.#refuseWaiting();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#tellIdle();
    });
  }

  /** The supervisor has gone: nothing more is answered. */
  disconnect(): void {
    this.#refuseWaiting();
    for (const { reject } of this.#runs.values()) {
      reject(new AuthError('UNAVAILABLE'));
    }
    this.#runs.clear();
    this.#tellIdle();
  }

  #refuse({ turn, failure, waits }: Extract<HashingReply, { kind: 'refused' }>): void {
    const waiting = take(this.#turns, turn);
    if (waiting !== undefined) {
      this.#remember(nameOf(waiting.caller), waits.ofCaller);
      this.#remember('', waits.ofAnybody);
      waiting.reject(hashingError(failure));
    }
  }

  #refusalOf(caller: Caller | null): Refusal | null {
    const refusal = this.#refused.get(caller === null ? '' : nameOf(caller));
    return refusal === undefined || this.#now() >= refusal.until ? null : refusal;
  }

  #remember(name: string, retryAfterMs: number | null): void {
    if (retryAfterMs !== null) {
      const error = new AuthError('OVERLOADED', { retryAfterMs });
      this.#refused.set(name, { until: this.#now() + REFUSED_FOR_MS, error, retryAfterMs });
    }
  }

  #refuseWaiting(): void {
    this.#isClosed = true;
    for (const { turn, reject } of this.#turns.values()) {
      this.#ask({ kind: 'abandoned', turn });
      reject(new AuthError('UNAVAILABLE'));
    }
    this.#turns.clear();
  }

  #acquired(turn: number): void {
    const waiting = take(this.#turns, turn);
    if (waiting !== undefined && !waiting.call.isAbandoned()) {
      waiting.resolve(this.#turnOf(waiting));
      return;
    }
    this.#ask({ kind: 'release', turn });
    waiting?.reject(new AuthError('DEADLINE_EXCEEDED'));
  }

  #turnOf({ turn, call }: Pick<Waiting<HashTurn>, 'turn' | 'call'>): HashTurn {
    let isHeld = true;
    return {
      run: (job) => this.#run(turn, call, job),
      release: () => {
        if (isHeld) {
          isHeld = false;
          this.#ask({ kind: 'release', turn });
        }
      },
    };
  }

  #run(turn: number, call: CallContext, job: HashJob): Promise<string | boolean> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new AuthError('UNAVAILABLE'));
      } else if (call.isAbandoned()) {
        reject(new AuthError('DEADLINE_EXCEEDED'));
      } else {
        const run = this.#nextId();
        this.#runs.set(run, { call, turn, isGivenUp: false, resolve, reject });
        this.#ask({ kind: 'run', turn, run, job });
        this.#startLooking();
      }
    });
  }

  #ask(request: HashingRequest): void {
    if (!this.#send(request)) {
      this.#isBehind = true;
    }
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #startLooking(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  #look(): void {
    for (const { turn, call, reject } of this.#turns.values()) {
      if (call.isAbandoned()) {
        this.#turns.delete(turn);
        this.#ask({ kind: 'abandoned', turn });
        reject(new AuthError('DEADLINE_EXCEEDED'));
      }
    }
    for (const run of this.#runs.values()) {
      if (!run.isGivenUp && run.call.isAbandoned()) {
        // What is being hashed is answered all the same.
        run.isGivenUp = true;
        this.#ask({ kind: 'abandoned', turn: run.turn });
      }
    }
    if (this.#turns.size + this.#runs.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #tellIdle(): void {
    if (this.#runs.size === 0) {
      this.#onIdle?.();
    }
  }
}

function nameOf({ orgId, callerClass }: Caller): string {
  return `${callerClass} ${orgId}`;
}

function take<T>(waiting: Map<number, T>, id: number): T | undefined {
  const taken = waiting.get(id);
  waiting.delete(id);
  return taken;
}

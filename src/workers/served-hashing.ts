import type { Hashing, HashTurn } from '../crypto/hash-pool.ts';
import type { HashJob } from '../crypto/hash-threads.ts';
import type { Caller } from '../domain/caller.ts';
import { AuthError } from '../domain/errors.ts';
import { hashingFailure } from './hashing-failure.ts';
import type { HashingReply, HashingRequest } from './messages.ts';

/** A turn that a worker asked for. */
interface Asked {
  readonly caller: Caller;
  /** When its caller waits no more. */
  readonly endsAt: number;
  /** Null until it has come. */
  turn: HashTurn | null;
  isAbandoned: boolean;
  /** Its turn came while its worker was silent: it waits anew once that is awake. */
  isPutOff: boolean;
  /** Jobs that are being hashed or wait to be. */
  jobs: number;
  /** When it was asked for. */
  readonly at: number;
}

export interface ServedHashingOptions {
  /** The machine's. */
  readonly pool: Hashing;
  readonly reply: (reply: HashingReply) => void;
  /** No call lasts longer. */
  readonly longestCallMs: number;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/**
 * What one worker has and wants of the machine's hashing. The pool is the supervisor's: all workers share its places, threads and
 * fairness as the callers of one process do.
 */
export class ServedHashing {
  readonly #pool: Hashing;
  readonly #reply: (reply: HashingReply) => void;
  readonly #longestCallMs: number;
  readonly #now: () => number;
  readonly #asked = new Map<number, Asked>();
  #isSilent = false;

  constructor({ pool, reply, longestCallMs, now = () => performance.now() }: ServedHashingOptions) {
    this.#pool = pool;
    this.#reply = reply;
    this.#longestCallMs = longestCallMs;
    this.#now = now;
  }

  /**
   * To be called again and again. A worker that is silent gets no turn, and the places of those that it has are given back: it would
   * take them from all others. Once it is awake, as one on a busy machine is soon, whoever waited for a turn waits for it again, and
   * what it hashes for a turn that it had is hashed all the same, for a nonce was spent for it; but for a call whose time is over.
   */
  lookAfter({ isSilent }: { readonly isSilent: boolean }): void {
    this.#isSilent = isSilent;
    for (const asked of this.#asked.values()) {
      asked.isAbandoned ||= this.#now() - asked.at >= this.#longestCallMs;
    }
    for (const { turn, jobs, isAbandoned } of this.#asked.values()) {
      if ((isSilent || isAbandoned) && jobs === 0) {
        turn?.release();
      }
    }
    for (const [id, asked] of this.#asked) {
      if (asked.isPutOff && !isSilent) {
        asked.isPutOff = false;
        this.#wait(id, asked);
      }
    }
  }

  receive(request: HashingRequest): void {
    switch (request.kind) {
      case 'acquire':
        this.#acquire(request);
        return;
      case 'abandoned':
        this.#abandon(this.#asked.get(request.turn));
        return;
      case 'run':
        this.#run(request.turn, request.run, request.job);
        return;
      case 'release':
        this.#asked.get(request.turn)?.turn?.release();
        this.#asked.delete(request.turn);
    }
  }

  /** The worker has gone: its places are free, and of its passwords none is hashed any more that waits. */
  end(): void {
    for (const asked of this.#asked.values()) {
      this.#abandon(asked);
      asked.turn?.release();
    }
    this.#asked.clear();
  }

  #abandon(asked: Asked | undefined): void {
    if (asked !== undefined) {
      // The pool asks when it looks for a place or a turn.
      asked.isAbandoned = true;
    }
  }

  #acquire({ turn: id, caller, remainingMs }: Extract<HashingRequest, { kind: 'acquire' }>): Promise<void> {
    const at = this.#now();
    const endsAt = at + (remainingMs ?? this.#longestCallMs);
    const asked: Asked = { caller, endsAt, turn: null, isAbandoned: false, isPutOff: false, jobs: 0, at };
    this.#asked.set(id, asked);
    return this.#wait(id, asked);
  }

  async #wait(id: number, asked: Asked): Promise<void> {
    const isWaitedFor = () => !asked.isAbandoned && (asked.turn !== null || !this.#isSilent);
    try {
      const turn = await this.#pool.acquire(asked.caller, {
        isAbandoned: () => !isWaitedFor(),
        remainingMs: () => asked.endsAt - this.#now(),
      });
      if (this.#asked.get(id) === asked) {
        asked.turn = turn;
        this.#reply({ kind: 'acquired', turn: id });
      } else {
        turn.release();
      }
    } catch (error) {
      const isLate = error instanceof AuthError && error.reason === 'DEADLINE_EXCEEDED';
      if (isLate && this.#isSilent && !asked.isAbandoned) {
        asked.isPutOff = true;
        return;
      }
      this.#asked.delete(id);
      const waits = { ofCaller: this.#pool.waitFor(asked.caller), ofAnybody: this.#pool.waitFor(null) };
      this.#reply({ kind: 'refused', turn: id, failure: hashingFailure(error), waits });
    }
  }

  async #run(id: number, run: number, job: HashJob): Promise<void> {
    const asked = this.#asked.get(id);
    if (asked === undefined || asked.turn === null) {
      this.#reply({ kind: 'not_hashed', run, failure: hashingFailure(new AuthError('UNAVAILABLE')) });
      return;
    }
    asked.jobs += 1;
    try {
      this.#reply({ kind: 'hashed', run, value: await asked.turn.run(job) });
    } catch (error) {
      this.#reply({ kind: 'not_hashed', run, failure: hashingFailure(error) });
    } finally {
      asked.jobs -= 1;
    }
  }
}

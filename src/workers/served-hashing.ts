import type { Hashing, HashTurn } from '../crypto/hash-pool.ts';
import type { HashJob } from '../crypto/hash-threads.ts';
import type { Caller } from '../domain/caller.ts';
import { hashingFailure } from './hashing-failure.ts';
import type { HashingReply, HashingRequest } from './messages.ts';

/** A turn that a worker asked for. */
interface Asked {
  /** Null until it has come. */
  turn: HashTurn | null;
  isAbandoned: boolean;
}

/**
 * What one worker has and wants of the machine's hashing. The pool is the supervisor's: all workers share its places, threads and
 * fairness as the callers of one process do.
 */
export class ServedHashing {
  readonly #pool: Hashing;
  readonly #reply: (reply: HashingReply) => void;
  readonly #asked = new Map<number, Asked>();

  constructor(pool: Hashing, reply: (reply: HashingReply) => void) {
    this.#pool = pool;
    this.#reply = reply;
  }

  receive(request: HashingRequest): void {
    switch (request.kind) {
      case 'acquire':
        this.#acquire(request.turn, request.caller);
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

  async #acquire(id: number, caller: Caller): Promise<void> {
    const asked: Asked = { turn: null, isAbandoned: false };
    this.#asked.set(id, asked);
    try {
      const turn = await this.#pool.acquire(caller, { isAbandoned: () => asked.isAbandoned });
      if (this.#asked.get(id) === asked) {
        asked.turn = turn;
        this.#reply({ kind: 'acquired', turn: id });
      } else {
        turn.release();
      }
    } catch (error) {
      this.#asked.delete(id);
      this.#reply({ kind: 'refused', turn: id, failure: hashingFailure(error) });
    }
  }

  async #run(id: number, run: number, job: HashJob): Promise<void> {
    const turn = this.#asked.get(id)?.turn;
    if (turn === undefined || turn === null) {
      return;
    }
    try {
      this.#reply({ kind: 'hashed', run, value: await turn.run(job) });
    } catch (error) {
      this.#reply({ kind: 'not_hashed', run, failure: hashingFailure(error) });
    }
  }
}

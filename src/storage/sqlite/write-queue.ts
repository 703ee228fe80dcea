import { setImmediate as nextTurn } from 'node:timers/promises';
import { AuthError } from '../../domain/errors.ts';
import type { Connection } from './driver.ts';
import { isLocked, translateError } from './errors.ts';
import { pauseForLock } from './lock-wait.ts';

/** More writes in one commit gain little: 64 take about as long as their one fsync. */
const MAX_GROUP = 64;

/** A write that waits for its commit. */
interface Write {
  readonly deadline: number;
  /** Set when a write of its group failed: from then on it is committed by itself. */
  readonly alone: boolean;
  run(): unknown;
  resolve(outcome: unknown): void;
  reject(error: unknown): void;
}

/** Why a group was not committed. */
interface Failure {
  readonly error: unknown;
  /** Whether the database is as it was before the group. */
  readonly isUndone: boolean;
}

/**
 * Runs writes one after the other, those that are asked for in the same turn in one transaction, and fulfils their
 * promises after its commit: N callers at once wait for one fsync and not for N.
 */
export class WriteQueue {
  readonly #lockWaitMs: number;
  readonly #begin;
  readonly #commit;
  readonly #rollback;
  readonly #connection: Connection;
  #waiting: Write[] = [];
  #draining: Promise<void> | null = null;

  constructor(connection: Connection, lockWaitMs: number) {
    this.#connection = connection;
    this.#lockWaitMs = lockWaitMs;
    // A deferred transaction that turns into a writer fails at once with SQLITE_BUSY_SNAPSHOT.
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#rollback = connection.prepare('ROLLBACK');
  }

  /**
   * Runs a write and gives its outcome once it is on disk. A write that throws is rolled back alone, whatever ran
   * beside it: its neighbours are then run again, so a write must have no effect outside the database.
   * Throws UNAVAILABLE when another process keeps the lock, the file cannot be written, or a group cannot be rolled
   * back: its transaction is never committed, and before anything else is run its end is tried again.
   */
  run<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.#lockWaitMs;
      this.#waiting.push({ deadline, alone: false, run: write, resolve: resolve as Write['resolve'], reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Fulfilled when every write asked for has its answer. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  /**
   * Ends a transaction that could not be rolled back when its group failed. To be called before every read: it would
   * see rows that nobody was promised. Throws UNAVAILABLE while the transaction stays open.
   */
  endOpenTransaction(): void {
    // SQLite has rolled back by itself after some errors (https://sqlite.org/lang_transaction.html).
    if (!this.#connection.inTransaction) {
      return;
    }
    try {
      this.#rollback.run();
    } catch (cause) {
      throw new AuthError('UNAVAILABLE', { cause });
    }
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        // Lets everything that this turn still brings join the group, and other work go between two groups.
        await nextTurn();
        await this.#runGroup(this.#takeGroup());
      }
    } finally {
      this.#draining = null;
    }
  }

  async #runGroup(group: readonly Write[]): Promise<void> {
    const failure = this.#attempt(group);
    if (failure === null) {
      return;
    }
    if (failure.isUndone && isLocked(failure.error)) {
      this.#waiting.unshift(...group);
      this.#giveUpOverdue(failure.error);
      await pauseForLock();
    } else if (failure.isUndone && group.length > 1) {
      this.#waiting.unshift(...group.map((write) => ({ ...write, alone: true })));
    } else {
      for (const write of group) {
        write.reject(translateError(failure.error));
      }
    }
  }

  #takeGroup(): Write[] {
    if (this.#waiting[0]?.alone) {
      return this.#waiting.splice(0, 1);
    }
    return this.#waiting.splice(0, MAX_GROUP);
  }

  /** Commits the whole group and answers it, or leaves the database as it was. */
  #attempt(group: readonly Write[]): Failure | null {
    const outcomes: unknown[] = [];
    try {
      this.endOpenTransaction();
      this.#begin.run();
      for (const write of group) {
        outcomes.push(write.run());
      }
      this.#commit.run();
    } catch (error) {
      return this.#undo(error);
    }
    group.forEach((write, index) => {
      write.resolve(outcomes[index]);
    });
    return null;
  }

  #undo(error: unknown): Failure {
    try {
      this.endOpenTransaction();
      return { error, isUndone: true };
    } catch (unavailable) {
      return { error: unavailable, isUndone: false };
    }
  }

  #giveUpOverdue(error: unknown): void {
    const now = performance.now();
    const inTime = this.#waiting.filter((write) => now < write.deadline);
    const overdue = this.#waiting.filter((write) => now >= write.deadline);
    this.#waiting = inTime;
    for (const write of overdue) {
      write.reject(translateError(error));
    }
  }
}

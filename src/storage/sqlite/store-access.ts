import { AuthError } from '../../domain/errors.ts';
import type { Connection } from './driver.ts';
import { isLocked, translateError } from './errors.ts';
import { outlastLocks } from './lock-wait.ts';
import { prepareTables, type Tables } from './tables.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * How the tables of one connection are reached: reads run at once, writes in groups (`write-queue.ts`). A group is one
 * synchronous step, so no read ever meets an open transaction; one that could not be rolled back is ended first. Locks of
 * other processes are waited for. Throws UNAVAILABLE when they are kept, the file is out of reach, or the store is closed.
 */
export class StoreAccess {
  readonly #connection: Connection;
  readonly #lockWaitMs: number;
  readonly #tables: Tables;
  readonly #writes: WriteQueue;
  #isClosed = false;

  constructor(connection: Connection, lockWaitMs: number) {
    this.#connection = connection;
    this.#lockWaitMs = lockWaitMs;
    this.#tables = prepareTables(connection);
    this.#writes = new WriteQueue(connection, lockWaitMs);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async read<T>(query: (tables: Tables) => T): Promise<T> {
    try {
      return this.#readNow(query);
    } catch (error) {
      if (!isLocked(error)) {
        throw translateError(error);
      }
      return this.#readAgain(query);
    }
  }

  /** Fulfilled once the operation's group is committed. An operation may run twice: it has no effect but on the tables. */
  async write<T>(operation: (tables: Tables) => T): Promise<T> {
    this.refuseWhenClosed();
    return this.#writes.run(() => operation(this.#tables));
  }

  refuseWhenClosed(): void {
    if (this.#isClosed) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store is closed.') });
    }
  }

  /** Refuses what comes from now on, waits for the writes asked for before and for `others`, then lets the file go. */
  async close(others: () => Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    await this.#writes.drained();
    await others();
    this.#connection.close();
  }

  #readNow<T>(query: (tables: Tables) => T): T {
    this.refuseWhenClosed();
    this.#writes.endOpenTransaction();
    return query(this.#tables);
  }

  /** A reader is locked out for moments only: while another process recovers or removes the WAL. */
  async #readAgain<T>(query: (tables: Tables) => T): Promise<T> {
    try {
      return await outlastLocks(() => this.#readNow(query), this.#lockWaitMs);
    } catch (error) {
      throw translateError(error);
    }
  }
}

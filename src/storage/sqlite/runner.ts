import type { AuditOrigin } from '../../domain/audit/audit-event.ts';
import { AuthError } from '../../domain/errors.ts';
import { query, type ReadName, type Runner, stepsOf, type WriteName } from '../operations.ts';
import type { Rows } from '../rows.ts';
import { runNow } from '../steps/steps.ts';
import type { Connection } from './driver.ts';
import { isLocked, translateError } from './errors.ts';
import { outlastLocks } from './lock-wait.ts';
import type { RememberedReads } from './remembered-reads.ts';
import { sqliteRows } from './rows/rows.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * Runs operations over one connection: reads at once, writes in groups (`write-queue.ts`). A group is one synchronous step,
 * so no read ever meets an open transaction; one that could not be rolled back is ended first. Locks of other processes are
 * waited for. Throws UNAVAILABLE when they are kept, the file is out of reach, or the store is closed.
 */
export class SqliteRunner implements Runner {
  readonly #connection: Connection;
  readonly #lockWaitMs: number;
  readonly #rows: Rows;
  readonly #writes: WriteQueue;
  readonly #remembered: RememberedReads | null;
  #closing: Promise<void> | null = null;

  /** Takes over a connection to a file of the newest schema. `remembered`: what reads are answered from where it still holds. */
  constructor(connection: Connection, lockWaitMs: number, remembered: RememberedReads | null = null) {
    this.#connection = connection;
    this.#lockWaitMs = lockWaitMs;
    this.#rows = sqliteRows(connection);
    this.#writes = new WriteQueue(connection, lockWaitMs);
    this.#remembered = remembered;
  }

  async read(name: ReadName, args: readonly unknown[]): Promise<unknown> {
    this.#refuseWhenClosed();
    try {
      return await this.#readRemembered(name, args);
    } catch (error) {
      if (!isLocked(error)) {
        throw translateError(error);
      }
      return this.#readAgain(name, args);
    }
  }

  async write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown> {
    this.#refuseWhenClosed();
    return this.#writes.run(() => runNow(stepsOf({ name, args, origin }, this.#rows)));
  }

  /** Refuses what comes from now on, waits for what was asked for before, and for `others`, then lets the file go. */
  close(others?: Promise<void>): Promise<void> {
    this.#closing ??= this.#finish(others);
    return this.#closing;
  }

  async #finish(others: Promise<void> | undefined): Promise<void> {
    await this.#writes.drained();
    await others;
    await this.#remembered?.currentVersion();
    this.#connection.close();
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store is closed.') });
    }
  }

  async #readRemembered(name: ReadName, args: readonly unknown[]): Promise<unknown> {
    const remembered = this.#remembered;
    const key = remembered?.keyOf(name, args) ?? null;
    if (remembered === null || key === null) {
      return this.#readNow(name, args);
    }
    const currentVersion = remembered.currentVersion();
    if (currentVersion !== null) {
      await currentVersion;
    }
    return remembered.answer(key, () => this.#readNow(name, args));
  }

  #readNow(name: ReadName, args: readonly unknown[]): unknown {
    this.#writes.endOpenTransaction();
    return query(name, this.#rows, args);
  }

  /** A reader is locked out for moments only: while another process recovers or removes the WAL. */
  async #readAgain(name: ReadName, args: readonly unknown[]): Promise<unknown> {
    try {
      return await outlastLocks(() => {
        this.#refuseWhenClosed();
        return this.#readNow(name, args);
      }, this.#lockWaitMs);
    } catch (error) {
      throw translateError(error);
    }
  }
}

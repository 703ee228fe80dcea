import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../store-error.ts';
import { isHeldUp, type MigrationClient, transaction } from './migration-transaction.ts';

export interface MigrationLockOptions {
  /** Quoted, with its schema. */
  readonly table: string;
  /** How sentences name the store. */
  readonly place: string;
  readonly waitMs: number;
}

/**
 * How long a migrator that died keeps others waiting. It renews its row at the start and the end of each migration, and nobody can
 * take the row while one runs, so that this covers no more than the moments in between.
 */
const HOLDS = "interval '10 seconds'";

/** Another start took the lock, because ours had run out. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/**
 * The right to migrate a schema: one row with its owner and the end of its term, by the clock of the database, because those of
 * processes differ. Taken by one conditional write; it works where advisory locks do not, behind pools of transactions and on
 * distributed engines.
 */
export class MigrationLock {
  readonly #client: MigrationClient;
  readonly #options: MigrationLockOptions;
  readonly #owner = randomUUID();

  constructor(client: MigrationClient, options: MigrationLockOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Waits for another owner to let go, or for its term to end. Throws StoreError where it waits too long. */
  async acquire(): Promise<void> {
    const { place, waitMs } = this.#options;
    const deadline = performance.now() + waitMs;
    while (!(await this.#take())) {
      if (performance.now() >= deadline) {
        throw new StoreError(
          `Another process has been migrating ${place} all the while. Wait for its end, and start again.`,
        );
      }
      await delay(100 + Math.random() * 200);
    }
  }

  /**
   * Proves within a migration's transaction that the lock is ours, renews it, and keeps its row from all others until the
   * transaction ends. Throws {@link SupersededError}.
   */
  async hold(): Promise<void> {
    const { rowCount } = await this.#client.query(
      `UPDATE ${this.#options.table} SET expires_at = clock_timestamp() + ${HOLDS} WHERE owner = $1`,
      [this.#owner],
    );
    if (rowCount === 0) {
      throw new SupersededError();
    }
  }

  /** Never rejected: where it cannot be let go of, its term ends it. */
  async release(): Promise<void> {
    const release = `DELETE FROM ${this.#options.table} WHERE owner = $1`;
    await this.#client.query(release, [this.#owner]).catch(() => undefined);
  }

  /** A migration that runs holds the row: whoever waits for it gives up now and then, and waits in {@link acquire}. */
  async #take(): Promise<boolean> {
    const { table } = this.#options;
    const take = `INSERT INTO ${table} AS held (singleton, owner, expires_at) VALUES (1, $1, clock_timestamp() + ${HOLDS})
      ON CONFLICT (singleton) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
      WHERE held.expires_at <= clock_timestamp()`;
    try {
      const { rowCount } = await transaction(this.#client, () => this.#client.query(take, [this.#owner]));
      return rowCount === 1;
    } catch (error) {
      if (isHeldUp(error)) {
        return false;
      }
      throw error;
    }
  }
}

import type { StoreIdentity } from '../../domain/storage.ts';
import type { MoveMark } from '../move-mark.ts';
import { explainFailure } from '../sqlite/connection.ts';
import type { Connection } from '../sqlite/driver.ts';
import { outlastLocks } from '../sqlite/lock-wait.ts';
import { readMoveMark } from '../sqlite/move-mark.ts';
import { openAlone } from '../sqlite/open-alone.ts';
import { identityRows } from '../sqlite/rows/store-identity.ts';
import { StoreError } from '../store-error.ts';
import { type CopiedRow, columnsOf, type Flaw, type Key, keyOf, type Value } from './rows.ts';
import type { Batch, CopySide } from './side.ts';
import { COPIED_TABLES, type ColumnKind, type CopiedTable, MADE_WITH_STORE } from './tables.ts';

/** How long another command's lock is waited for. */
const LOCK_WAIT_MS = 5_000;

/**
 * A store in a file, which no other process has open. Throws StoreError for one that a server or another command has open, that is
 * missing or damaged.
 */
export async function openSqliteSide(file: string): Promise<CopySide> {
  const connection = await openAlone(file, LOCK_WAIT_MS);
  if (connection === null) {
    throw new StoreError(`${file} is not a SQLite database or is damaged. Restore it from a backup.`);
  }
  return new SqliteSide(connection);
}

/**
 * `openAlone` has left the file without a write-ahead log. In that mode EXCLUSIVE keeps everybody out; who came between has brought
 * the log back, and is seen by that. Whoever opens the store later reads the mark first.
 */
class SqliteSide implements CopySide {
  readonly holdsNul = true;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get place(): string {
    return this.#connection.name;
  }

  readIdentity(): Promise<StoreIdentity | null> {
    return this.#do(() => identityRows(this.#connection).find() as StoreIdentity | null);
  }

  readMark(): Promise<MoveMark | null> {
    return this.#do(() => readMoveMark(this.#connection));
  }

  isEmpty(): Promise<boolean> {
    return this.#do(() => this.#isEmpty());
  }

  /** It was opened alone. */
  async refuseServed(): Promise<void> {}

  async fence(mark: MoveMark): Promise<void> {
    await this.#exclusively(() => {
      this.#connection.exec('DELETE FROM moves');
      this.#insertMark(mark);
    });
    await this.#letOpen();
  }

  unfence(): Promise<void> {
    return this.#write(() => {
      this.#connection.exec('DELETE FROM moves');
    });
  }

  async claim(mark: MoveMark): Promise<boolean> {
    const isClaimed = await this.#exclusively(() => {
      const present = readMoveMark(this.#connection);
      if (present === null && this.#isEmpty()) {
        for (const name of MADE_WITH_STORE) {
          this.#connection.exec(`DELETE FROM ${name}`);
        }
        this.#insertMark(mark);
        return true;
      }
      return present?.state === 'half_copied' && present.copyId === mark.copyId;
    });
    await this.#letOpen();
    return isClaimed;
  }

  replaceMark(copyId: string, mark: MoveMark | null): Promise<boolean> {
    return this.#write(() => {
      const { changes } = this.#connection.prepare('DELETE FROM moves WHERE copy_id = ?').run(copyId);
      if (changes === 1 && mark !== null) {
        this.#insertMark(mark);
      }
      return changes === 1;
    });
  }

  beginSnapshot(): Promise<void> {
    return this.#do(() => {
      this.#connection.exec('BEGIN');
      this.#connection.prepare('SELECT 1 FROM store').get();
    });
  }

  async endSnapshot(): Promise<void> {
    if (this.#connection.inTransaction) {
      this.#connection.exec('COMMIT');
    }
  }

  count(table: CopiedTable): Promise<number> {
    return this.#do(() => Number(this.#connection.prepare(`SELECT count(*) FROM ${table.name}`).pluck().get()));
  }

  read(table: CopiedTable, after: Key | null, limit: number): Promise<Batch> {
    // As bytes: a driver would mend, and so change, what is no UTF-8.
    const columns = columnsOf(table).map(([name, kind]) => (kind === 'text' ? `CAST(${name} AS BLOB)` : name));
    const key = table.key.join(', ');
    const from = after === null ? '' : `WHERE (${key}) > (${table.key.map(() => '?').join(', ')})`;
    return this.#do(() => {
      const select = this.#connection.prepare<unknown[], Value[]>(
        `SELECT ${columns.join(', ')} FROM ${table.name} ${from} ORDER BY ${key} LIMIT ?`,
      );
      const found = select
        .raw()
        .safeIntegers()
        .all(...(after ?? []), limit);
      return batchOf(table, found);
    });
  }

  async lastKey(table: CopiedTable): Promise<Key | null> {
    return this.#do(() => {
      const order = table.key.map((name) => `${name} DESC`).join(', ');
      const select = this.#connection.prepare<[], Value[]>(
        `SELECT ${table.key.join(', ')} FROM ${table.name} ORDER BY ${order} LIMIT 1`,
      );
      return select.raw().safeIntegers().get() ?? null;
    });
  }

  insert(table: CopiedTable, rows: readonly CopiedRow[]): Promise<void> {
    const names = Object.keys(table.columns);
    return this.#write(() => {
      const insert = this.#connection.prepare(
        `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      );
      for (const row of rows) {
        insert.run(row.map((value) => (typeof value === 'boolean' ? BigInt(value) : value)));
      }
    });
  }

  /** SQLite's plans here need no statistics. */
  async analyze(): Promise<void> {}

  async close(): Promise<void> {
    if (!this.#connection.open) {
      return;
    }
    try {
      await this.endSnapshot();
      await this.#letOpen();
    } finally {
      this.#connection.close();
    }
  }

  /** With the log others can open the store, and read why they must not. */
  async #letOpen(): Promise<void> {
    await this.#do(() => this.#connection.pragma('journal_mode = WAL'));
  }

  #isEmpty(): boolean {
    return COPIED_TABLES.every(
      ({ name }) =>
        MADE_WITH_STORE.includes(name) || this.#connection.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined,
    );
  }

  #insertMark({ state, copyId, otherPlace, markedAt }: MoveMark): void {
    this.#connection
      .prepare('INSERT INTO moves (singleton, state, copy_id, other_place, marked_at) VALUES (1, ?, ?, ?, ?)')
      .run(state, copyId, otherPlace, markedAt);
  }

  #exclusively<T>(work: () => T): Promise<T> {
    return this.#transaction('EXCLUSIVE', () => {
      if (this.#connection.pragma('journal_mode', { simple: true }) === 'wal') {
        throw new StoreError(
          `${this.place} is in use. Stop every server and command that has it open, then try again.`,
        );
      }
      return work();
    });
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#transaction('IMMEDIATE', work);
  }

  #transaction<T>(mode: 'EXCLUSIVE' | 'IMMEDIATE', work: () => T): Promise<T> {
    return this.#do(() => {
      this.#connection.exec(`BEGIN ${mode}`);
      try {
        const outcome = work();
        this.#connection.exec('COMMIT');
        return outcome;
      } catch (error) {
        if (this.#connection.inTransaction) {
          this.#connection.exec('ROLLBACK');
        }
        throw error;
      }
    });
  }

  async #do<T>(work: () => T): Promise<T> {
    try {
      return await outlastLocks(work, LOCK_WAIT_MS);
    } catch (error) {
      throw explainFailure(error, this.place);
    }
  }
}

function batchOf(table: CopiedTable, found: readonly Value[][]): Batch {
  const columns = columnsOf(table);
  const flaws: Flaw[] = [];
  const rows = found.map((values) => {
    const damaged: string[] = [];
    const row = columns.map(([name, kind], index) => {
      const value = readValue(kind, values[index] ?? null);
      if (value !== DAMAGED) {
        return value;
      }
      damaged.push(name);
      return null;
    });
    flaws.push(
      ...damaged.map((column) => ({ table: table.name, row: keyText(table, row), column, fault: 'not_utf8' as const })),
    );
    return row;
  });
  return { rows, flaws };
}

function keyText(table: CopiedTable, row: CopiedRow): string {
  return keyOf(table, row).map(String).join(' ');
}

const DAMAGED = Symbol('text that is no UTF-8');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readValue(kind: ColumnKind, value: Value): Value | typeof DAMAGED {
  if (value === null) {
    return null;
  }
  if (kind === 'boolean') {
    return value === 1n;
  }
  if (kind !== 'text' || !(value instanceof Uint8Array)) {
    return value;
  }
  try {
    return utf8.decode(value);
  } catch {
    return DAMAGED;
  }
}

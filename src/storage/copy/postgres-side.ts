import type { StoreIdentity } from '../../domain/storage.ts';
import { type PostgresDatabase, placeOf } from '../database.ts';
import type { MoveMark } from '../move-mark.ts';
import { readMoveMark } from '../postgres/move-mark.ts';
import type { Session, SessionResult } from '../postgres/session.ts';
import { inSchema, type Statement, statement } from '../postgres/statement.ts';
import { isServed, servedError } from '../postgres-served.ts';
import { COPY_STATEMENT_TIMEOUT_MS, connectForCopy, explainCopyFailure } from './postgres-session.ts';
import { type CopiedRow, columnsOf, type Key, type Value } from './rows.ts';
import type { Batch, CopySide } from './side.ts';
import { COPIED_TABLES, type ColumnKind, type CopiedTable, MADE_WITH_STORE } from './tables.ts';

/** A store on PostgreSQL, over one connection, or over another one where that was lost before `unfence`. Throws StoreError where it cannot be reached. */
export async function openPostgresSide(database: PostgresDatabase): Promise<CopySide> {
  const side = new PostgresSide(await connectForCopy(database), database);
  try {
    await side.readMark();
    return side;
  } catch (error) {
    await side.close();
    throw error;
  }
}

/** What the tables of a source that moves are called: no statement of a server that did not notice finds them. */
const FENCED = 'moved_';

const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  bytes: 'bytea',
  integer: 'bigint',
  boolean: 'boolean',
};

const INSERT_MARK = statement(
  'INSERT INTO {schema}.moves (singleton, state, copy_id, other_place, marked_at) VALUES (1, $1, $2, $3, $4)',
);
const DELETE_MARK = statement('DELETE FROM {schema}.moves WHERE copy_id = $1');

/**
 * The source is fenced by renaming its tables. That waits until nobody has written to them without having committed, it lets no
 * later statement through, prepared or not, and it holds for superusers too, whom rights would not stop.
 */
class PostgresSide implements CopySide {
  readonly holdsNul = false;
  readonly place: string;
  #session: Session;
  readonly #database: PostgresDatabase;
  /** By their text, so that each is prepared once. */
  readonly #statements = new Map<string, Statement>();
  #isFenced = false;

  constructor(session: Session, database: PostgresDatabase) {
    this.#session = session;
    this.#database = database;
    this.place = placeOf(database);
  }

  async readIdentity(): Promise<StoreIdentity | null> {
    const columns = 'store_id AS "storeId", epoch, secret_check AS "secretCheck"';
    return (await this.#all<StoreIdentity>(`SELECT ${columns} FROM ${this.#table('store')}`))[0] ?? null;
  }

  async readMark(): Promise<MoveMark | null> {
    const mark = await this.#explaining(readMoveMark(this.#session, this.#database.schema));
    this.#isFenced = mark?.state === 'moving' || mark?.state === 'moved';
    return mark;
  }

  async isEmpty(): Promise<boolean> {
    for (const { name } of COPIED_TABLES.filter((table) => !MADE_WITH_STORE.includes(table.name))) {
      if ((await this.#all(`SELECT 1 FROM ${this.#table(name)} LIMIT 1`)).length > 0) {
        return false;
      }
    }
    return true;
  }

  async refuseServed(): Promise<void> {
    const isMade = (await this.readIdentity()) !== null;
    if (isMade && (await this.#explaining(isServed(this.#session, this.#database.schema)))) {
      throw servedError(this.place);
    }
  }

  async fence(mark: MoveMark): Promise<void> {
    await this.#transaction(async () => {
      await this.#command('DELETE FROM {schema}.moves');
      await this.#insertMark(mark);
      await this.#rename((name) => [name, `${FENCED}${name}`]);
    });
    this.#isFenced = true;
  }

  async unfence(): Promise<void> {
    if (this.#session.isBroken) {
      this.#session = await connectForCopy(this.#database);
    }
    await this.#transaction(async () => {
      await this.#command('DELETE FROM {schema}.moves');
      await this.#rename((name) => [`${FENCED}${name}`, name]);
    });
    this.#isFenced = false;
  }

  claim(mark: MoveMark): Promise<boolean> {
    return this.#transaction(async () => {
      const present = await this.readMark();
      if (present === null && (await this.isEmpty())) {
        for (const name of MADE_WITH_STORE) {
          await this.#command(`DELETE FROM ${this.#table(name)}`);
        }
        await this.#insertMark(mark);
        return true;
      }
      return present?.state === 'half_copied' && present.copyId === mark.copyId;
    });
  }

  replaceMark(copyId: string, mark: MoveMark | null): Promise<boolean> {
    return this.#transaction(async () => {
      const removed = await this.#explaining(this.#session.count(DELETE_MARK, [copyId]));
      if (removed === 1 && mark !== null) {
        await this.#insertMark(mark);
      }
      return removed === 1;
    });
  }

  async beginSnapshot(): Promise<void> {
    await this.#begin('REPEATABLE READ, READ ONLY');
  }

  async endSnapshot(): Promise<void> {
    await this.#command('COMMIT');
  }

  async count(table: CopiedTable): Promise<number> {
    const [row] = await this.#all<{ rows: number }>(`SELECT count(*) AS rows FROM ${this.#table(table.name)}`);
    return row?.rows ?? 0;
  }

  async read(table: CopiedTable, after: Key | null, limit: number): Promise<Batch> {
    const key = table.key.join(', ');
    const places = table.key.map((_, index) => `$${index + 2}`).join(', ');
    const from = after === null ? '' : `WHERE (${key}) > (${places})`;
    const columns = columnsOf(table).map(([name]) => name);
    const found = await this.#all<Record<string, unknown>>(
      `SELECT ${selected(table, columns)} FROM ${this.#table(table.name)} t ${from} ORDER BY ${qualified(table.key)} LIMIT $1`,
      [limit, ...(after ?? []).map(parameter)],
    );
    return { rows: found.map((row) => columns.map((name) => readValue(table, name, row))), flaws: [] };
  }

  async lastKey(table: CopiedTable): Promise<Key | null> {
    const order = table.key.map((name) => `t.${name} DESC`).join(', ');
    const [row] = await this.#all<Record<string, unknown>>(
      `SELECT ${selected(table, table.key)} FROM ${this.#table(table.name)} t ORDER BY ${order} LIMIT 1`,
    );
    return row === undefined ? null : table.key.map((name) => readValue(table, name, row));
  }

  async insert(table: CopiedTable, rows: readonly CopiedRow[]): Promise<void> {
    const columns = columnsOf(table);
    const arrays = columns.map(([, kind], index) => `$${index + 1}::${TYPES[kind]}[]`);
    const names = columns.map(([name]) => name).join(', ');
    const text = `INSERT INTO ${this.#table(table.name)} (${names}) SELECT * FROM unnest(${arrays.join(', ')})`;
    const values = columns.map((_, index) => rows.map((row) => parameter(row[index] ?? null)));
    await this.#transaction(() => this.#all(text, values));
  }

  async analyze(): Promise<void> {
    for (const { name } of COPIED_TABLES) {
      await this.#command(`ANALYZE ${this.#table(name)}`);
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #table(name: string): string {
    return `{schema}.${this.#isFenced ? FENCED : ''}${name}`;
  }

  async #insertMark({ state, copyId, otherPlace, markedAt }: MoveMark): Promise<void> {
    await this.#explaining(this.#session.all(INSERT_MARK, [state, copyId, otherPlace, markedAt]));
  }

  async #rename(names: (table: string) => readonly [from: string, to: string]): Promise<void> {
    for (const { name } of COPIED_TABLES) {
      const [from, to] = names(name);
      await this.#command(`ALTER TABLE IF EXISTS {schema}.${from} RENAME TO ${to}`);
    }
  }

  #begin(mode: string): Promise<SessionResult> {
    // A source waits idle in its transaction while its target is written.
    return this.#command(
      `BEGIN ISOLATION LEVEL ${mode}; SET LOCAL statement_timeout = ${COPY_STATEMENT_TIMEOUT_MS}; ` +
        `SET LOCAL lock_timeout = ${this.#database.lockTimeoutMs}; SET LOCAL idle_in_transaction_session_timeout = 0`,
    );
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.#begin('READ COMMITTED');
    try {
      const outcome = await work();
      await this.#command('COMMIT');
      return outcome;
    } catch (error) {
      // Where the connection has gone, so has the transaction.
      await this.#session.command('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  #all<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const made = this.#statements.get(sql) ?? statement(sql);
    this.#statements.set(sql, made);
    return this.#explaining(this.#session.all<Row>(made, values));
  }

  #command(sql: string): Promise<SessionResult> {
    return this.#explaining(this.#session.command(inSchema(sql, this.#database.schema)));
  }

  async #explaining<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw explainCopyFailure(error, this.#database);
    }
  }
}

/** Integers as digits: the driver's numbers are exact up to 2^53. */
function selected(table: CopiedTable, columns: readonly string[]): string {
  return columns
    .map((name) => (table.columns[name] === 'integer' ? `t.${name}::text AS ${name}` : `t.${name}`))
    .join(', ');
}

/** By the column itself: a bare name is that of the result, whose integers are text. */
function qualified(columns: readonly string[]): string {
  return columns.map((name) => `t.${name}`).join(', ');
}

function readValue(table: CopiedTable, name: string, row: Readonly<Record<string, unknown>>): Value {
  const value = row[name] as Value;
  return table.columns[name] === 'integer' && value !== null ? BigInt(value as string) : value;
}

function parameter(value: Value): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

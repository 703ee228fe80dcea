import { expect } from 'vitest';
import { ON_POSTGRES, type StoreConnection, type TestStore } from '../../support/stores.ts';

/** What a store holds, to be compared. */
export interface StoreDump {
  /** Every row of every table but `spent_nonces` and `login_tries`, without `wrong_passwords`, as text. */
  readonly rows: string;
  /** Failed logins and wrong present passwords, all together. */
  readonly failures: Failures;
  /** The rows of `spent_nonces` that are nonces, by id. */
  readonly spentNonces: readonly SpentNonceRow[];
  /** How many rows of `spent_nonces` are marks that a try has ended. */
  readonly endedTries: number;
}

/** What counts guesses, each summed up over its table. */
export interface Failures {
  readonly logins: number;
  readonly currentPasswords: number;
}

/** A row of `spent_nonces`. */
export interface SpentNonceRow {
  readonly nonce_id: string;
  readonly keep_until: number;
}

/** Reads a running server's store through a connection of its own. */
export interface StoreReader {
  read(): Promise<StoreDump>;
  close(): Promise<void>;
}

const TABLES = ON_POSTGRES
  ? 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()'
  : "SELECT name FROM sqlite_schema WHERE type = 'table'";

/** Nonces and failures are told apart; PostgreSQL has, for a while, what became of each write; refused calls are on record. */
const NOT_SHOWN = ['spent_nonces', 'login_tries', 'recent_writes', 'audit_events'];

const FAILURES = `SELECT CAST((SELECT coalesce(sum(failures), 0) FROM login_tries) AS DOUBLE PRECISION) AS logins,
  CAST((SELECT coalesce(sum(wrong_passwords), 0) FROM sessions) AS DOUBLE PRECISION) AS "currentPasswords"`;
const NO_FAILURES: Failures = { logins: 0, currentPasswords: 0 };

export async function openStoreDump(store: TestStore): Promise<StoreReader> {
  const connection = await store.connect();
  const names = (await connection.query<{ name: string }>(TABLES)).map(({ name }) => name);
  const tables = names.filter((name) => !NOT_SHOWN.includes(name)).sort();
  return {
    async read() {
      const rows = ON_POSTGRES ? await rowsAsJson(connection, tables) : await rowsOfEach(connection, tables);
      const spent = await connection.query<SpentNonceRow>(
        'SELECT nonce_id, CAST(keep_until AS DOUBLE PRECISION) AS keep_until FROM spent_nonces',
      );
      const spentNonces = spent.filter(({ nonce_id }) => !nonce_id.startsWith('end '));
      const [failures = NO_FAILURES] = await connection.query<Failures>(FAILURES);
      const endedTries = spent.length - spentNonces.length;
      return { rows, failures, spentNonces: spentNonces.toSorted(byId), endedTries };
    },
    close: () => connection.close(),
  };
}

async function rowsOfEach(connection: StoreConnection, tables: readonly string[]): Promise<string> {
  const rows: unknown[] = [];
  for (const table of tables) {
    const found = await connection.query<Record<string, unknown>>(`SELECT * FROM "${table}"`);
    rows.push([table, found.map(({ wrong_passwords: _, ...row }) => row)]);
  }
  return JSON.stringify(rows);
}

/** In one round trip. */
async function rowsAsJson(connection: StoreConnection, tables: readonly string[]): Promise<string> {
  const each = tables.map(
    (table) =>
      `(SELECT jsonb_agg(to_jsonb(t) - 'wrong_passwords' ORDER BY (to_jsonb(t) - 'wrong_passwords')::text) FROM "${table}" t)`,
  );
  const [row] = await connection.query<{ rows: string }>(`SELECT json_build_array(${each.join(', ')})::text AS rows`);
  return row?.rows ?? '';
}

/** Asserts that nothing but this nonce, the end of the try that spent it, and these failures, where they are given, came to the store. */
export function expectUnchanged(
  before: StoreDump,
  after: StoreDump,
  spent: SpentNonceRow | null = null,
  failed: Failures = NO_FAILURES,
): void {
  expect(after.rows).toBe(before.rows);
  expect(after.failures).toEqual({
    logins: before.failures.logins + failed.logins,
    currentPasswords: before.failures.currentPasswords + failed.currentPasswords,
  });
  const expected = spent === null ? before.spentNonces : [...before.spentNonces, spent];
  // What nobody needs to know any more may be swept meanwhile.
  const now = Date.now();
  const isKept = ({ keep_until }: SpentNonceRow) => keep_until > now;
  expect(after.spentNonces.filter(isKept)).toEqual(expected.filter(isKept).toSorted(byId));
  expect(after.endedTries - before.endedTries).toBeLessThanOrEqual(spent === null ? 0 : 1);
}

function byId(a: SpentNonceRow, b: SpentNonceRow): number {
  return a.nonce_id < b.nonce_id ? -1 : 1;
}

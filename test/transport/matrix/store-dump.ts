import { expect } from 'vitest';
import { ON_POSTGRES, type StoreConnection, type TestStore } from '../../support/stores.ts';

/** What a store holds, to be compared. */
export interface StoreDump {
  /** Every row of every table but those that are told apart, without what counts guesses, as text. */
  readonly rows: string;
  /** The challenges of logins, by id, without what counts guesses, as text. */
  readonly challenges: ReadonlyMap<string, string>;
  /** Failed logins, wrong present passwords and wrong codes, all together. */
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
  /** Of users with a second factor, or that are setting one up. */
  readonly codes: number;
  readonly recoveryCodes: number;
  /** Of logins by mail. */
  readonly loginCodes: number;
  /** At challenges, over all that they take. */
  readonly challengeTries: number;
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

/** Nonces, failures and challenges are told apart; PostgreSQL has, for a while, what became of each write; refused calls are on record. */
const NOT_SHOWN = [
  'spent_nonces',
  'login_tries',
  'login_code_tries',
  'login_challenges',
  'recent_writes',
  'audit_events',
];

/** What else counts guesses. */
const COUNTERS = ['wrong_passwords', 'wrong_codes', 'wrong_recovery_codes', 'tries'];

/** The rows that say more than a count, where a table has others. */
const SHOWN: Readonly<Record<string, string>> = {
  second_factors: ' WHERE sealed_secret IS NOT NULL OR pending_secret IS NOT NULL',
};

const SUMS: Readonly<Record<keyof Failures, readonly [column: string, table: string]>> = {
  logins: ['failures', 'login_tries'],
  currentPasswords: ['wrong_passwords', 'sessions'],
  codes: ['wrong_codes', 'second_factors'],
  recoveryCodes: ['wrong_recovery_codes', 'second_factors'],
  loginCodes: ['wrong_codes', 'login_code_tries'],
  challengeTries: ['tries', 'login_challenges'],
};
const FAILURES = `SELECT ${Object.entries(SUMS)
  .map(
    ([name, [column, table]]) =>
      `CAST((SELECT coalesce(sum(${column}), 0) FROM ${table}) AS DOUBLE PRECISION) AS "${name}"`,
  )
  .join(', ')}`;

/** Nothing was guessed. */
export const NO_FAILURES: Failures = {
  logins: 0,
  currentPasswords: 0,
  codes: 0,
  recoveryCodes: 0,
  loginCodes: 0,
  challengeTries: 0,
};

export async function openStoreDump(store: TestStore): Promise<StoreReader> {
  const connection = await store.connect();
  const names = (await connection.query<{ name: string }>(TABLES)).map(({ name }) => name);
  const tables = names.filter((name) => !NOT_SHOWN.includes(name)).sort();
  return {
    async read() {
      const rows = ON_POSTGRES ? await rowsAsJson(connection, tables) : await rowsOfEach(connection, tables);
      const challenges = await connection.query<Record<string, unknown>>('SELECT * FROM login_challenges');
      const spent = await connection.query<SpentNonceRow>(
        'SELECT nonce_id, CAST(keep_until AS DOUBLE PRECISION) AS keep_until FROM spent_nonces',
      );
      const spentNonces = spent.filter(({ nonce_id }) => !nonce_id.startsWith('end '));
      const [failures = NO_FAILURES] = await connection.query<Failures>(FAILURES);
      const endedTries = spent.length - spentNonces.length;
      const byChallenge = new Map(challenges.map((row) => [String(row.challenge_id), JSON.stringify(uncounted(row))]));
      return { rows, challenges: byChallenge, failures, spentNonces: spentNonces.toSorted(byId), endedTries };
    },
    close: () => connection.close(),
  };
}

async function rowsOfEach(connection: StoreConnection, tables: readonly string[]): Promise<string> {
  const rows: unknown[] = [];
  for (const table of tables) {
    const found = await connection.query<Record<string, unknown>>(`SELECT * FROM "${table}"${SHOWN[table] ?? ''}`);
    rows.push([table, found.map(uncounted)]);
  }
  return JSON.stringify(rows);
}

function uncounted(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !COUNTERS.includes(column)));
}

/** In one round trip. */
async function rowsAsJson(connection: StoreConnection, tables: readonly string[]): Promise<string> {
  const row = ['to_jsonb(t)', ...COUNTERS.map((column) => `'${column}'`)].join(' - ');
  const each = tables.map(
    (table) => `(SELECT jsonb_agg(${row} ORDER BY (${row})::text) FROM "${table}" t${SHOWN[table] ?? ''})`,
  );
  const [all] = await connection.query<{ rows: string }>(`SELECT json_build_array(${each.join(', ')})::text AS rows`);
  return all?.rows ?? '';
}

/** What may come to the store by a refusal. */
export interface Expected {
  readonly spent?: SpentNonceRow | null;
  readonly failed?: Failures;
  /** Whether one more challenge is there, handed out or tried. */
  readonly makesChallenge?: boolean;
}

/** Asserts that nothing but this nonce, the end of the try that spent it, these failures and a challenge, where they are given, came to the store. */
export function expectUnchanged(
  before: StoreDump,
  after: StoreDump,
  { spent = null, failed = NO_FAILURES, makesChallenge = false }: Expected = {},
): void {
  expect(after.rows).toBe(before.rows);
  const made = [...after.challenges.keys()].filter((id) => !before.challenges.has(id));
  expect(made).toHaveLength(Number(makesChallenge));
  const others = new Map([...after.challenges].filter(([id]) => !made.includes(id)));
  expect(others).toEqual(before.challenges);
  const counted = Object.keys(NO_FAILURES) as (keyof Failures)[];
  expect(after.failures).toEqual(
    Object.fromEntries(counted.map((name) => [name, before.failures[name] + failed[name]])),
  );
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

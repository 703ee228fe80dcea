import { join } from 'node:path';
import { expect } from 'vitest';
import { Database } from '../../../src/storage/sqlite/driver.ts';

/** What a store holds, to be compared. */
export interface StoreDump {
  /** Every row of every table but `spent_nonces`, as text. */
  readonly rows: string;
  /** The rows of `spent_nonces`, by id. */
  readonly spentNonces: readonly SpentNonceRow[];
}

/** A row of `spent_nonces`. */
export interface SpentNonceRow {
  readonly nonce_id: string;
  readonly keep_until: number;
}

/** Reads a running server's store through a connection of its own. */
export function openStoreDump(dataDir: string): { read(): StoreDump; close(): void } {
  const database = new Database(join(dataDir, 'authflow.db'), { readonly: true });
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'spent_nonces' ORDER BY name")
    .pluck()
    .all();
  const statements = tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`)] as const);
  const spentNonces = database.prepare<[], SpentNonceRow>('SELECT * FROM spent_nonces ORDER BY nonce_id');
  return {
    read: () => ({
      rows: JSON.stringify(statements.map(([table, statement]) => [table, statement.all()])),
      spentNonces: spentNonces.all(),
    }),
    close: () => database.close(),
  };
}

/** Asserts that nothing but this nonce, where one is given, came to the store. */
export function expectUnchanged(before: StoreDump, after: StoreDump, spent: SpentNonceRow | null = null): void {
  expect(after.rows).toBe(before.rows);
  const expected = spent === null ? before.spentNonces : [...before.spentNonces, spent];
  expect(after.spentNonces).toEqual(expected.toSorted((a, b) => (a.nonce_id < b.nonce_id ? -1 : 1)));
}

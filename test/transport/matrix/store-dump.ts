import { join } from 'node:path';
import Database from 'better-sqlite3';

/** What a store holds, as text to be compared; spent nonces apart. */
export interface StoreDump {
  readonly rows: string;
  readonly spentNonces: number;
}

/** Reads a running server's store through a connection of its own. */
export function openStoreDump(dataDir: string): { read(): StoreDump; close(): void } {
  const database = new Database(join(dataDir, 'authflow.db'), { readonly: true });
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'spent_nonces' ORDER BY name")
    .pluck()
    .all();
  const statements = tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`)] as const);
  const spentNonces = database.prepare<[], number>('SELECT count(*) FROM spent_nonces').pluck();
  return {
    read: () => ({
      rows: JSON.stringify(statements.map(([table, statement]) => [table, statement.all()])),
      spentNonces: spentNonces.get() ?? 0,
    }),
    close: () => database.close(),
  };
}

import { describe, expect, test } from 'vitest';
import { COPIED_TABLES, type ColumnKind, NOT_COPIED } from '../../../src/storage/copy/tables.ts';
import { postgresStore, sqliteStore, type TestStore } from './stores.ts';

interface FoundColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

const IN_SQLITE = `
SELECT t.name AS "table", c.name AS "column", c.type AS type
FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`;

const IN_POSTGRES = `
SELECT table_name AS "table", column_name AS "column", data_type AS type
FROM information_schema.columns WHERE table_schema = '{schema}'`;

/** The types of a kind, in the engines' words. */
const TYPES: Readonly<Record<ColumnKind, readonly string[]>> = {
  text: ['TEXT', 'text'],
  bytes: ['BLOB', 'bytea'],
  integer: ['INTEGER', 'bigint', 'smallint'],
  boolean: ['INTEGER', 'boolean'],
};

describe.each([
  ['SQLite', sqliteStore, IN_SQLITE],
  ['PostgreSQL', postgresStore, IN_POSTGRES],
] as const)('the schema of %s', (_, makeStore, sql) => {
  test('has no table and no column that a copy neither takes along nor lists as left behind', async () => {
    const found = await columnsOf(await makeStore(), sql);
    const expected = COPIED_TABLES.flatMap(({ name, columns, given = [] }) =>
      [...Object.keys(columns), ...given].map((column) => `${name}.${column}`),
    );
    const copied = found.filter(({ table }) => !(table in NOT_COPIED));
    expect(copied.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(expected.toSorted());
  });

  test('has the columns of a copy with their kinds', async () => {
    const found = await columnsOf(await makeStore(), sql);
    const wrong = COPIED_TABLES.flatMap(({ name, columns }) =>
      Object.entries(columns).filter(([column, kind]) => {
        const type = found.find((each) => each.table === name && each.column === column)?.type ?? 'none';
        return !TYPES[kind].includes(type);
      }),
    );
    expect(wrong).toEqual([]);
  });
});

async function columnsOf(store: TestStore, sql: string): Promise<readonly FoundColumn[]> {
  return (await store.execute(sql)) as unknown as readonly FoundColumn[];
}

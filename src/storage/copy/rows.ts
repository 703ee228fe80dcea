import type { ColumnKind, CopiedTable } from './tables.ts';

/** A value as both engines give it: `text`, `bytes`, `integer` (all 64 bits) and `boolean`, or NULL. */
export type Value = string | Uint8Array | bigint | boolean | null;

/** The values of a row in the order of {@link CopiedTable.columns}. */
export type CopiedRow = readonly Value[];

/** The values of a primary key. */
export type Key = readonly Value[];

/** A value that the target cannot hold, or that the source does not hold as it should. The value itself is never told. */
export interface Flaw {
  readonly table: string;
  /** The row's key, as text. */
  readonly row: string;
  readonly column: string;
  readonly fault: FlawFault;
}

/** `nul`: text with U+0000, which PostgreSQL cannot hold. `not_utf8`: text that is none. */
export type FlawFault = 'nul' | 'not_utf8';

/** Column names with their kinds, in order. */
export function columnsOf(table: CopiedTable): readonly (readonly [name: string, kind: ColumnKind])[] {
  return Object.entries(table.columns);
}

/** The key of a row. */
export function keyOf(table: CopiedTable, row: CopiedRow): Key {
  const names = Object.keys(table.columns);
  return table.key.map((name) => row[names.indexOf(name)] ?? null);
}

/** The text of rows that holds U+0000. */
export function nulsIn(table: CopiedTable, rows: readonly CopiedRow[]): readonly Flaw[] {
  const columns = columnsOf(table);
  return rows.flatMap((row) =>
    columns.flatMap(([column], index) => {
      const value = row[index];
      return typeof value === 'string' && value.includes('\0')
        ? [{ table: table.name, row: keyOf(table, row).map(String).join(' '), column, fault: 'nul' as const }]
        : [];
    }),
  );
}

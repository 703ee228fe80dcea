import { existsSync, statSync } from 'node:fs';
import { sqliteVersion } from './connection.ts';
import type { Connection } from './driver.ts';

/** Facts about a SQLite file, for an operator. */
export interface SqliteFacts {
  readonly file: string;
  readonly sqliteVersion: string;
  readonly journalMode: string;
  readonly fileBytes: number;
  /** 0 when there is none. */
  readonly walBytes: number;
  /** Permission bits of the file, such as 0o600. */
  readonly fileMode: number;
}

export function inspectFile(connection: Connection): SqliteFacts {
  const file = connection.name;
  const stat = statSync(file);
  return {
    file,
    sqliteVersion: sqliteVersion(connection),
    journalMode: String(connection.pragma('journal_mode', { simple: true })),
    fileBytes: stat.size,
    walBytes: existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0,
    fileMode: stat.mode & 0o777,
  };
}

/**
 * What `PRAGMA integrity_check` and `foreign_key_check` find; empty when the file is sound. Reads the whole file: its time grows
 * with the file's size.
 */
export function findFaults(connection: Connection): readonly string[] {
  const found = connection.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  const orphans = connection.prepare<[], { table: string; parent: string }>('PRAGMA foreign_key_check').all();
  return [
    ...found.filter((line) => line !== 'ok'),
    ...orphans.map((row) => `a row of ${row.table} names a missing row of ${row.parent}`),
  ];
}

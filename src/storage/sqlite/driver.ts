import type BetterSqlite3 from 'better-sqlite3';
import { StoreError } from '../store-error.ts';

/** The first Node on which better-sqlite3 13 runs; 20 ends in a segmentation fault. */
const FIRST_NODE_OF_13 = 22;

/**
 * better-sqlite3, in the release for the Node that runs: 13, which is built on Node-API and carries its binaries, and 12
 * on Node 20. From Node 24.16 on 12 aborts the process when V8 collects one of its statements
 * (https://github.com/WiseLibs/better-sqlite3/issues/1515).
 */
export const Database: typeof BetterSqlite3 =
  Number.parseInt(process.versions.node, 10) >= FIRST_NODE_OF_13
    ? (await import('better-sqlite3-13')).default
    : (await import('better-sqlite3')).default;

/** One connection to a SQLite file. */
export type Connection = BetterSqlite3.Database;

/** Opens a file that is there. Throws SqliteError; StoreError when the driver's binary is missing. */
export function connect(file: string, busyTimeoutMs: number): Connection {
  try {
    return new Database(file, { fileMustExist: true, timeout: busyTimeoutMs });
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      throw error;
    }
    throw new StoreError(
      'The binary of the SQLite driver is missing. Run "npm ci"; where it has to be compiled, that takes Python 3, ' +
        'make and a C++ compiler.',
      { cause: error },
    );
  }
}

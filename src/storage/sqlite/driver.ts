import Database from 'better-sqlite3';
import { StoreError } from '../store-error.ts';

export { Database };

/** One connection to a SQLite file. */
export type Connection = Database.Database;

/** Opens a file that is there. Throws SqliteError; StoreError when the driver's binary is missing. */
export function connect(file: string, busyTimeoutMs: number): Connection {
  try {
    return new Database(file, { fileMustExist: true, timeout: busyTimeoutMs });
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      throw error;
    }
    throw new StoreError('The binary of the SQLite driver is missing or does not load. Run "npm ci" again.', {
      cause: error,
    });
  }
}

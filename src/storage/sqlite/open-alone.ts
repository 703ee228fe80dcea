import { closeSync, openSync, readSync } from 'node:fs';
import { StoreError } from '../store-error.ts';
import { explainFailure, isMissing, openConnectionAsIs } from './connection.ts';
import type { Connection } from './driver.ts';
import { isLocked } from './errors.ts';
import { outlastLocks } from './lock-wait.ts';

/**
 * A connection to a store that no other process has open, with nothing left beside the file; null where there is no store, or
 * one that is damaged. Throws StoreError where it is in use.
 */
export async function openAlone(file: string, lockWaitMs: number): Promise<Connection | null> {
  // SQLite would remove what is left beside a file that is no database.
  if (isMissing(file) || !hasHeader(file)) {
    return null;
  }
  let connection: Connection;
  try {
    connection = await openConnectionAsIs(file, lockWaitMs);
  } catch (error) {
    if (isDamage(error)) {
      return null;
    }
    throw error;
  }
  try {
    // SQLite leaves the write-ahead log for the only connection that there is, and for no other.
    await outlastLocks(() => connection.pragma('journal_mode = DELETE'), ALONE_WAIT_MS);
    return connection;
  } catch (error) {
    connection.close();
    if (isDamage(error) || isDamage(explainFailure(error, file))) {
      return null;
    }
    if (isLocked(error)) {
      throw new StoreError(`${file} is in use. Stop every server and command that has it open, then try again.`, {
        cause: error,
      });
    }
    throw explainFailure(error, file);
  }
}

/** https://sqlite.org/fileformat.html, section 1.3.1. */
const HEADER = 'SQLite format 3\0';

/** Whether a file begins as a database does. Not to be asked while this process has it open: its locks would go. */
export function hasHeader(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    throw explainFailure(error, file);
  }
  try {
    const start = Buffer.alloc(HEADER.length);
    readSync(descriptor, start, 0, HEADER.length, 0);
    return start.toString('latin1') === HEADER;
  } finally {
    closeSync(descriptor);
  }
}

/** A command beside ends in a moment; a server does not. */
const ALONE_WAIT_MS = 500;

function isDamage(error: unknown): boolean {
  const code =
    error instanceof StoreError && error.cause instanceof Error && 'code' in error.cause ? error.cause.code : '';
  return /^SQLITE_(NOTADB|CORRUPT)/.test(String(code));
}

import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileOwner, giveTo, ownerOf } from '../file-owner.ts';
import { StoreError } from '../store-error.ts';
import { type Connection, connect } from './driver.ts';
import { outlastLocks } from './lock-wait.ts';

/** The first release without the WAL-reset bug, which can corrupt a file (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = '3.51.3';

/**
 * How long SQLite itself sleeps on a lock. It holds up the whole event loop, so it covers no more than a short commit
 * of another process; longer waits are made outside (`lock-wait.ts`).
 */
const BUSY_TIMEOUT_MS = 3;

/** A WAL that a long reader made grow is cut back to this, 16 MiB, at its next reset. */
const JOURNAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Marks a database of ours in its header: "AFlw" (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x41466c77;

/**
 * Opens a connection to an existing file with the pragmas that every connection needs, and narrows the file's mode
 * to 0600. Throws StoreError when the file is missing, not a database of ours, or out of reach.
 */
export function openConnection(file: string, lockWaitMs: number): Promise<Connection> {
  return open(file, lockWaitMs, takeOver);
}

/** Like {@link openConnection}, but leaves the file's mode and journal as they are: for looking at a store. */
export function openConnectionAsIs(file: string, lockWaitMs: number): Promise<Connection> {
  return open(file, lockWaitMs, refuseForeign);
}

async function open(
  file: string,
  lockWaitMs: number,
  begin: (connection: Connection, file: string) => unknown,
): Promise<Connection> {
  if (isMissing(file)) {
    throw new StoreError(
      `There is no database at ${file}. "authflow serve" or "authflow migrate" makes one; ` +
        'or set AUTHFLOW_DATABASE_URL or AUTHFLOW_DATA_DIR to where it is.',
    );
  }
  try {
    const connection = connect(file, BUSY_TIMEOUT_MS);
    try {
      await outlastLocks(() => {
        refuseOldSqlite(connection);
        begin(connection, file);
        configure(connection);
      }, lockWaitMs);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw explainFailure(error, file);
  }
}

/**
 * Makes an empty file of mode 0600; one beside a database belongs to whom the database does. False where there is a file
 * already. Throws StoreError when it cannot.
 */
export function createFile(file: string, databaseFile = file): boolean {
  try {
    // SQLite gives the -wal and -shm files the mode of the database file, and as root its owner.
    const owner = dirname(file) === dirname(databaseFile) ? ownerOf(databaseFile, file) : null;
    makeFile(file, owner);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') {
      return false;
    }
    if (code === 'ENOENT') {
      throw new StoreError(`The folder ${dirname(file)} does not exist. Make it first.`);
    }
    throw explainFailure(error, file);
  }
}

function makeFile(file: string, owner: FileOwner | null): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    if (owner !== null) {
      giveTo(owner, descriptor, file);
    }
  } catch (error) {
    rmSync(file);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function takeOver(connection: Connection, file: string): void {
  const isOurs = refuseForeign(connection, file);
  narrowMode(file);
  if (isOurs) {
    connection.pragma('journal_mode = WAL');
  }
}

/** Whether it is a store already; an empty file becomes one. Throws StoreError for another program's. */
function refuseForeign(connection: Connection, file: string): boolean {
  // In this order: a first migration beside this start writes the tables and the mark in one commit.
  const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  const isOurs = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
  if (!isEmpty && !isOurs) {
    throw new StoreError(
      `${file} is a database of another program. Name a file of AuthFlow's, or one that does not exist.`,
    );
  }
  return isOurs;
}

/** What each connection has to be told; nothing of it stays in the file. */
function configure(connection: Connection): void {
  // better-sqlite3 is compiled to open WAL at NORMAL, which may lose acknowledged commits in a power cut.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`);
}

function refuseOldSqlite(connection: Connection): void {
  const version = sqliteVersion(connection);
  if (ordinal(version) >= ordinal(OLDEST_SQLITE)) {
    return;
  }
  throw new StoreError(
    `SQLite ${version} can corrupt its files; ${OLDEST_SQLITE} or newer is needed. ` +
      'Install the better-sqlite3 named in package-lock.json ("npm ci").',
  );
}

export function sqliteVersion(connection: Connection): string {
  return String(connection.prepare('SELECT sqlite_version()').pluck().get());
}

function ordinal(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}

function narrowMode(file: string): void {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) {
    return;
  }
  try {
    for (const part of [file, `${file}-wal`, `${file}-shm`]) {
      if (existsSync(part)) {
        chmodSync(part, 0o600);
      }
    }
  } catch (error) {
    throw new StoreError(
      `${file} can be read by other users of this machine (mode ${mode.toString(8)}), and its mode cannot be ` +
        'changed. Give this user the file, and run "chmod 600" on it.',
      { cause: error },
    );
  }
}

/** Whether there is no file. Throws StoreError where that cannot be looked at, such as in a folder of another user. */
export function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    throw explainFailure(error, file);
  }
}

/** What stands in the way, as a StoreError with the path; an error of another kind is given back as it is. */
export function explainFailure(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error) || !('code' in error)) {
    return error;
  }
  const options = { cause: error };
  const code = String(error.code);
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) {
    return new StoreError(`${file} is not a SQLite database or is damaged. Restore it from a backup.`, options);
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new StoreError(`${file} stays locked by another process. End that process, or wait and try again.`, options);
  }
  if (code === 'SQLITE_READONLY_DBMOVED') {
    return new StoreError(`${file} was replaced while it was opened, as a restore does. Try again.`, options);
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)|^(EACCES|EPERM|EROFS|EISDIR|ENOTDIR)$/.test(code)) {
    return new StoreError(
      `${file} cannot be opened for writing (${code}). Give this user the rights to the file and its folder.`,
      options,
    );
  }
  if (/^SQLITE_(FULL|IOERR)|^(ENOSPC|EDQUOT|EIO)$/.test(code)) {
    return new StoreError(`${file} cannot be read or written (${code}). Look at the disk and its free space.`, options);
  }
  return error;
}

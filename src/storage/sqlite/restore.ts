import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../store-error.ts';
import { copyDatabase } from './backup.ts';
import { explainFailure, isMissing, openConnectionAsIs } from './connection.ts';
import type { Connection } from './driver.ts';
import { isLocked } from './errors.ts';
import { outlastLocks } from './lock-wait.ts';

/** A backup's copy beside the store that it is to replace. */
export interface RestoreDraft {
  readonly file: string;
  /** Puts it in the store's place; where the store that was there is kept, null where there was none. */
  finish(): Promise<string | null>;
  /** Removes what is left of it. */
  discard(): void;
}

export interface RestoreRequest {
  /** The store's file; there may be none. */
  readonly file: string;
  readonly backup: string;
  readonly lockWaitMs: number;
}

/** What SQLite keeps beside a database: of another one it would be taken for changes of this. */
const PARTS = ['-wal', '-shm', '-journal'];

/**
 * Copies a backup beside a store. Throws StoreError for a backup that is none, and while another process has the store open.
 */
export async function beginRestore({ file, backup, lockWaitMs }: RestoreRequest): Promise<RestoreDraft> {
  const from = resolve(backup.trim());
  refuseUnlikely(from, file);
  await refuseInUse(file, lockWaitMs);
  const draft = `${file}.restoring-${randomBytes(4).toString('hex')}`;
  await copyDatabase(await openConnectionAsIs(from, lockWaitMs), { to: draft, beside: file, lockWaitMs });
  return {
    file: draft,
    finish: () => replace(file, draft, lockWaitMs),
    discard() {
      for (const part of ['', ...PARTS]) {
        rmSync(`${draft}${part}`, { force: true });
      }
    },
  };
}

function refuseUnlikely(from: string, file: string): void {
  if (isMissing(from) || statSync(from).size === 0) {
    throw new StoreError(`There is no backup at ${from}.`);
  }
  if (!isMissing(file) && realpathSync(from) === realpathSync(file)) {
    throw new StoreError(`${from} is the store itself: name a backup of it.`);
  }
}

async function refuseInUse(file: string, lockWaitMs: number): Promise<void> {
  const connection = await openAlone(file, lockWaitMs);
  if (connection !== null) {
    // As it was, should the restore end here.
    connection.pragma('journal_mode = WAL');
    connection.close();
  }
}

/**
 * In one step for whoever opens the store: there is no moment without one, in which a start would make a new one.
 * What other processes hold open must not be replaced under them (https://sqlite.org/howtocorrupt.html, section 2.4).
 */
async function replace(file: string, draft: string, lockWaitMs: number): Promise<string | null> {
  const left = PARTS.filter((part) => existsSync(`${draft}${part}`));
  if (left.length > 0) {
    throw new Error('The copy of the backup is still open.');
  }
  const present = await openAlone(file, lockWaitMs);
  try {
    present?.exec('BEGIN EXCLUSIVE');
    const kept = isMissing(file) ? null : keep(file);
    renameSync(draft, file);
    syncFolder(dirname(file));
    return kept;
  } catch (error) {
    throw explainFailure(error, file);
  } finally {
    present?.close();
  }
}

/** Gives the file a second name. What is beside it, of a store that did not open, goes with it. */
function keep(file: string): string {
  const kept = `${file}.replaced-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  for (const part of PARTS.filter((each) => existsSync(`${file}${each}`))) {
    renameSync(`${file}${part}`, `${kept}${part}`);
  }
  linkSync(file, kept);
  return kept;
}

/**
 * A connection to a store that no other process has open, with nothing left beside the file; null where there is no store, or
 * one that is damaged. Throws StoreError where it is in use.
 */
async function openAlone(file: string, lockWaitMs: number): Promise<Connection | null> {
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

function hasHeader(file: string): boolean {
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

/** The new name survives a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

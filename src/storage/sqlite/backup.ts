import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { refuseMarked } from '../move-mark.ts';
import { FileExistsError } from '../store-error.ts';
import { createFile, explainFailure, openConnection } from './connection.ts';
import { outlastLocks } from './lock-wait.ts';
import { readMoveMark } from './move-mark.ts';

/** Pages copied at once; the event loop runs on in between. 100 pages are 400 KiB, about a millisecond. */
const PAGES_PER_STEP = 100;

export interface BackupRequest {
  readonly from: string;
  /** Must not exist; made with mode 0600. */
  readonly to: string;
  readonly lockWaitMs: number;
  /** Ends the copy between two steps. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes a consistent copy of a database, as it was at one instant, while writes go on. Throws FileExistsError when
 * the target exists, StoreError when it cannot be written or the store moved; no part of a copy that failed is left behind.
 */
export async function backupFile({ from, to: target, lockWaitMs, signal }: BackupRequest): Promise<void> {
  const source = await openConnection(from, lockWaitMs);
  try {
    refuseMarked(from, await outlastLocks(() => readMoveMark(source), lockWaitMs));
    // better-sqlite3 trims names; the file that is made here must be the one that it writes.
    const to = resolve(target.trim());
    if (!createFile(to, from)) {
      throw new FileExistsError(`${to} exists. A backup never overwrites a file: name another.`);
    }
    try {
      // A read transaction held throughout pins the copy to one instant: otherwise SQLite starts the copy anew
      // whenever another connection commits (https://sqlite.org/c3ref/backup_finish.html), under load for ever.
      source.exec('BEGIN');
      await outlastLocks(() => source.prepare('SELECT 1 FROM store').get(), lockWaitMs);
      await source.backup(to, {
        progress() {
          signal?.throwIfAborted();
          return PAGES_PER_STEP;
        },
      });
    } catch (error) {
      for (const part of [to, `${to}-journal`, `${to}-wal`, `${to}-shm`]) {
        rmSync(part, { force: true });
      }
      throw explainFailure(error, to);
    }
  } finally {
    source.close();
  }
}

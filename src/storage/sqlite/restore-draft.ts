import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AuthError } from '../../domain/errors.ts';
import { StoreError } from '../store-error.ts';
import { createFile } from './connection.ts';

/** What SQLite keeps beside a database: of another one it would be taken for changes of this. */
export const PARTS = ['-wal', '-shm', '-journal'];

const COPIED_AT_ONCE_BYTES = 1024 * 1024;

/** The name of a new copy beside a store. */
export function draftName(file: string): string {
  return `${file}.restoring-${randomBytes(4).toString('hex')}`;
}

/** Removes a copy, and what SQLite keeps beside it. */
export function removeDraft(draft: string): void {
  for (const part of ['', ...PARTS]) {
    rmSync(`${draft}${part}`, { force: true });
  }
}

/** The files beside a store that restores have there now, or left when they were killed. */
export function leftoversOf(file: string): readonly string[] {
  const folder = dirname(file);
  const start = `${basename(file)}.restoring-`;
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(start) && /^[0-9a-f]{8}(-wal|-shm|-journal)?$/.test(name.slice(start.length)))
    .map((name) => join(folder, name));
}

/** The copies that {@link leftoversOf} belong to, each once. */
export function leftDrafts(file: string): readonly string[] {
  return [...new Set(leftoversOf(file).map((name) => name.replace(/-(wal|shm|journal)$/, '')))];
}

export interface BackupCopyRequest {
  /** Must not exist; made with mode 0600. */
  readonly to: string;
  /** The store's file, to whose owner the copy belongs. */
  readonly beside: string;
  /** Ends the copy between two steps. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Copies a backup's bytes: it is a closed file, and may lie where SQLite cannot write what it needs beside a database. Throws
 * StoreError for one that cannot be read.
 */
export async function copyBackup(from: string, { to, beside, signal }: BackupCopyRequest): Promise<void> {
  const source = await reading(from, () => open(from, 'r'));
  try {
    createFile(to, beside);
    const target = await open(to, 'r+');
    try {
      await copyBytes({ from, source, target, signal });
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

interface Copying {
  readonly from: string;
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly signal: AbortSignal | undefined;
}

async function copyBytes({ from, source, target, signal }: Copying): Promise<void> {
  const buffer = Buffer.alloc(COPIED_AT_ONCE_BYTES);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await reading(from, () => source.read(buffer, 0, buffer.length, null));
    if (bytesRead === 0) {
      return;
    }
    await target.writeFile(buffer.subarray(0, bytesRead));
  }
}

async function reading<T>(from: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const code = codeOf(error);
    const words = code === 'EISDIR' ? 'it is a folder' : code;
    throw new StoreError(`The backup ${from} cannot be read (${words}). Name a file that this user may read.`, {
      cause: error,
    });
  }
}

/** An error over a copy as one about the backup, or the disk: the operator knows no copy. Any other is given back as it is. */
export function explainDraft(
  error: unknown,
  { draft, backup }: { readonly draft: string; readonly backup: string },
): unknown {
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : null) ?? '';
  const options = { cause: error };
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code) || isNoStore(error)) {
    return new StoreError(`The backup ${backup} is damaged, or is none (${code}): use another.`, options);
  }
  const isOfStore = error instanceof StoreError && !error.message.includes(draft);
  if (!isOfStore && /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY)|^(ENOSPC|EDQUOT|EIO|EFBIG)$/.test(code)) {
    return new StoreError(
      `Nothing was restored, and the store is as it was: the backup's copy beside it cannot be written (${code}). Look at ` +
        'the disk and its free space.',
      options,
    );
  }
  if (error instanceof StoreError && error.message.includes(draft)) {
    return new StoreError(error.message.replaceAll(draft, `The backup ${backup}`), options);
  }
  if (error instanceof AuthError && error.reason === 'UNAVAILABLE') {
    return new StoreError(`Nothing was restored, and the store is as it was (${code}). Try again.`, options);
  }
  return error;
}

/** SQLite's word for a database without our tables. */
function isNoStore(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_ERROR' && error instanceof Error && error.message === 'no such table: store';
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

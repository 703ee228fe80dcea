import { closeSync, existsSync, fsyncSync, linkSync, openSync, realpathSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type MoveMark, refuseMarked } from '../move-mark.ts';
import { StoreError } from '../store-error.ts';
import { explainFailure, isMissing, openConnectionAsIs } from './connection.ts';
import type { Connection } from './driver.ts';
import { readMoveMark } from './move-mark.ts';
import { openAlone } from './open-alone.ts';
import { copyBackup, draftName, explainDraft, leftDrafts, PARTS, removeDraft } from './restore-draft.ts';

/** A backup's copy beside the store that it is to replace. */
export interface RestoreDraft {
  readonly file: string;
  /** Puts it in the store's place; where the store that was there is kept, null where there was none. */
  finish(): Promise<string | null>;
  /** An error over it as a StoreError that names the backup, or the disk; any other is given back as it is. */
  explain(error: unknown): unknown;
  /** Removes what is left of it. */
  discard(): void;
}

export interface RestoreRequest {
  /** The store's file; there may be none. */
  readonly file: string;
  readonly backup: string;
  readonly lockWaitMs: number;
  /** Ends the copy between two steps. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Copies a backup beside a store, and removes what older restores left there. Throws StoreError for a backup that is none, and
 * while another process has the store open, and for a store that was moved.
 */
export async function beginRestore({ file, backup, lockWaitMs, signal }: RestoreRequest): Promise<RestoreDraft> {
  const from = resolve(backup.trim());
  refuseUnlikely(from, file);
  await refuseInUse(file, lockWaitMs);
  await removeLeftovers(file, lockWaitMs);
  const draft = draftName(file);
  const explain = (error: unknown) => explainDraft(error, { draft, backup: from });
  try {
    await copyBackup(from, { to: draft, beside: file, signal });
    await refuseNoStore(draft, lockWaitMs);
  } catch (error) {
    removeDraft(draft);
    throw explain(error);
  }
  return {
    file: draft,
    finish: () => replace(file, draft, lockWaitMs),
    explain,
    discard: () => removeDraft(draft),
  };
}

/** Its owner has it no more: no process has it open. Two restores at once remove each other's, and one of them fails. */
async function removeLeftovers(file: string, lockWaitMs: number): Promise<void> {
  for (const draft of leftDrafts(file)) {
    try {
      (await openAlone(draft, lockWaitMs))?.close();
    } catch {
      continue;
    }
    removeDraft(draft);
  }
}

async function refuseNoStore(draft: string, lockWaitMs: number): Promise<void> {
  const connection = await openConnectionAsIs(draft, lockWaitMs);
  try {
    connection.prepare('SELECT 1 FROM store').get();
  } finally {
    connection.close();
  }
}

function refuseUnlikely(from: string, file: string): void {
  if (isMissing(from) || statSync(from).size === 0) {
    throw new StoreError(`There is no backup at ${from}.`);
  }
  const open = PARTS.map((part) => `${from}${part}`).find((part) => !part.endsWith('-shm') && isFilled(part));
  if (open !== undefined) {
    throw new StoreError(
      `The backup ${from} was not closed: ${open} holds a part of it. End what has it open; "authflow backup" writes a ` +
        'backup in one file.',
    );
  }
  if (!isMissing(file) && realpathSync(from) === realpathSync(file)) {
    throw new StoreError(`${from} is the store itself: name a backup of it.`);
  }
}

function isFilled(file: string): boolean {
  return !isMissing(file) && statSync(file).size > 0;
}

async function refuseInUse(file: string, lockWaitMs: number): Promise<void> {
  const connection = await openAlone(file, lockWaitMs);
  if (connection === null) {
    return;
  }
  try {
    // As it was, should the restore end here.
    connection.pragma('journal_mode = WAL');
    refuseMarked(file, markIn(connection));
  } finally {
    connection.close();
  }
}

/** What a store that was moved is replaced by would be live beside the one that it was moved to. One that cannot be read may go. */
function markIn(connection: Connection): MoveMark | null {
  try {
    return readMoveMark(connection);
  } catch {
    return null;
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

/** The new name survives a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

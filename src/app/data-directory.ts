import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileOwner, giveTo } from '../storage/file-owner.ts';
import { StartError } from './start-error.ts';

/** A draft is written in some milliseconds; one that is older was left by a process that was killed. */
const DRAFT_LIVES_MS = 10_000;
const DRAFT = /^(?:secret(?:\.next|\.previous)?|admin-token)\.[0-9a-f]{12}$/;

/** Where a data directory keeps what. */
export interface DataPaths {
  readonly dataDir: string;
  readonly secretFile: string;
  /** The secret that a rotation is about to put in force; there only while one goes on. */
  readonly nextSecretFile: string;
  /** The secret that the last rotation replaced; those of before are beside it, with `-` and their ids after the name. */
  readonly previousSecretFile: string;
  readonly adminTokenFile: string;
}

/** The paths inside a data directory. Nothing is looked at. */
export function dataPaths(dataDir: string): DataPaths {
  const secretFile = join(dataDir, 'secret');
  return {
    dataDir,
    secretFile,
    nextSecretFile: `${secretFile}.next`,
    previousSecretFile: `${secretFile}.previous`,
    adminTokenFile: join(dataDir, 'admin-token'),
  };
}

/** Makes the directory, for this user alone, unless it is there. Throws {@link StartError} where it cannot. */
export function makeDataDirectory(dataDir: string): void {
  if (statSync(dataDir, { throwIfNoEntry: false }) === undefined) {
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw refusal(`${dataDir} cannot be made`, 'AUTHFLOW_DATA_DIR and AUTHFLOW_DATABASE_URL say where.', error);
    }
    // The umask may have taken bits that the owner needs; nobody else gets any.
    chmodSync(dataDir, 0o700);
  }
}

/**
 * Puts a secret value into a new file of mode 0600, complete or not at all, and gives back what the file holds then:
 * of two processes that start at once one writes, and both read the same. Throws {@link StartError} without room for it.
 */
export function createSecretFile(
  file: string,
  value: string,
  owner: FileOwner,
): { readonly value: string; readonly created: boolean } {
  const draft = writeDraft(file, value, owner);
  try {
    // A link, unlike a rename, never replaces a file that is there.
    linkSync(draft, file);
    keepNames(file);
    return { value, created: true };
  } catch (error) {
    if (!isFileExists(error)) {
      throw error;
    }
    return { value: readSecretFile(file), created: false };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Replaces a secret file by a new one, complete or not at all. */
export function replaceSecretFile(file: string, value: string, owner: FileOwner): void {
  const draft = writeDraft(file, value, owner);
  try {
    renameSync(draft, file);
    keepNames(file);
  } catch (error) {
    // Such as for a file that a container mounts by itself.
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Puts a secret file in the place of another: at every moment one of them is there. */
export function moveSecretFile(from: string, to: string): void {
  renameSync(from, to);
  keepNames(to);
}

/** So that a power cut takes back no name in the file's folder: a store may be sealed under what the file holds. */
function keepNames(file: string): void {
  const descriptor = openSync(dirname(file), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the drafts of secret files that killed processes have left in a folder: nobody looks after them. */
export function removeDeadDrafts(folder: string): void {
  for (const name of readdirSync(folder).filter((name) => DRAFT.test(name))) {
    const draft = join(folder, name);
    const written = statSync(draft, { throwIfNoEntry: false });
    if (written !== undefined && Date.now() - written.mtimeMs > DRAFT_LIVES_MS) {
      rmSync(draft, { force: true });
    }
  }
}

/** A file beside the one that it becomes; nothing is left where it cannot be written. */
function writeDraft(file: string, value: string, owner: FileOwner): string {
  removeDeadDrafts(dirname(file));
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(descriptor, `${value}\n`);
    fsyncSync(descriptor);
    giveTo(owner, descriptor, file);
    return draft;
  } catch (error) {
    rmSync(draft);
    throw refusal(`${file} cannot be written`, 'Look at the disk and its free space.', error);
  } finally {
    closeSync(descriptor);
  }
}

/** What a secret file holds, without its final newline. Throws when it cannot be read. */
export function readSecretFile(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}

/** The system's own error has no path where it is of a write. Anything but the system's error stays what it is. */
function refusal(what: string, remedy: string, error: unknown): unknown {
  return error instanceof Error && 'syscall' in error && 'code' in error
    ? new StartError(`${what} (${error.code}). ${remedy}`, { cause: error })
    : error;
}

function isFileExists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

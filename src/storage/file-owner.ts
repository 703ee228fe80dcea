import { fchownSync, fstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from './store-error.ts';

/** Whom the files of a store belong to. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
  /** A store is there, and these are its database's. Otherwise they are its folder's, which may let others write. */
  readonly ownsStore: boolean;
}

/**
 * The owner of what is made for a store: of its database, which the server's user opens; before there is one, of the
 * folder that `file` is made in. Throws where neither can be looked at.
 */
export function ownerOf(databaseFile: string, file: string): FileOwner {
  const database = look(databaseFile);
  const { uid, gid } = database ?? statSync(dirname(file));
  return { uid, gid, ownsStore: database !== null };
}

/**
 * Gives a file that was just made to the store's owner: root's would be closed to the server's user. Throws StoreError
 * where this user may not. To be called before the file bears its name.
 */
export function giveTo(owner: FileOwner, descriptor: number, file: string): void {
  if (fstatSync(descriptor).uid === owner.uid || !(owner.ownsStore || process.geteuid?.() === 0)) {
    return;
  }
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch (cause) {
    throw new StoreError(
      `${file} would not belong to the store's owner (user ${owner.uid}), and its server could not open it. ` +
        'Run this as that user, or as root.',
      { cause },
    );
  }
}

function look(file: string): Stats | null {
  return statSync(file, { throwIfNoEntry: false }) ?? null;
}

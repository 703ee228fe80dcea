import { chownSync, lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's `nobody`: in every Linux that has a passwd file, which initdb looks its user up in. */
const NOBODY = 65_534;

/** For `spawn`: PostgreSQL, PgBouncer and their like refuse root, so root starts them as nobody; anyone else as themselves. */
export const UNPRIVILEGED: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Gives files to whom they run as. */
export function handOver(...paths: readonly string[]): void {
  const { uid, gid } = UNPRIVILEGED;
  if (uid === undefined || gid === undefined) {
    return;
  }
  for (const path of paths) {
    chownSync(path, uid, gid);
  }
}

/** The same for all that is in a folder. */
export function handOverTree(folder: string): void {
  const { uid, gid } = UNPRIVILEGED;
  if (uid === undefined || gid === undefined) {
    return;
  }
  for (const path of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    lchownSync(join(folder, path), uid, gid);
  }
}

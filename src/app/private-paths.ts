import { existsSync, statSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import { dataPaths } from './data-directory.ts';

/** A file or folder that nobody but the server's own user may use. */
export interface PrivatePath {
  /** What it is, for people. */
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** One that others can use. */
export interface ExposedPath extends PrivatePath {
  /** Its permission bits in octal digits, as `644`. */
  readonly mode: string;
  /** What to type in a shell. */
  readonly command: string;
}

/**
 * The data folder of a store in a file, and the secrets in it that the settings do not give otherwise; those that a
 * rotation of the secret leaves there, where they are. Nothing else is looked at.
 */
export function privatePaths({ dataDir, database, secret, adminToken }: Settings): readonly PrivatePath[] {
  if (database.engine !== 'sqlite') {
    return [];
  }
  const { secretFile, nextSecretFile, previousSecretFile, adminTokenFile } = dataPaths(dataDir);
  const rotated = [
    { name: 'next secret file', path: nextSecretFile, isFolder: false },
    { name: 'previous secret file', path: previousSecretFile, isFolder: false },
  ].filter(({ path }) => existsSync(path));
  return [
    { name: 'data directory', path: dataDir, isFolder: true },
    ...(secret === null ? [{ name: 'secret file', path: secretFile, isFolder: false }, ...rotated] : []),
    ...(adminToken === null ? [{ name: 'admin token file', path: adminTokenFile, isFolder: false }] : []),
  ];
}

/** Those of {@link privatePaths} that others can use. What is missing or cannot be looked at is not among them. */
export function exposedPaths(settings: Settings): readonly ExposedPath[] {
  return privatePaths(settings).flatMap((privatePath) => {
    const mode = readMode(privatePath.path);
    return mode === null || isPrivate(mode)
      ? []
      : [{ ...privatePath, mode: mode.toString(8), command: narrowingCommand(privatePath) }];
  });
}

/** The permission bits of a path; null where it cannot be looked at. */
function readMode(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}

/** Whether permission bits leave out everybody but the owner. */
export function isPrivate(mode: number): boolean {
  return (mode & 0o077) === 0;
}

/** The command that closes a path to others, quoted for a shell. */
export function narrowingCommand({ path, isFolder }: Pick<PrivatePath, 'path' | 'isFolder'>): string {
  return `chmod ${isFolder ? '700' : '600'} '${path.replaceAll("'", `'\\''`)}'`;
}

import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { NamedFile } from '../config/environment.ts';
import { narrowingCommand } from './private-paths.ts';

const OTHERS = 0o007;
const OTHERS_ENTER = 0o001;
const OTHERS_WRITE = 0o002;
/** In such a folder nobody replaces another's file. */
const STICKY = 0o1000;

/** What `stat` says of a path. */
export interface PathFacts {
  readonly mode: number;
  /** The file system that it is on. */
  readonly dev: number;
}

/**
 * How every user of the machine can come at a file: `read`, also to write or run it, or `replace`, because its folder takes new files
 * of anybody. Null where none can: by its mode, by that of a folder above it, or because it is mounted by itself, as a container's
 * secrets are. Its group may read it: Kubernetes gives secrets to one. `folders`: its own first, then up to the root.
 */
export function opening(file: PathFacts, folders: readonly PathFacts[]): 'read' | 'replace' | null {
  const [own] = folders;
  const isMounted = own !== undefined && own.dev !== file.dev;
  if (isMounted || folders.some(({ mode }) => (mode & OTHERS_ENTER) === 0)) {
    return null;
  }
  if ((file.mode & OTHERS) !== 0) {
    return 'read';
  }
  return own !== undefined && (own.mode & OTHERS_WRITE) !== 0 && (own.mode & STICKY) === 0 ? 'replace' : null;
}

/**
 * What is wrong with the modes of a file that must be closed to others, with the command that closes it; null where nothing is, and for
 * what lies in no folder, such as a pipe.
 */
export function openingSentence({ name, path }: NamedFile): string | null {
  const file = placeOf(path);
  if (file === null) {
    return null;
  }
  const folders = foldersOf(file);
  const facts = statSync(file);
  const found = opening(
    facts,
    folders.map((folder) => statSync(folder)),
  );
  if (found === null) {
    return null;
  }
  const mode = (facts.mode & 0o777).toString(8);
  return found === 'read'
    ? `${name}, ${path}, has mode ${mode}, others can open it: ${narrowingCommand({ path, isFolder: false })}`
    : `${name}, ${path}, can be replaced by others: ${narrowingCommand({ path: dirname(file), isFolder: true })}`;
}

function placeOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function foldersOf(file: string): readonly string[] {
  const folder = dirname(file);
  return folder === file ? [] : [folder, ...foldersOf(folder)];
}

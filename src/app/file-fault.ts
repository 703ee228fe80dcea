import { userInfo } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/**
 * What kept a file from being used, in words: what was tried, the system's reason with its code, and who tried. Ends
 * without a full stop. `deed` is a participle, such as `read`.
 */
export function fileFault(path: string, deed: string, error: unknown): string {
  return `${path} cannot be ${deed} by ${userName()}: ${reasonOf(error)}`;
}

/** Whether there is no such file or folder. Any other fault may hide one that is there. */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** The system's code of an error, such as EACCES; null for an error of another kind. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const number = error instanceof Error && 'errno' in error ? Number(error.errno) : Number.NaN;
  const words = getSystemErrorMap().get(number)?.[1];
  return words === undefined ? (code ?? 'unknown error') : `${words} (${code})`;
}

function userName(): string {
  const uid = process.geteuid?.();
  try {
    const { username } = userInfo();
    return uid === undefined ? username : `user ${username} (${uid})`;
  } catch {
    // Containers often run as a user that no list names.
    return uid === undefined ? 'this user' : `user ${uid}`;
  }
}

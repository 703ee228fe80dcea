import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CommandResult } from './captured-terminal.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/authflow.js', import.meta.url));

/** Users that need no entry in any list: the server's own, and one that has nothing to do with it. */
export const SERVICE_USER = 61_001;
export const OTHER_USER = 61_002;

export const NEEDS_USERS = 'needs root, to act as several users, and a checkout that all of them can read';
export const mayActAsUsers = process.geteuid?.() === 0 && isReadByAll(MAIN);

function isReadByAll(path: string): boolean {
  const stat = statSync(path);
  const needed = stat.isDirectory() ? 0o005 : 0o004;
  return (stat.mode & needed) === needed && (path === '/' || isReadByAll(dirname(path)));
}

/** An empty folder that belongs to a user, in one that all may pass through; removed with the test. */
export function folderOf(user: number, mode = 0o700): string {
  const parent = mkdtempSync(join(tmpdir(), 'authflow-users-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'data');
  mkdirSync(folder);
  chownSync(parent, user, user);
  chownSync(folder, user, user);
  chmodSync(parent, 0o755);
  chmodSync(folder, mode);
  return folder;
}

/** The owners of a folder's files, each once. */
export function ownersIn(folder: string): readonly number[] {
  return [...new Set(readdirSync(folder).map((name) => statSync(join(folder, name)).uid))];
}

/** Starts the program as a user, over a data folder; it is killed when the test ends. */
export function startAs(
  user: number,
  dataDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: '/',
    uid: user,
    gid: user,
    env: {
      PATH: process.env.PATH,
      AUTHFLOW_DATA_DIR: dataDir,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      ...env,
    },
  });
  child.stdin.end();
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs a command as a user to its end. */
export async function runAs(user: number, dataDir: string, ...args: readonly string[]): Promise<CommandResult> {
  const child = startAs(user, dataDir, args);
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      result[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...result };
}

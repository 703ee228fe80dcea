import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CommandResult } from './captured-terminal.ts';

/** The program as it is installed. */
export const MAIN = fileURLToPath(new URL('../../src/cli/authflow.js', import.meta.url));

/** The program as it is installed, in a folder, with these settings and no others. */
export interface CliPlace {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether more is to be written to its input, which the caller ends. */
  readonly isFed?: boolean;
}

/** Starts the built program. It is killed when the test ends, should it still run. */
export function startCli(
  args: readonly string[],
  { folder, env = {}, isFed = false }: CliPlace,
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
  });
  if (!isFed) {
    child.stdin.end();
  }
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs the built program to its end. */
export async function runCli(args: readonly string[], place: CliPlace): Promise<CommandResult> {
  return resultOf(startCli(args, place));
}

/** What a program that was started has printed by its end. */
export async function resultOf(child: ChildProcessWithoutNullStreams): Promise<CommandResult> {
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      result[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...result };
}

/** The JSON that a command prints. Fails the test when it does not end with 0. */
export async function jsonOf<T>(args: readonly string[], place: CliPlace): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], place);
  if (code !== 0) {
    throw new Error(`authflow ${args.join(' ')} ended with ${code}: ${stderr}`);
  }
  return JSON.parse(stdout);
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAND = fileURLToPath(new URL('stand.js', import.meta.url));

/** A command of another language's toolchain. */
export interface ToolRun {
  /** Where it runs, from the repository's root. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Skips the test, saying what it needs, where a probe such as `go version` does not succeed. Where CI is set it fails
 * instead: CI skips nothing.
 */
export function needs({ skip }: TestContext, what: string, probe: readonly [string, ...string[]]): void {
  const [command, ...args] = probe;
  if (spawnSync(command, args, { cwd: ROOT, stdio: 'ignore' }).status === 0) {
    return;
  }
  if (process.env.CI !== undefined) {
    throw new Error(`CI needs ${what}`);
  }
  skip(`needs ${what}`);
}

/** Runs a client's own tests beside real servers and expects them to pass; what they print is shown where they do not. */
export async function passBesideServers(run: ToolRun): Promise<void> {
  await pass({ ...run, command: process.execPath, args: [STAND, run.command, ...run.args] });
}

/** Runs a command of a toolchain and expects it to end well. */
export async function pass({ folder, command, args, env }: ToolRun): Promise<string> {
  const child = spawn(command, args, {
    cwd: `${ROOT}${folder}`,
    env: { ...process.env, ...env, INIT_CWD: `${ROOT}${folder}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const [code] = await once(child, 'close');
  const output = Buffer.concat(printed).toString();
  expect({ code, output: code === 0 ? '' : output.slice(-20_000) }).toEqual({ code: 0, output: '' });
  return output;
}

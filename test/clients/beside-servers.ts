import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { ROOT } from '../support/readme-blocks.ts';

const STAND = fileURLToPath(new URL('stand.js', import.meta.url));

/** A command of another language's toolchain. */
export interface ToolRun {
  /** Where it runs, from the repository's root. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a client's own tests beside real servers and expects them to pass; what they print is shown where they do not. */
export async function passBesideServers(run: ToolRun): Promise<void> {
  await pass({ ...run, command: process.execPath, args: [STAND, run.command, ...run.args] });
}

/** Maven's programs end before compiling them well pays. Who has options of their own, as for a proxy, keeps those. */
const SHORT_LIVED_JAVA = { MAVEN_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };

/** Runs a command of a toolchain and expects it to end well. */
export async function pass({ folder, command, args, env }: ToolRun): Promise<string> {
  const child = spawn(command, args, {
    cwd: `${ROOT}${folder}`,
    env: { ...SHORT_LIVED_JAVA, ...process.env, ...env, INIT_CWD: `${ROOT}${folder}` },
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

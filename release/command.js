import { spawnSync } from 'node:child_process';

/** A reason to stop that is the caller's to mend: its message is all that is printed. */
export class Refusal extends Error {}

/**
 * Runs a command to its end and gives what it printed on stdout.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string | undefined, readonly env?: NodeJS.ProcessEnv | undefined, readonly input?: string | undefined }} [options] `env` is added to this process's
 * @returns {string}
 * @throws {Refusal} where it is not installed or does not end with 0; the sentence ends with what it printed last
 */
export function run(command, args, { cwd, env, input } = {}) {
  return runForBytes(command, args, { cwd, env, input }).toString();
}

/**
 * As `run`, for what is no text.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string | undefined, readonly env?: NodeJS.ProcessEnv | undefined, readonly input?: string | undefined }} options
 * @returns {Buffer}
 */
export function runForBytes(command, args, { cwd, env, input }) {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    input,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) {
    throw new Refusal(`${command} cannot be run: ${error.message}`);
  }
  if (status !== 0) {
    throw new Refusal(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`.slice(0, 20_000));
  }
  return stdout;
}

/**
 * Runs a program of this folder: a `Refusal` is printed and ends it with 1.
 *
 * @param {() => void} program
 */
export function main(program) {
  try {
    program();
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = 1;
  }
}

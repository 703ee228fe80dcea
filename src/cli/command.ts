import type { Command } from 'commander';
import type { Administration } from '../app/administration.ts';
import type { Environment } from '../config/environment.ts';
import { readSettings } from '../config/settings.ts';
import type { ExitCode } from './exit-code.ts';
import type { Output } from './output.ts';

/** What every command works with. */
export interface Terminal {
  readonly env: Environment;
  readonly output: Output;
  /** What is typed, or piped in. Asked for by a command that reads it: looking at it opens it. */
  readonly input: () => TextInput;
  /** Ends the command with this code though nothing was thrown. */
  endWith(exitCode: ExitCode): void;
}

/** Standard input, or a test's. */
export type TextInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Adds the commands of one group to the program. What they need is loaded when one of them runs. */
export type Register = (program: Command, terminal: Terminal) => void;

/** The option of every command that prints data. */
export interface JsonOption {
  readonly json?: boolean;
}

/** The flag and its description, for {@link Command.option}. */
export const JSON_OPTION = ['--json', 'print JSON'] as const;

/** Opens the store that the environment names, works with it and lets go of it. A missing store is never made. */
export async function withAdministration(
  { env }: Terminal,
  work: (administration: Administration) => Promise<void>,
): Promise<void> {
  const settings = readSettings(env);
  const { openAdministration } = await import('../app/administration.ts');
  const administration = await openAdministration(settings);
  try {
    await work(administration);
  } finally {
    await administration.close();
  }
}

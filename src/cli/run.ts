import { Command, CommanderError } from 'commander';
import { readPackageVersion } from '../app/package-version.ts';
import type { Environment } from '../config/environment.ts';
import { printable } from '../observability/printable.ts';
import type { Terminal, TextInput } from './command.ts';
import { COMMAND_GROUPS } from './commands.ts';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-code.ts';
import { explain, isBrokenPipe } from './failure.ts';
import { Output, type TextStream } from './output.ts';

/** What surrounds a run: the process's own, or a test's. */
export interface Surroundings {
  readonly env: Environment;
  readonly stdin: () => TextInput;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/**
 * Runs one command line (without the program's own name) to its end and gives its exit code. Never throws: every
 * failure is told in sentences on `stderr`, without a stack or a foreign message.
 */
export async function run(args: readonly string[], { env, stdin, stdout, stderr }: Surroundings): Promise<ExitCode> {
  const output = new Output({ stdout, stderr });
  let exitCode: ExitCode = EXIT.ok;
  const terminal: Terminal = {
    env,
    output,
    input: stdin,
    endWith(code) {
      exitCode = code;
    },
  };
  // What the parser itself prints goes out before run() ends, so that the process can end at once.
  const printed: Promise<void>[] = [];
  const print = (stream: TextStream) => (text: string) => {
    printed.push(written(stream, text));
  };
  try {
    const program = await build(args, terminal, { writeOut: print(stdout), writeErr: print(stderr) });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await end(error, output);
  } finally {
    await Promise.allSettled(printed);
  }
}

async function build(
  args: readonly string[],
  terminal: Terminal,
  writers: { readonly writeOut: (text: string) => void; readonly writeErr: (text: string) => void },
): Promise<Command> {
  const program = new Command('authflow')
    .description('A login and account service for backends: gRPC, Connect and JSON over HTTP.')
    .version(readPackageVersion())
    .exitOverride()
    .configureOutput({ ...writers, outputError: (text, write) => write(lines(text)) })
    .showHelpAfterError('Add --help to see what it takes.')
    .addHelpText('afterAll', EXIT_HELP);
  // Loading one group of a dozen keeps the start short; help and misspelled names need them all.
  const named = COMMAND_GROUPS.filter(({ name }) => name === args[0]);
  for (const group of named.length > 0 ? named : COMMAND_GROUPS) {
    (await group.load()).register(program, terminal);
  }
  return program;
}

async function end(error: unknown, output: Output): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (isBrokenPipe(error)) {
    return EXIT.ok;
  }
  const failure = explain(error);
  try {
    for (const line of failure.lines) {
      await output.notice(`authflow: ${line}`);
    }
  } catch {
    // Nobody reads standard error; the exit code still tells.
  }
  return failure.exitCode;
}

// The parser's sentences quote arguments.
function lines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function written(stream: TextStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

import { Readable } from 'node:stream';
import { run } from '../../src/cli/run.ts';

/** Where a test's command writes to. */
export class CapturedStream {
  text = '';
  readonly isTTY = false;

  write(text: string, done: (error?: Error | null) => void): void {
    this.text += text;
    done();
  }
}

/** How a command ended and what it wrote. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function runHere(
  args: readonly string[],
  env: Record<string, string> = {},
  typed = '',
): Promise<CommandResult> {
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const code = await run(args, { env, stdin: () => Readable.from([typed]), stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

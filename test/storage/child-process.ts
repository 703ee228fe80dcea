import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const ENTRIES = join(import.meta.dirname, '../support/storage');

/** A process of its own that acknowledges what it does, one JSON value a line. */
export interface Child {
  readonly pid: number;
  /** What it acknowledged that was not read yet: the next one, or null when it has ended. */
  next(): Promise<unknown>;
  /** Everything it acknowledges from here to its end. */
  rest(): Promise<unknown[]>;
  /** Sends a line to its standard input. */
  send(line: string): void;
  kill(): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts an entry of test/support/storage, under a command such as strace where one is given. */
export function startChild(
  entry: string,
  args: readonly string[],
  { command = [], env = {} }: { readonly command?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Child {
  const [file = process.execPath, ...rest] = [...command, process.execPath, join(ENTRIES, entry), ...args];
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  // Writing to a child that is gone is no fault of the test's.
  child.stdin.on('error', () => undefined);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });

  const next = async () => {
    const line = await lines.next();
    return line.done ? null : (JSON.parse(line.value) as unknown);
  };
  return {
    pid: child.pid ?? -1,
    next,
    async rest() {
      const values: unknown[] = [];
      for (let value = await next(); value !== null; value = await next()) {
        values.push(value);
      }
      return values;
    },
    send: (line) => child.stdin.write(`${line}\n`),
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}

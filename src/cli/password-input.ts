import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Terminal } from './command.ts';
import { UsageError } from './failure.ts';
import type { Output } from './output.ts';

/** Far beyond what a password may have. */
const MAX_CHARACTERS = 4_096;

/**
 * A password from standard input, but for one final newline: never from the command line, which other users of the machine can
 * read. A terminal is asked for it twice, and shows nothing of what is typed. Throws UsageError where nothing comes, or something
 * else the second time.
 */
export async function readTypedPassword({ input, output }: Terminal): Promise<string> {
  const stream = input();
  if (stream.isTTY === true) {
    return askTwice(stream, output);
  }
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_CHARACTERS) {
      break;
    }
  }
  return given(text.replace(/\r?\n$/, ''));
}

/** A new random password that the policy takes: 120 bits, and a character of each kind. */
export function makePassword(): string {
  return `${randomBytes(15).toString('base64url')}-Aa1`;
}

function given(password: string): string {
  if (password === '') {
    throw new UsageError('Give the new password on standard input, or let --generate make one.');
  }
  return password;
}

async function askTwice(input: NodeJS.ReadableStream, output: Output): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // First: what is typed before the terminal was told to be silent, it shows.
  const terminal = createInterface({ input, output: nowhere, terminal: true });
  const lines = terminal[Symbol.asyncIterator]();
  // '' where the terminal is closed, or Ctrl-C pressed.
  const ask = async (question: string): Promise<string> => {
    await output.notice(question);
    const line = await lines.next();
    return line.done ? '' : line.value;
  };
  try {
    const password = given(await ask('The new password (nothing is shown):'));
    if ((await ask('The same password again:')) !== password) {
      throw new UsageError('The two passwords differ: nothing was changed.');
    }
    return password;
  } finally {
    terminal.close();
  }
}

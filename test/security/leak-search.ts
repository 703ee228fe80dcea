import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MARK } from './marked-secrets.ts';

/** What looks for secrets in texts and files. */
export interface LeakSearch {
  /** The secrets that occur in the bytes; a marked one is told by its mark. */
  in(bytes: string | Uint8Array): readonly string[];
}

/**
 * Looks for everything that holds {@link MARK}, as it is, in hexadecimal, in base64 or in UTF-16, and for these secrets, which were
 * given out and hold none.
 */
export function leakSearch(secrets: readonly string[]): LeakSearch {
  const wanted = [...formsOf(MARK), ...secrets].map((text) => ({ text, bytes: Buffer.from(text, 'latin1') }));
  return {
    in(bytes) {
      const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes);
      return wanted.filter((one) => buffer.includes(one.bytes)).map(({ text }) => text);
    },
  };
}

function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  // Three ways to lie over base64's groups; what its neighbours decide is left out.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : before + 1, -4),
  );
  return [text, bytes.toString('hex'), ...base64, Buffer.from(text, 'utf16le').toString('latin1')];
}

/** Every file under a folder, by its path from there. */
export function filesUnder(folder: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      readFileSync(join(parentPath, name)),
    ]),
  );
}

/** The arguments of a process and of all that it started, as `ps` shows them. */
export function argumentsOf(pid: number): string {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...children.map(argumentsOf)].join('\n');
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { DumpFormat } from '../domain/users/import/dump-formats.ts';
import type { DumpRecord } from '../domain/users/import/import-users.ts';
import type { TextInput } from './command.ts';
import { UsageError } from './failure.ts';
import { JsonListScanner } from './json-list-scanner.ts';

/** A dump of users, read from its beginning to its end once, a piece at a time. */
export interface Dump {
  readonly records: AsyncIterable<DumpRecord>;
  /** Which share of it was read: 0 to 1; null where its size is not known. */
  readonly share: () => number | null;
}

/** The longest record, in bytes: an import holds no more than one of them beside its batch. */
export const MAX_RECORD_BYTES = 2 ** 20;

const NEWLINE = 0x0a;

/** Opens a file, or standard input where it is named `-`. Throws UsageError where it cannot be read. */
export async function openDump(path: string, layout: DumpFormat['layout'], input: () => TextInput): Promise<Dump> {
  const { chunks, size } = path === '-' ? { chunks: input(), size: null } : await openFile(path);
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      yield piece;
    }
  }
  const records = layout === 'lines' ? lines(counted()) : listed(counted(), layout);
  return { records, share: () => (size === null || size === 0 ? null : bytes / size) };
}

async function openFile(
  path: string,
): Promise<{ readonly chunks: AsyncIterable<Buffer | string>; readonly size: number }> {
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) {
      // It can be opened, and fails with the first read.
      throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
    }
    const chunks = createReadStream(path);
    await new Promise((resolve, reject) => {
      chunks.once('open', resolve).once('error', reject);
    });
    return { chunks, size: entry.size };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`The file cannot be read (${code}): ${path}`);
  }
}

/** A record a line. Empty lines are none. */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<DumpRecord> {
  let line = 1;
  let kept: Buffer[] = [];
  let length = 0;
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length <= MAX_RECORD_BYTES) {
      kept.push(piece);
    }
  };
  function* end(): Generator<DumpRecord> {
    const record = length > MAX_RECORD_BYTES ? TOO_LONG : read(Buffer.concat(kept));
    kept = [];
    length = 0;
    if (record !== null) {
      yield { line, ...record };
    }
    line += 1;
  }
  for await (const chunk of chunks) {
    let begin = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, begin)) {
      keep(chunk.subarray(begin, at));
      yield* end();
      begin = at + 1;
    }
    keep(chunk.subarray(begin));
  }
  yield* end();
}

/** The objects of a list within a document. */
async function* listed(chunks: AsyncIterable<Buffer>, layout: 'whole' | 'users'): AsyncGenerator<DumpRecord> {
  const scanner = new JsonListScanner(layout === 'users' ? 'users' : null, MAX_RECORD_BYTES);
  for await (const chunk of chunks) {
    for (const { line, bytes } of scanner.push(chunk)) {
      const record = bytes === null ? TOO_LONG : read(bytes);
      yield { line, ...(record ?? NOT_JSON) };
    }
  }
  if (!scanner.hasSeenList) {
    throw new UsageError('The file holds no list of users where this format has it.');
  }
  if (!scanner.isAtEnd) {
    yield { line: scanner.line, fault: 'The file ends in the middle of a value.' };
  }
}

const TOO_LONG = { fault: 'The record is longer than 1 MiB.' };
const NOT_JSON = { fault: 'The record is not JSON in UTF-8.' };

/** Null where there is nothing but space. */
function read(bytes: Buffer): { readonly value: unknown } | { readonly fault: string } | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
    return text === '' ? null : { value: JSON.parse(text) };
  } catch {
    // What the parser says quotes what it read.
    return NOT_JSON;
  }
}

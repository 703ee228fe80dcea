import { printable } from '../observability/printable.ts';

/** One value of a record. */
export type Cell = string | number | boolean | null;

/** One row or object, in the order in which it is shown. */
export type Row = Readonly<Record<string, Cell>>;

/** The rows of a list, page by page. */
export type Pages = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;

/** Where text goes: a stream of the process, or a test's. */
export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** What a command prints goes nowhere: the disk is full, for one. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

// Wider cells push their row aside instead of every other row.
const MAX_COLUMN = 60;

/** Writes data to one stream and words about it to another, as JSON or for people. */
export class Output {
  readonly #data: TextStream;
  readonly #words: TextStream;

  constructor(streams: { readonly stdout: TextStream; readonly stderr: TextStream }) {
    this.#data = streams.stdout;
    this.#words = streams.stderr;
  }

  /** Whether a person reads the data. */
  get isTerminal(): boolean {
    return this.#data.isTTY === true;
  }

  /** One object: a line of JSON, or a line for each field. */
  async record(row: Row, asJson = false): Promise<void> {
    if (asJson) {
      return this.lines(JSON.stringify(row));
    }
    const width = Math.max(...Object.keys(row).map((name) => name.length));
    await this.lines(...Object.entries(row).map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}`));
  }

  /** All rows of all pages: one array of JSON, or a table whose widths the first page decides. Holds one page at a time. */
  async list(columns: readonly string[], pages: Pages, asJson = false): Promise<void> {
    return asJson ? this.#jsonList(pages) : this.#table(columns, pages);
  }

  /** Lines of data, written at once. Control characters are shown as escapes. */
  lines(...lines: readonly string[]): Promise<void> {
    return write(this.#data, lines.map((line) => `${printable(line)}\n`).join(''));
  }

  /** One line for people, beside the data. */
  notice(text: string): Promise<void> {
    return write(this.#words, `${printable(text)}\n`);
  }

  /** Whether a person watches what is said beside the data. */
  get isWatched(): boolean {
    return this.#words.isTTY === true;
  }

  /** Shows a line for people in the place of the one that this showed before; an empty one takes it away. On a terminal alone. */
  async overwrite(text: string): Promise<void> {
    if (this.isWatched) {
      await write(this.#words, `\r\u001b[K${printable(text)}`);
    }
  }

  async #jsonList(pages: Pages): Promise<void> {
    let before = '[\n';
    for await (const rows of pages) {
      for (const row of rows) {
        await write(this.#data, `${before}  ${printable(JSON.stringify(row))}`);
        before = ',\n';
      }
    }
    await write(this.#data, before === '[\n' ? '[]\n' : '\n]\n');
  }

  async #table(columns: readonly string[], pages: Pages): Promise<void> {
    let widths: readonly number[] | null = null;
    for await (const rows of pages) {
      const cells = rows.map((row) => columns.map((column) => printable(shown(row[column] ?? null))));
      if (widths === null) {
        widths = columnWidths([columns, ...cells]);
        await write(this.#data, tableLine(columns, widths));
      }
      for (const row of cells) {
        await write(this.#data, tableLine(row, widths));
      }
    }
  }
}

/** An instant in milliseconds as RFC 3339 in whole seconds; null stays null. */
export function instant(at: number | null): string | null {
  return at === null ? null : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function shown(value: Cell): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'yes' : 'no';
    case 'object':
      return '-';
    default:
      return String(value);
  }
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const [header = []] = rows;
  return header.map((_, column) =>
    Math.min(MAX_COLUMN, Math.max(...rows.map((row) => [...(row[column] ?? '')].length))),
  );
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)));
  return `${padded.join('  ').trimEnd()}\n`;
}

function write(stream: TextStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(toFault(error)) : resolve()));
  });
}

/** As it is where whoever read has gone, which ends a command well. */
function toFault(error: Error): Error {
  const code = 'code' in error ? error.code : null;
  return code === 'EPIPE' ? error : new OutputError(`The output cannot be written (${code}).`, { cause: error });
}

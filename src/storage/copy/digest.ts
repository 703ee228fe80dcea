import { createHash } from 'node:crypto';
import { type CopiedRow, columnsOf, type Value } from './rows.ts';
import type { CopiedTable } from './tables.ts';

/** The digest of a table, whichever engine holds it. */
export interface TableDigest {
  readonly rows: number;
  /** SHA-256 over the names of the columns and all rows in the order of the primary key, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Takes in a table row by row. A value is one byte for its kind, four for its length and its bytes (text as UTF-8, integers in
 * decimal digits, booleans as 0 or 1), and NULL a kind of its own: no two different tables give the same bytes.
 */
export class DigestBuilder {
  readonly #hash = createHash('sha256');
  #rows = 0;

  constructor(table: CopiedTable) {
    this.#hash.update(encode([table.name, ...columnsOf(table).flat()]));
  }

  add(rows: readonly CopiedRow[]): void {
    for (const row of rows) {
      this.#hash.update(encode(row));
    }
    this.#rows += rows.length;
  }

  finish(): TableDigest {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}

const HEADER_BYTES = 5;

function encode(row: CopiedRow): Buffer {
  const parts = row.map(partOf);
  const whole = Buffer.allocUnsafe(parts.reduce((sum, { bytes }) => sum + HEADER_BYTES + bytes.byteLength, 0));
  let at = 0;
  for (const { kind, bytes } of parts) {
    whole.writeUInt8(kind, at);
    whole.writeUInt32BE(bytes.byteLength, at + 1);
    whole.set(bytes, at + HEADER_BYTES);
    at += HEADER_BYTES + bytes.byteLength;
  }
  return whole;
}

const KIND = { null: 0, text: 1, bytes: 2, integer: 3, boolean: 4 } as const;
const NOTHING = new Uint8Array(0);

function partOf(value: Value): { readonly kind: number; readonly bytes: Uint8Array } {
  switch (typeof value) {
    case 'string':
      return { kind: KIND.text, bytes: Buffer.from(value) };
    case 'bigint':
      return { kind: KIND.integer, bytes: Buffer.from(String(value)) };
    case 'boolean':
      return { kind: KIND.boolean, bytes: Buffer.of(value ? 1 : 0) };
    default:
      return value === null ? { kind: KIND.null, bytes: NOTHING } : { kind: KIND.bytes, bytes: value };
  }
}

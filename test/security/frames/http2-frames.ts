/** HTTP/2 by hand (RFC 9113), for peers that keep no rule. Nothing here is checked. */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Header fields in the order in which they are sent. */
export type Fields = readonly (readonly [name: string, value: string])[];

export interface Frame {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
}

/** One frame as it goes over the wire. */
export function frameBytes({ type, flags = 0, stream = 0, payload = new Uint8Array() }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** A block of headers in HPACK: literals that enter no table, without Huffman's code (RFC 7541, section 6.2.2). */
export function headerBlock(fields: Fields): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])));
}

/** The same with every field kept in the peer's table (section 6.2.1), where later blocks can name it by its number. */
export function indexedBlock(fields: Fields): Buffer {
  return Buffer.concat(
    fields.map(([name, value]) => Buffer.concat([Buffer.from([0x40]), literal(name), literal(value)])),
  );
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.concat(
    pairs.map(([id, value]) => {
      const pair = Buffer.alloc(6);
      pair.writeUInt16BE(id, 0);
      pair.writeUInt32BE(value >>> 0, 2);
      return pair;
    }),
  );
  return frameBytes({ type: TYPE.settings, payload });
}

/** A whole block in one HEADERS frame. */
export function headers(stream: number, fields: Fields, { endStream = false } = {}): Buffer {
  const flags = FLAG.endHeaders | (endStream ? FLAG.endStream : 0);
  return frameBytes({ type: TYPE.headers, flags, stream, payload: headerBlock(fields) });
}

export function data(stream: number, payload: Uint8Array, { endStream = false } = {}): Buffer {
  return frameBytes({ type: TYPE.data, flags: endStream ? FLAG.endStream : 0, stream, payload });
}

/** For the frames whose payload is one number: RST_STREAM, WINDOW_UPDATE. */
export function numbered(type: number, stream: number, value: number): Buffer {
  return frameBytes({ type, stream, payload: uint32(value) });
}

export function goaway(lastStream: number, code: number): Buffer {
  return frameBytes({ type: TYPE.goaway, payload: Buffer.concat([uint32(lastStream), uint32(code)]) });
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([length(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, section 5.1). */
function length(value: number): Buffer {
  if (value < 127) {
    return Buffer.from([value]);
  }
  const bytes = [127];
  let rest = value - 127;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

import type { Parameter } from './calls.ts';
import { type Change, picked } from './changes.ts';

/** Wire types of protobuf; 6 and 7 are none. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;

/** A message by hand: nothing of it is checked, so that it can say what no library would write. */
export function protobufOf(parameters: readonly Parameter[], changes: readonly Change[]): Buffer {
  const fields = parameters.map(fieldOf);
  for (const change of changes) {
    picked(FIELD_CHANGES, change.kind)(fields, change);
  }
  return Buffer.concat(fields);
}

function fieldOf({ number, value }: Parameter): Buffer {
  if (typeof value === 'string') {
    return delimited(number, Buffer.from(value));
  }
  return Buffer.concat([tag(number, VARINT), varint(BigInt.asUintN(64, BigInt(Math.trunc(Number(value)))))]);
}

type FieldChange = (fields: Buffer[], change: Change) => void;

const FIELD_CHANGES: readonly FieldChange[] = [
  // Another wire type for a field, or for none.
  (fields, { at, place }) => {
    const field = picked([...fields, Buffer.from([8, 1])], at);
    fields.push(Buffer.concat([Buffer.from([((field[0] ?? 0) & 0xf8) | (place % 8)]), field.subarray(1)]));
  },
  (fields, { at, place }) => void fields.push(delimited(1 + (at % 12), Buffer.from([0xc3, 0x28, place & 0xff, 0xff]))),
  (fields, { at, text }) => void fields.push(delimited(at % 2 ** 29, Buffer.from(text))),
  (fields) => void fields.push(Buffer.concat([tag(1, VARINT), Buffer.alloc(20, 0xff)])),
  (fields, { at }) => void fields.push(Buffer.concat([tag(1 + (at % 12), VARINT), varint(2n ** 64n - 1n)])),
  // Written longer than it need be.
  (fields) => void fields.push(Buffer.from([0x80 | 0x0a, 0x80, 0x80, 0x00, 0x00])),
  // A length that is not there.
  (fields, { at, place }) =>
    void fields.push(Buffer.concat([tag(1 + (at % 12), LENGTH_DELIMITED), varint(BigInt(2 ** (place % 64)))])),
  (fields, { at, place }) => void fields.push(nested(1 + (at % 12), 1 + (place % 300))),
  (fields, { at, place }) => {
    const depth = 1 + (place % 10_000);
    const number = 1 + (at % 100);
    fields.push(Buffer.alloc(depth, tag(number, START_GROUP)));
    if (at % 2 === 0) {
      fields.push(Buffer.alloc(depth, tag(number, END_GROUP)));
    }
  },
  (fields, { at }) => void fields.push(tag(1 + (at % 12), END_GROUP)),
  // Field number 0, which none has.
  (fields, { place }) => void fields.push(Buffer.from([place % 8, 1])),
  (fields, { at, place }) => {
    const field = picked([...fields, Buffer.alloc(2)], at);
    fields.push(Buffer.alloc(1 + (place % 20_000), field.subarray(0, 30)));
  },
];

function nested(number: number, depth: number): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level += 1) {
    inner = delimited(number, inner);
  }
  return inner;
}

function delimited(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([tag(number, LENGTH_DELIMITED), varint(BigInt(content.length)), content]);
}

function tag(number: number, wireType: number): Buffer {
  return varint((BigInt(number) << 3n) | BigInt(wireType));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128n) {
    bytes.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Parameter, Value } from './calls.ts';

/** One change to a good request: which (of those that its form knows), where, and with what. Numbers wrap around. */
export interface Change {
  readonly kind: number;
  readonly place: number;
  readonly at: number;
  readonly text: string;
}

/** The item that a number of any size names. */
export function picked<T>(items: readonly T[], number: number): T {
  const item = items[number % items.length];
  if (item === undefined) {
    throw new Error('there is nothing to pick from');
  }
  return item;
}

const ATTACKS: { rows: readonly { token: string }[] } = JSON.parse(
  readFileSync(new URL('../../vectors/jwt-attacks.json', import.meta.url), 'utf8'),
);

/** Texts that parsers, engines, terminals and logs have stumbled over. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\nx-injected: 1',
  '\u001b[2J',
  '\u009b31m',
  'a\u2028\u0085b',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e',
  'e\u0301'.repeat(200),
  '\ufdfa'.repeat(300),
  '😀'.repeat(300),
  '__proto__',
  'constructor',
  'true',
  'null',
  '[object Object]',
  '-1',
  '1e309',
  '9007199254740993',
  'ada@example.com\n',
  `${'a'.repeat(64)}@${'b'.repeat(190)}.com`,
  `a@${'xn--a.'.repeat(40)}com`,
  '"a b"@[127.0.0.1]',
  'a@b@c',
  "'; DROP TABLE users; --",
  '%00%0a',
  '../../../etc/passwd',
  'af_',
  `af_${'-'.repeat(43)}`,
  `afadm_${'_'.repeat(43)}`,
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '１２３４５６',
  '١٢٣٤٥٦',
  ' 12 34 56 ',
  'ﬀ'.repeat(8),
  'gQ'.padEnd(96, 'A'),
  'gQ'.padEnd(96, '+/'),
  'x'.repeat(1_024),
  'x'.repeat(1_025),
  'x'.repeat(8_193),
  ...ATTACKS.rows.map(({ token }) => token),
];

type TextChange = (text: string, change: Change) => string;

const TEXT_CHANGES: readonly TextChange[] = [
  (_, { text }) => text,
  (_, { at }) => picked(HOSTILE_TEXTS, at),
  (good, { at }) => good.slice(0, at % (good.length + 1)),
  (good, { at }) => good.slice(at % (good.length + 1)),
  (good, { at, text }) => spliced(good, at, 1, text),
  (good, { at, text }) => spliced(good, at, 0, text),
  (good, { at }) => spliced(good, at, 1, ''),
  (good, { at }) => flipped(good, at),
  (good) => good + good,
  (good) => good.toUpperCase(),
  (good) => good.normalize('NFD'),
  (good) => ` ${good}`,
  (good, { at, text }) => jwtWith(good, at, text),
];

/** A text that is nearly the good one, or nothing like it. */
export function changedText(good: string, change: Change): string {
  return picked(TEXT_CHANGES, change.place)(good, change);
}

function spliced(text: string, at: number, removed: number, added: string): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + added + text.slice(place + removed);
}

function flipped(text: string, at: number): string {
  const place = at % (text.length + 1);
  const code = text.charCodeAt(place);
  return Number.isNaN(code) ? text : spliced(text, place, 1, String.fromCharCode(code ^ (1 << (at % 7))));
}

/** A token with another member or value in its header or its claims; other texts as they are. */
function jwtWith(token: string, at: number, text: string): string {
  const parts = token.split('.');
  const index = at % 2;
  try {
    const members: Record<string, unknown> = JSON.parse(Buffer.from(parts[index] ?? '', 'base64url').toString());
    const names = [...Object.keys(members), 'jwk', 'jku', 'x5u', 'crit', 'kid', 'alg', text];
    members[picked(names, at >> 1)] = picked<unknown>(
      [text, null, 0, -1, 1e300, true, [], {}, [text], 'none'],
      at >> 3,
    );
    parts[index] = Buffer.from(JSON.stringify(members)).toString('base64url');
    return parts.join('.');
  } catch {
    return token;
  }
}

type ParameterChange = (parameters: readonly Parameter[], change: Change) => readonly Parameter[];

const PARAMETER_CHANGES: readonly ParameterChange[] = [
  ...Array.from({ length: 5 }, (): ParameterChange => withText),
  (parameters, { at }) => parameters.filter((_, index) => index !== at % parameters.length),
  (parameters, { at }) => [...parameters, ...parameters.slice(at % parameters.length, (at % parameters.length) + 1)],
  (parameters, { at, place }) => valueAt(parameters, at, picked(parameters, place).value),
  (parameters, { at, place }) =>
    valueAt(parameters, at, picked<Value>([true, false, 0, -1, 2 ** 31, 1e21, 0.5], place)),
  (parameters, { at, text }) => [...parameters, { name: text, number: 1 + (at % 536_870_911), value: text }],
  (parameters) => parameters.toReversed(),
  () => [],
];

/** The parameters with one of them changed, gone, repeated, mixed up with another, or with one more. */
export function changedParameters(parameters: readonly Parameter[], change: Change): readonly Parameter[] {
  return parameters.length === 0 ? parameters : picked(PARAMETER_CHANGES, change.kind)(parameters, change);
}

function withText(parameters: readonly Parameter[], change: Change): readonly Parameter[] {
  const { value } = picked(parameters, change.kind >> 3);
  return valueAt(parameters, change.kind >> 3, changedText(String(value), change));
}

function valueAt(parameters: readonly Parameter[], at: number, value: Value): readonly Parameter[] {
  return parameters.map((parameter, index) => (index === at % parameters.length ? { ...parameter, value } : parameter));
}

type BytesChange = (bytes: Buffer, change: Change) => Buffer;

const BYTES_CHANGES: readonly BytesChange[] = [
  (bytes, { at }) => bytes.subarray(0, at % (bytes.length + 1)),
  (bytes, { at }) => bytes.subarray(at % (bytes.length + 1)),
  (bytes, { at, place }) => {
    const copy = Buffer.from(bytes);
    copy[at % (copy.length + 1)] = place & 0xff;
    return copy;
  },
  (bytes, { at, text }) => inserted(bytes, at, Buffer.from(text)),
  (bytes, { at, text }) => inserted(bytes, at, Buffer.from(text, 'latin1')),
  (bytes, { at, place }) => {
    const start = at % (bytes.length + 1);
    return inserted(bytes, start, bytes.subarray(start, start + (place % 64)));
  },
  (bytes, { at, place }) => {
    const start = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + (place % 64))]);
  },
  (_, { text }) => Buffer.from(text, 'utf16le'),
];

/** The bytes cut, overwritten, longer or shorter somewhere. */
export function changedBytes(bytes: Buffer, change: Change): Buffer {
  return picked(BYTES_CHANGES, change.kind)(bytes, change);
}

function inserted(bytes: Buffer, at: number, added: Uint8Array): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), added, bytes.subarray(place)]);
}

import type { Parameter } from './calls.ts';
import { type Change, HOSTILE_TEXTS, picked } from './changes.ts';

/** Members of an object as they are written: names and values are JSON text already. */
type Member = readonly [name: string, value: string];

/** A JSON object by hand: names may be repeated, and values be no JSON. */
export function jsonOf(parameters: readonly Parameter[], changes: readonly Change[]): string {
  let members: readonly Member[] = parameters.map(({ name, value }) => [JSON.stringify(name), JSON.stringify(value)]);
  let text = objectOf(members);
  for (const change of changes) {
    const changed = picked(MEMBER_CHANGES, change.kind)(members, change);
    members = typeof changed === 'string' ? members : changed;
    text = typeof changed === 'string' ? changed : objectOf(members);
  }
  return text;
}

function objectOf(members: readonly Member[]): string {
  return `{${members.map(([name, value]) => `${name}:${value}`).join(',')}}`;
}

const HOSTILE_JSON: readonly string[] = [
  'null',
  '[]',
  '{}',
  '{"a":{"b":[]}}',
  'NaN',
  '-Infinity',
  '01',
  '1e400',
  '-0',
  '1'.repeat(5_000),
  '"\\ud800"',
  '"\\u0000"',
  '"\\x41"',
  '"\u0001"',
  "'a'",
  'tru',
  '/* a */ 1',
  '"unended',
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  '['.repeat(20_000),
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
  '["a"]',
  '{"toString":"a"}',
];

type MemberChange = (members: readonly Member[], change: Change) => readonly Member[] | string;

const MEMBER_CHANGES: readonly MemberChange[] = [
  (members, { at, place }) =>
    members.map((member, index) => (index === at % members.length ? [member[0], picked(HOSTILE_JSON, place)] : member)),
  (members, { at, text }) =>
    members.map((member, index) => (index === at % members.length ? [member[0], JSON.stringify([text])] : member)),
  (members, { place }) => [
    ...members,
    [picked(['"__proto__"', '"constructor"', '"\\u005f_proto__"', '""'], place), '{}'],
  ],
  (members, { at }) => [...members, ...members.slice(at % (members.length + 1))],
  (members, { at }) =>
    members.map((member, index) => (index === at % members.length ? [escaped(member[0]), member[1]] : member)),
  (members, { text }) => [...members, [JSON.stringify(text), JSON.stringify(text)]],
  (members) => `\ufeff${objectOf(members)}`,
  (members) => `${objectOf(members)}${objectOf(members)}`,
  (members) => `[${objectOf(members)}]`,
  (members) => objectOf(members).slice(0, -1),
  (members) => objectOf(members).replace('}', ',}'),
  (members, { place }) => ' '.repeat(place % 2_000) + objectOf(members),
  (_, { place }) => picked(HOSTILE_JSON, place),
  (_, { text }) => text,
];

/** The name with its first letter as an escape. */
function escaped(name: string): string {
  return `"\\u${name.charCodeAt(1).toString(16).padStart(4, '0')}${name.slice(2)}`;
}

/** A form or query by hand. */
export function formOf(parameters: readonly Parameter[], changes: readonly Change[]): string {
  let pairs = parameters.map(({ name, value }) => `${encoded(name)}=${encoded(String(value))}`);
  for (const change of changes) {
    pairs = [...picked(PAIR_CHANGES, change.kind)(pairs, change)];
  }
  return pairs.join('&');
}

const PAIR_CHANGES: readonly ((pairs: readonly string[], change: Change) => readonly string[])[] = [
  (pairs, { at }) => [...pairs, ...pairs.slice(at % (pairs.length + 1))],
  (pairs, { place }) => [
    ...pairs,
    picked(['%', '%zz', '%c3%28', '=', '==', '&', '__proto__=1', 'a[]=1', 'a=%00', '+'], place),
  ],
  (pairs, { at }) => pairs.map((pair, index) => (index === at % pairs.length ? everyByteEscaped(pair) : pair)),
  (pairs, { at }) => pairs.map((pair, index) => (index === at % pairs.length ? pair.replace('=', '') : pair)),
  (pairs, { text }) => [...pairs, `${encoded(text)}=${encoded(text)}`],
  (pairs, { at, place }) => [
    ...pairs,
    `${picked(pairs.length > 0 ? pairs : ['a'], at)}${encoded(picked(HOSTILE_TEXTS, place))}`,
  ],
  (pairs) => [pairs.join(';')],
  (pairs, { place }) => [...pairs, ...Array.from({ length: place % 500 }, (_, i) => `x${i}=`)],
];

function everyByteEscaped(pair: string): string {
  return pair
    .split('=')
    .map((part) => Array.from(Buffer.from(part), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''))
    .join('=');
}

/** As `encodeURIComponent`, which throws where the text is no Unicode. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

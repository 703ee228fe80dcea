import { expect, test } from 'vitest';
import { readJsonObject } from '../../../src/transport/rest/json-object.ts';

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

// None begins with what JSON escapes: inside of values, which are read by JSON.parse, V8 of Node 24 takes one for another.
const KEYS = [
  'a',
  'b',
  'email',
  '',
  '""',
  'x\\',
  'x\\"',
  ':',
  '{',
  '}',
  '[x',
  ',',
  'é',
  '\u2028',
  'constructor',
  'toString',
];

function randomValue(next: (below: number) => number, depth: number): unknown {
  switch (next(depth > 3 ? 4 : 6)) {
    case 0:
      return null;
    case 1:
      return next(1_000) / 7;
    case 2:
      return next(2) === 0;
    case 3:
      return `${KEYS[next(KEYS.length)]}${KEYS[next(KEYS.length)]}`;
    case 4:
      return Array.from({ length: next(4) }, () => randomValue(next, depth + 1));
    default:
      return randomObject(next, depth + 1);
  }
}

function randomObject(next: (below: number) => number, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: next(5) }, () => [KEYS[next(KEYS.length)], randomValue(next, depth)] as const),
  );
}

/** A key in one of the spellings that JSON has for it. */
function spelled(key: string, next: (below: number) => number): string {
  const units = Array.from({ length: key.length }, (_, i) => key.charCodeAt(i));
  const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  return next(2) === 0 ? JSON.stringify(key) : `"${escaped}"`;
}

test('an object is read as JSON.parse reads it when no outermost key repeats, and refused when one does', () => {
  const next = numbers(7);
  for (let round = 0; round < 5_000; round++) {
    const object = randomObject(next, 0);
    const space = ['', ' ', '\n\t'][next(3)] ?? '';
    const members = Object.entries(object).map(
      ([key, value]) => `${space}${spelled(key, next)}${space}:${space}${JSON.stringify(value, null, next(3))}${space}`,
    );
    expect(readJsonObject(`{${members.join(',')}}`)).toEqual({ outcome: 'read', object });
    const repeated = Object.keys(object)[next(members.length)];
    if (repeated !== undefined) {
      members.splice(next(members.length + 1), 0, `${spelled(repeated, next)}:${JSON.stringify(randomValue(next, 0))}`);
      expect(readJsonObject(`{${members.join(',')}}`)).toEqual({ outcome: 'repeated_key' });
    }
  }
});

test('a key that begins with an escape is read for itself, whatever was read before', () => {
  for (const text of ['{"\u00e9":1,"\\\\":1}', '{"\u00e9":1,"\\u0061":1}']) {
    expect(readJsonObject(text)).toEqual({
      outcome: 'read',
      object: text.includes('61') ? { é: 1, a: 1 } : { é: 1, '\\': 1 },
    });
  }
  expect(readJsonObject('{"\u00e9":1,"a":1,"\\u0061":2}').outcome).toBe('repeated_key');
});

test('__proto__ is refused among the outermost keys alone', () => {
  expect(readJsonObject('{"__proto__":null}').outcome).toBe('forbidden_key');
  expect(readJsonObject('{"a":{"__proto__":null}}').outcome).toBe('read');
});

test('what is no object, or no JSON, is told so, and a long one in little time', () => {
  for (const text of ['', 'null', '1', '"{}"', '[]', '{', '{}{}', `${'['.repeat(100_000)}`]) {
    expect(readJsonObject(text)).toEqual({ outcome: 'not_an_object' });
  }
  const backslashes = '\\\\'.repeat(30_000);
  expect(readJsonObject(`{"a":"${backslashes}","b":"${'\\"'.repeat(30_000)}"}`).outcome).toBe('read');
});

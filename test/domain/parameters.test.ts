import { describe, expect, test } from 'vitest';
import type { FieldViolation } from '../../src/domain/errors.ts';
import {
  readEmail,
  readId,
  readLine,
  readOptionalId,
  readOptionalLine,
  readRequired,
  refuseFaults,
  requireTenant,
} from '../../src/domain/parameters.ts';
import { outcomeOf } from './rules.ts';

const ID = '01a20836-b9a3-76f3-a512-3906e2d40836';

/** What a reader gives, and the fields that it finds at fault. */
function reading<T>(read: (faults: FieldViolation[]) => T, known: readonly FieldViolation[] = []) {
  const faults = [...known];
  return { value: read(faults), faults: faults.map(({ field, message }) => `${field} ${message}`) };
}

describe('a parameter that is required', () => {
  test.each([
    ['text', (faults: FieldViolation[]) => readRequired('a', '', faults)],
    ['an e-mail', (faults: FieldViolation[]) => readEmail('a', '', faults)],
    ['an id', (faults: FieldViolation[]) => readId('a', '', faults)],
    ['a line', (faults: FieldViolation[]) => readLine('a', '', 100, faults)],
    ['a line of nothing but space', (faults: FieldViolation[]) => readLine('a', ' \u3000 ', 100, faults)],
  ])('is at fault when it is missing: %s', (_, read) => {
    expect(reading(read)).toEqual({ value: '', faults: ['a is required'] });
  });

  test('has one fault where the entrance found one already', () => {
    const known = [{ field: 'a', message: 'is given twice' }];
    expect(reading((faults) => readRequired('a', '', faults), known).faults).toEqual(['a is given twice']);
  });
});

test.each([
  ['an id', (faults: FieldViolation[]) => readOptionalId('a', '', faults)],
  ['a line', (faults: FieldViolation[]) => readOptionalLine('a', '', 100, faults)],
])('a parameter that may be missing is empty then: %s', (_, read) => {
  expect(reading(read)).toEqual({ value: '', faults: [] });
});

test('an id is a UUID in any case, kept in lower case', () => {
  expect(reading((faults) => readId('a', ID.toUpperCase(), faults))).toEqual({ value: ID, faults: [] });
});

test.each([`${ID}0`, ID.slice(1), ID.replaceAll('-', ''), `{${ID}}`, ` ${ID}`, ID.replace('a', 'g')])(
  '%j is no id',
  (text) => {
    expect(reading((faults) => readOptionalId('a', text, faults))).toEqual({ value: '', faults: ['a must be a UUID'] });
  },
);

test('an e-mail is normalized', () => {
  expect(reading((faults) => readEmail('a', ' Ada@Example.COM ', faults)).value).toBe('ada@example.com');
});

test('an e-mail that is none is a fault that does not quote it', () => {
  const { value, faults } = reading((all) => readEmail('a', 'secret', all));
  expect(value).toBe('');
  expect(faults).toHaveLength(1);
  expect(faults.join('')).not.toContain('secret');
});

describe('a line for people', () => {
  const line = (text: string) => reading((faults) => readLine('a', text, 5, faults));

  test('is trimmed', () => {
    expect(line('  Ada \t')).toEqual({ value: 'Ada', faults: [] });
  });

  test('is counted in code points, after trimming', () => {
    expect(line(' 😀😀😀😀😀 ')).toEqual({ value: '😀😀😀😀😀', faults: [] });
    expect(line('😀😀😀😀😀a').faults).toEqual(['a must have at most 5 characters']);
  });

  test.each(['a\nb', 'a\u0000b', 'a\u0085b', 'a\u001bb'])('holds no control character: %j', (text) => {
    expect(line(text).faults).toEqual(['a must not hold control characters']);
  });

  test('has both faults at once', () => {
    expect(line('abc\ndef').faults).toHaveLength(2);
  });
});

describe('who is spoken for', () => {
  const tenant = (apiKey: string, orgId: string, known: readonly FieldViolation[] = []) =>
    reading((faults) => requireTenant(apiKey, orgId, faults), known).faults;

  test('takes a key or an org_id', () => {
    expect([tenant('af_x', ''), tenant('', ID), tenant('af_x', ID)]).toEqual([[], [], []]);
    expect(tenant('', '')).toEqual(['api_key is required, or org_id']);
  });

  test.each(['api_key', 'org_id'])('counts as said where %s came with a fault', (field) => {
    expect(tenant('', '', [{ field, message: 'is given twice' }])).toEqual([`${field} is given twice`]);
  });
});

test('all faults are one refusal, in their order, in the sentence too', async () => {
  const faults = [
    { field: 'b', message: 'is required' },
    { field: 'a', message: 'must be a UUID' },
  ];
  expect(await outcomeOf(() => refuseFaults(faults))).toBe('INVALID_ARGUMENT b a');
  expect(() => refuseFaults(faults)).toThrow('b is required. a must be a UUID.');
  expect(await outcomeOf(() => refuseFaults([]))).toBe('OK');
});

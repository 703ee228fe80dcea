import { describe, expect, test } from 'vitest';
import type { FieldViolation } from '../../src/domain/errors.ts';
import { type HeaderReader, readAdminToken, readApiKey, readSessionToken } from '../../src/operations/credentials.ts';

function headersOf(headers: Record<string, string>): HeaderReader {
  return (name) => headers[name] ?? null;
}

function read(reader: typeof readApiKey, field: string, headers: Record<string, string>): [string, FieldViolation[]] {
  const faults: FieldViolation[] = [];
  return [reader(field, headersOf(headers), faults), faults];
}

const DISAGREEMENT = 'was sent more than once, with different values';

describe('an API key', () => {
  test.each([
    ['the field', 'af_1', {}, 'af_1'],
    ['x-api-key', '', { 'x-api-key': 'af_1' }, 'af_1'],
    ['a bearer', '', { authorization: 'Bearer af_1' }, 'af_1'],
    ['a bearer in another spelling', '', { authorization: 'bEARER   af_1' }, 'af_1'],
    ['all three at once, when they agree', 'af_1', { 'x-api-key': 'af_1', authorization: 'Bearer af_1' }, 'af_1'],
    ['a header sent twice, when both agree', '', { 'x-api-key': 'af_1, af_1' }, 'af_1'],
    ['beside a session as bearer', 'af_1', { authorization: 'Bearer ey.x.y' }, 'af_1'],
    ['beside another scheme', '', { authorization: 'Basic YTpi', 'x-api-key': 'af_1' }, 'af_1'],
    ['the field as it was sent, never trimmed', ' af_1', {}, ' af_1'],
    ['nowhere', '', { authorization: 'Bearer ey.x.y', 'x-api-key': '' }, ''],
    ['another scheme alone', '', { authorization: 'Basic YTpi' }, ''],
    ['a scheme without anything', '', { authorization: 'Bearer ' }, ''],
    ['a key and a session at once', '', { authorization: 'Bearer ey.x.y, Bearer af_1' }, 'af_1'],
    ['one key twice', '', { authorization: 'Bearer af_1,Bearer af_1' }, 'af_1'],
    ['the admin token, which is none', 'af_1', { authorization: 'Bearer afadm_1' }, 'afadm_1'],
    ['a management key, which is none', '', { authorization: 'Bearer afm_1', 'x-api-key': 'af_1' }, 'afm_1'],
  ])('is read from %s', (_, field, headers, expected) => {
    expect(read(readApiKey, field, headers as Record<string, string>)).toEqual([expected, []]);
  });

  test.each([
    ['field and x-api-key', 'af_1', { 'x-api-key': 'af_2' }],
    ['field and bearer', 'af_1', { authorization: 'Bearer af_2' }],
    ['x-api-key and bearer', '', { 'x-api-key': 'af_1', authorization: 'Bearer af_2' }],
  ])('that disagrees is a fault of api_key: %s', (_, field, headers) => {
    const [, faults] = read(readApiKey, field, headers as Record<string, string>);
    expect(faults).toEqual([{ field: 'api_key', message: DISAGREEMENT }]);
  });
});

test.each([
  ['x-api-key', { 'x-api-key': 'af_1, af_2' }],
  ['x-api-key', { 'x-api-key': 'af_1, anything' }],
  ['authorization', { authorization: 'Bearer af_1, Bearer af_2' }],
  ['authorization', { authorization: 'Bearer af_1, Bearer afadm_1' }],
  ['authorization', { authorization: 'Bearer ey.1, Bearer ey.2' }],
  ['authorization', { authorization: 'Bearer af_1, anything' }],
  ['authorization', { authorization: 'Basic YTpi, Bearer af_1' }],
  ['authorization', { authorization: 'Bearer af_1,' }],
  ['authorization', { authorization: ',' }],
  ['authorization', { authorization: 'af_1' }],
  ['authorization', { authorization: 'afadm_1' }],
])('%s that holds more or less than it may is one fault, and told as nothing else: %j', (name, headers) => {
  const call = headersOf(headers as Record<string, string>);
  const faults: FieldViolation[] = [];
  expect(readApiKey('', call, faults)).not.toBe('');
  if (name === 'authorization') {
    expect(readSessionToken('', call, faults)).not.toBe('');
  }
  expect(faults.map(({ field }) => field)).toEqual([name]);
});

describe('a session token', () => {
  test.each([
    ['the field', 'ey.1', {}, 'ey.1'],
    ['a bearer', '', { authorization: 'Bearer ey.1' }, 'ey.1'],
    ['both, when they agree', 'ey.1', { authorization: 'bearer ey.1' }, 'ey.1'],
    ['beside a key as bearer', 'ey.1', { authorization: 'Bearer af_1' }, 'ey.1'],
    ['a bearer, never repaired', '', { authorization: 'Bearer ey.1 x' }, 'ey.1 x'],
    ['nowhere', '', { authorization: 'Bearer' }, ''],
  ])('is read from %s', (_, field, headers, expected) => {
    expect(read(readSessionToken, field, headers as Record<string, string>)).toEqual([expected, []]);
  });

  test('that disagrees is a fault of sessionToken', () => {
    const [, faults] = read(readSessionToken, 'ey.1', { authorization: 'Bearer ey.2' });
    expect(faults).toEqual([{ field: 'sessionToken', message: DISAGREEMENT }]);
  });
});

describe('an admin token', () => {
  test.each([
    [{ authorization: 'Bearer afadm_1' }, 'afadm_1'],
    [{ authorization: 'Bearer afadm_1, bearer afadm_1' }, 'afadm_1'],
    [{ authorization: 'Bearer afadm_1, Bearer afadm_2' }, ''],
    [{ authorization: 'Bearer afadm_1, anything' }, ''],
    [{ authorization: 'Basic YTpi, Bearer afadm_1' }, ''],
    [{ authorization: 'Bearer afadm_1,' }, ''],
    [{ authorization: 'afadm_1' }, ''],
    [{ 'x-api-key': 'afadm_1' }, ''],
    [{}, ''],
  ])('is the one bearer of %j', (headers, expected) => {
    expect(readAdminToken(headersOf(headers as Record<string, string>))).toBe(expected);
  });
});

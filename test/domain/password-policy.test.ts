import { describe, expect, test } from 'vitest';
import type { FieldViolation } from '../../src/domain/errors.ts';
import { readPassword, requirePolicy } from '../../src/domain/password-policy.ts';

function policyAccepts(password: string): boolean {
  const faults: FieldViolation[] = [];
  const normalized = readPassword('password', password, faults);
  try {
    requirePolicy(normalized);
    return faults.length === 0;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'PASSWORD_POLICY' });
    return false;
  }
}

describe('P2: the password policy', () => {
  test.each(['Abcdef1!', 'Abcdef1 ', `Ab1!${'x'.repeat(28)}`, '𝒜𝒷𝟙😀😀😀😀😀', 'Éé٣€abcd'])(
    'accepts %j',
    (password) => {
      expect(policyAccepts(password)).toBe(true);
    },
  );

  test.each([
    ['7 characters', 'Abcde1!'],
    ['7 astral characters', '𝒜𝒷𝟙😀😀😀😀'],
    ['33 characters', `Ab1!${'x'.repeat(29)}`],
    ['8 code points that are 7 after NFC', 'Abcd1!e\u0301'],
    ['no upper-case letter', 'abcdef1!'],
    ['no lower-case letter', 'ABCDEF1!'],
    ['no digit', 'Abcdefg!'],
    ['no special character', 'Abcdefg1'],
    ['NUL', 'Abcdef1!\0'],
    ['a tab', 'Abcdef1!\t'],
  ])('refuses %s', (_, password) => {
    expect(policyAccepts(password)).toBe(false);
  });

  test('a decomposed spelling is the same password', () => {
    expect(readPassword('password', 'Abcdef1!e\u0301', [])).toBe(readPassword('password', 'Abcdef1!\u00e9', []));
  });

  test('P5: more than 1,024 bytes are a fault of the parameter', () => {
    const faults: FieldViolation[] = [];
    readPassword('password', 'é'.repeat(512), faults);
    expect(faults).toEqual([]);
    readPassword('password', `${'é'.repeat(512)}a`, faults);
    expect(faults).toMatchObject([{ field: 'password' }]);
  });
});

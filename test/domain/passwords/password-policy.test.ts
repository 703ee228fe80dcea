import { describe, expect, test } from 'vitest';
import type { FieldViolation } from '../../../src/domain/errors.ts';
import { HOSTED, NIST, type PasswordPolicy, requirePolicy } from '../../../src/domain/passwords/password-policy.ts';
import { readPassword } from '../../../src/domain/passwords/read-password.ts';

function policyAccepts(password: string, policy: PasswordPolicy = HOSTED): boolean {
  const faults: FieldViolation[] = [];
  const normalized = readPassword('password', password, faults);
  try {
    requirePolicy(normalized, policy);
    return faults.length === 0;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'PASSWORD_POLICY' });
    return false;
  }
}

describe('P2: the password policy of the hosted product', () => {
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

describe('P2: the policy nist', () => {
  test.each([
    ['15 of one kind', 'fifteen letters'],
    ['128 code points', 'x'.repeat(128)],
    ['128 astral ones', '😀'.repeat(128)],
    ['no Latin letter', 'пятнадцать букв'],
  ])('accepts %s', (_, password) => {
    expect(policyAccepts(password, NIST)).toBe(true);
  });

  test.each([
    ['14', 'Fourteen-14-1!'],
    ['14 astral ones', '😀'.repeat(14)],
    ['15 that are 14 after NFC', `${'x'.repeat(13)}e\u0301`],
    ['129', 'x'.repeat(129)],
    ['a control character', 'fifteen\tletters'],
    ['NUL', 'fifteen letters\0'],
  ])('refuses %s', (_, password) => {
    expect(policyAccepts(password, NIST)).toBe(false);
  });
});

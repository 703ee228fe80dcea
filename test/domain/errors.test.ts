import { describe, expect, test } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import { invalidArgument } from '../../src/domain/parameters.ts';

const bytesOf = (text: string): number => Buffer.byteLength(text);

describe('the faults of an error', () => {
  test('are the first of each parameter', () => {
    const violations = [
      { field: 'email', message: 'must be sent once' },
      { field: 'name', message: 'is required' },
      { field: 'email', message: 'is required' },
    ];
    const error = invalidArgument(violations);
    expect(error.violations).toEqual(violations.slice(0, 2));
    expect(error.message).toBe('email must be sent once. name is required.');
  });

  test('are at most 16, and fewer where they are long', () => {
    const faults = (message: string) => Array.from({ length: 40_000 }, (_, i) => ({ field: `f${i}`, message }));
    expect(invalidArgument(faults('is wrong')).violations).toHaveLength(16);
    const { violations } = invalidArgument(faults('ä'.repeat(100)));
    expect(violations.map(({ field }) => field)).toEqual(['f0', 'f1', 'f2']);
  });
});

describe('the sentence of an error', () => {
  test('has at most 512 bytes, cut between characters', () => {
    for (const character of ['a', 'ä', '€', '😀', '\ud800']) {
      const { message } = new AuthError('PASSWORD_POLICY', { message: `x${character.repeat(600)}` });
      expect(bytesOf(message)).toBeLessThanOrEqual(512);
      expect(bytesOf(message)).toBeGreaterThan(505);
      expect(message.endsWith('…')).toBe(true);
      expect(message.isWellFormed()).toBe(character.isWellFormed());
    }
    const longest = 'a'.repeat(512);
    expect(new AuthError('PASSWORD_POLICY', { message: longest }).message).toBe(longest);
  });
});

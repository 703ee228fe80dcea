import { expect } from 'vitest';
import { parseEmail } from '../../src/domain/email.ts';

/** Expects of addresses with this character, wherever it stands, that normalizing them again changes nothing. */
export function expectStable(character: string): void {
  for (const address of [`a${character}b@example.com`, `${character}@example.com`, `a@x${character}y.com`]) {
    const once = parseEmail(address);
    if (once !== null && parseEmail(once) !== once) {
      expect(parseEmail(once)).toBe(once);
    }
  }
}

import { test } from 'vitest';
import { expectStable } from './stable-email.ts';

test('normalizing a normalized e-mail address changes nothing, for every character that there is', () => {
  for (let codePoint = 0x21; codePoint <= 0x10ffff; codePoint++) {
    expectStable(String.fromCodePoint(codePoint));
  }
});

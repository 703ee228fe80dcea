import { describe, expect, test } from 'vitest';
import { parseEmail } from '../../src/domain/email.ts';
import { expectStable } from './stable-email.ts';

describe('an e-mail address', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+tag@Example.COM\t', 'ada.lovelace+tag@example.com'],
    ['root@localhost', 'root@localhost'],
    ["o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"],
    ['ÅSA@exämple.com', 'åsa@xn--exmple-cua.com'],
    ['a\u030Asa@example.com', 'åsa@example.com'],
    ['用户@例子.测试', '用户@xn--fsqu00a.xn--0zwm56d'],
    ['ada@XN--EXMPLE-CUA.com', 'ada@xn--exmple-cua.com'],
  ])('%j is normalized to %j', (text, normalized) => {
    expect(parseEmail(text)).toBe(normalized);
  });

  test.each([
    '',
    '@example.com',
    'ada@',
    'ada',
    'a da@example.com',
    'ada@ex ample.com',
    'ada@example..com',
    'ada@-example.com',
    'ada@example-.com',
    'ada@.example.com',
    'ada@example.com.',
    'ada@example_1.com',
    'ada@127.0.0.1',
    'ada@0x7f000001',
    'ada@example.0x1',
    'ada@2130706433',
    'ada@１２７.0.0.1',
    'ada@[127.0.0.1]',
    'ada@[::1]',
    'ada@xn--\u0061-\u{10ffff}.com',
    'ada@xn--zz--zzzzzzzz9.com',
    'ada@xn--.com',
    'ada@xn--abc-.com',
    'ada@xn--EXMPLE-Cua-.com',
    'ada@mail.xn--u-ccb.com',
    'ada@xn--xn---epa.com',
    'ada@xn--9999999999.com',
    'ada@xn--uba-.com',
    'ada@exa\u00ADmple.com',
    'ada@example。com',
    'ada@example.com/path',
    'ada@example.com:80',
    'a\u0000da@example.com',
    'a\u200Bda@example.com',
    'a\nda@example.com',
    '"ada"@example.com',
    `${'a'.repeat(243)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `${'å'.repeat(125)}@example.com`,
  ])('%j is refused', (text) => {
    expect(parseEmail(text)).toBeNull();
  });

  test('254 bytes are accepted', () => {
    const longest = `${'a'.repeat(242)}@example.com`;
    expect(parseEmail(longest)).toBe(longest);
  });

  test('normalizing a normalized address changes nothing, whatever its characters', () => {
    for (let codePoint = 0x21; codePoint < 0x20000; codePoint++) {
      const character = String.fromCodePoint(codePoint);
      // Of those that no normalization changes, which are most, some.
      if (codePoint < 0x3000 || codePoint % 64 === 0 || character.normalize('NFKC').toLowerCase() !== character) {
        expectStable(character);
      }
    }
  });
});

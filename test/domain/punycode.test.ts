import { expect, test } from 'vitest';
import { decodePunycode } from '../../src/domain/punycode.ts';

// RFC 3492, section 7.1: lower case, because domains are.
test.each([
  ['egbpdaj6bu4bxfgehfvwxn', 'ليهمابتكلموشعربي؟'],
  ['ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
  ['proprostnemluvesky-uyb24dma41a', 'pročprostěnemluvíčesky'],
  ['3b-ww4c5e180e575a65lsy2b', '3年b組金八先生'],
  ['d9juau41awczczp', 'そのスピードで'],
  ['exmple-cua', 'exämple'],
  ['', ''],
  ['abc-', 'abc'],
])('%j stands for %j', (encoded, text) => {
  expect(decodePunycode(encoded)).toBe(text);
});

test.each(['99999999', 'exmple-cu', 'exmple-c_a', 'EXMPLE-CUA'])('%j is no Punycode', (encoded) => {
  expect(decodePunycode(encoded)).toBeNull();
});

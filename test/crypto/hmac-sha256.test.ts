import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { HmacSha256 } from '../../src/crypto/hmac-sha256.ts';

test.each([
  ['0b'.repeat(20), Buffer.from('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe').toString('hex'),
    Buffer.from('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  ['aa'.repeat(20), Buffer.alloc(50, 0xdd), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
])('is that of RFC 4231: %s', (key, message, expected) => {
  expect(new HmacSha256(Buffer.from(key, 'hex')).digest(message).toString('hex')).toBe(expected);
});

test("is Node's, for every length of key and many of messages", () => {
  for (let keyBytes = 0; keyBytes <= 64; keyBytes += 1) {
    const key = randomBytes(keyBytes);
    const hmac = new HmacSha256(key);
    for (const messageBytes of [0, 1, 55, 56, 63, 64, 65, 119, 120, 300]) {
      const message = randomBytes(messageBytes);
      expect(hmac.digest(message)).toEqual(createHmac('sha256', key).update(message).digest());
    }
  }
});

test('takes no key that would have to be hashed first', () => {
  expect(() => new HmacSha256(Buffer.alloc(65))).toThrow(RangeError);
});

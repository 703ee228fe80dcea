import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { parseIpAddress } from '../../src/domain/ip-address.ts';
import { Random } from '../security/random.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['0.0.0.0', '0.0.0.0'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:0207', '192.0.2.7'],
  ['::', '::'],
])('%s is the address %s', (text, address) => {
  expect(parseIpAddress(text)).toBe(address);
});

test.each([
  '',
  ' 192.0.2.7',
  '192.0.2',
  '192.0.2.256',
  '192.0.2.07',
  '0x7f.0.0.1',
  '3221225991',
  '192.0.2.7:80',
  'fe80::1%eth0',
  '[::1]',
  '::1]/[::1',
  ':::',
  '1::2::3',
  '12345::',
  'localhost',
  '::1\n',
  'f'.repeat(10_000),
])('%j is none', (text) => {
  expect(parseIpAddress(text)).toBeNull();
});

test('what Node calls an address is one, and nothing else is', () => {
  const random = new Random(12_2);
  const characters = [...'0123456789abcdefABCDEF::::....'];
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: 2 + random.below(14) }, () => random.pick(characters)).join('');
    expect(parseIpAddress(text) !== null, `seed ${random.seed}: ${text}`).toBe(isIP(text) !== 0);
  }
});

import { expect, test } from 'vitest';
import { claimedAddress, claimedText } from '../../../src/domain/audit/claimed-text.ts';

const ACTIVE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

test('what a key claims cannot act on a terminal or forge a line (W6)', () => {
  for (let code = 0; code < 0x3000; code += 1) {
    const text = claimedText(`a${String.fromCodePoint(code)}b`);
    expect(ACTIVE.test(text), `U+${code.toString(16)}`).toBe(false);
  }
  expect(ACTIVE.test(claimedText('Mozilla/5.0\r\n{}\u001b[2J'))).toBe(false);
  expect(claimedText('\ud800')).toBe('\ufffd');
  expect(claimedText('Mozilla/5.0 (X11; Linux x86_64)')).toBe('Mozilla/5.0 (X11; Linux x86_64)');
});

test('it is cut', () => {
  expect(claimedText('x'.repeat(100_000))).toHaveLength(256);
  expect(claimedText('😀'.repeat(1_000)).isWellFormed()).toBe(true);
});

test('a key or token of ours in it is taken out, whole or cut (W5)', () => {
  const secret = 'Q'.repeat(43);
  const header = 'eyJhbGciOiJFUzI1NiJ9';
  for (const text of [`af_${secret}`, `x afm_${secret}`, `(afadm_${secret})`, `Bearer ${header}.${secret}.${secret}`]) {
    expect(claimedText(text)).not.toContain(secret.slice(0, 20));
  }
  // Where a key is cut at the bound.
  expect(claimedText(`${'x '.repeat(120)}af_${secret}`)).not.toContain('QQQQ');
});

test('an address that cannot be one is as none', () => {
  expect(['203.0.113.9', '2001:DB8::1'].map(claimedAddress)).toEqual(['203.0.113.9', '2001:db8::1']);
  for (const text of ['', 'somewhere', 'fe80::1%eth0', '203.0.113.9\n', '1'.repeat(46), 'x'.repeat(10_000)]) {
    expect(claimedAddress(text)).toBe('');
  }
});

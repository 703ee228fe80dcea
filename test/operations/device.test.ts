import { expect, test } from 'vitest';
import type { Principal } from '../../src/operations/access.ts';
import { deviceOf } from '../../src/operations/device.ts';

const SAID = { $typeName: 'x', clientIp: ' 2001:DB8::1', userAgent: 'Firefox\r\n{}' };
const NOBODY = { clientIp: '', userAgent: '' };
const TENANT = { orgId: 'acme', keyId: 'key' };

const behind = (forwarded: string | null) => ({ forwardedAddress: () => forwarded });
const by = (callerClass: 'private_key' | 'token_key' | 'no_key'): Principal => ({ ...TENANT, callerClass });

test('a backend whose key was never in tokens is believed, as far as its words are some', () => {
  const firefox = 'Firefox\ufffd\ufffd{}';
  const said = { ...SAID, clientIp: '203.0.113.9' };
  expect(deviceOf(by('private_key'), said, behind('192.0.2.1'))).toEqual({
    clientIp: '203.0.113.9',
    userAgent: firefox,
  });
  const nonsense = { ...SAID, clientIp: 'localhost', userAgent: '' };
  expect(deviceOf(by('private_key'), nonsense, behind(null))).toEqual(NOBODY);
  expect(deviceOf(by('private_key'), { $typeName: 'x' }, behind(null))).toEqual(NOBODY);
});

test('without a key a listed proxy is believed, and nobody else', () => {
  const said = { ...SAID, userAgent: 'curl' };
  for (const caller of [by('no_key'), null]) {
    expect(deviceOf(caller, said, behind('192.0.2.1'))).toEqual({ clientIp: '192.0.2.1', userAgent: 'curl' });
    expect(deviceOf(caller, said, behind(null))).toEqual(NOBODY);
  }
});

test('who shows the key that tokens hold may be anybody', () => {
  expect(deviceOf(by('token_key'), SAID, behind('192.0.2.1'))).toEqual(NOBODY);
  expect(deviceOf({ isAdministrator: true }, SAID, behind('192.0.2.1'))).toEqual(NOBODY);
});

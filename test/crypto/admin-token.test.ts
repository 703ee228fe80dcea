import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { AdminTokenFile, createAdminToken, FixedAdminToken } from '../../src/crypto/admin-token.ts';
import { AuthError } from '../../src/domain/errors.ts';

describe('the admin token', () => {
  test('is afadm_ and 256 random bits', () => {
    const made = Array.from({ length: 100 }, createAdminToken);
    expect(new Set(made).size).toBe(100);
    for (const adminToken of made) {
      expect(adminToken).toMatch(/^afadm_[A-Za-z0-9_-]{43}$/);
    }
  });

  test('fixed: is verified, another is not', async () => {
    const adminToken = createAdminToken();
    const verifier = new FixedAdminToken(adminToken);
    expect(await verifier.verify(adminToken)).toBe(true);
    const others = ['', createAdminToken(), `${adminToken} `, adminToken.slice(0, -1), `af_${adminToken.slice(6)}`];
    for (const other of others) {
      expect(await verifier.verify(other)).toBe(false);
    }
  });

  test('every one that the settings accept is verified, whatever its last character', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const last of alphabet) {
      const given = `afadm_${'x'.repeat(42)}${last}`;
      const { adminToken } = readSettings({ AUTHFLOW_ADMIN_TOKEN: given });
      expect(await new FixedAdminToken(adminToken ?? '').verify(given), given).toBe(true);
      expect(await new AdminTokenFile(async () => `${given}\n`).verify(given), given).toBe(true);
      // Another spelling of the same 32 bytes is another token: digests of the text are compared.
      const next = alphabet[(alphabet.indexOf(last) + 1) % 64];
      expect(await new FixedAdminToken(given).verify(`${given.slice(0, -1)}${next}`)).toBe(false);
    }
  });

  test('fixed to something that is no admin token: verifies nothing', async () => {
    expect(await new FixedAdminToken('').verify('')).toBe(false);
    expect(await new FixedAdminToken('password').verify('password')).toBe(false);
  });

  test('in a file: a replaced one is refused from the next call on', async () => {
    const [first, second] = [createAdminToken(), createAdminToken()];
    let content = `${first}\n`;
    const verifier = new AdminTokenFile(async () => content);
    expect(await verifier.verify(first)).toBe(true);
    content = second;
    expect(await verifier.verify(first)).toBe(false);
    expect(await verifier.verify(second)).toBe(true);
    content = `${second}\n\n`;
    expect(await verifier.verify(second)).toBe(false);
  });

  test('in a file: a malformed token does not even read it', async () => {
    let reads = 0;
    const verifier = new AdminTokenFile(async () => {
      reads += 1;
      return '';
    });
    for (const malformed of ['', 'Bearer', 'afadm_', `afadm_${'A'.repeat(44)}`]) {
      expect(await verifier.verify(malformed)).toBe(false);
    }
    expect(reads).toBe(0);
  });

  test('in a file that cannot be read: UNAVAILABLE', async () => {
    const verifier = new AdminTokenFile(() => Promise.reject(new Error('EMFILE')));
    await expect(verifier.verify(createAdminToken())).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    await expect(verifier.verify(createAdminToken())).rejects.toBeInstanceOf(AuthError);
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RandomIdSource } from '../../src/crypto/id-source.ts';
import { HmacNonceSigner } from '../../src/crypto/nonce-signer.ts';
import { mutate } from './mutate.ts';

const NOW = 1_760_000_000_000;
const EMAIL = 'ann@example.org';
const ORG = '0b8f6f3e-9c1d-4c39-8f5e-3f2a1b0c9d8e';
const OTHER_ORG = '7b8f6f3e-9c1d-4c39-8f5e-3f2a1b0c9d8e';
const SECRET = randomBytes(32);
const STORE = { storeId: 'store', epoch: 'epoch' };
const ids = new RandomIdSource();
const signer = new HmacNonceSigner({ secrets: [SECRET], store: STORE });
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function nonce() {
  return { nonceId: ids.uuidV7(NOW), expiresAt: NOW + 300_000 };
}

describe('a nonce', () => {
  test('without an organization is good for its e-mail in any', () => {
    const made = nonce();
    const token = signer.sign(made, { email: EMAIL, orgId: null });
    expect(signer.verify(token, { email: EMAIL, orgId: ORG })).toEqual({ ...made, epoch: STORE.epoch });
    expect(signer.verify(token, { email: EMAIL, orgId: OTHER_ORG })).toEqual({ ...made, epoch: STORE.epoch });
    expect(signer.verify(token, { email: 'bob@example.org', orgId: ORG })).toBeNull();
  });

  test('with an organization is good there alone', () => {
    const made = nonce();
    const token = signer.sign(made, { email: EMAIL, orgId: ORG });
    expect(signer.verify(token, { email: EMAIL, orgId: ORG })).toEqual({ ...made, epoch: STORE.epoch });
    expect(signer.verify(token, { email: EMAIL, orgId: OTHER_ORG })).toBeNull();
    expect(signer.verify(token, { email: 'bob@example.org', orgId: ORG })).toBeNull();
  });

  test('of another secret, store or epoch is refused', () => {
    const binding = { email: EMAIL, orgId: ORG };
    const others = [
      new HmacNonceSigner({ secrets: [randomBytes(32)], store: STORE }),
      new HmacNonceSigner({ secrets: [SECRET], store: { ...STORE, storeId: 'other' } }),
      new HmacNonceSigner({ secrets: [SECRET], store: { ...STORE, epoch: 'restored' } }),
      new HmacNonceSigner({ secrets: [SECRET], store: { storeId: 'storee', epoch: 'poch' } }),
    ];
    for (const other of others) {
      expect(signer.verify(other.sign(nonce(), binding), binding)).toBeNull();
    }
  });

  test('of an epoch that has ended since is refused, also by the signer that made it', () => {
    const binding = { email: EMAIL, orgId: ORG };
    const own = new HmacNonceSigner({ secrets: [SECRET], store: STORE });
    const before = own.sign(nonce(), binding);
    own.use('another', [SECRET]);
    expect(own.verify(before, binding)).toBeNull();
    expect(own.verify(own.sign(nonce(), binding), binding)).toMatchObject({ epoch: 'another' });
    expect(signer.verify(own.sign(nonce(), binding), binding)).toBeNull();
  });

  test('while a secret is replaced is good under both, and signed under the first; afterwards under the new one alone', () => {
    const binding = { email: EMAIL, orgId: ORG };
    const next = randomBytes(32);
    const [behind, ahead] = [
      new HmacNonceSigner({ secrets: [SECRET, next], store: STORE }),
      new HmacNonceSigner({ secrets: [SECRET, next], store: STORE }),
    ];
    ahead.use(STORE.epoch, [next, SECRET]);
    for (const token of [behind, ahead].map((each) => each.sign(nonce(), binding))) {
      expect([behind, ahead].map((each) => each.verify(token, binding) !== null)).toEqual([true, true]);
    }
    expect(signer.verify(ahead.sign(nonce(), binding), binding)).toBeNull();
    ahead.use(STORE.epoch, [next]);
    expect(ahead.verify(behind.sign(nonce(), binding), binding)).toBeNull();
    expect(behind.verify(ahead.sign(nonce(), binding), binding)).not.toBeNull();
  });

  test('letters cannot move between e-mail and organization', () => {
    const token = signer.sign(nonce(), { email: 'ab', orgId: 'c' });
    expect(signer.verify(token, { email: 'a', orgId: 'bc' })).toBeNull();
    expect(signer.verify(signer.sign(nonce(), { email: 'a', orgId: '' }), { email: 'a', orgId: ORG })).toBeNull();
  });

  test('for an e-mail beyond ASCII is good', () => {
    const made = nonce();
    const email = 'é中𝒳@xn--bcher-kva.example';
    expect(signer.verify(signer.sign(made, { email, orgId: ORG }), { email, orgId: ORG })).toEqual({
      ...made,
      epoch: STORE.epoch,
    });
  });

  test('has one spelling: 75 canonical base64url characters', () => {
    const token = signer.sign(nonce(), { email: EMAIL, orgId: null });
    expect(token).toMatch(/^[A-Za-z0-9_-]{75}$/);
    const binding = { email: EMAIL, orgId: ORG };
    const bytes = Buffer.from(token, 'base64url');
    const twins = [...ALPHABET]
      .map((last) => token.slice(0, -1) + last)
      .filter((twin) => twin !== token && Buffer.from(twin, 'base64url').equals(bytes));
    expect(twins).toHaveLength(3);
    const spellings = [`${token}=`, ` ${token}`, `${token}\n`, token.replace(/[-_]/g, '+'), bytes.toString('base64')];
    for (const other of [...twins, ...spellings.filter((spelling) => spelling !== token)]) {
      expect(signer.verify(other, binding)).toBeNull();
    }
  });

  test('T2: no session token and no garbage of any length is one', () => {
    const binding = { email: EMAIL, orgId: ORG };
    for (const garbage of ['', 'a', 'a.b.c', 'A'.repeat(75), 'A'.repeat(1_000_000), '\0'.repeat(75), '💥'.repeat(40)]) {
      expect(signer.verify(garbage, binding)).toBeNull();
    }
  });

  test('N2: 0 of 100,000 mutations are accepted', () => {
    const binding = { email: EMAIL, orgId: ORG };
    const tokens = [signer.sign(nonce(), binding), signer.sign(nonce(), { email: EMAIL, orgId: null })];
    let accepted = 0;
    for (let round = 0; round < 100_000; round += 1) {
      const token = tokens[round % 2] ?? '';
      const mutant = mutate(token);
      if (mutant !== token && signer.verify(mutant, binding) !== null) {
        accepted += 1;
      }
    }
    expect(accepted).toBe(0);
  });
});

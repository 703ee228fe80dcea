import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RandomApiKeySource } from '../../src/crypto/api-key-source.ts';
import { SealedBox, SealedBoxError } from '../../src/crypto/sealed-box.ts';

const box = new SealedBox(randomBytes(32));
const apiKeys = new RandomApiKeySource({ box, claim: 'key' });
const ROW = { orgId: 'org', keyId: 'key' };

describe('an API key', () => {
  test('is af_ and 256 random bits, with its SHA-256', () => {
    const made = Array.from({ length: 1000 }, () => apiKeys.create('api'));
    expect(new Set(made.map(({ apiKey }) => apiKey)).size).toBe(1000);
    for (const { apiKey, apiKeyHash } of made) {
      expect(apiKey).toMatch(/^af_[A-Za-z0-9_-]{43}$/);
      expect(Buffer.from(apiKey.slice(3), 'base64url')).toHaveLength(32);
      expect(Buffer.from(apiKeyHash)).toEqual(createHash('sha256').update(apiKey).digest());
      expect(apiKeys.hash(apiKey)).toEqual(apiKeyHash);
    }
  });

  test('of another form has no digest', () => {
    const { apiKey } = apiKeys.create('api');
    const last = apiKey.at(-1) ?? '';
    const twins = ['B', 'C', 'D'].map((step) => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return apiKey.slice(0, -1) + alphabet[alphabet.indexOf(last) + alphabet.indexOf(step)];
    });
    const malformed = ['', 'af_', apiKey.slice(0, -1), `${apiKey}A`, ` ${apiKey}`, `${apiKey}\n`, apiKey.slice(3)];
    const misspelt = [apiKey.replace('af_', 'AF_'), apiKey.replace('af_', 'afadm_'), `${apiKey.slice(0, -2)}+A`];
    for (const other of [...twins, ...malformed, ...misspelt]) {
      expect(apiKeys.hash(other)).toBeNull();
    }
  });

  test('K2: is sealed for its row alone', () => {
    const { apiKey } = apiKeys.create('api');
    const sealed = apiKeys.seal(apiKey, ROW) ?? new Uint8Array();
    expect(apiKeys.open(sealed, ROW)).toBe(apiKey);
    expect(() => apiKeys.open(sealed, { ...ROW, orgId: 'other' })).toThrow(SealedBoxError);
    expect(() => apiKeys.open(sealed, { ...ROW, keyId: 'other' })).toThrow(SealedBoxError);
  });

  test('is not sealed at all where tokens carry ids', () => {
    expect(new RandomApiKeySource({ box, claim: 'id' }).seal('af_', ROW)).toBeNull();
  });
});

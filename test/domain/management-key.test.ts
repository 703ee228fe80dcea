import { describe, expect, test } from 'vitest';
import { requireManagementKey } from '../../src/domain/management-key.ts';
import { closeOrganization, createApiKey, revokeApiKey } from '../support/asked.ts';
import { outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();

async function newKey(kind: string, impersonate = false) {
  const { orgId, apiKey: firstKey } = await stand.newTenant();
  const { key, apiKey } = await createApiKey(stand.ports, { orgId, label: '', inTokens: false, kind, impersonate });
  return { orgId, keyId: key.keyId, apiKey, firstKey };
}

const identified = (key: string) => requireManagementKey(stand.ports, key);

describe('a management key', () => {
  test.each([
    ['management', false, { mayWrite: true, mayImpersonate: false }],
    ['management', true, { mayWrite: true, mayImpersonate: true }],
    ['management_read', false, { mayWrite: false, mayImpersonate: false }],
  ])('of the kind %s, to impersonate: %s, says what it may', async (kind, impersonate, rights) => {
    const { orgId, keyId, apiKey } = await newKey(kind, impersonate);
    expect(await identified(apiKey)).toEqual({ isKeyManager: true, orgId, keyId, ...rights });
  });

  test('is refused when it is malformed, unknown or an API key', async () => {
    const { apiKey, firstKey } = await newKey('management');
    for (const key of ['afm_', `afm_${'A'.repeat(43)}`, `${apiKey}A`, apiKey.slice(0, -1), firstKey]) {
      expect(await outcomeOf(identified(key))).toBe('API_KEY_INVALID');
    }
  });

  test('U1: is refused from the next call on once it is revoked, or its organization closed', async () => {
    const revoked = await newKey('management');
    expect(await outcomeOf(identified(revoked.apiKey))).toBe('OK');
    await revokeApiKey(stand.ports, { ...revoked, endSessions: false });
    await expect(identified(revoked.apiKey)).rejects.toMatchObject({
      reason: 'API_KEY_INVALID',
      subject: { orgId: revoked.orgId, revokedKeyId: revoked.keyId },
    });
    const closed = await newKey('management');
    await closeOrganization(stand.ports, closed);
    expect(await outcomeOf(identified(closed.apiKey))).toBe('API_KEY_INVALID');
  });
});

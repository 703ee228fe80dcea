import { expect, test } from 'vitest';
import { identifyTenant, refusal, requireIdentifiedTenant } from '../../src/domain/tenant.ts';
import { closeOrganization, reopenOrganization, revokeApiKey } from '../support/asked.ts';
import { NOBODY, outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();

test('a key names its organization, and itself', async () => {
  const tenant = await stand.newTenant();
  const { keyId, apiKey } = await stand.newKey(tenant);
  expect(await identifyTenant(stand.ports, { apiKey, orgId: '' })).toMatchObject({
    orgId: tenant.orgId,
    keyId,
  });
});

test('an org_id alone names the organization, and no key', async () => {
  const { orgId } = await stand.newTenant();
  expect(await identifyTenant(stand.ports, { apiKey: '', orgId })).toMatchObject({ orgId, keyId: null });
});

test('key and org_id together must agree', async () => {
  const [own, other] = [await stand.newTenant(), await stand.newTenant()];
  const { apiKey } = own;
  expect(await identifyTenant(stand.ports, { apiKey, orgId: own.orgId })).toMatchObject({ orgId: own.orgId });
  for (const orgId of [other.orgId, NOBODY]) {
    expect(await outcomeOf(identifyTenant(stand.ports, { apiKey, orgId }))).toBe('API_KEY_INVALID');
  }
});

test('a caller that says nothing speaks for nobody', async () => {
  expect(await identifyTenant(stand.ports, { apiKey: '', orgId: '' })).toBeNull();
  expect(await outcomeOf(requireIdentifiedTenant(stand.ports, { apiKey: '', orgId: '' }))).toBe(
    'ORGANIZATION_NOT_FOUND',
  );
});

test.each(['x', 'af_', `af_${'A'.repeat(43)}`, `af_${'A'.repeat(44)}`, `afm_${'A'.repeat(43)}`])(
  'the key %j is malformed or unknown',
  async (apiKey) => {
    const { orgId } = await stand.newTenant();
    for (const named of ['', orgId]) {
      expect(await outcomeOf(identifyTenant(stand.ports, { apiKey, orgId: named }))).toBe('API_KEY_INVALID');
    }
  },
);

test('a revoked key opens nothing, the others go on', async () => {
  const tenant = await stand.newTenant();
  const { keyId, apiKey } = await stand.newKey(tenant);
  await revokeApiKey(stand.ports, { orgId: tenant.orgId, keyId, endSessions: false });
  expect(await outcomeOf(identifyTenant(stand.ports, { apiKey, orgId: '' }))).toBe('API_KEY_INVALID');
  expect(await outcomeOf(identifyTenant(stand.ports, { apiKey: tenant.apiKey, orgId: '' }))).toBe('OK');
});

test('a closed organization: its key is API_KEY_INVALID, its org_id ORGANIZATION_NOT_FOUND, until it is reopened', async () => {
  const { orgId, apiKey } = await stand.newTenant();
  const outcomes = async () => [
    await outcomeOf(identifyTenant(stand.ports, { apiKey, orgId: '' })),
    await outcomeOf(identifyTenant(stand.ports, { apiKey: '', orgId })),
  ];
  await closeOrganization(stand.ports, { orgId });
  expect(await outcomes()).toEqual(['API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND']);
  await reopenOrganization(stand.ports, { orgId });
  expect(await outcomes()).toEqual(['OK', 'OK']);
});

test('an unknown org_id is ORGANIZATION_NOT_FOUND', async () => {
  expect(await outcomeOf(identifyTenant(stand.ports, { apiKey: '', orgId: NOBODY }))).toBe('ORGANIZATION_NOT_FOUND');
});

test.each([
  ['api_key_invalid', 'API_KEY_INVALID'],
  ['organization_not_found', 'ORGANIZATION_NOT_FOUND'],
  ['nonce_used', 'NONCE_USED'],
  ['user_exists', 'USER_EXISTS'],
  ['user_not_found', 'USER_NOT_FOUND'],
  ['user_disabled', 'USER_DISABLED'],
  ['credentials_changed', 'CREDENTIALS_INVALID'],
  ['session_ended', 'SESSION_REVOKED'],
] as const)('a step that the store refuses with %s is %s', (outcome, reason) => {
  expect(refusal(outcome)).toMatchObject({ reason });
});

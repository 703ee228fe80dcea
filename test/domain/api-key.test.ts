import { describe, expect, test } from 'vitest';
import type { ApiKeyKind } from '../../src/domain/organizations/storage.ts';
import { createApiKey, fooBar, listApiKeys, revokeApiKey, validate } from '../support/asked.ts';
import { NOBODY, outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();
const opens = (apiKey: string) => outcomeOf(fooBar(stand.ports, { identity: 'ada@example.com', apiKey }));
const create = (orgId: string, label = '', inTokens = false) => createApiKey(stand.ports, { orgId, label, inTokens });
const revoke = (orgId: string, keyId: string, endSessions = false) =>
  revokeApiKey(stand.ports, { orgId, keyId, endSessions });
const list = (orgId: string, pageSize = 0, pageToken = '') => listApiKeys(stand.ports, { orgId, pageSize, pageToken });

describe('a new key', () => {
  test('works at once, beside the others', async () => {
    const { orgId, apiKey } = await stand.newTenant();
    const second = await create(orgId, '  the second ');
    expect(second.key).toMatchObject({ orgId, label: 'the second', inTokens: false, revokedAt: null });
    expect([await opens(apiKey), await opens(second.apiKey)]).toEqual(['OK', 'OK']);
  });

  test('has a label of at most 100 code points, or none', async () => {
    const { orgId } = await stand.newTenant();
    expect(await outcomeOf(create(orgId, '😀'.repeat(100)))).toBe('OK');
    for (const label of ['😀'.repeat(101), 'a\nb']) {
      expect(await outcomeOf(create(orgId, label))).toBe('INVALID_ARGUMENT label');
    }
  });

  test('goes into tokens in the place of the present one, which works on', async () => {
    const { orgId, apiKey } = await stand.newTenant();
    const second = await create(orgId, '', true);
    expect((await list(orgId)).apiKeys.map(({ inTokens }) => inTokens)).toEqual([false, true]);
    expect([await opens(apiKey), await opens(second.apiKey)]).toEqual(['OK', 'OK']);
  });

  test('is kept in a form that can be opened only where it goes into tokens', async () => {
    const sealedFor: boolean[] = [];
    const { apiKeys, ...others } = stand.ports;
    const ports = {
      ...others,
      apiKeys: {
        create: (kind: ApiKeyKind) => apiKeys.create(kind),
        hash: (text: string) => apiKeys.hash(text),
        hashManagementKey: (text: string) => apiKeys.hashManagementKey(text),
        seal: (...args: Parameters<typeof apiKeys.seal>) => {
          sealedFor.push(true);
          return apiKeys.seal(...args);
        },
      },
    };
    const { orgId } = await stand.newTenant();
    await createApiKey(ports, { orgId, label: '', inTokens: false });
    expect(sealedFor).toEqual([]);
    await createApiKey(ports, { orgId, label: '', inTokens: true });
    expect(sealedFor).toEqual([true]);
  });

  test.each(['management', 'management_read'])(
    'of the kind %s has another beginning, and is never in tokens',
    async (kind) => {
      const { orgId } = await stand.newTenant();
      const input = { orgId, label: '', inTokens: false, kind, impersonate: kind === 'management' };
      const { key, apiKey } = await createApiKey(stand.ports, input);
      expect(apiKey).toMatch(/^afm_[\w-]{43}$/);
      expect(key).toMatchObject({ kind, impersonate: kind === 'management', inTokens: false, wasSealed: false });
      expect(stand.ports.apiKeys.hash(apiKey)).toBeNull();
      expect(await outcomeOf(createApiKey(stand.ports, { ...input, inTokens: true }))).toBe(
        'INVALID_ARGUMENT in_tokens',
      );
    },
  );

  test('may open Impersonate where it changes what it manages, and has a kind that there is', async () => {
    const { orgId } = await stand.newTenant();
    const made = (changes: object) => createApiKey(stand.ports, { orgId, label: '', inTokens: false, ...changes });
    for (const kind of ['', 'api', 'management_read']) {
      expect(await outcomeOf(made({ kind, impersonate: true }))).toBe('INVALID_ARGUMENT impersonate');
    }
    expect(await outcomeOf(made({ kind: 'admin' }))).toBe('INVALID_ARGUMENT kind');
  });

  test('is of an organization that exists', async () => {
    expect(await outcomeOf(create(NOBODY))).toBe('ORGANIZATION_NOT_FOUND');
    expect(await outcomeOf(create('Acme', 'a\nb'))).toBe('INVALID_ARGUMENT org_id label');
  });
});

describe('the list of keys', () => {
  test('holds revoked ones, oldest first, page by page, and no value', async () => {
    const { orgId, apiKey } = await stand.newTenant();
    const made = [await stand.newKey({ orgId, apiKey }), await stand.newKey({ orgId, apiKey })];
    await revoke(orgId, made[0]?.keyId ?? '');
    const first = await list(orgId, 2);
    const second = await list(orgId, 2, first.nextPageToken);
    const keys = [...first.apiKeys, ...second.apiKeys];
    expect(keys.slice(1).map(({ keyId }) => keyId)).toEqual(made.map(({ keyId }) => keyId));
    expect(keys.map(({ revokedAt }) => revokedAt !== null)).toEqual([false, true, false]);
    expect(second.nextPageToken).toBe('');
    for (const value of [apiKey, ...made.map((key) => key.apiKey)]) {
      expect(JSON.stringify(keys)).not.toContain(value);
    }
  });

  test('is of an organization that exists', async () => {
    expect(await outcomeOf(list(NOBODY))).toBe('ORGANIZATION_NOT_FOUND');
    expect(await outcomeOf(list('', 201, 'x'))).toBe('INVALID_ARGUMENT org_id page_size page_token');
  });
});

describe('a revoked key', () => {
  test('opens nothing from the next call on; again is a success that keeps the first instant', async () => {
    const { orgId, apiKey } = await stand.newTenant();
    const second = await stand.newKey({ orgId, apiKey });
    const first = await revoke(orgId, second.keyId);
    expect([await opens(second.apiKey), await opens(apiKey)]).toEqual(['API_KEY_INVALID', 'OK']);
    stand.pass(1_000);
    expect(await revoke(orgId, second.keyId)).toEqual(first);
  });

  test('ends no session unless that is asked for, then every live one', async () => {
    const user = await stand.newUser();
    const session = { ...(await stand.newSession(user)), apiKey: '' };
    const second = await stand.newKey(user);
    expect((await revoke(user.orgId, second.keyId)).endedSessions).toBe(0);
    expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
    expect((await revoke(user.orgId, second.keyId, true)).endedSessions).toBe(1);
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  });

  test("is one of the organization's own", async () => {
    const [own, other] = [await stand.newTenant(), await stand.newTenant()];
    const { keyId } = await stand.newKey(other);
    expect(await outcomeOf(revoke(own.orgId, keyId))).toBe('API_KEY_NOT_FOUND');
    expect(await outcomeOf(revoke(own.orgId, NOBODY))).toBe('API_KEY_NOT_FOUND');
    expect(await outcomeOf(revoke(NOBODY, keyId))).toBe('ORGANIZATION_NOT_FOUND');
    expect(await outcomeOf(revoke('x', 'y'))).toBe('INVALID_ARGUMENT org_id key_id');
    expect(await outcomeOf(revoke(other.orgId.toUpperCase(), keyId.toUpperCase()))).toBe('OK');
  });
});

import { describe, expect, test } from 'vitest';
import { identifyTenant } from '../../src/domain/tenant.ts';
import { serverOfTest } from '../security/backend.ts';
import { createApiKey } from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';

async function newKey({ ports }: TestServer, orgId: string, inTokens: boolean): Promise<string> {
  return (await createApiKey(ports, { orgId, label: '', inTokens })).apiKey;
}

async function classOf({ ports }: TestServer, apiKey: string, orgId = ''): Promise<string | undefined> {
  return (await identifyTenant(ports, { apiKey, orgId }))?.callerClass;
}

describe('the class of a caller', () => {
  test('a key beside the one in tokens is private; one in tokens, and one that another replaced, is not', async () => {
    const server = await serverOfTest();
    const { orgId, apiKey: first } = await server.createOrganization();
    const beside = await newKey(server, orgId, false);
    expect(await classOf(server, first)).toBe('token_key');
    expect(await classOf(server, beside)).toBe('private_key');
    const second = await newKey(server, orgId, true);
    expect(await classOf(server, second)).toBe('token_key');
    expect(await classOf(server, first)).toBe('token_key');
    expect(await classOf(server, beside)).toBe('private_key');
  });

  test('where tokens carry ids no key is sealed: all are private', async () => {
    const server = await serverOfTest({ settings: { apiKeyClaim: 'id' } });
    const { orgId, apiKey: first } = await server.createOrganization();
    for (const apiKey of [first, await newKey(server, orgId, false), await newKey(server, orgId, true), first]) {
      expect(await classOf(server, apiKey)).toBe('private_key');
    }
  });

  test('the organization’s id alone proves nothing; with a key the key decides', async () => {
    const server = await serverOfTest();
    const { orgId, apiKey } = await server.createOrganization();
    expect(await classOf(server, '', orgId)).toBe('no_key');
    expect(await classOf(server, apiKey, orgId)).toBe('token_key');
    expect(await identifyTenant(server.ports, { apiKey: '', orgId: '' })).toBeNull();
  });
});

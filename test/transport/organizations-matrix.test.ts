import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ADMIN_REFUSALS } from './matrix/coverage.ts';
import { ADMIN_CALLS, type AdminCallName, type Entrance, type Fields, type Success } from './matrix/entrance.ts';
import { ORGANIZATION_ENTRANCES } from './matrix/entrances.ts';
import { askable, expectRefused } from './matrix/expect-refused.ts';
import { type AdminWorld, createAdminWorld, goodAdminRequest } from './matrix/organizations-world.ts';
import { titleOf } from './matrix/scenario.ts';
import { openStoreDump, type StoreReader } from './matrix/store-dump.ts';

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const API_KEY = expect.stringMatching(/^af_[\w-]{43}$/);

describe.each(ORGANIZATION_ENTRANCES)('$name', (kind) => {
  let server: TestServer;
  let world: AdminWorld;
  let entrance: Entrance<AdminCallName>;
  let store: StoreReader;

  beforeAll(async () => {
    server = await startTestServer();
    world = await createAdminWorld(server);
    entrance = kind.enter(server);
    store = await openStoreDump(server.testStore);
  });

  afterAll(async () => {
    await store.close();
    entrance.close();
    await server[Symbol.asyncDispose]();
  });

  test.each(askable(kind, ADMIN_REFUSALS).map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    (_, scenario) => expectRefused({ kind, server, world, entrance, store }, scenario),
  );

  test('leads an organization from its sign-up to its reopening', async () => {
    const ok = async (call: AdminCallName, params: Fields): Promise<Success['ok']> => {
      const answer = await entrance.call(call, params, { authorization: `bearer ${server.adminToken}` });
      return 'ok' in answer ? answer.ok : Promise.reject(new Error(answer.message));
    };
    const created = await ok('createOrganization', { name: ' Hooli ' });
    expect(created).toEqual({ org_id: UUID, name: 'Hooli', api_key: API_KEY });
    const org_id = String(created.org_id).toUpperCase();
    const organization = { org_id: created.org_id, name: 'Hooli', created_at: INSTANT };
    expect(await ok('getOrganization', { org_id })).toEqual({ organization });
    expect((await ok('listOrganizations', { page_size: 200 })).organizations).toContainEqual(organization);

    const firstPage = await ok('listOrganizations', { page_size: 1 });
    expect(firstPage.organizations).toHaveLength(1);
    const secondPage = await ok('listOrganizations', { page_size: 1, page_token: String(firstPage.next_page_token) });
    expect(secondPage.organizations).toHaveLength(1);
    expect(secondPage.organizations).not.toEqual(firstPage.organizations);

    const key = await ok('createApiKey', { org_id, label: ' second ', in_tokens: true });
    const description = { key_id: UUID, label: 'second', created_at: INSTANT, in_tokens: true };
    expect(key).toEqual({ ...description, api_key: API_KEY });
    const { key_id } = key;
    const first = { key_id: UUID, label: '', created_at: INSTANT, in_tokens: false };
    const listed = { api_keys: [first, { ...description, key_id }], next_page_token: '' };
    expect(await ok('listApiKeys', { org_id })).toEqual(listed);
    const revoked = { ...description, key_id, in_tokens: false, revoked_at: INSTANT };
    for (let round = 0; round < 2; round++) {
      const revocation = await ok('revokeApiKey', { org_id, key_id: String(key_id), end_sessions: true });
      expect(revocation).toEqual({ api_key: revoked, ended_sessions: 0 });
    }

    const closed = { organization: { ...organization, closed_at: INSTANT } };
    expect(await ok('closeOrganization', { org_id })).toEqual({ ...closed, ended_sessions: 0 });
    expect(await ok('getOrganization', { org_id })).toEqual(closed);
    expect(await ok('reopenOrganization', { org_id })).toEqual({ organization });
  });
});

test('open sign-up opens CreateOrganization alone', async () => {
  const server = await startTestServer({ settings: { openSignup: true } });
  try {
    const world = await createAdminWorld(server);
    for (const { name, codes, enter } of ORGANIZATION_ENTRANCES) {
      const entrance = enter(server);
      const created = await entrance.call('createOrganization', { name }, {});
      expect(created).toEqual({ ok: { org_id: UUID, name, api_key: API_KEY } });
      const taken = { reason: 'ORGANIZATION_EXISTS', status: WIRE_CODES.ORGANIZATION_EXISTS[codes] };
      expect(await entrance.call('createOrganization', { name }, {})).toMatchObject(taken);
      for (const call of ADMIN_CALLS.filter((other) => other !== 'createOrganization')) {
        const answer = await entrance.call(call, goodAdminRequest(call, world).params, {});
        expect(answer).toMatchObject({ reason: 'ADMIN_TOKEN_INVALID' });
      }
      entrance.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

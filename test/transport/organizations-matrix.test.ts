import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ADMIN_REFUSALS } from './matrix/coverage.ts';
import { ADMIN_CALLS, type AdminCallName, type Entrance, type Fields, type Success } from './matrix/entrance.ts';
import { ORGANIZATION_ENTRANCES } from './matrix/entrances.ts';
import { askable, expectRefused } from './matrix/expect-refused.ts';
import { type AdminWorld, createAdminWorld, goodAdminRequest, PROTECTED_ROLE } from './matrix/organizations-world.ts';
import { titleOf } from './matrix/scenario.ts';
import { openStoreDump, type StoreReader } from './matrix/store-dump.ts';

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const INSTANT_TO_THE_MILLISECOND = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const API_KEY = expect.stringMatching(/^af_[\w-]{43}$/);

const DEFAULT_SETTINGS = {
  verify_url: '',
  reset_url: '',
  mail_delivery: 'server',
  mail_from_name: '',
  mail_reply_to: '',
  mail_texts: '',
  require_verified_email: false,
  login_by_email: false,
  second_factor: 'optional',
  session_ttl_seconds: 0,
  locale: 'en',
  mail_approved: true,
};

describe.each(ORGANIZATION_ENTRANCES)('$name', (kind) => {
  let server: TestServer;
  let world: AdminWorld;
  let entrance: Entrance<AdminCallName>;
  let store: StoreReader;

  beforeAll(async () => {
    server = await startTestServer({ settings: { protectedRoles: [PROTECTED_ROLE] } });
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

  async function ok(call: AdminCallName, params: Fields): Promise<Success['ok']> {
    const answer = await entrance.call(call, params, { authorization: `bearer ${server.adminToken}` });
    return 'ok' in answer ? answer.ok : Promise.reject(new Error(answer.message));
  }

  test('leads an organization from its sign-up to its reopening', async () => {
    const created = await ok('createOrganization', { name: ' Hooli ' });
    expect(created).toEqual({ org_id: UUID, name: 'Hooli', api_key: API_KEY });
    const org_id = String(created.org_id).toUpperCase();
    const organization = { org_id: created.org_id, name: 'Hooli', created_at: INSTANT };
    const settings = DEFAULT_SETTINGS;
    expect(await ok('getOrganization', { org_id })).toEqual({ organization, settings, users: 0 });
    expect((await ok('listOrganizations', { page_size: 200 })).organizations).toContainEqual(organization);

    const firstPage = await ok('listOrganizations', { page_size: 1 });
    expect(firstPage.organizations).toHaveLength(1);
    const secondPage = await ok('listOrganizations', { page_size: 1, page_token: String(firstPage.next_page_token) });
    expect(secondPage.organizations).toHaveLength(1);
    expect(secondPage.organizations).not.toEqual(firstPage.organizations);

    const key = await ok('createApiKey', { org_id, label: ' second ', in_tokens: true });
    const rights = { kind: 'api', impersonate: false };
    const description = { key_id: UUID, label: 'second', created_at: INSTANT, in_tokens: true, ...rights };
    expect(key).toEqual({ ...description, api_key: API_KEY });
    const { key_id } = key;
    const first = { key_id: UUID, label: '', created_at: INSTANT, in_tokens: false, ...rights };
    const listed = { api_keys: [first, { ...description, key_id }], next_page_token: '' };
    expect(await ok('listApiKeys', { org_id })).toEqual(listed);
    const revoked = { ...description, key_id, in_tokens: false, revoked_at: INSTANT };
    for (let round = 0; round < 2; round++) {
      const revocation = await ok('revokeApiKey', { org_id, key_id: String(key_id), end_sessions: true });
      expect(revocation).toEqual({ api_key: revoked, ended_sessions: 0 });
    }

    const closed = { organization: { ...organization, closed_at: INSTANT } };
    expect(await ok('closeOrganization', { org_id })).toEqual({ ...closed, ended_sessions: 0 });
    expect(await ok('getOrganization', { org_id })).toEqual({ ...closed, settings, users: 0 });
    expect(await ok('reopenOrganization', { org_id })).toEqual({ organization });
  });

  test('changes settings by the admin token and by a management key, which reads what it changed', async () => {
    const { org_id: id } = await ok('createOrganization', { name: 'Vandelay' });
    const org_id = String(id);
    const { api_key } = await ok('createApiKey', { org_id, kind: 'management' });
    const byKey = { authorization: `Bearer ${api_key}` };
    const sent = {
      verify_url: 'https://app.example.com/verify?token={token}',
      reset_url: 'http://localhost:3000/#/reset/{token}',
      mail_delivery: 'backend',
      mail_from_name: 'Vandelay Industries',
      mail_reply_to: 'help@example.com',
      mail_texts: '{"reset":{"subject":"{organization}: a new password","text":"Go to {link}"}}',
      session_ttl_seconds: 3_600,
      locale: 'fr',
    };
    const settings = { ...DEFAULT_SETTINGS, ...sent };
    const update = { org_id, update_mask: Object.keys(sent), ...sent };
    expect(await entrance.call('updateOrganization', update, byKey)).toEqual({
      ok: { organization: expect.objectContaining({ org_id, name: 'Vandelay' }), settings },
    });
    expect(await entrance.call('getOrganization', { org_id }, byKey)).toMatchObject({ ok: { settings } });

    const names = ['verify_url', 'session_ttl_seconds', 'locale', 'mail_delivery'];
    const cleared = Object.fromEntries(names.map((name) => [name, Reflect.get(DEFAULT_SETTINGS, name)]));
    const inMask = await ok('updateOrganization', { org_id, update_mask: names, mail_from_name: 'ignored' });
    expect(inMask.settings).toEqual({ ...settings, ...cleared });
    const renamed = await ok('updateOrganization', {
      org_id,
      update_mask: ['name', 'mail_approved'],
      name: ' Kramerica ',
      mail_approved: false,
    });
    expect(renamed).toMatchObject({ organization: { name: 'Kramerica' }, settings: { mail_approved: false } });
    const { events } = await ok('listAuditEvents', { org_id, type: 'organization.updated' });
    expect((events as readonly { actor: string }[]).map(({ actor }) => actor)).toEqual([
      'management_key',
      'administrator',
      'administrator',
    ]);
  });

  test('U1, U2: leads a user from their creation to their end, by a management key', async () => {
    const { org_id: id } = await ok('createOrganization', { name: 'Pied Piper' });
    const org_id = String(id);
    const { api_key } = await ok('createApiKey', { org_id, kind: 'management', impersonate: true });
    const byKey = async (call: AdminCallName, params: Fields): Promise<Record<string, unknown>> => {
      const answer = await entrance.call(call, { org_id, ...params }, { authorization: `Bearer ${api_key}` });
      return 'ok' in answer ? answer.ok : Promise.reject(new Error(`${answer.reason} ${answer.message}`));
    };
    const sent = {
      email: ' Grace@Example.com',
      fullname: 'Grace Hopper',
      password: 'Another-Horse-8',
      email_verified: true,
      roles: ['editor', 'billing:read'],
      public_metadata: '{"plan":"pro"}',
      private_metadata: '{"crm":1}',
    };
    const created = (await byKey('createUser', sent)).user as Record<string, unknown>;
    const user_id = String(created.user_id);
    const { password: _, ...kept } = sent;
    const fields = { user_id, org_id, ...kept, email: 'grace@example.com', created_at: INSTANT };
    expect(created).toEqual({ ...fields, has_password: true, second_factor: false });
    expect(await byKey('getUser', { user_id: user_id.toUpperCase() })).toEqual({ user: created });
    expect(
      await byKey('listUsers', { search: 'hop', role: 'editor', email_verified: 'true', disabled: 'false' }),
    ).toEqual({
      users: [created],
      next_page_token: '',
    });

    const update = {
      update_mask: ['roles', 'public_metadata', 'fullname'],
      roles: [],
      public_metadata: '',
      fullname: 'G',
    };
    const changed = { ...created, roles: [], public_metadata: '', fullname: 'G' };
    expect(await byKey('updateUser', { user_id, ...update })).toEqual({ user: changed, ended_sessions: 0 });
    const reset = await byKey('createMailToken', { user_id, kind: 'reset' });
    expect(reset).toEqual({ token: expect.stringMatching(/^[\w.-]+$/), expires_at: INSTANT });

    const opened = await byKey('impersonate', { user_id, reason: 'ticket 4711', ttl_seconds: 60 });
    const { email } = fields;
    expect(opened).toEqual({ token: expect.any(String), expires_at: INSTANT, email, fullname: 'G', org_id, user_id });
    const [, payload = ''] = String(opened.token).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, number>;
    const { api_keys } = await ok('listApiKeys', { org_id });
    const key = (api_keys as readonly { kind: string; key_id: string }[]).find(({ kind }) => kind === 'management');
    expect(claims).toMatchObject({ act: { sub: key?.key_id }, sub: user_id });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
    const sessions = (await byKey('listUserSessions', { user_id })).sessions as readonly Record<string, unknown>[];
    expect(sessions).toMatchObject([{ actor: key?.key_id, client_ip: '', user_agent: '' }]);
    const session_id = String(sessions[0]?.session_id);
    expect(await byKey('endUserSessions', { user_id, session_id })).toEqual({ ended_sessions: 1 });
    expect(await byKey('endUserSessions', { user_id, session_id })).toEqual({ ended_sessions: 0 });
    expect(await byKey('endUserSessions', { user_id })).toEqual({ ended_sessions: 0 });

    expect(await byKey('setPassword', { user_id, newPassword: 'Yet-Another-9' })).toEqual({
      user: changed,
      ended_sessions: 0,
    });
    expect(await byKey('disableUser', { user_id })).toEqual({
      user: { ...changed, disabled_at: INSTANT },
      ended_sessions: 0,
    });
    expect(await byKey('enableUser', { user_id })).toEqual({ user: changed });
    expect(await byKey('unlockUser', { user_id })).toEqual({ user: changed });
    expect(await byKey('resetSecondFactor', { user_id })).toEqual({ user: changed, ended_sessions: 0 });
    expect(await byKey('deleteUser', { user_id })).toEqual({ ended_sessions: 0 });
    expect(await byKey('listUsers', {})).toEqual({ users: [], next_page_token: '' });
    const { events } = await ok('listAuditEvents', { org_id, type: 'user.impersonated' });
    expect(events).toMatchObject([
      {
        actor: 'management_key',
        key_id: key?.key_id,
        user_id,
        target_id: session_id,
        details: expect.arrayContaining([
          { name: 'reason', value: 'ticket 4711' },
          { name: 'seconds', value: '60' },
        ]),
      },
    ]);
  });

  test('pages users of one filter, and refuses the token of another', async () => {
    const { org_id: id } = await ok('createOrganization', { name: 'Aviato' });
    const org_id = String(id);
    for (const name of ['ada', 'adam', 'bob']) {
      await ok('createUser', { org_id, email: `${name}@example.com`, fullname: `${name} Smith` });
    }
    const page = { org_id, search: 'ad', order_by: 'email', page_size: 1 };
    const first = await ok('listUsers', page);
    expect(first.users).toMatchObject([{ email: 'ada@example.com' }]);
    const page_token = String(first.next_page_token);
    const second = await ok('listUsers', { ...page, page_token });
    expect(second).toMatchObject({ users: [{ email: 'adam@example.com' }], next_page_token: '' });
    const admin = { authorization: `Bearer ${server.adminToken}` };
    for (const other of [{ search: 'bo' }, { order_by: 'created_at' }, { org_id: world.acme.orgId }, { role: 'a' }]) {
      const answer = await entrance.call('listUsers', { ...page, ...other, page_token }, admin);
      expect(answer).toMatchObject({ reason: 'INVALID_ARGUMENT', violations: ['page_token'] });
    }
  });

  test('W12: tells the audit log, by organization, user, type and time, a page at a time', async () => {
    const { org_id: id } = await ok('createOrganization', { name: 'Massive Dynamic' });
    const org_id = String(id);
    const { key_id } = await ok('createApiKey', { org_id, label: 'second' });
    await ok('closeOrganization', { org_id });
    const told = async (filter: Fields) => {
      const { events, next_page_token } = await ok('listAuditEvents', { org_id, ...filter });
      return { events: events as readonly Record<string, unknown>[], next: String(next_page_token) };
    };
    const typesOf = async (filter: Fields) => (await told(filter)).events.map(({ type }) => type);
    const all = ['organization.created', 'api_key.created', 'organization.closed'];

    const { events, next } = await told({});
    expect(next).toBe('');
    expect(events.map(({ type }) => type)).toEqual(all);
    expect(events[1]).toEqual({
      event_id: UUID,
      created_at: INSTANT_TO_THE_MILLISECOND,
      type: 'api_key.created',
      result: 'success',
      reason: '',
      org_id,
      actor: 'administrator',
      key_id: '',
      user_id: '',
      target_id: key_id,
      request_id: UUID,
      address: '127.0.0.1',
      claimed_client_ip: '',
      claimed_user_agent: '',
      count: 1,
      details: [{ name: 'in_tokens', value: 'false' }],
    });
    expect(await typesOf({ type: 'api_key.created' })).toEqual(['api_key.created']);
    expect(await typesOf({ user_id: world.acme.orgId })).toEqual([]);
    const [began, over] = [new Date(0), new Date(Date.now() + 86_400_000)].map((instant) => instant.toISOString());
    expect(await typesOf({ from: String(began), to: String(over) })).toEqual(all);
    expect(await typesOf({ from: String(over) })).toEqual([]);
    expect(await typesOf({ to: String(began) })).toEqual([]);

    const paged: unknown[] = [];
    for (let page = await told({ page_size: 1 }); ; page = await told({ page_size: 1, page_token: page.next })) {
      expect(page.events.length).toBeLessThanOrEqual(1);
      paged.push(...page.events);
      if (page.next === '') {
        break;
      }
    }
    expect(paged).toEqual(events);
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
      const { org_id } = 'ok' in created ? created.ok : {};
      const admin = { authorization: `Bearer ${world.adminToken}` };
      expect(await entrance.call('getOrganization', { org_id: String(org_id) }, admin)).toMatchObject({
        ok: { settings: { mail_approved: false } },
      });
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

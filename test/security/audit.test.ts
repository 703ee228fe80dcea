import { expect, test, vi } from 'vitest';
import type { MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import { AUDIT_EVENT_TYPES, type AuditEvent, type AuditEventType } from '../../src/domain/audit/audit-event.ts';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import { AuthError } from '../../src/domain/errors.ts';
import type { PagePosition } from '../../src/domain/page.ts';
import { ACCOUNTS_BY_MAIL } from '../../src/operations/accounts-by-mail.ts';
import { SECOND_FACTORS } from '../../src/operations/second-factors.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { createApiKey, undoEmailChange } from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, inParallel, PASSWORD, send, serverOfTest, tally } from './backend.ts';

const EMAIL = 'ada@example.com';

/** What each call leaves where it goes well; an operation that is not here fails the test. */
const OF_CALLS: Readonly<Record<string, readonly AuditEventType[]>> = {
  FooBar: [],
  SignUp: ['user.signed_up'],
  Login: ['login.succeeded'],
  Validate: [],
  Me: [],
  UpdateProfile: ['user.profile_changed'],
  // A session of a moment ago keeps its end.
  RenewSession: [],
  ListMySessions: [],
  EndMySessions: ['login.succeeded', 'user.sessions_ended'],
  ChangePassword: ['user.password_changed'],
  Logout: ['session.ended'],
  CreateOrganization: ['organization.created'],
  GetOrganization: [],
  UpdateOrganization: ['organization.updated'],
  ListOrganizations: [],
  CloseOrganization: ['organization.closed'],
  ReopenOrganization: ['organization.reopened'],
  CreateApiKey: ['api_key.created'],
  ListApiKeys: [],
  RevokeApiKey: ['api_key.revoked', 'organization.sessions_ended'],
  CreateUser: ['user.created'],
  GetUser: [],
  ListUsers: [],
  UpdateUser: ['user.updated'],
  SetPassword: ['user.password_set'],
  DisableUser: ['user.disabled'],
  EnableUser: ['user.enabled'],
  UnlockUser: [],
  ListUserSessions: [],
  EndUserSessions: ['user.sessions_ended'],
  ResetSecondFactor: ['user.second_factor_reset'],
  CreateMailToken: ['user.mail_token_created'],
  Impersonate: ['user.impersonated'],
  DeleteUser: ['user.deleted'],
  ListAuditEvents: [],
};

const OF_USERS = ['SignUp', 'Login', 'UpdateProfile', 'EndMySessions', 'ChangePassword', 'Logout'];

async function eventsOf({ ports }: TestServer): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  const filter = { orgId: null, userId: null, type: null, from: null, to: null };
  for (let after: PagePosition | null = null; ; ) {
    const slice = await ports.storage.listAuditEvents({ ...filter, after, limit: 1_000 });
    events.push(...slice.events);
    after = slice.next;
    if (after === null) {
      return events;
    }
  }
}

/** Events that no write causes are written within a second. */
async function eventuallyOf(server: TestServer, type: AuditEventType, count = 1): Promise<readonly AuditEvent[]> {
  const found = async () => (await eventsOf(server)).filter((event) => event.type === type);
  await vi.waitUntil(async () => (await found()).length >= count, { timeout: 120_000 });
  return found();
}

async function serverWithBackend() {
  const server = await serverOfTest();
  const { orgId, apiKey: tokenKey } = await server.createOrganization();
  const { key, apiKey } = await createApiKey(server.ports, { orgId, label: 'backend', inTokens: false });
  return { server, orgId, keyId: key.keyId, tokenKey, apiKey, backend: new Backend(server.httpAddress, apiKey) };
}

test('W12: every call leaves the events of what it did, in its name, and a call that changes nothing leaves none', async () => {
  const { server, orgId, keyId, apiKey, backend } = await serverWithBackend();
  // Those that mails and second factors have to do with have tests of their own.
  const operations = SERVICES.filter((service) => service !== SECOND_FACTORS)
    .flatMap((service) => service.operations)
    .filter((each) => !ACCOUNTS_BY_MAIL.includes(each));
  const methods = operations.map(({ method }) => method.name);
  expect(methods.toSorted()).toEqual(Object.keys(OF_CALLS).toSorted());
  const person = { api_key: apiKey, client_ip: '203.0.113.9', user_agent: 'their browser\r\n{}' };
  const admin = { headers: { authorization: `Bearer ${server.adminToken}` } };
  const rest = (method: string, path: string, body?: object) =>
    send(server.httpAddress, path, { method, ...admin, ...(body ? { body } : {}) });
  let foobar = '';
  let sessionToken = '';
  let userPath = '';
  const play: Readonly<Record<string, () => Promise<unknown>>> = {
    FooBar: async () => {
      foobar = (await backend.call('fooBar', { identity: EMAIL, ...person })).field('token');
    },
    SignUp: () =>
      backend.call('signUp', {
        foobar,
        email: EMAIL,
        password: PASSWORD,
        fullname: 'Ada',
        disclaimed: 'true',
        ...person,
      }),
    Login: async () => {
      foobar = await backend.nonce(EMAIL);
      sessionToken = (await backend.call('login', { foobar, email: EMAIL, password: PASSWORD, ...person })).field(
        'token',
      );
    },
    Validate: () => backend.call('validate', { sessionToken, email: EMAIL, ...person }),
    Me: () => backend.call('me', { sessionToken, ...person }),
    UpdateProfile: () =>
      backend.call('update-profile', { sessionToken, email: EMAIL, fullname: 'Ada King', ...person }),
    RenewSession: () => backend.call('renew-session', { sessionToken, email: EMAIL, ...person }),
    ListMySessions: () => backend.call('sessions', { sessionToken, email: EMAIL, ...person }),
    EndMySessions: async () => {
      await backend.call('login', { foobar: await backend.nonce(EMAIL), email: EMAIL, password: PASSWORD, ...person });
      await backend.call('end-sessions', { sessionToken, email: EMAIL, ...person });
    },
    ChangePassword: () =>
      backend.call('changePassword', { sessionToken, email: EMAIL, newPassword: 'Another-Horse-8', ...person }),
    Logout: () => backend.call('logout', { sessionToken, email: EMAIL, ...person }),
    CreateUser: async () => {
      const { user } = (await (
        await fetch(`${server.httpAddress}/organizations/${orgId}/users`, {
          method: 'POST',
          headers: { ...admin.headers, 'content-type': 'application/json' },
          body: JSON.stringify({ email: 'grace@example.com', fullname: 'Grace' }),
        })
      ).json()) as { readonly user: { readonly user_id: string } };
      userPath = `/organizations/${orgId}/users/${user.user_id}`;
    },
    GetUser: () => rest('GET', userPath),
    ListUsers: () => rest('GET', `/organizations/${orgId}/users`),
    UpdateUser: () => rest('PATCH', userPath, { fullname: 'Grace Hopper' }),
    SetPassword: () => rest('POST', `${userPath}/password`, { newPassword: 'Another-Horse-8' }),
    DisableUser: () => rest('POST', `${userPath}/disable`),
    EnableUser: () => rest('POST', `${userPath}/enable`),
    UnlockUser: () => rest('POST', `${userPath}/unlock`),
    ListUserSessions: () => rest('GET', `${userPath}/sessions`),
    EndUserSessions: () => rest('DELETE', `${userPath}/sessions`),
    ResetSecondFactor: () => rest('POST', `${userPath}/reset-second-factor`),
    CreateMailToken: () => rest('POST', `${userPath}/mail-token`, { kind: 'reset' }),
    Impersonate: () => rest('POST', `${userPath}/impersonate`, { reason: 'ticket 4711' }),
    DeleteUser: () => rest('DELETE', userPath),
    CreateOrganization: () => rest('POST', '/organizations', { name: 'Globex' }),
    GetOrganization: () => rest('GET', `/organizations/${orgId}`),
    UpdateOrganization: () => rest('PATCH', `/organizations/${orgId}`, { locale: 'de' }),
    ListOrganizations: () => rest('GET', '/organizations'),
    CreateApiKey: () => rest('POST', `/organizations/${orgId}/keys`, { label: 'second' }),
    ListApiKeys: () => rest('GET', `/organizations/${orgId}/keys`),
    RevokeApiKey: () => rest('DELETE', `/organizations/${orgId}/keys/${keyId}?end_sessions=true`),
    CloseOrganization: () => rest('POST', `/organizations/${orgId}/close`),
    ReopenOrganization: () => rest('POST', `/organizations/${orgId}/reopen`),
    ListAuditEvents: () => rest('GET', '/audit-events'),
  };
  expect(Object.keys(play).toSorted()).toEqual(methods.toSorted());
  for (const [method, call] of Object.entries(play)) {
    const before = new Set((await eventsOf(server)).map(({ eventId }) => eventId));
    await call();
    const left = (await eventsOf(server)).filter(({ eventId }) => !before.has(eventId));
    expect({ method, left: left.map(({ type }) => type).toSorted() }).toEqual({ method, left: OF_CALLS[method] });
    for (const event of left) {
      const isOfUser = OF_USERS.includes(method);
      expect(event).toMatchObject({
        actor: isOfUser ? 'private_key' : 'administrator',
        keyId: isOfUser ? keyId : null,
        address: '127.0.0.1',
        claimedClientIp: isOfUser ? '203.0.113.9' : '',
        claimedUserAgent: isOfUser ? 'their browser\ufffd\ufffd{}' : '',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        reason: null,
      });
    }
  }
});

test('W12: what a key that was in tokens claims of a person is not kept', async () => {
  const { server, tokenKey } = await serverWithBackend();
  const backend = new Backend(server.httpAddress, tokenKey);
  await backend.signUp(EMAIL);
  const foobar = await backend.nonce(EMAIL);
  await backend.call('login', { foobar, email: EMAIL, password: PASSWORD, client_ip: '203.0.113.9', user_agent: 'x' });
  const [login] = await eventuallyOf(server, 'login.succeeded');
  expect(login).toMatchObject({ actor: 'token_key', claimedClientIp: '', claimedUserAgent: '' });
});

test('W13: failed logins are told with their reasons, by class, and with the user where there is one', async () => {
  const { server, orgId, backend } = await serverWithBackend();
  const userId = (await backend.signUp(EMAIL)).field('user_id');
  await backend.login(EMAIL, 'Wrong-Horse-7');
  await backend.login('nobody@example.com');
  await backend.signUp(EMAIL);
  const told = await eventuallyOf(server, 'login.failed', 2);
  expect(told.map((event) => [event.reason, event.userId, event.orgId, event.actor]).toSorted()).toEqual([
    ['CREDENTIALS_INVALID', userId, orgId, 'private_key'],
    ['USER_NOT_FOUND', null, orgId, 'private_key'],
  ]);
  expect(JSON.stringify(await eventsOf(server))).not.toContain('example.com');
  const sessionToken = (await backend.login(EMAIL)).field('token');
  const change = { sessionToken, email: EMAIL, newPassword: 'Another-Horse-8', currentPassword: 'Wrong-Horse-7' };
  await backend.call('changePassword', change);
  expect(await eventuallyOf(server, 'user.password_change_failed')).toMatchObject([{ userId, orgId }]);
  expect(await eventuallyOf(server, 'user.sign_up_failed')).toMatchObject([{ reason: 'USER_EXISTS' }]);
});

test('W13: a flood of failed logins is few rows, whose counts are their number, a stop included', async () => {
  const { server, orgId } = await serverWithBackend();
  let tried = 0;
  await inParallel(400, 20, async () => {
    // Another each time: one would be locked.
    tried += 1;
    const email = `nobody-${tried}@example.com`;
    const foobar = (await send(server.httpAddress, '/auth/fooBar', { body: { identity: email } })).field('token');
    const body = { foobar, email, password: PASSWORD, org_id: orgId };
    expect((await send(server.httpAddress, '/auth/login', { body })).outcome).toBe('USER_NOT_FOUND');
  });
  const { testStore } = server;
  await server.stop();
  const connection = await testStore.connect();
  const [row] = await connection.query<{ n: number; failures: number }>(
    "SELECT count(*) AS n, sum(count) AS failures FROM audit_events WHERE type = 'login.failed'",
  );
  await connection.close();
  expect(Number(row?.failures)).toBe(400);
  // Ten of a minute and a count, or two minutes of them.
  expect(Number(row?.n)).toBeLessThanOrEqual(22);
});

test('W13: what succeeds is never counted together, however often it comes', async () => {
  const { server, orgId, backend } = await serverWithBackend();
  const emails = ['ada@example.com', 'grace@example.com'];
  for (const email of emails) {
    await backend.signUp(email);
  }
  const logins = await inParallel(60, 6, (index) => backend.login(emails[index % emails.length] ?? ''));
  expect(tally(logins.map(({ outcome }) => outcome))).toEqual({ OK: 60 });
  const headers = { authorization: `Bearer ${server.adminToken}` };
  for (let key = 0; key < 15; key += 1) {
    await send(server.httpAddress, `/organizations/${orgId}/keys`, { body: { label: `key ${key}` }, headers });
  }
  const events = await eventsOf(server);
  const listed = (type: AuditEventType) => events.filter((event) => event.type === type && event.count === 1).length;
  expect([listed('login.succeeded'), listed('api_key.created')]).toEqual([60, 16]);
});

test('W12: a hard lock that comes of a process that died is on record, counted and an alarm, once', async () => {
  const { server, orgId, keyId, backend } = await serverWithBackend();
  await backend.signUp(EMAIL);
  const { storage, rules, ids, clock } = server.ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const userId = (await storage.findUserByEmail(orgId, EMAIL))?.userId ?? '';
  const began = clock.now() - 60_000;
  const lock = { ...rules.lock, lockMaxMs: 0 };
  const counter = { orgId, email: EMAIL, countedAs: 'private_key', userId, lock } as const;
  const said = { callerClass: 'private_key', device: null, hidesUsers: false, part: 0, lock, at: began } as const;
  for (let failures = 1; failures <= HARD_LOCK_AT.private_key; failures += 1) {
    const nonce = { nonceId: ids.uuidV4(), keepUntil: began, epoch };
    await storage.beginLogin({ tenant: { orgId, keyId: null }, email: EMAIL, nonce, ...said });
    if (failures < HARD_LOCK_AT.private_key) {
      await storage.endTry({ ...counter, endId: ids.uuidV4(), sessionId: null, end: 'failed', at: began });
    }
  }
  for (let n = 0; n < 3; n += 1) {
    expect((await backend.login(EMAIL)).outcome).toBe('ACCOUNT_LOCKED');
  }
  const details = { counted_as: 'private_key', failures: 50 };
  expect(await eventuallyOf(server, 'user.hard_locked')).toMatchObject([{ orgId, userId, keyId, details }]);
  const page = await (await fetch(`${server.httpAddress}/metrics`)).text();
  expect(page).toContain('authflow_hard_locks_total 1');
  expect(page).toContain('authflow_security_alarms_total{alarm="hard_lock"} 1');
});

test('W12: a hard lock that nobody waited for any more, as its store was away, is an alarm when it is written', async () => {
  const { server, orgId, backend } = await serverWithBackend();
  await backend.signUp(EMAIL);
  const { storage, rules, ids, clock, tryEnds } = server.ports;
  const userId = (await storage.findUserByEmail(orgId, EMAIL))?.userId ?? '';
  const lock = { ...rules.lock, hardLockAt: { ...rules.lock.hardLockAt, private_key: 1 } };
  const ended = {
    orgId,
    email: EMAIL,
    countedAs: 'private_key',
    userId,
    lock,
    end: 'failed',
    sessionId: null,
  } as const;
  const away = Object.assign(
    storage.causedBy(() => storage.origin()),
    {
      endTry: () => Promise.reject(new AuthError('UNAVAILABLE')),
    },
  );
  const nobodys = { ...ended, email: 'nobody@example.com', userId: null };
  for (const each of [ended, nobodys]) {
    await expect(tryEnds.end({ storage: away, clock, ids }, each, clock.now())).rejects.toThrow();
  }
  const locks = await eventuallyOf(server, 'user.hard_locked', 2);
  expect(locks.map(({ userId, reason }) => [userId, reason])).toEqual(
    expect.arrayContaining([
      [userId, null],
      [null, 'USER_NOT_FOUND'],
    ]),
  );
  const page = async () => (await fetch(`${server.httpAddress}/metrics`)).text();
  await expect.poll(page).toContain('authflow_security_alarms_total{alarm="hard_lock"} 2');
});

test('what the tokens of mails and fresh proofs do is on record, and who failed at them', async () => {
  const { server, orgId, backend } = await serverWithBackend();
  await backend.signUp(EMAIL);
  const { storage, mailTokens, clock } = server.ports;
  const userId = (await storage.findUserByEmail(orgId, EMAIL))?.userId ?? '';
  const tokenOf = async (kind: MailTokenKind) => {
    const user = await storage.findUserCredentials(orgId, userId);
    return user === null ? '' : mailTokens.sign(kind, { ...user, newEmail: 'new@example.com' }, clock.now()).token;
  };
  const ask = (path: string, body: object) => send(server.httpAddress, `/auth/${path}`, { body });
  await ask('reset-password', { token: 'x', newPassword: 'Another-Horse-8' });
  await ask('verify-email', { token: await tokenOf('verify_email') });
  const warning = await tokenOf('email_change_warning');
  const session = { sessionToken: (await backend.login(EMAIL)).field('token'), email: EMAIL, api_key: backend.apiKey };
  await ask('deleteUser', { ...session, currentPassword: 'Wrong-Horse-1' });
  await ask('change-email', { ...session, newEmail: 'new@example.com' });
  await ask('verify-email', { token: await tokenOf('change_email') });
  await undoEmailChange(server.ports, { token: warning });
  await ask('reset-password', { token: await tokenOf('reset_password'), newPassword: 'Another-Horse-8' });
  for (const [type, reason] of BY_MAIL) {
    const owner = reason === 'TOKEN_INVALID' ? { orgId: null, userId: null } : { orgId, userId };
    expect(await eventuallyOf(server, type)).toMatchObject([{ type, reason, ...owner }]);
  }
});

const BY_MAIL: readonly (readonly [type: AuditEventType, reason: string | null])[] = [
  ['user.password_reset_failed', 'TOKEN_INVALID'],
  ['user.email_verified', null],
  ['user.reauthentication_failed', 'CREDENTIALS_INVALID'],
  ['user.email_change_requested', null],
  ['user.email_changed', null],
  ['user.email_change_undone', null],
  ['user.password_reset', null],
];

test('a wrong admin token is on record', async () => {
  const { server } = await serverWithBackend();
  await send(server.httpAddress, '/organizations', { method: 'GET', headers: { authorization: 'Bearer afadm_x' } });
  expect(await eventuallyOf(server, 'admin_token.refused')).toMatchObject([
    { reason: 'ADMIN_TOKEN_INVALID', actor: 'no_key', orgId: null, address: '127.0.0.1' },
  ]);
});

test('K4: a revoked key that is used, and one that a browser shows, is named once, in log, audit log and metrics', async () => {
  const { server, orgId, keyId, apiKey, backend } = await serverWithBackend();
  const lines = (event: string) =>
    server.logLines.map((line) => JSON.parse(line)).filter((line: { event: string }) => line.event === event);
  const admin = { authorization: `Bearer ${server.adminToken}` };
  for (let n = 0; n < 5; n += 1) {
    const headers = { origin: 'https://shop.example', 'x-api-key': apiKey };
    await send(server.httpAddress, '/auth/fooBar', { body: { identity: EMAIL }, headers });
  }
  await send(server.httpAddress, `/organizations/${orgId}/keys/${keyId}`, { method: 'DELETE', headers: admin });
  for (let n = 0; n < 5; n += 1) {
    expect((await backend.call('fooBar', { identity: EMAIL })).outcome).toBe('API_KEY_INVALID');
  }
  const seen = await eventuallyOf(server, 'api_key.seen_in_browser');
  const used = await eventuallyOf(server, 'api_key.used_after_revocation');
  expect([seen, used]).toMatchObject([
    [{ orgId, targetId: keyId, reason: 'ORIGIN_REFUSED', address: '127.0.0.1' }],
    [{ orgId, targetId: keyId, reason: 'API_KEY_INVALID', address: '127.0.0.1' }],
  ]);
  for (const [event, [row], reason] of [
    ['api_key_in_browser', seen, 'ORIGIN_REFUSED'],
    ['revoked_api_key_used', used, 'API_KEY_INVALID'],
  ] as const) {
    expect(row?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const named = { key_id: keyId, org_id: orgId, address: '127.0.0.1', request_id: row?.requestId };
    expect(lines(event)).toMatchObject([named]);
    const calls = lines('call').filter((line) => line.request_id === row?.requestId);
    expect(calls).toMatchObject([{ method: 'FooBar', reason }]);
  }
  const page = await (await fetch(`${server.httpAddress}/metrics`)).text();
  expect(page).toContain('authflow_security_alarms_total{alarm="api_key_in_browser"} 1');
  expect(page).toContain('authflow_security_alarms_total{alarm="revoked_api_key"} 1');
  expect(page).toContain('authflow_security_alarms_total{alarm="hard_lock"} 0');
});

/** Types that other tests bring about, or that something which is not built yet will. */
const ELSEWHERE: Readonly<Partial<Record<AuditEventType, string>>> = {
  'user.second_factor_enabled': 'test/security/factor-audit.test.ts',
  'user.second_factor_disabled': 'test/security/factor-audit.test.ts',
  'user.second_factor_failed': 'test/security/factor-audit.test.ts',
  'user.second_factor_locked': 'test/security/factor-audit.test.ts',
  'user.recovery_codes_replaced': 'test/security/factor-audit.test.ts',
  'user.recovery_code_used': 'test/security/factor-audit.test.ts',
  'user.not_me_reported': 'test/security/factor-audit.test.ts',
  'login.challenged': 'test/security/factor-audit.test.ts',
  'mail.sent': 'test/storage/contract/mails.ts',
  'mail.suppressed': 'test/storage/contract/mails.ts',
  'mail.failed': 'test/storage/contract/mails.ts',
  'mail.shown': 'test/storage/contract/mails.ts',
  'mail.retried': 'test/storage/contract/mails.ts',
  'user.imported': 'test/storage/contract/users.ts',
  'user.disabled': 'test/storage/contract/audit.ts',
  'user.enabled': 'test/storage/contract/audit.ts',
  'user.deleted': 'test/storage/contract/audit.ts',
  'user.password_set': 'test/storage/contract/audit.ts',
  'session.renewed': 'test/storage/contract/audit.ts',
  'signing_key.added': 'test/storage/contract/audit.ts',
  'signing_key.retired': 'test/storage/contract/audit.ts',
  'store.created': 'test/storage/contract/audit.ts',
  'store.restored': 'test/storage/contract/audit.ts',
  'store.writes_lost': 'test/storage/contract/audit.ts',
  'store.moved': 'test/app/move.test.ts',
  'clock.jumped': 'test/security/alarms.test.ts',
  'user.locked': 'test/storage/contract/audit.ts',
  'user.hard_locked': 'test/storage/contract/audit.ts',
  'user.unlocked': 'test/storage/contract/audit.ts',
  'session.ended_by_failures': 'test/storage/contract/audit.ts',
  'shedding.began': 'test/security/alarms.test.ts',
  'shedding.ended': 'test/security/alarms.test.ts',
  'secret.rotated': 'test/storage/contract/audit.ts',
};

test('every type of event is brought about by some test', () => {
  const here = new Set<AuditEventType>([
    ...Object.values(OF_CALLS).flat(),
    ...BY_MAIL.map(([type]) => type),
    'login.failed',
    'user.sign_up_failed',
    'user.password_change_failed',
    'admin_token.refused',
    'api_key.seen_in_browser',
    'api_key.used_after_revocation',
  ]);
  expect(AUDIT_EVENT_TYPES.filter((type) => !here.has(type) && !(type in ELSEWHERE))).toEqual([]);
});

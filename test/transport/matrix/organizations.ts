import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import { ADMIN_CALLS, type AdminCallName, type Fields } from './entrance.ts';
import { ACME, type AdminWorld, CLOSED, goodAdminRequest, TAKEN_EMAIL } from './organizations-world.ts';
import type { RefusalScenario, Request } from './scenario.ts';

type AdminRefusal = RefusalScenario<AdminCallName, AdminWorld>;
type Headers = Readonly<Record<string, string>>;

export const USER_CALLS = UserService.methods.map(({ localName }) => localName as AdminCallName);
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const WRONG_TOKEN = `afadm_${'B'.repeat(43)}`;

const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

const WRONG_TOKENS: Readonly<Record<string, (world: AdminWorld) => Headers>> = {
  'no token': () => ({}),
  'an unknown token': () => ({ authorization: `Bearer ${WRONG_TOKEN}` }),
  'a malformed token': () => ({ authorization: 'Bearer afadm_short' }),
  'the token with one character more': ({ adminToken }) => ({ authorization: `Bearer ${adminToken}A` }),
  'the token of another scheme': ({ adminToken }) => ({ authorization: `Basic ${adminToken}` }),
  'the token among others': ({ adminToken }) => ({ authorization: `Bearer ${adminToken}, Bearer ${WRONG_TOKEN}` }),
  'the token in the header of keys': ({ adminToken }) => ({ 'x-api-key': adminToken }),
  'an API key in its place': ({ acme }) => ({ authorization: `Bearer ${acme.apiKey}` }),
  'an API key beside none': ({ acme }) => ({ 'x-api-key': acme.apiKey }),
};

const TOKENS: readonly AdminRefusal[] = ADMIN_CALLS.flatMap((call) => [
  ...Object.entries(WRONG_TOKENS).map(
    ([title, headers]): AdminRefusal => ({
      title,
      call,
      reason: 'ADMIN_TOKEN_INVALID',
      request: (world) => ({ params: goodAdminRequest(call, world).params, headers: headers(world) }),
    }),
  ),
  {
    title: 'no token and faulty parameters: the token is looked at first',
    call,
    reason: 'ADMIN_TOKEN_INVALID',
    request: () => ({ params: { org_id: 'no-uuid', key_id: 'no-uuid', user_id: 'no-uuid' } }),
  },
]);

function spoiled(
  call: AdminCallName,
  reason: AdminRefusal['reason'],
  title: string,
  spoil: (world: AdminWorld) => Fields,
): AdminRefusal {
  return {
    title,
    call,
    reason,
    request(world) {
      const { params, headers } = goodAdminRequest(call, world);
      return { params: { ...params, ...spoil(world) }, headers };
    },
  };
}

function faulty(call: AdminCallName, violations: readonly string[], title: string, params: Fields): AdminRefusal {
  return { ...spoiled(call, 'INVALID_ARGUMENT', title, () => params), violations };
}

const BAD_PAGE = { page_size: 201, page_token: 'nonsense' };
const BAD_LABELS = { 'control characters': 'a\u0000b', 'more than 100 characters': '😀'.repeat(101) };
const BAD_NAMES = { 'no name': '', 'a blank name': ' \t ', ...BAD_LABELS };
/** Which need no organization. */
const OF_ALL: ReadonlySet<AdminCallName> = new Set(['createOrganization', 'listOrganizations', 'listAuditEvents']);
const WITH_ORG_ID = ADMIN_CALLS.filter((call) => !OF_ALL.has(call));

const FAULTS: readonly AdminRefusal[] = [
  ...Object.entries(BAD_NAMES).map(([title, name]) => faulty('createOrganization', ['name'], title, { name })),
  ...WITH_ORG_ID.map((call) => faulty(call, ['org_id'], 'an org_id that is no UUID', { org_id: 'no-uuid' })),
  // In the paths of /organizations an id cannot be missing.
  ...WITH_ORG_ID.map((call) => ({
    ...faulty(call, ['org_id'], 'no org_id', { org_id: '' }),
    only: 'rpc' as const,
  })),
  faulty('listOrganizations', ['page_size', 'page_token'], 'a page that cannot be', BAD_PAGE),
  faulty('listOrganizations', ['page_size'], 'a page of less than one', { page_size: -1 }),
  faulty(
    'listAuditEvents',
    ['from', 'org_id', 'page_size', 'page_token', 'to', 'type', 'user_id'],
    'every fault at once',
    {
      ...BAD_PAGE,
      org_id: 'no-uuid',
      user_id: 'no-uuid',
      type: 'login.unheard_of',
      from: 'yesterday',
      to: '2026-13-01T00:00:00Z',
    },
  ),
  faulty('listApiKeys', ['org_id', 'page_size', 'page_token'], 'every fault at once', {
    ...BAD_PAGE,
    org_id: 'no-uuid',
  }),
  ...Object.entries(BAD_LABELS).map(([title, label]) => faulty('createApiKey', ['label'], title, { label })),
  faulty('createApiKey', ['kind'], 'a kind that there is not', { kind: 'admin' }),
  faulty('createApiKey', ['in_tokens'], 'a management key in tokens', { kind: 'management', in_tokens: true }),
  faulty('createApiKey', ['impersonate'], 'an API key that would impersonate', { in_tokens: false, impersonate: true }),
  faulty('createApiKey', ['label', 'org_id'], 'every fault at once', { org_id: 'no-uuid', label: '\u0000' }),
  faulty('revokeApiKey', ['key_id', 'org_id'], 'every fault at once', { org_id: 'no-uuid', key_id: 'no-uuid' }),
  { ...faulty('revokeApiKey', ['key_id'], 'no key_id', { key_id: '' }), only: 'rpc' },
];

const MISSING: readonly AdminRefusal[] = [
  ...WITH_ORG_ID.map((call) =>
    spoiled(call, 'ORGANIZATION_NOT_FOUND', 'an unknown org_id', () => ({ org_id: UNKNOWN_ID })),
  ),
  spoiled('revokeApiKey', 'API_KEY_NOT_FOUND', 'an unknown key_id', () => ({ key_id: UNKNOWN_ID })),
  spoiled('revokeApiKey', 'API_KEY_NOT_FOUND', "another organization's key", ({ globex }) => ({
    key_id: globex.keyId,
  })),
  spoiled('revokeApiKey', 'ORGANIZATION_NOT_FOUND', 'organization before key', () => ({
    org_id: UNKNOWN_ID,
    key_id: UNKNOWN_ID,
  })),
];

const TAKEN_NAMES = {
  'as it is': ACME,
  'in capitals': ACME.toUpperCase(),
  'with space around it': ` ${ACME} `,
  decomposed: ACME.normalize('NFD'),
  'of a closed organization': CLOSED,
};

const TAKEN: readonly AdminRefusal[] = Object.entries(TAKEN_NAMES).map(([title, name]) =>
  spoiled('createOrganization', 'ORGANIZATION_EXISTS', `a taken name, ${title}`, () => ({ name })),
);

/** The calls of UserService that name one user. */
const OF_USER = USER_CALLS.filter((call) => call !== 'createUser' && call !== 'listUsers');
const WRITES_OF_USER = OF_USER.filter((call) => call !== 'getUser' && call !== 'listUserSessions');

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const BAD_METADATA: Readonly<Record<string, string>> = {
  'metadata that are no JSON': '{',
  'metadata that are a list': '[]',
  'metadata of more than 4 KiB': JSON.stringify({ a: 'x'.repeat(4_096) }),
  'metadata nested nine deep': nested(9),
  'an integer beyond 2^53': '{"a":9007199254740993}',
  'the key __proto__': '{"a":{"__proto__":1}}',
  'the same in escapes': '{"a":{"__pr\\u006fto__":1}}',
  'a key twice': '{"a":1,"a":2}',
};
const BAD_ROLES: Readonly<Record<string, string[]>> = {
  'a role in capitals': ['Admin'],
  'a role of 65 characters': ['a'.repeat(65)],
  'a role with a space': ['a b'],
  '17 roles': Array.from({ length: 17 }, (_, i) => `r${i}`),
  'a role twice': ['a', 'b', 'a'],
};

const USERS: readonly AdminRefusal[] = [
  ...OF_USER.map((call) => faulty(call, ['user_id'], 'a user_id that is no UUID', { user_id: 'no-uuid' })),
  ...OF_USER.map((call) =>
    spoiled(call, 'USER_NOT_FOUND', "another organization's user", ({ globex }) => ({ user_id: globex.userId })),
  ),
  ...OF_USER.map((call) => spoiled(call, 'USER_NOT_FOUND', 'an unknown user', () => ({ user_id: UNKNOWN_ID }))),
  ...WRITES_OF_USER.map(
    (call): AdminRefusal => ({
      title: 'a management key at a user whose role is protected',
      call,
      reason: 'ACCESS_DENIED',
      request: (world) => ({
        params: { ...goodAdminRequest(call, world).params, user_id: world.acme.ownerId },
        headers: bearer(world.acme.managementKey),
      }),
    }),
  ),
  ...(['createUser', 'updateUser'] as const).flatMap((call): AdminRefusal[] => [
    {
      title: 'a management key that would give a protected role',
      call,
      reason: 'ACCESS_DENIED',
      request: (world) => {
        const mask = call === 'updateUser' ? { update_mask: ['roles'] } : {};
        const params = { ...goodAdminRequest(call, world).params, ...mask, roles: ['editor', 'owner'] };
        return { params, headers: bearer(world.acme.managementKey) };
      },
    },
    ...Object.entries(BAD_METADATA).flatMap(([title, text]) =>
      ['public_metadata', 'private_metadata'].map((name) =>
        faulty(call, [name], `${name}: ${title}`, { update_mask: [name], [name]: text }),
      ),
    ),
    ...Object.entries(BAD_ROLES).map(([title, roles]) =>
      faulty(call, ['roles'], title, { update_mask: ['roles'], roles }),
    ),
    faulty(call, ['email'], 'no e-mail', { update_mask: ['email'], email: 'ada@' }),
    faulty(call, ['fullname'], 'no name', { update_mask: ['fullname'], fullname: ' ' }),
  ]),
  spoiled('createUser', 'USER_EXISTS', 'a taken e-mail', () => ({ email: ` ${TAKEN_EMAIL.toUpperCase()}` })),
  spoiled('createUser', 'USER_EXISTS', 'a taken e-mail, with a password', () => ({
    email: TAKEN_EMAIL,
    password: 'Another-Horse-8',
  })),
  spoiled('createUser', 'PASSWORD_POLICY', 'a password that is too short', () => ({ password: 'Aa1-' })),
  {
    ...spoiled('createUser', 'OVERLOADED', 'no place to hash', () => ({ password: 'Another-Horse-8' })),
    overloaded: true,
  },
  faulty('createUser', ['password_hash'], 'a hash beside a password', {
    password: 'Another-Horse-8',
    password_hash: `$2b$10$${'a'.repeat(53)}`,
  }),
  faulty('createUser', ['password_hash'], 'a hash that cannot be read', { password_hash: '$1$abc$def' }),
  faulty('createUser', ['password_hash'], 'a hash out of bounds', { password_hash: `$2b$31$${'a'.repeat(53)}` }),
  faulty('createUser', ['invite'], 'an invitation beside a password', { password: 'Another-Horse-8', invite: true }),
  spoiled('updateUser', 'USER_EXISTS', "somebody else's e-mail", () => ({
    update_mask: ['email'],
    email: 'owner@example.com',
  })),
  faulty('updateUser', ['update_mask'], 'a field that there is not', { update_mask: ['fullname', 'password'] }),
  { ...faulty('updateUser', ['update_mask'], 'no mask', { update_mask: [] }), only: 'rpc' },
  spoiled('setPassword', 'PASSWORD_POLICY', 'a password that is too short', () => ({ newPassword: 'Aa1-' })),
  spoiled('setPassword', 'PASSWORD_POLICY', "the user's own name", () => ({ newPassword: 'Lovelace-1815' })),
  { ...spoiled('setPassword', 'OVERLOADED', 'no place to hash', () => ({})), overloaded: true },
  faulty('endUserSessions', ['session_id'], 'a session_id that is no UUID', { session_id: 'no-uuid' }),
  faulty('createMailToken', ['kind'], 'no kind', { kind: '' }),
  faulty('createMailToken', ['kind'], 'a kind that there is not', { kind: 'email_change_warning' }),
  faulty('createMailToken', ['newEmail'], 'no new address', { kind: 'change_email' }),
  faulty('impersonate', ['reason'], 'no reason', { reason: ' ' }),
  faulty('impersonate', ['reason'], 'a reason of two lines', { reason: 'a\nb' }),
  faulty('impersonate', ['ttl_seconds'], 'more than an hour', { ttl_seconds: 3_601 }),
  spoiled('impersonate', 'USER_DISABLED', 'a disabled user', ({ acme }) => ({ user_id: acme.disabledId })),
  faulty('listUsers', ['page_size', 'page_token'], 'a page that cannot be', BAD_PAGE),
  faulty(
    'listUsers',
    ['created_from', 'created_until', 'disabled', 'email_verified', 'order_by', 'role', 'search'],
    'every fault at once',
    {
      search: 'x'.repeat(255),
      role: 'No Role',
      email_verified: 'yes',
      disabled: '1',
      created_from: 'yesterday',
      created_until: '2026-13-01T00:00:00Z',
      order_by: 'fullname',
    },
  ),
];

const TOO_LARGE_TEXTS = JSON.stringify({ reset: { subject: 'x', text: `{link}${'x'.repeat(4_000)}` } });
const BAD_SETTINGS: readonly (readonly [name: string, title: string, value: Fields[string]])[] = [
  ...['verify_url', 'reset_url'].flatMap((name) =>
    [
      'https://app.example.com/verify',
      'https://app.example.com/{token}/{token}',
      'http://app.example.com/{token}',
      'ftp://app.example.com/{token}',
      'https://{token}.example.com/',
      'https://user:secret@app.example.com/{token}',
      'https://app.example.com/auth/verify-email?token={token}',
      'https://app.example.com/%61uth/verify-email?token={token}',
      'https://app.example.com//AUTH/verify-email?token={token}',
      'https://app.example.com/x/../auth/{token}',
      'https://app.example.com/a b/{token}',
      '/account/verify?token={token}',
      'javascript:alert("{token}")',
      `https://app.example.com/${'x'.repeat(1_024)}{token}`,
    ].map((template) => [name, `a template that cannot be: ${template.slice(0, 80)}`, template] as const),
  ),
  ['mail_delivery', 'a sender that there is not', 'nobody'],
  ['mail_from_name', 'a name of two lines', 'Acme\nBcc: eve@example.com'],
  ['mail_reply_to', 'no e-mail', 'ada@'],
  ['mail_texts', 'texts that are no JSON', '{'],
  ['mail_texts', 'texts that are a list', '[]'],
  ['mail_texts', 'a mail that there is not', '{"newsletter":{"subject":"x"}}'],
  ['mail_texts', 'a part that mails have not', '{"reset":{"html":"<p>"}}'],
  ['mail_texts', 'a placeholder that there is not', '{"reset":{"subject":"{password}"}}'],
  ['mail_texts', 'a subject of two lines', '{"reset":{"subject":"a\\nb"}}'],
  ['mail_texts', 'a text without its link', '{"reset":{"text":"Hello"}}'],
  ['mail_texts', 'a text that is too long', TOO_LARGE_TEXTS],
  ['second_factor', 'no word of its own', 'sometimes'],
  ['session_ttl_seconds', 'more than 400 days', 34_560_001],
  ['locale', 'a language that there is not', 'it'],
  ['name', 'no name', ''],
];

const SETTINGS: readonly AdminRefusal[] = [
  ...BAD_SETTINGS.map(([name, title, value]) =>
    faulty('updateOrganization', [name], title, { update_mask: [name], [name]: value }),
  ),
  faulty('updateOrganization', ['update_mask'], 'a field that there is not', { update_mask: ['locale', 'closed_at'] }),
  { ...faulty('updateOrganization', ['update_mask'], 'no mask', { update_mask: [] }), only: 'rpc' },
  ...Object.entries(TAKEN_NAMES).map(([title, name]) =>
    spoiled('updateOrganization', 'ORGANIZATION_EXISTS', `another's name, ${title}`, ({ globex }) => ({
      org_id: globex.orgId,
      update_mask: ['name'],
      name,
    })),
  ),
];

/** The calls that a management key opens, too. */
export const MANAGED_CALLS: readonly AdminCallName[] = ['getOrganization', 'updateOrganization', ...USER_CALLS];
const READ_CALLS: readonly AdminCallName[] = ['getOrganization', 'listUsers', 'getUser', 'listUserSessions'];

const WRONG_KEYS: Readonly<Record<string, (world: AdminWorld) => Headers>> = {
  "another organization's management key": ({ globex }) => bearer(globex.managementKey),
  'a revoked management key': ({ acme }) => bearer(acme.revokedKey),
  'a management key of a closed organization': ({ closed }) => bearer(closed.managementKey),
  'an unknown management key': () => bearer(`afm_${'A'.repeat(43)}`),
  'a malformed management key': ({ acme }) => bearer(`${acme.managementKey}A`),
};

const KEYS: readonly AdminRefusal[] = [
  ...MANAGED_CALLS.flatMap((call) => [
    ...Object.entries(WRONG_KEYS).map(
      ([title, headers]): AdminRefusal => ({
        title,
        call,
        reason: 'API_KEY_INVALID',
        request: (world) => ({ params: goodAdminRequest(call, world).params, headers: headers(world) }),
      }),
    ),
    {
      title: 'a revoked management key and faulty parameters: the key is looked at first',
      call,
      reason: 'API_KEY_INVALID',
      request: ({ acme }: AdminWorld): Request => ({
        params: { org_id: 'no-uuid', user_id: 'no-uuid' },
        headers: bearer(acme.revokedKey),
      }),
    } as const,
    {
      ...faulty(call, ['org_id'], "another organization's management key and faulty parameters: these come first", {}),
      request: (world: AdminWorld): Request => ({
        params: { ...goodAdminRequest(call, world).params, org_id: 'no-uuid' },
        headers: bearer(world.globex.managementKey),
      }),
    },
  ]),
  ...MANAGED_CALLS.filter((call) => !READ_CALLS.includes(call)).flatMap((call): AdminRefusal[] => [
    {
      title: 'a management key that may only read',
      call,
      reason: 'ACCESS_DENIED',
      request: (world) => ({ params: goodAdminRequest(call, world).params, headers: bearer(world.acme.readingKey) }),
    },
    {
      title: "another organization's management key that may only read",
      call,
      reason: 'API_KEY_INVALID',
      request: (world) => ({ params: goodAdminRequest(call, world).params, headers: bearer(world.globex.readingKey) }),
    },
  ]),
  {
    title: 'a management key without that right',
    call: 'impersonate',
    reason: 'ACCESS_DENIED',
    request: (world) => ({
      params: goodAdminRequest('impersonate', world).params,
      headers: bearer(world.acme.plainKey),
    }),
  },
  ...[{ name: 'Initech' }, { mail_approved: true }].map(
    (fields): AdminRefusal => ({
      title: `a management key that would change ${Object.keys(fields)}`,
      call: 'updateOrganization',
      reason: 'ACCESS_DENIED',
      request: ({ acme }) => ({
        params: { org_id: acme.orgId, update_mask: ['locale', ...Object.keys(fields)], locale: 'de', ...fields },
        headers: bearer(acme.managementKey),
      }),
    }),
  ),
  ...ADMIN_CALLS.filter((call) => !MANAGED_CALLS.includes(call)).map(
    (call): AdminRefusal => ({
      title: 'a management key where the administrator alone may',
      call,
      reason: 'ADMIN_TOKEN_INVALID',
      request: (world) => ({ params: goodAdminRequest(call, world).params, headers: bearer(world.acme.managementKey) }),
    }),
  ),
];

/** Every reason for which OrganizationService refuses. */
export const ORGANIZATION_REFUSALS: readonly AdminRefusal[] = [
  ...TOKENS,
  ...FAULTS,
  ...MISSING,
  ...TAKEN,
  ...SETTINGS,
  ...USERS,
  ...KEYS,
];

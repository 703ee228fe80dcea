import { ADMIN_CALLS, type AdminCallName, type Fields } from './entrance.ts';
import { ACME, type AdminWorld, CLOSED, goodAdminRequest } from './organizations-world.ts';
import type { RefusalScenario } from './scenario.ts';

type AdminRefusal = RefusalScenario<AdminCallName, AdminWorld>;
type Headers = Readonly<Record<string, string>>;

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const WRONG_TOKEN = `afadm_${'B'.repeat(43)}`;

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
    request: () => ({ params: { org_id: 'no-uuid', key_id: 'no-uuid' } }),
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

/** Every reason for which OrganizationService refuses. */
export const ORGANIZATION_REFUSALS: readonly AdminRefusal[] = [...TOKENS, ...FAULTS, ...MISSING, ...TAKEN];

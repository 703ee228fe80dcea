import { AuditService } from '#gen/authflow/v1/audit_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import type { Check, HttpPort } from '../check.ts';
import { connectReply } from '../entrances/connect-json.ts';
import { demandRefusal } from '../expectations.ts';
import { demandEqual } from '../mismatch.ts';
import type { World } from '../world.ts';
import { told } from './http-routes.ts';

const SECTION = '4 Organizations';
const JSON_TYPE = { 'content-type': 'application/json' };
const NOBODY = '00000000-0000-4000-8000-000000000000';
const UNKNOWN_MANAGEMENT_KEY = `afm_${'A'.repeat(43)}`;

/** What an API key, a session and a stranger are told by the calls of administrators and management keys. */
export const MANAGEMENT_CHECKS: readonly Check<HttpPort>[] = [
  {
    section: SECTION,
    title: 'no API key and no session opens a call of management',
    async run({ http, world }) {
      for (const [who, headers] of strangers(world)) {
        for (const address of addresses(world)) {
          const [method = '', path = ''] = address.split(' ');
          const rest = method === 'GET' || method === 'DELETE' ? { headers } : withBody(headers);
          const reply = await http.send({ method, path, ...rest });
          demandEqual(`${address} by ${who}`, '401 ADMIN_TOKEN_INVALID', told(reply));
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'no API key and no session opens a call of management, by Connect',
    async run({ http, world }) {
      for (const [who, headers] of strangers(world)) {
        for (const path of RPC_PATHS) {
          const reply = connectReply(await http.send({ method: 'POST', path, ...withBody(headers) }));
          demandRefusal(`${path} by ${who}`, reply, 'ADMIN_TOKEN_INVALID');
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'an unknown management key is API_KEY_INVALID where its kind opens a call',
    async run({ http, world }) {
      const headers = { authorization: `Bearer ${UNKNOWN_MANAGEMENT_KEY}` };
      for (const path of [`/organizations/${world.ada.orgId}`, `/organizations/${world.ada.orgId}/users`]) {
        demandEqual(`GET ${path}`, '401 API_KEY_INVALID', told(await http.send({ method: 'GET', path, headers })));
      }
    },
  },
];

/** What can be read is asked of the run's own organization. What changes something names nobody, lest a server do it. */
function addresses({ ada: { orgId, userId } }: World): readonly string[] {
  const own = `/organizations/${orgId}`;
  const other = `/organizations/${NOBODY}`;
  const user = `${other}/users/${NOBODY}`;
  return [
    'GET /organizations',
    'GET /audit-events',
    `GET ${own}`,
    `GET ${own}/keys`,
    `GET ${own}/users`,
    `GET ${own}/users/${userId}`,
    `GET ${own}/users/${userId}/sessions`,
    `PATCH ${other}`,
    ...['close', 'reopen', 'keys', 'users'].map((action) => `POST ${other}/${action}`),
    `DELETE ${other}/keys/${NOBODY}`,
    `PATCH ${user}`,
    `DELETE ${user}`,
    ...USER_ACTIONS.map((action) => `POST ${user}/${action}`),
    `DELETE ${user}/sessions`,
    `DELETE ${user}/sessions/${NOBODY}`,
  ];
}

const USER_ACTIONS = ['password', 'disable', 'enable', 'unlock', 'reset-second-factor', 'mail-token', 'impersonate'];

/** All but what open sign-up gives to everybody. */
const RPC_PATHS: readonly string[] = [OrganizationService, UserService, AuditService].flatMap(({ typeName, methods }) =>
  methods.filter(({ name }) => name !== 'CreateOrganization').map(({ name }) => `/${typeName}/${name}`),
);

type Headers = Readonly<Record<string, string>>;

function strangers({ apiKey, ada: { sessionToken } }: World): readonly (readonly [who: string, headers: Headers])[] {
  return [
    ['nobody', {}],
    ['an API key', { authorization: `Bearer ${apiKey}` }],
    ['an API key in x-api-key', { 'x-api-key': apiKey }],
    ['a session', { authorization: `Bearer ${sessionToken}` }],
  ];
}

/** A request that says nothing but who sends it. */
function withBody(headers: Headers) {
  return { headers: { ...JSON_TYPE, ...headers }, body: '{}' };
}

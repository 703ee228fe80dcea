import { CALLS, type CallName, type Fields } from './entrance.ts';
import { goodParams, spoiled } from './refusals.ts';
import type { RefusalScenario } from './scenario.ts';
import type { World } from './world.ts';

const TOO_LONG_FOR_EMAIL = `${'a'.repeat(250)}@example.com`;
const BAD_SESSION = { email: 'not an e-mail', org_id: 'no-uuid' };

function faulty(call: CallName, violations: readonly string[], title: string, params: Fields): RefusalScenario {
  return { title, call, reason: 'INVALID_ARGUMENT', violations, request: () => ({ params }) };
}

function disagreeing(
  call: CallName,
  field: string,
  headers: (world: World) => Readonly<Record<string, string>>,
): RefusalScenario {
  return {
    title: `a ${field} that a header disagrees with`,
    call,
    reason: 'INVALID_ARGUMENT',
    violations: [field],
    request: async (world) => ({
      params: { ...(await goodParams(call, world)), api_key: world.acme.apiKey },
      headers: headers(world),
    }),
  };
}

const WITH_SESSION: readonly CallName[] = ['validate', 'changePassword', 'logout'];

/** Faults of parameters: all that a request has are told at once. */
export const FAULTS: readonly RefusalScenario[] = [
  faulty('fooBar', ['identity'], 'nothing', {}),
  faulty('fooBar', ['identity'], 'empty text', { identity: '' }),
  faulty('fooBar', ['identity'], 'no e-mail', { identity: 'ada@' }),
  faulty('fooBar', ['identity'], 'an e-mail of more than 254 bytes', { identity: TOO_LONG_FOR_EMAIL }),
  faulty('signUp', ['api_key', 'email', 'foobar', 'fullname', 'password'], 'nothing', {}),
  faulty('signUp', ['email', 'fullname', 'password'], 'several malformed parameters', {
    foobar: 'x',
    api_key: 'x',
    email: 'ada@localhost@',
    password: 'x'.repeat(1025),
    fullname: 'x'.repeat(201),
  }),
  faulty('signUp', ['email', 'fullname'], 'blank and control characters', {
    foobar: 'x',
    api_key: 'x',
    email: 'a\u0000@example.com',
    password: 'x',
    fullname: ' ',
  }),
  faulty('login', ['api_key', 'email', 'foobar', 'password'], 'nothing', {}),
  faulty('login', ['email', 'org_id', 'password'], 'several malformed parameters', {
    foobar: 'x',
    email: 'ada@127.0.0.1',
    password: 'é'.repeat(513),
    org_id: 'no-uuid',
  }),
  faulty('validate', ['email', 'sessionToken'], 'nothing', {}),
  faulty('validate', ['email', 'org_id', 'sessionToken'], 'several malformed parameters', BAD_SESSION),
  faulty('changePassword', ['email', 'newPassword', 'sessionToken'], 'nothing', {}),
  faulty(
    'changePassword',
    ['currentPassword', 'email', 'newPassword', 'org_id', 'sessionToken'],
    'several malformed parameters',
    { ...BAD_SESSION, newPassword: 'x'.repeat(1025), currentPassword: 'x'.repeat(1025) },
  ),
  faulty('logout', ['email', 'sessionToken'], 'nothing', {}),
  faulty('logout', ['email', 'org_id', 'sessionToken'], 'several malformed parameters', BAD_SESSION),
  ...CALLS.map((call) => disagreeing(call, 'api_key', ({ globex }) => ({ 'x-api-key': globex.apiKey }))),
  ...CALLS.map((call) => disagreeing(call, 'api_key', ({ globex }) => ({ authorization: `Bearer ${globex.apiKey}` }))),
  ...WITH_SESSION.map((call) => disagreeing(call, 'sessionToken', () => ({ authorization: 'Bearer other.to.ken' }))),
  ...[
    'Short-1',
    'no-upper-case-1',
    'NO-LOWER-CASE-1',
    'No-digit-here',
    'NoSpecial1234',
    `Aa1-${'x'.repeat(29)}`,
    'Control-1\u0007',
    'Password-2024',
    '1Qaz2wsx!',
  ].flatMap((password): RefusalScenario[] => [
    {
      title: `the new password ${password}`,
      call: 'signUp',
      reason: 'PASSWORD_POLICY',
      request: spoiled('signUp', () => ({ password })),
    },
    {
      title: `the new password ${password}`,
      call: 'changePassword',
      reason: 'PASSWORD_POLICY',
      request: spoiled('changePassword', () => ({ newPassword: password })),
    },
  ]),
  {
    title: 'a disclaimer that was not accepted',
    call: 'signUp',
    reason: 'DISCLAIMER_REQUIRED',
    request: spoiled('signUp', () => ({ disclaimed: false })),
  },
  {
    title: 'no word of the disclaimer',
    call: 'signUp',
    reason: 'DISCLAIMER_REQUIRED',
    async request(world) {
      const { disclaimed: _, ...params } = await goodParams('signUp', world);
      return { params };
    },
  },
];

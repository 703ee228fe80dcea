import type { CallName, Fields } from './entrance.ts';
import { spoiled, tampered } from './refusals.ts';
import type { RefusalScenario } from './scenario.ts';
import type { World } from './world.ts';

type Row = readonly [
  call: CallName,
  reason: RefusalScenario['reason'],
  title: string,
  spoil: (world: World) => Promise<Fields> | Fields,
  violations?: readonly string[],
];

const BAD_KEY = { api_key: 'af_unknown' };
const UNKNOWN_ORG = { api_key: '', org_id: '00000000-0000-4000-8000-000000000000' };
const WEAK = 'weak';

/** Two faults at once, of which the earlier one in the contract's order of checks is told. */
const ROWS: readonly Row[] = [
  ['fooBar', 'INVALID_ARGUMENT', 'parameter before key', () => ({ identity: '', ...BAD_KEY }), ['identity']],
  ['signUp', 'INVALID_ARGUMENT', 'parameter before policy', () => ({ email: '', password: WEAK }), ['email']],
  ['signUp', 'PASSWORD_POLICY', 'policy before disclaimer', () => ({ password: WEAK, disclaimed: false })],
  ['signUp', 'DISCLAIMER_REQUIRED', 'disclaimer before key', () => ({ disclaimed: false, ...BAD_KEY })],
  ['signUp', 'API_KEY_INVALID', 'key before nonce', () => ({ ...BAD_KEY, foobar: 'malformed' })],
  ['signUp', 'NONCE_INVALID', 'nonce before account', ({ ada }) => ({ foobar: 'malformed', email: ada.email })],
  [
    'signUp',
    'NONCE_INVALID',
    'whose nonce before how old',
    ({ expiredNonce, newEmail }) => ({ foobar: expiredNonce(newEmail()) }),
  ],
  [
    'signUp',
    'NONCE_EXPIRED',
    'age of the nonce before account',
    ({ ada, expiredNonce }) => ({ foobar: expiredNonce(ada.email), email: ada.email }),
  ],
  [
    'signUp',
    'NONCE_USED',
    'spent nonce before account',
    async ({ ada, usedNonce }) => ({ foobar: await usedNonce(ada.email), email: ada.email }),
  ],
  ['login', 'INVALID_ARGUMENT', 'parameter before key', () => ({ password: '', ...BAD_KEY }), ['password']],
  ['login', 'API_KEY_INVALID', 'key before org_id', () => ({ ...UNKNOWN_ORG, ...BAD_KEY })],
  ['login', 'ORGANIZATION_NOT_FOUND', 'organization before nonce', () => ({ ...UNKNOWN_ORG, foobar: 'malformed' })],
  ['login', 'NONCE_INVALID', 'nonce before account', () => ({ foobar: 'malformed', password: 'wrong' })],
  [
    'login',
    'NONCE_USED',
    'spent nonce before unknown user',
    async ({ newEmail, usedNonce }) => {
      const email = newEmail();
      return { email, foobar: await usedNonce(email) };
    },
  ],
  [
    'login',
    'NONCE_USED',
    'spent nonce before lock',
    async ({ locked: { email }, usedNonce }) => ({ email, foobar: await usedNonce(email) }),
  ],
  [
    'login',
    'ACCOUNT_LOCKED',
    'lock before password',
    async ({ locked: { email }, nonce }) => ({ email, foobar: await nonce(email), password: 'wrong' }),
  ],
  [
    'login',
    'CREDENTIALS_INVALID',
    'password before disabled user',
    async ({ disabled: { email }, nonce }) => ({ email, foobar: await nonce(email), password: 'wrong' }),
  ],
  ['validate', 'INVALID_ARGUMENT', 'parameter before key', () => ({ email: '', ...BAD_KEY }), ['email']],
  ['validate', 'API_KEY_INVALID', 'key before session', () => ({ ...BAD_KEY, sessionToken: 'malformed' })],
  ['validate', 'ORGANIZATION_NOT_FOUND', 'organization before session', () => ({ ...UNKNOWN_ORG, sessionToken: 'x' })],
  [
    'validate',
    'SESSION_INVALID',
    'whose session before how old',
    (world) => ({ sessionToken: world.expiredSession(world.ada), email: world.disabled.email }),
  ],
  [
    'validate',
    'SESSION_INVALID',
    'signature before age',
    (world) => ({ sessionToken: tampered(world.expiredSession(world.ada)) }),
  ],
  [
    'changePassword',
    'INVALID_ARGUMENT',
    'parameter before policy',
    () => ({ newPassword: WEAK, email: '' }),
    ['email'],
  ],
  ['changePassword', 'PASSWORD_POLICY', 'policy before key', () => ({ newPassword: WEAK, ...BAD_KEY })],
  ['changePassword', 'API_KEY_INVALID', 'key before session', () => ({ ...BAD_KEY, sessionToken: 'malformed' })],
  [
    'changePassword',
    'SESSION_INVALID',
    'session before present password',
    () => ({ sessionToken: 'malformed', currentPassword: 'wrong' }),
  ],
  [
    'changePassword',
    'SESSION_REVOKED',
    'ended session before present password',
    async (world) => ({ sessionToken: await world.endedSession(world.ada), currentPassword: 'wrong' }),
  ],
  ...(['validate', 'changePassword'] as const).flatMap((call): Row[] => [
    [
      call,
      'SESSION_INVALID',
      'whose session before whether it ended',
      async (world) => ({ sessionToken: await world.endedSession(world.ada), email: world.disabled.email }),
    ],
    [
      call,
      'SESSION_INVALID',
      'whose session before how old and whether it ended',
      async (world) => ({ sessionToken: await world.endedOldSession(world.ada), email: world.disabled.email }),
    ],
    [
      call,
      'SESSION_EXPIRED',
      'age of the token before its end',
      async (world) => ({ sessionToken: await world.endedOldSession(world.ada) }),
    ],
    [
      call,
      'SESSION_EXPIRED',
      'age of the row before its end',
      async (world) => ({ sessionToken: await world.endedOldRow(world.ada) }),
    ],
  ]),
  [
    'logout',
    'SESSION_INVALID',
    'whose session before a success for an ended one',
    async (world) => ({ sessionToken: await world.endedSession(world.ada), email: world.disabled.email }),
  ],
  [
    'logout',
    'SESSION_INVALID',
    'whose session before a success for an old one',
    (world) => ({ sessionToken: world.expiredSession(world.ada), email: world.disabled.email }),
  ],
  ['logout', 'ORGANIZATION_NOT_FOUND', 'organization before session', () => ({ ...UNKNOWN_ORG, sessionToken: 'x' })],
  ['logout', 'INVALID_ARGUMENT', 'parameter before key', () => ({ email: '', ...BAD_KEY }), ['email']],
  ['logout', 'API_KEY_INVALID', 'key before session', () => ({ ...BAD_KEY, sessionToken: 'malformed' })],
];

/** What is told although the queue of hashes is full, and what is not: it is looked at before the store is read. */
const OVERLOADED_ROWS: readonly Row[] = [
  ['signUp', 'NONCE_INVALID', 'nonce before queue', () => ({ foobar: 'malformed' })],
  [
    'signUp',
    'OVERLOADED',
    'queue before account',
    async ({ ada: { email }, nonce }) => ({ email, foobar: await nonce(email) }),
  ],
  [
    'login',
    'NONCE_EXPIRED',
    'age of the nonce before queue',
    ({ ada, expiredNonce }) => ({ foobar: expiredNonce(ada.email) }),
  ],
  [
    'login',
    'OVERLOADED',
    'queue before unknown user',
    async ({ newEmail, nonce }) => {
      const email = newEmail();
      return { email, foobar: await nonce(email) };
    },
  ],
  [
    'login',
    'OVERLOADED',
    'queue before lock',
    async ({ locked: { email }, nonce }) => ({ email, foobar: await nonce(email) }),
  ],
  [
    'changePassword',
    'SESSION_REVOKED',
    'ended session before queue',
    async (world) => ({ sessionToken: await world.endedSession(world.ada) }),
  ],
  ['changePassword', 'OVERLOADED', 'queue before present password', () => ({ currentPassword: 'wrong' })],
];

/** The order of checks. */
export const ORDER: readonly RefusalScenario[] = [
  ...ROWS.map((row) => scenarioOf(row, false)),
  ...OVERLOADED_ROWS.map((row) => scenarioOf(row, true)),
];

function scenarioOf([call, reason, title, spoil, violations = []]: Row, overloaded: boolean): RefusalScenario {
  return { title, call, reason, violations, overloaded, request: spoiled(call, spoil) };
}

import { expect } from 'vitest';
import type { AccountCallName, Fields, Success } from './entrance.ts';
import { tampered } from './refusals.ts';
import type { RefusalScenario, Request } from './scenario.ts';
import type { TestUser, World } from './world.ts';

/** The calls of AccountService that a session opens, and nothing else. */
export const CALLS_BY_SESSION = [
  'me',
  'updateProfile',
  'renewSession',
  'listMySessions',
  'endMySessions',
] as const satisfies readonly AccountCallName[];

export type CallBySession = (typeof CALLS_BY_SESSION)[number];

/** Those that only the user may make. */
const OWN = CALLS_BY_SESSION.filter((call) => call !== 'me');

const UNKNOWN_KEY = `af_${'A'.repeat(43)}`;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const JWT = expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);

type Scenario = RefusalScenario<AccountCallName>;

/** Parameters with which a call would succeed. */
export function goodSessionParams(call: CallBySession, { acme, ada, adaSession }: World): Fields {
  const session = { sessionToken: adaSession, email: ada.email, api_key: acme.apiKey };
  return call === 'updateProfile' ? { ...session, fullname: 'Ada Lovelace' } : session;
}

function spoiled(
  call: CallBySession,
  spoil: (world: World) => Promise<Fields> | Fields,
): (world: World) => Promise<Request> {
  return async (world) => ({ params: { ...goodSessionParams(call, world), ...(await spoil(world)) } });
}

function faulty(call: CallBySession, violations: readonly string[], title: string, params: Fields): Scenario {
  return { title, call, reason: 'INVALID_ARGUMENT', violations, request: () => ({ params }) };
}

const BAD_SESSION = { email: 'not an e-mail', org_id: 'no-uuid' };
const BAD_KEY = { api_key: 'af_unknown' };
const UNKNOWN_ORG = { api_key: '', org_id: UNKNOWN_ID };

const FAULTS: readonly Scenario[] = [
  faulty('me', ['sessionToken'], 'nothing', {}),
  faulty('me', ['email', 'org_id', 'sessionToken'], 'several malformed parameters', BAD_SESSION),
  faulty('updateProfile', ['api_key', 'email', 'fullname', 'sessionToken'], 'nothing', {}),
  faulty('updateProfile', ['email', 'fullname', 'org_id', 'sessionToken'], 'several malformed parameters', {
    ...BAD_SESSION,
    fullname: 'x'.repeat(201),
  }),
  faulty('renewSession', ['api_key', 'email', 'sessionToken'], 'nothing', {}),
  faulty('renewSession', ['email', 'org_id', 'sessionToken'], 'several malformed parameters', BAD_SESSION),
  faulty('listMySessions', ['api_key', 'email', 'sessionToken'], 'nothing', {}),
  faulty('listMySessions', ['email', 'org_id', 'sessionToken'], 'several malformed parameters', BAD_SESSION),
  faulty('endMySessions', ['api_key', 'email', 'sessionToken'], 'nothing', {}),
  faulty('endMySessions', ['email', 'org_id', 'sessionToken', 'session_id'], 'several malformed parameters', {
    ...BAD_SESSION,
    session_id: 'no-uuid',
  }),
  ...CALLS_BY_SESSION.flatMap((call): Scenario[] => [
    {
      title: 'a sessionToken that a header disagrees with',
      call,
      reason: 'INVALID_ARGUMENT',
      violations: ['sessionToken'],
      request: (world) => ({
        params: goodSessionParams(call, world),
        headers: { authorization: 'Bearer other.to.ken' },
      }),
    },
    {
      title: 'an api_key that a header disagrees with',
      call,
      reason: 'INVALID_ARGUMENT',
      violations: ['api_key'],
      request: (world) => ({
        params: goodSessionParams(call, world),
        headers: { 'x-api-key': world.globex.apiKey },
      }),
    },
  ]),
];

const WRONG_KEYS: Readonly<Record<string, (world: World) => Fields>> = {
  malformed: () => ({ api_key: 'af_short' }),
  unknown: () => ({ api_key: UNKNOWN_KEY }),
  revoked: ({ revokedKey }) => ({ api_key: revokedKey }),
  'of a closed organization': ({ closed }) => ({ api_key: closed.apiKey }),
};

const TENANTS: readonly Scenario[] = CALLS_BY_SESSION.flatMap((call): Scenario[] => [
  ...Object.entries(WRONG_KEYS).map(
    ([kind, fields]): Scenario => ({
      title: `a key that is ${kind}`,
      call,
      reason: 'API_KEY_INVALID',
      request: spoiled(call, fields),
    }),
  ),
  ...(['afm_', 'afadm_'] as const).map(
    (prefix): Scenario => ({
      title: `a bearer ${prefix}`,
      call,
      reason: 'API_KEY_INVALID',
      request: async (world) => ({
        params: { ...goodSessionParams(call, world), api_key: '' },
        headers: { authorization: `Bearer ${prefix}${'A'.repeat(43)}` },
      }),
    }),
  ),
  {
    title: 'a key and the org_id of another organization',
    call,
    reason: 'API_KEY_INVALID',
    request: spoiled(call, ({ globex }) => ({ org_id: globex.orgId })),
  },
  ...(['unknown', 'closed'] as const).map(
    (kind): Scenario => ({
      title: `an org_id that is ${kind}, without a key`,
      call,
      reason: 'ORGANIZATION_NOT_FOUND',
      request: spoiled(call, ({ closed }) => ({ api_key: '', org_id: kind === 'closed' ? closed.orgId : UNKNOWN_ID })),
    }),
  ),
]);

const SESSIONS: readonly Scenario[] = CALLS_BY_SESSION.flatMap((call): Scenario[] => {
  const refused = (
    reason: Scenario['reason'],
    title: string,
    spoil: (world: World) => Promise<Fields> | Fields,
  ): Scenario => ({ title, call, reason, request: spoiled(call, spoil) });
  return [
    refused('SESSION_INVALID', 'a malformed session token', () => ({ sessionToken: 'not.a.token' })),
    refused('SESSION_INVALID', 'a forged one', ({ adaSession }) => ({ sessionToken: tampered(adaSession) })),
    refused('SESSION_INVALID', 'a nonce for one', async ({ nonce, ada }) => ({ sessionToken: await nonce(ada.email) })),
    refused('SESSION_INVALID', 'a session of another e-mail', () => ({ email: 'nobody@example.com' })),
    refused('SESSION_INVALID', "another organization's key", ({ globex }) => ({ api_key: globex.apiKey })),
    refused('SESSION_INVALID', "another organization's org_id", ({ globex }) => ({
      api_key: '',
      org_id: globex.orgId,
    })),
    refused('SESSION_EXPIRED', 'a session that is too old', (w) => ({ sessionToken: w.expiredSession(w.ada) })),
    refused('SESSION_EXPIRED', 'age before end', async (w) => ({ sessionToken: await w.endedOldSession(w.ada) })),
    refused('SESSION_EXPIRED', 'age of the row', async (w) => ({ sessionToken: await w.endedOldRow(w.ada) })),
    refused('SESSION_REVOKED', 'an ended session', async (w) => ({ sessionToken: await w.endedSession(w.ada) })),
    refused('SESSION_REVOKED', 'one whose row is gone', (w) => ({ sessionToken: w.lostSession(w.ada) })),
    ...(['disable', 'delete', 'change password'] as const).map((end) =>
      refused('SESSION_REVOKED', `one that ended with this done to its user: ${end}`, ({ endedBy }) => endedBy[end]),
    ),
  ];
});

const IMPERSONATED: readonly Scenario[] = OWN.map((call) => ({
  title: 'a session that somebody opened in the place of the user',
  call,
  reason: 'ACCESS_DENIED',
  request: spoiled(call, async (world) => ({ sessionToken: await world.impersonatedSession(world.ada) })),
}));

const BROWSERS: readonly Scenario[] = CALLS_BY_SESSION.map((call) => ({
  title: 'a browser',
  call,
  reason: 'ORIGIN_REFUSED',
  only: 'http port',
  request: (world: World) => ({ params: goodSessionParams(call, world), headers: { origin: 'https://evil.example' } }),
}));

const ORDER: readonly Scenario[] = CALLS_BY_SESSION.flatMap((call): Scenario[] => [
  {
    title: 'parameter before key',
    call,
    reason: 'INVALID_ARGUMENT',
    violations: ['sessionToken'],
    request: spoiled(call, () => ({ ...BAD_KEY, sessionToken: '' })),
  },
  {
    title: 'key before session',
    call,
    reason: 'API_KEY_INVALID',
    request: spoiled(call, () => ({ ...BAD_KEY, sessionToken: 'malformed' })),
  },
  {
    title: 'organization before session',
    call,
    reason: 'ORGANIZATION_NOT_FOUND',
    request: spoiled(call, () => ({ ...UNKNOWN_ORG, sessionToken: 'malformed' })),
  },
  {
    title: 'whose session before how old and whether it ended',
    call,
    reason: 'SESSION_INVALID',
    request: spoiled(call, async (world) => ({
      sessionToken: await world.endedOldSession(world.ada),
      email: world.disabled.email,
    })),
  },
]);

/** Every refusal of these calls, and of ChangePassword by who opened a session in the place of its user. */
export const SESSION_CALL_REFUSALS: readonly Scenario[] = [
  ...FAULTS,
  ...TENANTS,
  ...SESSIONS,
  ...IMPERSONATED,
  ...ORDER,
  ...BROWSERS,
];

/** A call that succeeds. */
export interface SessionSuccess {
  readonly title: string;
  readonly call: CallBySession;
  request(world: World): Promise<Request & Success>;
}

function profile({ acme }: World, { email, userId }: TestUser, changes: Fields = {}): Record<string, unknown> {
  return {
    email,
    fullname: 'Ada Lovelace',
    role: 'user',
    roles: [],
    user_id: userId,
    org_id: acme.orgId,
    session_id: UUID,
    expires_at: INSTANT,
    email_verified: false,
    second_factor: false,
    recovery_codes_left: 0,
    public_metadata: '',
    created_at: INSTANT,
    ...changes,
  };
}

/** The calls as they succeed. */
export const SESSION_CALL_SUCCESSES: readonly SessionSuccess[] = [
  ...(['nothing else', 'its e-mail and key', 'its org_id'] as const).map(
    (by): SessionSuccess => ({
      title: `with ${by}`,
      call: 'me',
      async request(world) {
        const { acme, ada, adaSession } = world;
        const named = {
          'nothing else': {},
          'its e-mail and key': { email: ada.email.toUpperCase(), api_key: acme.apiKey },
          'its org_id': { org_id: acme.orgId.toUpperCase() },
        }[by];
        return { params: { sessionToken: adaSession, ...named }, ok: profile(world, ada) };
      },
    }),
  ),
  {
    title: 'with the session as a bearer and the key in its header',
    call: 'me',
    request: async (world) => ({
      params: {},
      headers: { authorization: `Bearer ${world.adaSession}`, 'x-api-key': world.acme.apiKey },
      ok: profile(world, world.ada),
    }),
  },
  {
    title: 'by who opened the session in the place of its user',
    call: 'me',
    request: async (world) => ({
      params: { sessionToken: await world.impersonatedSession(world.ada) },
      ok: profile(world, world.ada),
    }),
  },
  {
    title: 'a name, trimmed',
    call: 'updateProfile',
    async request(world) {
      const user = await world.newUser();
      const params = { sessionToken: await world.session(user), email: user.email, fullname: ' Zoë 例え ' };
      return {
        params: { ...params, org_id: world.acme.orgId },
        ok: profile(world, user, { fullname: 'Zoë 例え' }),
      };
    },
  },
  {
    title: 'a new token',
    call: 'renewSession',
    async request(world) {
      const { acme, newUser, session } = world;
      const user = await newUser();
      const { email, userId } = user;
      return {
        params: { sessionToken: await session(user), email, api_key: acme.apiKey },
        ok: { token: JWT, expires_at: INSTANT, email, fullname: 'Ada Lovelace', org_id: acme.orgId, user_id: userId },
      };
    },
  },
  {
    title: 'two, of which one asks',
    call: 'listMySessions',
    async request({ acme, newUser, session }) {
      const user = await newUser();
      await session(user);
      const shown = { session_id: UUID, created_at: INSTANT, last_used_at: INSTANT, expires_at: INSTANT };
      const nobody = { client_ip: '', user_agent: '' };
      return {
        params: { sessionToken: await session(user), email: user.email, api_key: acme.apiKey },
        ok: {
          sessions: expect.toSatisfy((sessions: readonly Fields[]) => {
            expect(sessions.map(({ current }) => current).toSorted()).toEqual([false, true]);
            expect(sessions).toEqual(sessions.map(({ current }) => ({ ...shown, ...nobody, current })));
            return true;
          }),
        },
      };
    },
  },
  {
    title: 'all others',
    call: 'endMySessions',
    async request({ acme, newUser, session }) {
      const user = await newUser();
      await session(user);
      await session(user);
      const params = { sessionToken: await session(user), email: user.email, api_key: acme.apiKey };
      return { params, ok: { ended_sessions: 2 } };
    },
  },
  {
    title: 'one that has ended',
    call: 'endMySessions',
    async request({ acme, newUser, session }) {
      const user = await newUser();
      const params = { sessionToken: await session(user), email: user.email, api_key: acme.apiKey };
      return { params: { ...params, session_id: UNKNOWN_ID }, ok: { ended_sessions: 0 } };
    },
  },
];

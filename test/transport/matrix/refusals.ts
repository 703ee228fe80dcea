import { CALLS, type CallName, type Fields } from './entrance.ts';
import { PASSWORD } from './makers.ts';
import type { RefusalScenario, Request } from './scenario.ts';
import type { World } from './world.ts';

/** Parameters with which a call would succeed. */
export async function goodParams(call: CallName, world: World): Promise<Fields> {
  const { acme, ada, adaSession, newEmail, nonce } = world;
  const session = { sessionToken: adaSession, email: ada.email };
  switch (call) {
    case 'fooBar':
      return { identity: ada.email };
    case 'signUp': {
      const email = newEmail();
      const user = { email, password: PASSWORD, fullname: 'A', disclaimed: true };
      return { foobar: await nonce(email, ''), api_key: acme.apiKey, ...user };
    }
    case 'login': {
      const { email } = ada;
      return { foobar: await nonce(email, ''), email, password: PASSWORD, api_key: acme.apiKey };
    }
    case 'validate':
    case 'logout':
      return session;
    case 'changePassword':
      return { ...session, newPassword: PASSWORD };
  }
}

/** Parameters that would be good but for these; an empty text stands for a missing one. */
export function spoiled(
  call: CallName,
  spoil: (world: World) => Promise<Fields> | Fields,
): (world: World) => Promise<Request> {
  return async (world) => ({ params: { ...(await goodParams(call, world)), ...(await spoil(world)) } });
}

const WITH_ORG_ID = ['login', 'validate', 'changePassword', 'logout'] as const;
const WITH_NONCE = ['signUp', 'login'] as const;
const WITH_SESSION = ['validate', 'changePassword', 'logout'] as const;
const UNKNOWN_KEY = `af_${'A'.repeat(43)}`;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

const WRONG_KEYS: Readonly<Record<string, (world: World) => Fields>> = {
  malformed: () => ({ api_key: 'af_short' }),
  unknown: () => ({ api_key: UNKNOWN_KEY }),
  revoked: ({ revokedKey }) => ({ api_key: revokedKey }),
  'of a closed organization': ({ closed }) => ({ api_key: closed.apiKey }),
};

const KEY_HEADERS = {
  'x-api-key': { 'x-api-key': UNKNOWN_KEY },
  bearer: { authorization: 'Bearer af_short' },
} as const;

const API_KEYS: readonly RefusalScenario[] = [
  ...CALLS.flatMap((call) =>
    Object.entries(KEY_HEADERS).map(
      ([kind, headers]): RefusalScenario => ({
        title: `a wrong key that came as ${kind}`,
        call,
        reason: 'API_KEY_INVALID',
        request: async (world) => ({ params: { ...(await goodParams(call, world)), api_key: '' }, headers }),
      }),
    ),
  ),
  ...CALLS.flatMap((call) =>
    Object.entries(WRONG_KEYS).map(
      ([kind, fields]): RefusalScenario => ({
        title: `a key that is ${kind}`,
        call,
        reason: 'API_KEY_INVALID',
        request: spoiled(call, fields),
      }),
    ),
  ),
  ...WITH_ORG_ID.map(
    (call): RefusalScenario => ({
      title: 'a key and the org_id of another organization',
      call,
      reason: 'API_KEY_INVALID',
      request: spoiled(call, ({ acme, globex }) => ({ api_key: acme.apiKey, org_id: globex.orgId })),
    }),
  ),
  ...WITH_ORG_ID.flatMap((call) =>
    (['unknown', 'closed'] as const).map(
      (kind): RefusalScenario => ({
        title: `an org_id that is ${kind}, without a key`,
        call,
        reason: 'ORGANIZATION_NOT_FOUND',
        request: spoiled(call, ({ closed }) => ({
          api_key: '',
          org_id: kind === 'closed' ? closed.orgId : UNKNOWN_ID,
        })),
      }),
    ),
  ),
];

const FOREIGN_NONCE: RefusalScenario = {
  title: 'a nonce for another organization than the org_id',
  call: 'login',
  reason: 'NONCE_INVALID',
  request: spoiled('login', async ({ ada, globex, nonce }) => ({
    foobar: await nonce(ada.email),
    api_key: '',
    org_id: globex.orgId,
  })),
};

const NONCES: readonly RefusalScenario[] = WITH_NONCE.flatMap((call): RefusalScenario[] => {
  const email = (world: World): string => (call === 'login' ? world.ada.email : world.newEmail());
  const refused = (
    title: string,
    reason: RefusalScenario['reason'],
    spoil: (world: World, email: string) => Promise<string> | string,
  ): RefusalScenario => ({
    title,
    call,
    reason,
    request: spoiled(call, async (world) => {
      const own = email(world);
      return { email: own, foobar: await spoil(world, own) };
    }),
  });
  return [
    refused('a malformed nonce', 'NONCE_INVALID', () => 'not-a-nonce'),
    refused('a forged nonce', 'NONCE_INVALID', async ({ nonce }, own) => tampered(await nonce(own))),
    refused('a session token for a nonce', 'NONCE_INVALID', ({ adaSession }) => adaSession),
    refused('a nonce for another e-mail', 'NONCE_INVALID', ({ nonce, newEmail }) => nonce(newEmail())),
    refused('a nonce for another organization', 'NONCE_INVALID', ({ nonce, globex }, own) => nonce(own, globex.apiKey)),
    refused('a nonce that is too old', 'NONCE_EXPIRED', ({ expiredNonce }, own) => expiredNonce(own)),
    refused('a nonce that was spent', 'NONCE_USED', ({ usedNonce }, own) => usedNonce(own)),
  ];
});

const SESSIONS: readonly RefusalScenario[] = WITH_SESSION.flatMap((call): RefusalScenario[] => {
  const invalid = (title: string, spoil: (world: World) => Promise<Fields> | Fields): RefusalScenario => ({
    title,
    call,
    reason: 'SESSION_INVALID',
    request: spoiled(call, spoil),
  });
  return [
    invalid('a malformed session token', () => ({ sessionToken: 'not.a.token' })),
    invalid('a forged session token', ({ adaSession }) => ({ sessionToken: tampered(adaSession) })),
    invalid('a session token with space around it', ({ adaSession }) => ({ sessionToken: ` ${adaSession} ` })),
    invalid('a nonce for a session token', async ({ nonce, ada }) => ({ sessionToken: await nonce(ada.email) })),
    invalid('a session of another e-mail', () => ({ email: 'nobody@example.com' })),
    invalid('an API key for a session token', ({ acme }) => ({ sessionToken: acme.apiKey })),
    invalid("a session with another organization's key", ({ globex }) => ({ api_key: globex.apiKey })),
    invalid("a session with another organization's org_id", ({ globex }) => ({ org_id: globex.orgId })),
  ];
});

const DEAD_SESSIONS: readonly RefusalScenario[] = (['validate', 'changePassword'] as const).flatMap((call) => [
  {
    title: 'a session that is too old',
    call,
    reason: 'SESSION_EXPIRED' as const,
    request: spoiled(call, (world) => ({ sessionToken: world.expiredSession(world.ada) })),
  },
  {
    title: 'a session that was ended',
    call,
    reason: 'SESSION_REVOKED' as const,
    request: spoiled(call, async (world) => ({ sessionToken: await world.endedSession(world.ada) })),
  },
  {
    title: 'a session whose row is gone',
    call,
    reason: 'SESSION_REVOKED' as const,
    request: spoiled(call, (world) => ({ sessionToken: world.lostSession(world.ada) })),
  },
  ...(['disable', 'delete', 'change password'] as const).map((end) => ({
    title: `a session that ended with this done to its user: ${end}`,
    call,
    reason: 'SESSION_REVOKED' as const,
    request: spoiled(call, ({ endedBy }) => endedBy[end]),
  })),
  {
    title: 'a session of a closed organization',
    call,
    reason: 'SESSION_REVOKED' as const,
    request: spoiled(call, ({ closedSession }) => ({ sessionToken: closedSession.token, email: closedSession.email })),
  },
]);

const ACCOUNTS: readonly RefusalScenario[] = [
  {
    title: 'a session that somebody opened in the place of the user',
    call: 'changePassword',
    reason: 'ACCESS_DENIED',
    request: spoiled('changePassword', async (world) => ({
      sessionToken: await world.impersonatedSession(world.ada),
    })),
  },
  {
    title: 'an e-mail that is signed up',
    call: 'signUp',
    reason: 'USER_EXISTS',
    request: spoiled('signUp', async ({ ada, nonce }) => ({ email: ada.email, foobar: await nonce(ada.email) })),
  },
  {
    title: 'a user whom the organization does not have',
    call: 'login',
    reason: 'USER_NOT_FOUND',
    request: spoiled('login', async ({ newEmail, nonce }) => {
      const email = newEmail();
      return { email, foobar: await nonce(email) };
    }),
  },
  {
    title: 'a user of another organization',
    call: 'login',
    reason: 'USER_NOT_FOUND',
    request: spoiled('login', ({ globex }) => ({ api_key: globex.apiKey })),
  },
  ...['wrong', `${PASSWORD} `, 'x'.repeat(1024), 'control\u0007'].map(
    (password): RefusalScenario => ({
      title: `a wrong password of ${password.length} characters`,
      call: 'login',
      reason: 'CREDENTIALS_INVALID',
      request: spoiled('login', async ({ newUser, nonce }) => {
        // Not Ada: who fails so often is locked.
        const { email } = await newUser();
        return { email, foobar: await nonce(email), password };
      }),
    }),
  ),
  {
    title: 'a wrong present password',
    call: 'changePassword',
    reason: 'CREDENTIALS_INVALID',
    request: spoiled('changePassword', () => ({ currentPassword: 'wrong' })),
  },
  {
    title: 'the right password of a disabled user',
    call: 'login',
    reason: 'USER_DISABLED',
    request: spoiled('login', async ({ disabled: { email }, nonce }) => ({ email, foobar: await nonce(email) })),
  },
  {
    title: 'a user of too many failures',
    call: 'login',
    reason: 'ACCOUNT_LOCKED',
    waits: true,
    request: spoiled('login', async ({ waiting: { email }, nonce }) => ({ email, foobar: await nonce(email) })),
  },
  {
    title: 'a user whom only an administrator lets in again',
    call: 'login',
    reason: 'ACCOUNT_LOCKED',
    request: spoiled('login', async ({ locked: { email }, nonce }) => ({ email, foobar: await nonce(email) })),
  },
  ...(['signUp', 'login', 'changePassword'] as const).map(
    (call): RefusalScenario => ({
      title: 'a full queue',
      call,
      reason: 'OVERLOADED',
      overloaded: true,
      request: spoiled(call, () => ({})),
    }),
  ),
];

/** Every reason for which the rules refuse a well-formed call. */
export const REFUSALS: readonly RefusalScenario[] = [
  ...API_KEYS,
  ...NONCES,
  FOREIGN_NONCE,
  ...SESSIONS,
  ...DEAD_SESSIONS,
  ...ACCOUNTS,
];

/** The same text with another character in its middle. */
export function tampered(token: string): string {
  const middle = Math.floor(token.length / 2);
  return `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
}

import { expect } from 'vitest';
import { PASSWORD } from './makers.ts';
import type { SuccessScenario } from './scenario.ts';
import type { TestUser, World } from './world.ts';

const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const JWT = expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);
const NONCE = expect.stringMatching(/^[\w-]+$/);

function userFields({ acme }: World, { email, userId }: TestUser): Record<string, unknown> {
  return { email, fullname: 'Ada Lovelace', org_id: acme.orgId, user_id: userId };
}

/** The six calls as they succeed. */
export const SUCCESSES: readonly SuccessScenario[] = [
  {
    title: 'a nonce for an e-mail alone',
    call: 'fooBar',
    request: async () => ({ params: { identity: 'nobody@example.com' }, ok: { token: NONCE, expires_at: INSTANT } }),
  },
  {
    title: 'a nonce for an organization, with the key in a header',
    call: 'fooBar',
    request: async ({ acme }) => ({
      params: { identity: 'nobody@example.com' },
      headers: { 'x-api-key': acme.apiKey },
      ok: { token: NONCE, expires_at: INSTANT },
    }),
  },
  {
    title: 'a sign-up, normalized',
    call: 'signUp',
    async request(world) {
      const { acme, newEmail, nonce } = world;
      const email = newEmail();
      const spelled = ` ${email.toUpperCase()} `;
      return {
        params: {
          foobar: await nonce(email),
          api_key: acme.apiKey,
          email: spelled,
          password: PASSWORD,
          fullname: ' Zoë 例え ',
          disclaimed: true,
        },
        ok: { user_id: UUID, email, fullname: 'Zoë 例え', org_id: acme.orgId },
      };
    },
  },
  {
    title: 'a sign-up with a nonce for the e-mail alone and the key as a bearer',
    call: 'signUp',
    async request({ acme, newEmail, nonce }) {
      const email = newEmail();
      const foobar = await nonce(email, '');
      return {
        params: { foobar, email, password: PASSWORD, fullname: 'A', disclaimed: true },
        headers: { authorization: `Bearer ${acme.apiKey}` },
        ok: { user_id: UUID, email, fullname: 'A', org_id: acme.orgId },
      };
    },
  },
  ...(['api_key', 'org_id', 'both'] as const).map(
    (by): SuccessScenario => ({
      title: `a login by ${by}`,
      call: 'login',
      async request(world) {
        const { acme, newUser, nonce } = world;
        const user = await newUser();
        const foobar = await nonce(user.email);
        return {
          params: {
            foobar,
            email: user.email,
            password: PASSWORD,
            ...(by === 'org_id' ? {} : { api_key: acme.apiKey }),
            ...(by === 'api_key' ? {} : { org_id: acme.orgId.toUpperCase() }),
          },
          ok: { token: JWT, expires_at: INSTANT, ...userFields(world, user) },
        };
      },
    }),
  ),
  ...(['nothing else', 'api_key', 'org_id'] as const).map(
    (by): SuccessScenario => ({
      title: `a validation with ${by}`,
      call: 'validate',
      async request(world) {
        const { acme, ada, adaSession } = world;
        const tenant = { api_key: { api_key: acme.apiKey }, org_id: { org_id: acme.orgId }, 'nothing else': {} }[by];
        return {
          params: { sessionToken: adaSession, email: ada.email, ...tenant },
          ok: { ...userFields(world, ada), session_id: UUID, expires_at: INSTANT, email_verified: false, roles: [] },
        };
      },
    }),
  ),
  {
    title: 'a validation with the session as a bearer and the key in its header',
    call: 'validate',
    request: async (world) => ({
      params: { email: world.ada.email },
      headers: { authorization: `Bearer ${world.adaSession}`, 'x-api-key': world.acme.apiKey },
      ok: { ...userFields(world, world.ada), session_id: UUID, expires_at: INSTANT, email_verified: false, roles: [] },
    }),
  },
  {
    title: 'a change of the password, with no other session',
    call: 'changePassword',
    async request({ newUser, session }) {
      const user = await newUser();
      const params = { sessionToken: await session(user), email: user.email, newPassword: 'Another-one-2' };
      return { params, ok: { ended_sessions: 0 } };
    },
  },
  {
    title: 'a change to the present password, which ends the other sessions',
    call: 'changePassword',
    async request({ acme, newUser, session }) {
      const user = await newUser();
      await session(user);
      await session(user);
      return {
        params: {
          sessionToken: await session(user),
          email: user.email,
          newPassword: PASSWORD,
          currentPassword: PASSWORD,
          api_key: acme.apiKey,
        },
        ok: { ended_sessions: 2 },
      };
    },
  },
  ...(['session', 'endedSession', 'expiredSession', 'lostSession'] as const).map(
    (kind): SuccessScenario => ({
      title: `a logout: ${kind}`,
      call: 'logout',
      async request(world) {
        const user = await world.newUser();
        return { params: { sessionToken: await world[kind](user), email: user.email }, ok: {} };
      },
    }),
  ),
];

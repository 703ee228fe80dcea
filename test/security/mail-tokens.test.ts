import { describe, expect, test } from 'vitest';
import { MAIL_TOKEN_KINDS, type MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import { deleteUser, disableUser, enableUser } from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD, type Reply, SESSION_CALLS, SIX_CALLS, send, serverOfTest } from './backend.ts';

const EMAIL = 'ada@example.com';
const OLDER = 1_000;
const NEW_PASSWORD = 'Another-Horse-8';

async function scene(email = EMAIL) {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const userId = (await backend.signUp(email)).field('user_id');
  return { server, orgId, apiKey, backend, userId };
}

async function tokenOf(
  { ports }: TestServer,
  orgId: string,
  userId: string,
  kind: MailTokenKind,
  newEmail = 'new@example.com',
): Promise<string> {
  const user = await ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return ports.mailTokens.sign(kind, { ...user, newEmail }, ports.clock.now()).token;
}

const post = (server: TestServer, path: string, body: object): Promise<Reply> =>
  send(server.httpAddress, path, { body });
const reset = (server: TestServer, token: string) =>
  post(server, '/auth/reset-password', { token, newPassword: NEW_PASSWORD });
const verify = (server: TestServer, token: string) => post(server, '/auth/verify-email', { token });

describe('M1: the token of a mail', () => {
  test('of any kind is nothing to any other call', async () => {
    const { server, orgId, apiKey, backend, userId } = await scene();
    let session = '';
    const takes: readonly (readonly [path: string, body: (token: string) => object])[] = [
      ['/auth/fooBar', (token) => ({ identity: EMAIL, api_key: token })],
      [
        '/auth/signUp',
        (token) => ({
          foobar: token,
          api_key: apiKey,
          email: 'a@example.com',
          password: PASSWORD,
          fullname: 'A',
          disclaimed: true,
        }),
      ],
      ['/auth/login', (token) => ({ foobar: token, api_key: apiKey, email: EMAIL, password: PASSWORD })],
      ['/auth/login', (token) => ({ foobar: token, api_key: apiKey, email: EMAIL, password: token })],
      ['/auth/validate', (token) => ({ sessionToken: token, email: EMAIL })],
      ['/auth/logout', (token) => ({ sessionToken: token, email: EMAIL })],
      ['/auth/changePassword', (token) => ({ sessionToken: token, email: EMAIL, newPassword: NEW_PASSWORD })],
      [
        '/auth/changePassword',
        (token) => ({ sessionToken: session, email: EMAIL, newPassword: NEW_PASSWORD, currentPassword: token }),
      ],
      ['/auth/forgot-password', (token) => ({ email: EMAIL, api_key: token })],
      ['/auth/resend-verify-email', (token) => ({ email: EMAIL, api_key: token })],
      [
        '/auth/change-email',
        (token) => ({ sessionToken: token, email: EMAIL, newEmail: 'b@example.com', api_key: apiKey }),
      ],
      ['/auth/deleteUser', (token) => ({ sessionToken: token, email: EMAIL, api_key: apiKey })],
      [
        '/auth/deleteUser',
        (token) => ({ sessionToken: session, email: EMAIL, api_key: apiKey, currentPassword: token }),
      ],
    ];
    for (const kind of MAIL_TOKEN_KINDS) {
      session = (await backend.login(EMAIL)).field('token');
      const token = await tokenOf(server, orgId, userId, kind);
      for (const [path, body] of takes) {
        const { status, outcome } = await post(server, path, body(token));
        expect({ kind, path, status: status >= 400 && status < 500 ? 'refused' : outcome }).toEqual({
          kind,
          path,
          status: 'refused',
        });
      }
      const takenBy = { verify_email: verify, change_email: verify, reset_password: reset, invite: reset };
      for (const call of [verify, reset]) {
        if ((takenBy as Record<string, unknown>)[kind] !== call) {
          expect((await call(server, token)).outcome).toBe('TOKEN_INVALID');
        }
      }
    }
    expect((await backend.validate(EMAIL, session)).outcome).toBe('OK');
  });

  test(`for a password or an address is void after any change of the credentials: of ${OLDER} none works`, async () => {
    const { server, orgId, backend, userId } = await scene();
    const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
      [
        'another password',
        async () => backend.changePassword(EMAIL, (await backend.login(EMAIL)).field('token'), 'Third-Horse-9'),
      ],
      [
        'the same password',
        async () =>
          backend.changePassword(EMAIL, (await backend.login(EMAIL, 'Third-Horse-9')).field('token'), 'Third-Horse-9'),
      ],
      [
        'disabled and enabled',
        async () => {
          await disableUser(server.ports, { orgId, user: userId });
          await enableUser(server.ports, { orgId, user: userId });
        },
      ],
      [
        'away and back',
        async () => {
          await verify(server, await tokenOf(server, orgId, userId, 'change_email', 'away@example.com'));
          await verify(server, await tokenOf(server, orgId, userId, 'change_email', EMAIL));
        },
      ],
    ];
    for (const [what, change] of changes) {
      const older = await Promise.all(
        Array.from({ length: OLDER / changes.length }, (_, index) =>
          tokenOf(
            server,
            orgId,
            userId,
            (['reset_password', 'invite', 'change_email'] as const)[index % 3] ?? 'invite',
          ),
        ),
      );
      await change();
      for (const token of older) {
        const outcomes = [(await reset(server, token)).outcome, (await verify(server, token)).outcome];
        expect({ what, outcomes }).toEqual({ what, outcomes: ['TOKEN_INVALID', 'TOKEN_INVALID'] });
      }
    }
    expect((await server.ports.storage.findUser(orgId, userId))?.email).toBe(EMAIL);
  });

  test('of a user who is gone is nothing to who signed up with the same address since, nor to another organization', async () => {
    const { server, orgId, backend, userId } = await scene();
    const other = await server.createOrganization();
    await new Backend(server.httpAddress, other.apiKey).signUp(EMAIL);
    const older = await Promise.all(MAIL_TOKEN_KINDS.map((kind) => tokenOf(server, orgId, userId, kind)));
    await deleteUser(server.ports, { orgId, user: userId });
    expect((await backend.signUp(EMAIL)).outcome).toBe('OK');
    for (const token of older) {
      expect([(await reset(server, token)).outcome, (await verify(server, token)).outcome]).toEqual([
        'TOKEN_INVALID',
        'TOKEN_INVALID',
      ]);
    }
    for (const org of [orgId, other.orgId]) {
      expect((await server.ports.storage.findUserByEmail(org, EMAIL))?.emailVerifiedAt).toBeNull();
    }
  });

  test('of before the store got another epoch, as by a restore, is nothing', async () => {
    const { server, orgId, userId } = await scene();
    const older = await Promise.all(MAIL_TOKEN_KINDS.map((kind) => tokenOf(server, orgId, userId, kind)));
    await server.ports.storage.renewEpoch('another epoch');
    for (const token of older) {
      expect([(await reset(server, token)).outcome, (await verify(server, token)).outcome]).toEqual([
        'TOKEN_INVALID',
        'TOKEN_INVALID',
      ]);
    }
  });
});

describe('M5: the key that tokens hold', () => {
  test.each(['server', 'backend'])(
    'has no token, code or password of another user come back, and changes nothing of theirs, with mail by the %s',
    async (mail_delivery) => {
      // The first key of an organization is the one that tokens hold.
      const { server, orgId, userId, backend } = await scene();
      const { ports } = server;
      const own = 'eve@example.com';
      const organization = `/organizations/${orgId}`;
      const admin = { authorization: `Bearer ${server.adminToken}` };
      const settings = { method: 'PATCH', body: { mail_delivery }, headers: admin };
      expect((await send(server.httpAddress, organization, settings)).outcome).toBe('OK');
      await backend.signUp(own);
      const session = (await backend.login(own)).field('token');
      const victim = (await backend.login(EMAIL)).field('token');
      const state = async () => ({
        credentials: await ports.storage.findUserCredentials(orgId, userId),
        user: await ports.storage.findUser(orgId, userId),
        sessions: await ports.storage.listSessions(orgId, userId, { limit: 10, after: null }),
      });
      const before = await state();
      const body = {
        api_key: backend.apiKey,
        sessionToken: session,
        newEmail: 'evil@example.com',
        fullname: 'Eve',
        token: backend.apiKey,
        foobar: await backend.nonce(own),
        password: PASSWORD,
        newPassword: NEW_PASSWORD,
        currentPassword: PASSWORD,
        session_id: before.sessions[0]?.sessionId ?? '',
        disclaimed: 'true',
      };
      const asking = ['forgot-password', 'resend-verify-email'];
      const replies: { readonly path: string; readonly reply: Reply }[] = [];
      const paths = ['verify-email', 'reset-password', 'change-email', 'deleteUser', ...SESSION_CALLS, ...SIX_CALLS];
      for (const path of [...asking, ...paths.filter((name) => name !== 'fooBar')]) {
        replies.push({ path, reply: await post(server, `/auth/${path}`, { ...body, email: EMAIL }) });
      }
      // A session of her own, and somebody else's session named.
      const { session_id } = body;
      const ended = { api_key: backend.apiKey, sessionToken: session, email: own, session_id };
      await post(server, '/auth/end-sessions', ended);
      for (const { path, reply } of replies) {
        const allowed = reply.status === 200 ? ['statusCode', 'message'] : ['statusCode', 'error', 'message'];
        expect({ path, status: reply.status < 300, keys: Object.keys(JSON.parse(reply.text)) }).toEqual({
          path,
          status: asking.includes(path),
          keys: allowed,
        });
      }
      const bearer = { authorization: `Bearer ${backend.apiKey}` };
      for (const [path, managed] of [
        ['mail-token', { kind: 'reset' }],
        ['impersonate', { reason: 'A ticket' }],
        ['password', { newPassword: NEW_PASSWORD }],
        ['disable', {}],
      ] as const) {
        const asked = { body: managed, headers: bearer };
        const reply = await send(server.httpAddress, `${organization}/users/${userId}/${path}`, asked);
        expect(reply.outcome).toBe('ADMIN_TOKEN_INVALID');
      }
      expect(await state()).toEqual(before);
      expect((await backend.validate(EMAIL, victim)).outcome).toBe('OK');
    },
  );
});

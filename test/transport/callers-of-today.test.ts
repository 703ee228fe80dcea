import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { goodMailParams } from './matrix/accounts-by-mail.ts';
import { formOf } from './matrix/auth-entrances.ts';
import type { Fields, SecondFactorCallName } from './matrix/entrance.ts';
import { PASSWORD } from './matrix/makers.ts';
import { goodParams } from './matrix/refusals.ts';
import { goodFactorParams } from './matrix/second-factors.ts';
import { createWorld, type World } from './matrix/world.ts';

/** What public programs do that call the hosted product today, and lean on. */
describe('a caller of today', () => {
  let server: TestServer;
  let world: World;

  beforeAll(async () => {
    server = await startTestServer();
    world = await createWorld(server);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  interface Body extends Record<string, unknown> {
    readonly statusCode: number;
    readonly message: string;
  }

  async function post(path: string, params: Fields): Promise<{ readonly status: number; readonly body: Body }> {
    const response = await fetch(`${server.httpAddress}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  test('is told of every success by 200, of a sign-up too, with the same statusCode and a message', async () => {
    for (const call of ['fooBar', 'signUp', 'login', 'validate', 'changePassword', 'logout'] as const) {
      const params = await goodParams(call, world);
      const { status, body } = await post(`/auth/${call}`, call === 'logout' ? await ofNewSession() : params);
      expect([call, status, body.statusCode]).toEqual([call, 200, 200]);
      expect(body.message).toMatch(/^[A-Z].*\.$/);
      expect(body).not.toHaveProperty('error');
    }
  });

  async function ofNewSession(): Promise<Fields> {
    const user = await world.newUser();
    return { sessionToken: await world.session(user), email: user.email };
  }

  test('is told of a refusal by a statusCode equal to the status, and a message', async () => {
    const { status, body } = await post('/auth/login', { email: 'ada@example.com' });
    expect([status, body.statusCode]).toEqual([400, 400]);
    expect(body.message).toMatch(/^foobar is required\. password is required\. api_key is required, or org_id\.$/);
  });

  test('may send api_key in the query and in the body, if it is one', async () => {
    const { acme, globex, ada, adaSession } = world;
    const params = { sessionToken: adaSession, email: ada.email, api_key: acme.apiKey };
    expect(await post(`/auth/validate?api_key=${acme.apiKey}`, params)).toMatchObject({ status: 200 });
    expect(await post(`/auth/validate?api_key=${globex.apiKey}`, params)).toMatchObject({
      status: 400,
      body: { error: 'INVALID_ARGUMENT', violations: [{ field: 'api_key' }] },
    });
    const { api_key, ...others } = params;
    expect(await post(`/auth/validate?api_key=${api_key}`, others)).toMatchObject({ status: 200 });
  });

  test.each(['/auth/signUp', '/authflow.v1.AuthService/SignUp'])(
    '%s ignores role and username, whatever they hold',
    async (path) => {
      for (const role of ['admin', true, 7]) {
        const { status, body } = await post(path, { ...(await goodParams('signUp', world)), role, username: 'root' });
        expect(status).toBe(200);
        expect(body).not.toHaveProperty('role');
        expect(body).not.toHaveProperty('username');
        const params = { email: String(body.email), password: PASSWORD, api_key: world.acme.apiKey };
        const session = await post('/auth/login', { ...params, foobar: await world.nonce(params.email) });
        const [, claims = ''] = String(session.body.token).split('.');
        expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).not.toHaveProperty('role');
      }
    },
  );

  async function get(path: string, params: Readonly<Record<string, string>>): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${server.httpAddress}${path}?${new URLSearchParams(params)}`);
    return { status: response.status, body: (await response.json()) as Body };
  }

  test('asks for a reset with a role, and sets the password by its token alone, without a key', async () => {
    const user = await world.newUser();
    const { email } = user;
    const { orgId: org_id, apiKey: api_key } = world.acme;
    const asked = await post('/auth/forgot-password', { email, role: 'user', api_key });
    expect(asked).toEqual({ status: 200, body: { statusCode: 200, message: expect.any(String) } });
    expect(await post('/auth/forgot-password', { email, role: 'admin' })).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'api_key' }] },
    });
    const token = await world.mailToken(user, 'reset_password');
    const reset = await post('/auth/reset-password', { token, newPassword: 'Another-one-2' });
    expect(reset).toMatchObject({ status: 200, body: { email, org_id, ended_sessions: 0 } });
    const login = { email, password: 'Another-one-2', api_key, role: 'user', foobar: await world.nonce(email) };
    expect(await post('/auth/login', login)).toMatchObject({ status: 200 });
  });

  test('verifies an address by GET with the token of a link, and asks for another by GET', async () => {
    const user = await world.newUser();
    const { email, userId: user_id } = user;
    const { orgId: org_id, apiKey: api_key } = world.acme;
    const resent = await get('/auth/resend-verify-email', { email, role: 'user', api_key });
    expect(resent).toEqual({ status: 200, body: { statusCode: 200, message: expect.any(String) } });
    const token = await world.mailToken(user, 'verify_email');
    for (let clicks = 0; clicks < 2; clicks += 1) {
      expect(await get('/auth/verify-email', { token })).toMatchObject({
        status: 200,
        body: { email, user_id, org_id },
      });
    }
    expect(await get('/auth/verify-email', { token: `${token}A` })).toMatchObject({
      status: 401,
      body: { error: 'TOKEN_INVALID' },
    });
  });

  test('deletes a user by POST, with parameters in query and body at once', async () => {
    const user = await world.newUser();
    const { email } = user;
    const { apiKey: api_key } = world.acme;
    const sessionToken = await world.session(user);
    const query = new URLSearchParams({ email, api_key });
    expect(await post(`/auth/deleteUser?${query}`, { sessionToken, email, role: 'user' })).toMatchObject({
      status: 200,
      body: { ended_sessions: 1 },
    });
    const again = { foobar: await world.nonce(email), email, password: PASSWORD, api_key };
    expect(await post('/auth/login', again)).toMatchObject({ status: 404, body: { error: 'USER_NOT_FOUND' } });
    const other = new URLSearchParams({ email: 'other@example.com', api_key });
    expect(await post(`/auth/deleteUser?${other}`, { sessionToken, email })).toMatchObject({
      status: 400,
      body: { error: 'INVALID_ARGUMENT', violations: [{ field: 'email' }] },
    });
  });

  test.each([
    ['resend-verify-email', 'sendVerificationEmail'],
    ['forgot-password', 'forgotPassword'],
    ['reset-password', 'resetPassword'],
    ['verify-email', 'verifyEmail'],
    ['deleteUser', 'deleteAccount'],
  ] as const)('is answered at /auth/%s by GET, JSON and form alike, whatever role is sent', async (path, call) => {
    for (const role of ['user', 'admin']) {
      const params = async () => ({ ...(await goodMailParams(call, world)), role });
      const byForm = await fetch(`${server.httpAddress}/auth/${path}`, {
        method: 'POST',
        body: formOf(await params()),
      });
      expect([(await get(`/auth/${path}`, stringsOf(await params()))).status, byForm.status]).toEqual([200, 200]);
      const { status, body } = await post(`/auth/${path}`, await params());
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('role');
    }
  });

  const stringsOf = (params: Fields) => Object.fromEntries(formOf(params));

  const SECOND_FACTORS: readonly (readonly [path: string, call: SecondFactorCallName])[] = [
    ['2fa/enable', 'enableTotp'],
    ['2fa/verify-setup', 'confirmTotp'],
    ['2fa/disable', 'disableTotp'],
    ['2fa/recovery-codes', 'regenerateRecoveryCodes'],
    ['2fa/verify-2fa', 'verifyTotp'],
    ['2fa/backup/email', 'sendEmailCode'],
    ['2fa/verify-email-otp', 'verifyEmailCode'],
    ['2fa/verify-recovery', 'verifyRecoveryCode'],
  ];

  test.each(SECOND_FACTORS)(
    'is answered at /auth/%s by GET, JSON and form alike, whatever role is sent, with parameters in query and body at once',
    async (path, call) => {
      for (const role of ['user', 'admin']) {
        const params = async () => ({ ...(await goodFactorParams(call, world)), role });
        const form = await fetch(`${server.httpAddress}/auth/${path}`, {
          method: 'POST',
          body: formOf(await params()),
        });
        expect([(await get(`/auth/${path}`, stringsOf(await params()))).status, form.status]).toEqual([200, 200]);

        const both = await params();
        const query = formOf({ ...both, api_key: world.acme.apiKey });
        const { status, body } = await post(`/auth/${path}?${query}`, both);
        expect({ status, statusCode: body.statusCode }).toEqual({ status: 200, statusCode: 200 });
        expect(body.message).toMatch(/^[A-Z].*\.$/);
        expect(body).not.toHaveProperty('role');
      }
      const good = await goodFactorParams(call, world);
      const [named = ''] = Object.keys(good).filter((name) => name === 'challenge' || name === 'email');
      const atOdds = new URLSearchParams({ [named]: 'other@example.com' });
      expect(await post(`/auth/${path}?${atOdds}`, good)).toMatchObject({
        status: 400,
        body: { error: 'INVALID_ARGUMENT', violations: [{ field: named }] },
      });
    },
  );

  test.each([
    [{ disclaimed: 'true' }, 200],
    [{ disclaimed: true }, 200],
    [{ disclaimed: 'TRUE' }, 'DISCLAIMER_REQUIRED'],
    [{ disclaimed: 'false' }, 'DISCLAIMER_REQUIRED'],
    [{ disclaimed: '' }, 'DISCLAIMER_REQUIRED'],
    [{ disclaimed: 1 }, 'INVALID_ARGUMENT'],
  ])('sends %o', async (disclaimed, expected) => {
    const { status, body } = await post('/auth/signUp', { ...(await goodParams('signUp', world)), ...disclaimed });
    expect(status === 200 ? status : body.error).toBe(expected);
  });
});

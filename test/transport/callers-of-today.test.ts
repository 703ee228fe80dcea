import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import type { Fields } from './matrix/entrance.ts';
import { goodParams } from './matrix/refusals.ts';
import { createWorld, PASSWORD, type World } from './matrix/world.ts';

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

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorReason } from '../../src/domain/errors.ts';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { closeOrganization, disableUser } from '../support/asked.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { jsonSchema, type OpenApiDocument, resolve } from './http/openapi-document.ts';
import { ask } from './http/test-server.ts';
import { CALLS, type CallName, type Entrance, type Fields, type Refusal, type Success } from './matrix/entrance.ts';
import { ENTRANCES } from './matrix/entrances.ts';

const STRICT = { profile: 'strict', apiKeyClaim: 'id', isApiKeyClaimChosen: true, passwordPolicy: 'nist' } as const;
const PASSWORD = 'a fine day for engines';
const NEW_PASSWORD = 'another day, another engine';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let server: TestServer;
let acme: { readonly orgId: string; readonly apiKey: string };
let closed: { readonly orgId: string; readonly apiKey: string };
let users = 0;

beforeAll(async () => {
  server = await startTestServer({ settings: STRICT });
  acme = await server.createOrganization();
  closed = await server.createOrganization();
  await closeOrganization(server.ports, { orgId: closed.orgId });
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(ENTRANCES.filter(({ name }) => name !== 'GET /auth'))('$name', (kind) => {
  let entrance: Entrance;
  let call: (name: CallName, params: Fields) => Promise<Success | Refusal>;
  let ok: (name: CallName, params: Fields) => Promise<Success['ok']>;

  beforeAll(() => {
    entrance = kind.enter(server);
    call = (name, params) => entrance.call(name, params, {});
    ok = async (name, params) => {
      const answer = await call(name, { api_key: acme.apiKey, ...params });
      return 'ok' in answer ? answer.ok : Promise.reject(new Error(`${answer.reason}: ${answer.message}`));
    };
  });
  afterAll(() => entrance.close());

  const nonce = async (email: string): Promise<string> => String((await ok('fooBar', { identity: email })).token);
  const refused = (reason: ErrorReason, ...violations: string[]) => ({
    reason,
    status: WIRE_CODES[reason][kind.codes],
    violations,
  });

  async function newUser(): Promise<{ readonly email: string; readonly userId: string }> {
    users += 1;
    const email = `somebody-${users}@example.com`;
    const user = { foobar: await nonce(email), email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true };
    return { email, userId: String((await ok('signUp', user)).user_id) };
  }

  async function session(email: string): Promise<string> {
    return String((await ok('login', { foobar: await nonce(email), email, password: PASSWORD })).token);
  }

  test('with a key, the six calls do what they do', async () => {
    const { email } = await newUser();
    const sessionToken = await session(email);
    expect(await ok('validate', { sessionToken, email })).toMatchObject({ email });
    const change = { sessionToken, email, newPassword: NEW_PASSWORD, currentPassword: PASSWORD };
    expect(await ok('changePassword', change)).toEqual({ ended_sessions: 0 });
    expect(await ok('logout', { sessionToken, email })).toEqual({});
  });

  test('each of the six calls needs a key, and an org_id does not stand in for it', async () => {
    const { email } = await newUser();
    const sessionToken = await session(email);
    const params: Record<CallName, Fields> = {
      fooBar: { identity: email },
      signUp: { foobar: await nonce(email), email, password: PASSWORD, fullname: 'Ada', disclaimed: true },
      login: { foobar: await nonce(email), email, password: PASSWORD },
      validate: { sessionToken, email },
      changePassword: { sessionToken, email, newPassword: NEW_PASSWORD, currentPassword: PASSWORD },
      logout: { sessionToken, email },
    };
    for (const name of CALLS) {
      for (const org_id of ['', acme.orgId, closed.orgId, NOBODY]) {
        const answer = await call(name, { ...params[name], ...(name === 'fooBar' ? {} : { org_id }) });
        expect({ name, org_id, answer }).toMatchObject({ answer: refused('INVALID_ARGUMENT', 'api_key') });
      }
    }
    expect(await ok('validate', { sessionToken, email })).toMatchObject({ email });
  });

  test('a key in a header is one', async () => {
    const answer = await entrance.call('fooBar', { identity: 'a@example.com' }, { 'x-api-key': acme.apiKey });
    expect(answer).toMatchObject({ ok: { token: expect.any(String) } });
  });

  test('A2: a login is refused alike for a wrong password, an unknown user and a disabled one', async () => {
    const [known, disabled] = [await newUser(), await newUser()];
    await disableUser(server.ports, { orgId: acme.orgId, user: disabled.userId });
    // Of this entrance alone: who is unknown is counted like anybody, and locked.
    const unknown = { email: `nobody-${randomUUID()}@example.com` };
    const login = async ({ email }: { email: string }, password: string) =>
      call('login', { api_key: acme.apiKey, foobar: await nonce(email), email, password });
    const wrong = await login(known, 'the wrong one, and long');
    expect(wrong).toMatchObject(refused('CREDENTIALS_INVALID'));
    expect(await login(unknown, PASSWORD)).toEqual(wrong);
    expect(await login(disabled, PASSWORD)).toEqual(wrong);
    expect(await login(disabled, 'the wrong one, and long')).toEqual(wrong);
  });

  test('A2: a lock is told alike of a known user, an unknown and a disabled one', async () => {
    const [known, disabled] = [await newUser(), await newUser()];
    await disableUser(server.ports, { orgId: acme.orgId, user: disabled.userId });
    const unknown = { email: `nobody-${randomUUID()}@example.com` };
    const login = async ({ email }: { email: string }, password: string) =>
      call('login', { api_key: acme.apiKey, foobar: await nonce(email), email, password });
    for (const somebody of [known, disabled, unknown]) {
      for (let failures = 0; failures < 5; failures += 1) {
        expect(await login(somebody, 'the wrong one, and long')).toMatchObject(refused('CREDENTIALS_INVALID'));
      }
      // For longer than the test takes.
      const until = server.ports.clock.now() + 600_000;
      await server.testStore.query(
        `UPDATE login_tries SET locked_until = ${until} WHERE email = '${somebody.email}' AND failures = 5`,
      );
    }
    const locked = await login(known, PASSWORD);
    expect(locked).toMatchObject({ ...refused('ACCOUNT_LOCKED'), waits: true });
    expect(await login(known, 'the wrong one, and long')).toEqual(locked);
    expect(await login(disabled, PASSWORD)).toEqual(locked);
    expect(await login(unknown, PASSWORD)).toEqual(locked);
  });

  test('no call tells that an organization is unknown or closed', async () => {
    const { email } = await newUser();
    const sessionToken = await session(email);
    const login = { foobar: await nonce(email), email, password: PASSWORD };
    for (const claim of [{ api_key: closed.apiKey }, { api_key: acme.apiKey, org_id: NOBODY }]) {
      expect(await call('login', { ...login, ...claim })).toMatchObject(refused('API_KEY_INVALID'));
      expect(await call('validate', { sessionToken, email, ...claim })).toMatchObject(refused('API_KEY_INVALID'));
    }
  });

  test('a sign-up tells that the user exists: whoever holds a key may know', async () => {
    const { email } = await newUser();
    const user = { email, password: PASSWORD, fullname: 'Ada', disclaimed: true };
    const answer = await call('signUp', { ...user, api_key: acme.apiKey, foobar: await nonce(email) });
    expect(answer).toMatchObject(refused('USER_EXISTS'));
  });

  test('a change of the password needs the present one', async () => {
    const { email } = await newUser();
    const sessionToken = await session(email);
    const change = { api_key: acme.apiKey, sessionToken, email, newPassword: NEW_PASSWORD };
    expect(await call('changePassword', change)).toMatchObject(refused('INVALID_ARGUMENT', 'currentPassword'));
    const wrong = { ...change, currentPassword: NEW_PASSWORD };
    expect(await call('changePassword', wrong)).toMatchObject(refused('CREDENTIALS_INVALID'));
  });

  test('a new password has 15 to 128 characters of any kind', async () => {
    const email = `long-${kind.name.replaceAll(/\W/g, '').toLowerCase()}@example.com`;
    const signUp = async (password: string) => {
      const user = { email, password, fullname: 'Ada Lovelace', disclaimed: true };
      return call('signUp', { ...user, api_key: acme.apiKey, foobar: await nonce(email) });
    };
    expect(await signUp('Fourteen-14-1!')).toMatchObject(refused('PASSWORD_POLICY'));
    expect(await signUp('x y'.repeat(43))).toMatchObject(refused('PASSWORD_POLICY'));
    expect(await signUp('fifteen\tletters')).toMatchObject(refused('PASSWORD_POLICY'));
    expect(await signUp('ein schöner Tag')).toMatchObject({ ok: { email } });
  });

  test('a token holds the public id of the key', async () => {
    const { email } = await newUser();
    const [, payload = ''] = (await session(email)).split('.');
    const { api_key } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(api_key).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('/auth', () => {
  test('A2: a login of a known user and of an unknown one is refused by the same bytes, before and after they are locked', async () => {
    const users = [`known-${randomUUID()}@example.com`, `nobody-${randomUUID()}@example.com`] as const;
    const post = (path: string, fields: Record<string, string>) =>
      fetch(`${server.httpAddress}/auth/${path}`, {
        method: 'POST',
        body: new URLSearchParams({ api_key: acme.apiKey, ...fields }),
      });
    const nonce = async (email: string): Promise<string> => {
      const { token }: { token?: string } = JSON.parse(await (await post('fooBar', { identity: email })).text());
      return token ?? '';
    };
    const [email] = users;
    const user = { foobar: await nonce(email), email, password: PASSWORD, fullname: 'Ada', disclaimed: 'true' };
    expect((await post('signUp', user)).status).toBe(200);
    /** All of an answer but when it was given, and how long the wait still is. */
    const answer = async (email: string) => {
      const login = { foobar: await nonce(email), email, password: 'the wrong one, and long' };
      const response = await post('login', login);
      const passing = ['date', 'retry-after'];
      const headers = [...response.headers].map(([name, value]) => [name, passing.includes(name) ? '' : value]);
      return { status: response.status, headers, body: await response.text() };
    };
    for (let failures = 0; failures < 5; failures += 1) {
      const [known, unknown] = [await answer(users[0]), await answer(users[1])];
      expect(known.status).toBe(401);
      expect(unknown).toEqual(known);
    }
    const until = server.ports.clock.now() + 600_000;
    await server.testStore.query(
      `UPDATE login_tries SET locked_until = ${until} WHERE email IN ('${users.join("', '")}')`,
    );
    const [known, unknown] = [await answer(users[0]), await answer(users[1])];
    expect(known.status).toBe(429);
    expect(unknown).toEqual(known);
  });

  test.each(CALLS)('%s is no GET', async (name) => {
    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(server.httpAddress, `/auth/${name}?identity=ada@example.com`, { method });
      expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } });
    }
    const options = await ask(server.httpAddress, `/auth/${name}`, { method: 'OPTIONS' });
    expect(options).toMatchObject({ status: 204, headers: { allow: 'POST, OPTIONS' } });
  });

  test('of what mails bring each call is no GET, and needs a key, but for those that the token of a mail opens', async () => {
    for (const path of [
      'resend-verify-email',
      'verify-email',
      'forgot-password',
      'reset-password',
      'change-email',
      'deleteUser',
    ]) {
      const reply = await ask(server.httpAddress, `/auth/${path}?token=x`, { method: 'GET' });
      expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } });
      const body = new URLSearchParams({
        org_id: acme.orgId,
        token: 'x',
        newPassword: NEW_PASSWORD,
        email: 'a@example.com',
      });
      const response = await fetch(`${server.httpAddress}/auth/${path}`, { method: 'POST', body });
      const { error, violations = [] } = JSON.parse(await response.text());
      const needsKey = violations.some(({ field }: { field: string }) => field === 'api_key');
      const byToken = path === 'verify-email' || path === 'reset-password';
      expect({ path, error, needsKey }).toEqual({
        path,
        error: byToken ? 'TOKEN_INVALID' : 'INVALID_ARGUMENT',
        needsKey: !byToken,
      });
    }
  });

  test('is described so', async () => {
    const document = (await ask(server.httpAddress, '/openapi.json')).json as unknown as OpenApiDocument;
    const schemaOf = (name: CallName) => {
      const { requestBody } = document.paths[`/auth/${name}`]?.post ?? {};
      const schema = jsonSchema(document, requestBody?.content ?? {});
      return resolve(document, schema);
    };
    for (const name of CALLS) {
      const described = document.paths[`/auth/${name}`] ?? {};
      expect(Object.keys(described)).toEqual(['post']);
      expect(schemaOf(name).required).toContain('api_key');
      const reasons = Object.values(described.post?.responses ?? {}).flatMap(
        (response) => resolve(document, response)['x-reasons'] ?? [],
      );
      expect(reasons).not.toEqual(expect.arrayContaining(['ORGANIZATION_NOT_FOUND']));
      expect(reasons).not.toEqual(expect.arrayContaining(['USER_NOT_FOUND']));
      expect(reasons).not.toEqual(expect.arrayContaining(['USER_DISABLED']));
    }
    expect(schemaOf('changePassword').required).toContain('currentPassword');
    expect(schemaOf('signUp').properties?.password).toMatchObject({ minLength: 15, maxLength: 128 });
    expect(schemaOf('changePassword').properties?.newPassword).toMatchObject({ minLength: 15, maxLength: 128 });
  });

  test('organizations are managed as ever', async () => {
    const reply = await ask(server.httpAddress, '/organizations', {
      headers: { authorization: `Bearer ${server.adminToken}` },
    });
    expect(reply.status).toBe(200);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { Authenticator } from '../support/authenticator.ts';
import { needs } from '../support/needs.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';
import { type Ask, startExample } from './running-example.ts';

const EXAMPLES: readonly (readonly [string, readonly (readonly [string, readonly [string, ...string[]]])[]])[] = [
  ['typescript', [['npm', ['npm', '--version']]]],
  ['go', [['Go 1.26 or later', ['go', 'version']]]],
  ['python', [['Python 3.9 or later, with venv', ['python3', '-c', 'import ensurepip, venv']]]],
  [
    'java',
    [
      ['a JDK', ['javac', '-version']],
      ['Maven', ['mvn', '-version']],
    ],
  ],
  ['rust', [['Rust 1.85 or later', ['cargo', '--version']]]],
];

const ADA = { email: 'ada@example.com', password: 'Analytical-1843', fullname: 'Ada Lovelace' };
const NEW_PASSWORD = 'Difference-1822';
/** Users wait for no longer where the server is away. */
const PATIENCE_MS = 1_000;

describe.each(EXAMPLES)('the example in %s', { timeout: 1_200_000 }, (language, tools) => {
  test('registers, logs in in one step and two, knows and logs out a user, resets the password, and says when the server is away', async (context) => {
    for (const [what, probe] of tools) {
      needs(context, what, probe);
    }
    const testStore = await storeOfTest();
    const server = await startTestServer({ testStore });
    const { orgId, apiKey } = await server.createOrganization();
    const ask = await startExample(language, { AUTHFLOW_ADDRESS: server.grpcAddress, AUTHFLOW_API_KEY: apiKey });

    const registered = await ask('POST', '/register', { body: ADA });
    expect(registered).toMatchObject({ status: 201, json: { email: ADA.email, fullname: ADA.fullname } });
    expect(await ask('POST', '/register', { body: ADA })).toMatchObject(refused(409, 'USER_EXISTS'));
    const weak = { ...ADA, email: 'grace@example.com', password: 'analytical' };
    expect(await ask('POST', '/register', { body: weak })).toMatchObject(refused(400, 'PASSWORD_POLICY'));
    const malformed = await ask('POST', '/register', { body: { ...ADA, email: 'ada', fullname: '' } });
    expect(malformed).toMatchObject(refused(400, 'INVALID_ARGUMENT'));
    expect(fieldsOf(malformed.json.violations)).toEqual(['email', 'fullname']);
    const wrong = { email: ADA.email, password: 'Analytical-1844' };
    expect(await ask('POST', '/login', { body: wrong })).toMatchObject(refused(401, 'CREDENTIALS_INVALID'));

    const token = await logIn(ask);
    const { user_id: userId } = registered.json;
    expect(await ask('GET', '/me', { token })).toMatchObject({
      status: 200,
      json: { email: ADA.email, user_id: userId },
    });
    expect(await ask('GET', '/me')).toMatchObject(refused(401, 'SESSION_INVALID'));
    expect(await ask('POST', '/logout', { token })).toMatchObject({ status: 204 });
    expect(await ask('GET', '/me', { token })).toMatchObject(refused(401, 'SESSION_REVOKED'));

    await changePassword(ask, testStore, orgId);
    const forgetful = await logIn(ask);
    for (const email of ['nobody@example.com', ADA.email]) {
      expect(await ask('POST', '/forgot-password', { body: { email } })).toMatchObject({ status: 204 });
    }
    const mailed = await mailedToken(testStore);
    const weakReset = { token: mailed, password: 'analytical' };
    expect(await ask('POST', '/reset-password', { body: weakReset })).toMatchObject(refused(400, 'PASSWORD_POLICY'));
    const reset = { token: mailed, password: NEW_PASSWORD };
    expect(await ask('POST', '/reset-password', { body: reset })).toMatchObject({ status: 204 });
    expect(await ask('POST', '/reset-password', { body: reset })).toMatchObject(refused(401, 'TOKEN_INVALID'));
    expect(await ask('GET', '/me', { token: forgetful })).toMatchObject(refused(401, 'SESSION_REVOKED'));
    expect(await ask('POST', '/login', { body: ADA })).toMatchObject(refused(401, 'CREDENTIALS_INVALID'));

    const second = await logIn(ask, NEW_PASSWORD);
    await logInInTwoSteps(ask, await enrolled(server, apiKey, second), testStore);
    await server.stop();
    await expectRefusedSoon(ask, second);
    const again = await restart(server, testStore);
    onTestFinished(() => again.stop());
    // A client that has failed for a while waits a moment before it connects again.
    await expect.poll(async () => (await ask('GET', '/me', { token: second })).status).toBe(200);
    expect(await ask('POST', '/login', { body: { ...ADA, password: NEW_PASSWORD } })).toMatchObject(
      refused(401, 'SECOND_FACTOR_REQUIRED'),
    );
  });
});

async function logIn(ask: Ask, password = ADA.password): Promise<string> {
  const { status, json } = await ask('POST', '/login', { body: { email: ADA.email, password } });
  expect({ status, email: json.email }).toEqual({ status: 200, email: ADA.email });
  return String(json.token);
}

/** An operator has set a password that must be changed: the challenge of the login opens that, and the old one is set again. */
async function changePassword(ask: Ask, { environment }: TestStore, orgId: string): Promise<void> {
  const set = ['user', 'set-password', orgId, ADA.email, '--generate', '--must-change', '--json'];
  const { password } = JSON.parse((await runHere(set, environment)).stdout);
  const { cookie, ...answer } = await ask('POST', '/login', { body: { email: ADA.email, password } });
  const required = { ...refused(403, 'PASSWORD_CHANGE_REQUIRED').json, methods: ['change_password'] };
  expect(answer).toMatchObject({ status: 403, json: required });
  // In the spelling of each language.
  const change = { password: ADA.password, currentPassword: password, current_password: password };
  expect(await ask('POST', '/reset-password', { cookie, body: change })).toMatchObject({ status: 204 });
}

/** Sets an authenticator app up for the user of a session; gives what makes its codes, and the recovery codes. */
async function enrolled({ httpAddress }: TestServer, apiKey: string, sessionToken: string): Promise<Enrolled> {
  // biome-ignore lint/suspicious/noExplicitAny: fields of JSON, which the test goes on with
  const call = async (path: string, fields: object): Promise<any> => {
    const body = JSON.stringify({ sessionToken, email: ADA.email, api_key: apiKey, ...fields });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${httpAddress}/auth/2fa/${path}`, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    return response.json();
  };
  const app = new Authenticator((await call('enable', {})).secret);
  const { recovery_codes: recoveryCodes } = await call('verify-setup', { code: app.next() });
  return { app, recoveryCodes };
}

interface Enrolled {
  readonly app: Authenticator;
  readonly recoveryCodes: readonly string[];
}

/** By the app, by a mail and by a recovery code; the challenge stays in the cookie, and is good once. */
async function logInInTwoSteps(ask: Ask, { app, recoveryCodes }: Enrolled, testStore: TestStore): Promise<void> {
  const first = await challenged(ask, ['totp', 'recovery']);
  const answer = (cookie: string, method: string, code: string) =>
    ask('POST', '/login/code', { cookie, body: { method, code } });
  expect(await answer(first, 'totp', app.wrong())).toMatchObject(refused(401, 'CODE_INVALID'));
  const loggedIn = await answer(first, 'totp', app.next());
  expect(loggedIn).toMatchObject({ status: 200, json: { email: ADA.email, token: expect.any(String) } });
  expect(await ask('GET', '/me', { token: String(loggedIn.json.token) })).toMatchObject({ status: 200 });
  expect(await answer(first, 'recovery', recoveryCodes[0] ?? '')).toMatchObject(refused(401, 'CHALLENGE_INVALID'));

  // A mail set the password: its codes count once the app was proven beside it.
  const second = await challenged(ask, ['totp', 'email', 'recovery']);
  expect(await ask('POST', '/login/mail', { cookie: second })).toMatchObject({ status: 204 });
  const { text } = await mailOf(testStore, 'second_factor_code');
  const mailed = /^\s*(\d{6})\s*$/m.exec(String(text))?.[1] ?? '';
  expect(await answer(second, 'email', mailed)).toMatchObject({ status: 200, json: { email: ADA.email } });

  const third = await challenged(ask, ['totp', 'email', 'recovery']);
  expect(await answer(third, 'recovery', recoveryCodes[0] ?? '')).toMatchObject({ status: 200 });
}

/** Logs in by the password alone; gives the cookie that keeps the challenge, which is nowhere else in the answer. */
async function challenged(ask: Ask, methods: readonly string[]): Promise<string> {
  const body = { email: ADA.email, password: NEW_PASSWORD };
  const { status, json, cookie } = await ask('POST', '/login', { body });
  expect({ status, json }).toEqual({
    ...refused(401, 'SECOND_FACTOR_REQUIRED'),
    json: { statusCode: 401, error: 'SECOND_FACTOR_REQUIRED', message: expect.any(String), methods },
  });
  expect(cookie).toMatch(/^[\w-]+=[\w-]{96}$/);
  return cookie;
}

/** The token of the link of the mail that sets a new password. */
async function mailedToken(testStore: TestStore): Promise<string> {
  const { link } = await mailOf(testStore, 'reset_password');
  return new URL(String(link)).searchParams.get('token') ?? '';
}

/** What `authflow mail show` tells of the latest mail of a kind, as there is no mail server; waits for it. */
async function mailOf({ environment }: TestStore, kind: string): Promise<Readonly<Record<string, unknown>>> {
  const authflow = async (...args: readonly string[]) =>
    JSON.parse((await runHere([...args, '--json'], environment)).stdout);
  const latest = async () =>
    (await authflow('mail', 'list')).findLast((mail: { readonly kind: string }) => mail.kind === kind);
  await expect.poll(latest).toBeDefined();
  return authflow('mail', 'show', (await latest()).mail_id);
}

function refused(status: number, reason: string): { readonly status: number; readonly json: object } {
  return { status, json: { statusCode: status, error: reason, message: expect.any(String) } };
}

function fieldsOf(violations: unknown): readonly string[] {
  return (violations as readonly { readonly field: string }[]).map(({ field }) => field).toSorted();
}

/** Of several, because the machine may be busy with something else meanwhile. */
async function expectRefusedSoon(ask: Ask, token: string): Promise<void> {
  const tookMs: number[] = [];
  while (tookMs.length < 5) {
    const sentAt = performance.now();
    expect(await ask('GET', '/me', { token })).toMatchObject(refused(503, 'UNAVAILABLE'));
    tookMs.push(performance.now() - sentAt);
  }
  expect(Math.min(...tookMs)).toBeLessThan(PATIENCE_MS);
}

/** On the same ports. */
function restart({ grpcAddress, httpAddress }: TestServer, testStore: TestStore): Promise<TestServer> {
  const portOf = (address: string): number => Number(address.split(':').at(-1));
  return startTestServer({ testStore, settings: { grpcPort: portOf(grpcAddress), httpPort: portOf(httpAddress) } });
}

import { expect, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { tally } from '../security/backend.ts';
import { startServerProcess } from '../security/server-process.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { freshPage } from '../support/fresh-page.ts';
import { storeOfTest } from '../support/stores.ts';
import { Caller, callerOfEach, metric, SETTINGS, startSupervised } from './supervised.ts';

const PASSWORD = 'Analytical-1';
const NEW_PASSWORD = 'Analytical-2';
const EMAIL = 'ada@example.com';

test('N1: 16 consumers of each nonce in two workers, one success, one hash', async () => {
  // With the cheapest hash: the product's own would take most of the time.
  const server = await startServerProcess(await storeOfTest(), { workers: 2 });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const operator = new Caller({ ...server, apiKey: '' });
  const { fields } = await operator.send('/organizations', { name: 'Acme' }, headers);
  // So many have a place on a machine of one core; more are OVERLOADED, before their nonce is spent.
  const consumers = Array.from({ length: 16 }, () => new Caller({ ...server, apiKey: String(fields.api_key) }));
  const [one = operator, ...others] = consumers;
  expect((await one.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const page = async () => (await one.send('/metrics')).text;
  const hashes = async () => metric(await freshPage(page), 'authflow_password_hashes_total');
  const before = await hashes();
  const NONCES = 100;
  for (let round = 0; round < NONCES; round += 1) {
    const foobar = await one.nonce(EMAIL);
    const login = { foobar, email: EMAIL, password: PASSWORD };
    const outcomes = await Promise.all(consumers.map(async (caller) => (await caller.call('login', login)).outcome));
    expect(tally(outcomes)).toEqual({ OK: 1, NONCE_USED: others.length });
  }
  expect((await hashes()) - before).toBe(NONCES);
});

test('S1, S3, A4, K1, K2: what one worker ended, or a command, has ended in both from the next call on', async () => {
  const store = await storeOfTest();
  const server = await startSupervised(store.environment);
  const callers = await callerOfEach(server);
  const [here, there] = callers;
  expect((await here.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const inBoth = async (ask: (caller: Caller) => Promise<{ readonly outcome: string }>) =>
    await Promise.all(callers.map(async (caller) => (await ask(caller)).outcome));
  const newSession = async (password = PASSWORD) => {
    const sessionToken = String((await here.login(EMAIL, password)).fields.token);
    const validated = () => inBoth((caller) => caller.call('validate', { email: EMAIL, sessionToken }));
    // Both have verified it once: what they remember must not outlive its end.
    expect(await validated()).toEqual(['OK', 'OK']);
    return { sessionToken, validated };
  };
  const command = async (...args: readonly string[]) => {
    const env = { ...store.environment, AUTHFLOW_ADMIN_TOKEN: SETTINGS.AUTHFLOW_ADMIN_TOKEN };
    const { code, stdout, stderr } = await runHere([...args, '--json'], env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout);
  };

  for (let round = 0; round < 20; round += 1) {
    const [first, second] = round % 2 === 0 ? [here, there] : [there, here];
    const sessionToken = String((await first.login(EMAIL, PASSWORD)).fields.token);
    const session = { email: EMAIL, sessionToken };
    const outcomes = [
      await second.call('validate', session),
      await first.call('logout', session),
      await second.call('validate', session),
      await first.call('validate', session),
    ].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['OK', 'OK', 'SESSION_REVOKED', 'SESSION_REVOKED']);
  }

  const [changing, other] = [await newSession(), await newSession()];
  const { sessionToken } = changing;
  const change = { email: EMAIL, sessionToken, newPassword: NEW_PASSWORD };
  expect((await there.call('changePassword', change)).outcome).toBe('OK');
  expect(await other.validated()).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
  expect(await changing.validated()).toEqual(['OK', 'OK']);
  expect(await inBoth((caller) => caller.login(EMAIL, PASSWORD))).toEqual(Array(2).fill('CREDENTIALS_INVALID'));

  await command('user', 'disable', 'Acme', EMAIL);
  expect(await changing.validated()).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
  expect(await inBoth((caller) => caller.login(EMAIL, NEW_PASSWORD))).toEqual(['USER_DISABLED', 'USER_DISABLED']);
  await command('user', 'enable', 'Acme', EMAIL);

  const second = await command('key', 'add', 'Acme');
  const askWithSecond = () =>
    inBoth((caller) => caller.call('fooBar', { identity: EMAIL, api_key: String(second.api_key) }));
  expect(await askWithSecond()).toEqual(['OK', 'OK']);
  await command('key', 'revoke', 'Acme', String(second.key_id));
  expect(await askWithSecond()).toEqual(['API_KEY_INVALID', 'API_KEY_INVALID']);

  const rotated = await newSession(NEW_PASSWORD);
  await command('signing-key', 'rotate');
  expect(await rotated.validated()).toEqual(['OK', 'OK']);
  await command('signing-key', 'rotate', '--compromised');
  // Each looks at the keys of the store within a second.
  await expect.poll(rotated.validated).toEqual(['SESSION_INVALID', 'SESSION_INVALID']);

  const last = await newSession(NEW_PASSWORD);
  await command('org', 'close', 'Acme');
  expect(await inBoth((caller) => caller.call('fooBar', { identity: EMAIL }))).toEqual(
    Array(2).fill('API_KEY_INVALID'),
  );
  await command('org', 'reopen', 'Acme');
  expect(await last.validated()).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
});

test('M1, A1, S1: what a call around an account did in one worker holds in the other from the next call on', async () => {
  const store = await storeOfTest();
  const server = await startSupervised(store.environment);
  const [here, there] = await callerOfEach(server);
  expect((await here.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const command = async (...args: readonly string[]) => {
    const env = { ...store.environment, AUTHFLOW_ADMIN_TOKEN: SETTINGS.AUTHFLOW_ADMIN_TOKEN };
    const { code, stdout, stderr } = await runHere([...args, '--json'], env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout);
  };
  const { org_id: orgId } = await command('org', 'show', 'Acme');
  const managing = await command('key', 'add', 'Acme', '--kind', 'management');
  const headers = { authorization: `Bearer ${String(managing.api_key)}` };
  const users = `/organizations/${orgId}/users`;
  const loggedIn = async (password = PASSWORD) => String((await here.login(EMAIL, password)).fields.token);
  const outcomes = async (...asked: readonly Promise<{ readonly outcome: string }>[]) =>
    (await Promise.all(asked)).map(({ outcome }) => outcome);

  for (let round = 0; round < 10; round += 1) {
    const [first, second] = round % 2 === 0 ? [here, there] : [there, here];
    const [kept, other] = [await loggedIn(), await loggedIn()];
    const session = (sessionToken: string) => ({ email: EMAIL, sessionToken });
    expect(await outcomes(first.call('me', session(other)), second.call('me', session(other)))).toEqual(['OK', 'OK']);
    const renewed = String((await first.call('renew-session', session(kept))).fields.token);
    expect(await outcomes(second.call('me', session(renewed)))).toEqual(['OK']);
    expect(await outcomes(second.call('end-sessions', session(renewed)))).toEqual(['OK']);
    expect(await outcomes(first.call('me', session(other)), second.call('me', session(other)))).toEqual(
      Array(2).fill('SESSION_REVOKED'),
    );

    const [user] = (await first.send(users, undefined, headers)).fields.users as { readonly user_id: string }[];
    const mailToken = { kind: 'reset' };
    const { token } = (await second.send(`${users}/${user?.user_id}/mail-token`, mailToken, headers)).fields;
    const reset = { token: String(token), newPassword: PASSWORD };
    expect(await outcomes(first.send('/auth/reset-password', reset))).toEqual(['OK']);
    expect(await outcomes(second.send('/auth/reset-password', reset))).toEqual(['TOKEN_INVALID']);
    expect(await outcomes(first.call('me', session(renewed)), second.call('me', session(renewed)))).toEqual(
      Array(2).fill('SESSION_REVOKED'),
    );
  }

  const guessed = await loggedIn();
  const wrong = { email: EMAIL, sessionToken: guessed, currentPassword: 'Analytical-9', newEmail: 'eve@example.com' };
  for (let guesses = 0; guesses < 10; guesses += 1) {
    const caller = guesses % 2 === 0 ? here : there;
    expect((await caller.call(guesses % 3 === 0 ? 'deleteUser' : 'change-email', wrong)).outcome).toBe(
      'CREDENTIALS_INVALID',
    );
  }
  expect(await outcomes(here.call('change-email', wrong), there.call('deleteUser', wrong))).toEqual(
    Array(2).fill('SESSION_REVOKED'),
  );

  await command('key', 'revoke', 'Acme', String(managing.key_id));
  expect(await outcomes(here.send(users, undefined, headers), there.send(users, undefined, headers))).toEqual(
    Array(2).fill('API_KEY_INVALID'),
  );
});

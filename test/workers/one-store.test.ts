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

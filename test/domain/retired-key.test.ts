import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Administration, openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { AuthError } from '../../src/domain/errors.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { changePassword, login, validate } from '../support/asked.ts';
import { newStore, ON_POSTGRES, type TestStore } from '../support/stores.ts';
import { CALL, outcomeOf, PASSWORD, RulesStand, sessionInput, whileHashing } from './rules.ts';

const stand = new RulesStand();
/** Another process of the same store. */
let elsewhere: Administration;
let store: TestStore;

beforeAll(async () => {
  store = await newStore();
  await stand.open(store);
  elsewhere = await openAdministration(readSettings({ ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN }));
});

afterAll(async () => {
  await elsewhere.close();
  await stand.close();
  await store.remove();
});

/** Every signing key is retired in the other process while this one hashes; it has not read of that by then. */
const whileKeysAreRetired = () => whileHashing(stand.ports, () => elsewhere.rotateSigningKey({ compromised: true }));

test('S4: a login under way while the signing key is retired elsewhere gives a token of the new key', async () => {
  const user = await stand.newUser();
  const { token } = await login(whileKeysAreRetired(), await stand.loginInput(user), CALL);
  const [{ kid } = { kid: '' }] = (await elsewhere.listSigningKeys()).filter(({ state }) => state === 'current');
  expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ kid });
  expect(await outcomeOf(validate(stand.ports, sessionInput(user, token)))).toBe('OK');
  const sessions = await stand.ports.storage.listSessions(user.orgId, user.userId, { limit: 10, after: null });
  expect(sessions).toHaveLength(1);
});

test('S4: a password change under way while the key of its token is retired elsewhere changes nothing', async () => {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  const change = { ...session, newPassword: `${PASSWORD}-2`, currentPassword: '' };
  expect(await outcomeOf(changePassword(whileKeysAreRetired(), change, CALL))).toBe('SESSION_INVALID');
  expect(await outcomeOf(stand.logIn(user))).toBe('OK');
});

test('S4: where no other key can be used a login is a fault of the server: its nonce is spent', async () => {
  const user = await stand.newUser();
  const ports = whileHashing(stand.ports, async () => {
    await elsewhere.rotateSigningKey({ compromised: true });
    await store.query(`UPDATE signing_keys SET sealed_private_key = ${ON_POSTGRES ? "'\\x00'" : "x'00'"}`);
  });
  await expect(login(ports, await stand.loginInput(user), CALL)).rejects.not.toBeInstanceOf(AuthError);
  expect(await stand.ports.storage.listSessions(user.orgId, user.userId, { limit: 10, after: null })).toEqual([]);
});

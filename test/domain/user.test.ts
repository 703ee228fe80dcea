import { describe, expect, test } from 'vitest';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import { findUser, readUser } from '../../src/domain/users/user.ts';
import { readDossier } from '../../src/domain/users/user-dossier.ts';
import { deleteUser, disableUser, enableUser, listUsers, validate } from '../support/asked.ts';
import { NOBODY, outcomeOf, rulesStand, type SignedUp } from './rules.ts';

const stand = rulesStand();
const named = ({ orgId }: SignedUp, user: string) => ({ orgId, user });

test('a user is named by the id in any case, or by the e-mail in any spelling', async () => {
  const user = await stand.newUser();
  const names = [user.userId, user.userId.toUpperCase(), user.email, ` ${user.email.toUpperCase()} `];
  for (const name of names) {
    expect(await findUser(stand.ports, user.orgId, name)).toMatchObject({ userId: user.userId });
  }
});

describe('disabling', () => {
  test("refuses the user's logins and ends their sessions, nobody else's", async () => {
    const user = await stand.newUser();
    const neighbour = await stand.newSession(await stand.newUser(user));
    const session = await stand.newSession(user);
    await stand.newSession(user);
    const { user: disabled, endedSessions } = await disableUser(stand.ports, named(user, user.email));
    expect(endedSessions).toBe(2);
    expect(disabled.disabledAt).not.toBeNull();
    expect(await outcomeOf(stand.logIn(user))).toBe('USER_DISABLED');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(validate(stand.ports, neighbour))).toBe('OK');
  });

  test('again is a success that keeps the first instant', async () => {
    const user = await stand.newUser();
    const first = await disableUser(stand.ports, named(user, user.userId));
    stand.pass(1_000);
    expect(await disableUser(stand.ports, named(user, user.userId))).toEqual(first);
  });

  test('is undone by enabling, but for the sessions', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    await disableUser(stand.ports, named(user, user.userId));
    const { user: enabled } = await enableUser(stand.ports, named(user, user.userId));
    expect(enabled.disabledAt).toBeNull();
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  });
});

describe('setting a password', () => {
  const set = async (user: SignedUp, newPassword: string, name = user.email) =>
    setPassword(stand.ports, readNewPassword({ ...named(user, name), newPassword }, stand.ports.rules));

  test('replaces the one that was, and ends the sessions', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    expect(await set(user, 'Difference-1822')).toMatchObject({ user: { userId: user.userId }, endedSessions: 1 });
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(stand.logIn(user))).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(stand.logIn(user, 'Difference-1822'))).toBe('OK');
  });

  test('is bound by the policy, and by who there is', async () => {
    const user = await stand.newUser();
    expect(await outcomeOf(set(user, 'short'))).toBe('PASSWORD_POLICY');
    expect(await outcomeOf(set(user, ''))).toBe('INVALID_ARGUMENT newPassword');
    expect(await outcomeOf(set(user, 'Difference-1822', NOBODY))).toBe('USER_NOT_FOUND');
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
  });
});

test('a dossier holds all sessions of a user and how many of them live', async () => {
  const user = await stand.newUser();
  const sessions = [await stand.newSession(user), await stand.newSession(user)];
  await stand.newSession(await stand.newUser(user));
  const dossier = await readDossier(stand.ports, readUser(named(user, user.email)));
  expect(dossier).toMatchObject({
    user: { userId: user.userId },
    hasPassword: true,
    credentialChanges: 0,
    liveSessions: 2,
  });
  expect(dossier.sessions).toHaveLength(sessions.length);
  await disableUser(stand.ports, named(user, user.email));
  expect(await readDossier(stand.ports, readUser(named(user, user.userId)))).toMatchObject({ liveSessions: 0 });
  expect(await outcomeOf(readDossier(stand.ports, readUser(named(user, NOBODY))))).toBe('USER_NOT_FOUND');
});

test('deleting removes the user, tells who it was, and ends the sessions', async () => {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  const deleted = await deleteUser(stand.ports, named(user, user.email));
  expect(deleted).toMatchObject({ user: { userId: user.userId, email: user.email }, endedSessions: 1 });
  expect(await outcomeOf(stand.logIn(user))).toBe('USER_NOT_FOUND');
  expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  expect(await outcomeOf(deleteUser(stand.ports, named(user, user.email)))).toBe('USER_NOT_FOUND');
});

test.each([
  ['disabling', disableUser],
  ['enabling', enableUser],
  ['deleting', deleteUser],
] as const)("%s takes a user of the organization's own", async (_, work) => {
  const [user, other] = [await stand.newUser(), await stand.newUser()];
  for (const name of [other.userId, other.email, NOBODY, 'nobody']) {
    expect(await outcomeOf(work(stand.ports, named(user, name)))).toBe('USER_NOT_FOUND');
  }
  expect(await outcomeOf(work(stand.ports, { orgId: 'x', user: '' }))).toBe('INVALID_ARGUMENT org_id user');
  expect(await outcomeOf(stand.logIn(other))).toBe('OK');
});

test("pages hold the organization's users alone, oldest first", async () => {
  const first = await stand.newUser();
  await stand.newUser();
  const users = [first, await stand.newUser(first), await stand.newUser(first)];
  const page = (pageToken: string) => listUsers(stand.ports, { orgId: first.orgId, pageSize: 2, pageToken });
  const one = await page('');
  const two = await page(one.nextPageToken);
  expect([...one.users, ...two.users].map(({ userId }) => userId)).toEqual(users.map(({ userId }) => userId));
  expect(two.nextPageToken).toBe('');
  const bad = listUsers(stand.ports, { orgId: '', pageSize: 201, pageToken: 'x' });
  expect(await outcomeOf(bad)).toBe('INVALID_ARGUMENT org_id page_size page_token');
});

import { expect, test } from 'vitest';
import { deleteUser, logout, validate } from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { outcomeOf, rulesStand, sessionInput } from './rules.ts';

const stand = rulesStand();

test('a logout ends its session and no other of the user', async () => {
  const user = await stand.newUser();
  const [session, other] = [await stand.newSession(user), await stand.newSession(user)];
  await logout(stand.ports, session);
  expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  expect(await outcomeOf(validate(stand.ports, other))).toBe('OK');
});

test('a second one is a success, and leaves the instant of the first', async () => {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  const endedAt = async () => {
    const rows = await stand.ports.storage.listSessions(user.orgId, user.userId, { limit: 10, after: null });
    return rows.map(({ revokedAt }) => revokedAt);
  };
  await logout(stand.ports, session);
  const first = await endedAt();
  stand.pass(1_000);
  expect(await outcomeOf(logout(stand.ports, session))).toBe('OK');
  expect(await endedAt()).toEqual(first);
});

test('one of a session that has expired, or whose row is gone, is a success', async () => {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  const later = { ...stand.ports, clock: { now: () => stand.now + stand.ports.rules.sessionTtlSeconds * 1000 } };
  expect(await outcomeOf(logout(later, session))).toBe('OK');
  await deleteUser(stand.ports, { orgId: user.orgId, user: user.userId });
  expect(await outcomeOf(logout(stand.ports, session))).toBe('OK');
});

test('what does not prove the session ends nothing', async () => {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  const other = await stand.newUser(undefined, user.email);
  for (const [change, reason] of [
    [{ sessionToken: 'x' }, 'SESSION_INVALID'],
    [{ sessionToken: await stand.nonce(user.email) }, 'SESSION_INVALID'],
    [{ email: stand.newEmail() }, 'SESSION_INVALID'],
    [{ apiKey: other.apiKey }, 'SESSION_INVALID'],
    [{ apiKey: 'af_wrong' }, 'API_KEY_INVALID'],
    [{ sessionToken: '', email: '' }, 'INVALID_ARGUMENT sessionToken email'],
  ] as const) {
    expect(await outcomeOf(logout(stand.ports, { ...session, ...change }))).toBe(reason);
  }
  expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
});

test("a well-signed token of somebody else's row ends nothing", async () => {
  const [user, other] = [await stand.newUser(), await stand.newUser()];
  const session = await stand.newSession(user);
  const { sessionTokens } = stand.ports;
  const claims = await sessionTokens.verify(session.sessionToken, stand.now);
  if (claims === null) {
    throw new Error('a token of ours has claims');
  }
  const kid = sessionTokens.currentKeyId(stand.now);
  const token = sessionTokens.sign(kid, { ...claims, ...NO_STANDING, userId: other.userId }, null);
  expect(await outcomeOf(logout(stand.ports, sessionInput(user, token)))).toBe('SESSION_INVALID');
  expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
});

test('one by nobody is refused where organizations sign up freely', async () => {
  const session = await stand.newSession(await stand.newUser());
  const ports = { ...stand.ports, rules: { ...stand.ports.rules, openSignup: true } };
  expect(await outcomeOf(logout(ports, { ...session, apiKey: '' }))).toBe('INVALID_ARGUMENT api_key');
});

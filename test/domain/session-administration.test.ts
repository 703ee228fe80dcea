import { expect, test } from 'vitest';
import { listSessions, logout, revokeSession, revokeUserSessions, validate } from '../support/asked.ts';
import { NOBODY, outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();

test("lists hold an organization's sessions or one user's, ended ones too, oldest first, page by page", async () => {
  const user = await stand.newUser();
  const other = await stand.newUser(user);
  await stand.newSession(await stand.newUser());
  const sessionIds: string[] = [];
  for (const owner of [user, other, user]) {
    const session = await stand.newSession(owner);
    sessionIds.push((await validate(stand.ports, session)).sessionId);
    await logout(stand.ports, session);
  }
  const list = async (who: string, pageToken = '') =>
    listSessions(stand.ports, { orgId: user.orgId, user: who, pageSize: 2, pageToken });
  const first = await list('');
  const second = await list('', first.nextPageToken);
  const all = [...first.sessions, ...second.sessions];
  expect(all.map(({ sessionId }) => sessionId)).toEqual(sessionIds);
  expect(all.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
  for (const name of [user.userId, user.email.toUpperCase()]) {
    const { sessions } = await list(name);
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual([sessionIds[0], sessionIds[2]]);
  }
});

test('lists of an unknown user, or with faults, are refused', async () => {
  const { orgId } = await stand.newTenant();
  const outcome = (change: object) =>
    outcomeOf(listSessions(stand.ports, { orgId, user: '', pageSize: 0, pageToken: '', ...change }));
  expect(await outcome({ user: 'nobody@example.com' })).toBe('USER_NOT_FOUND');
  expect(await outcome({ orgId: '', pageSize: 201, pageToken: 'x' })).toBe(
    'INVALID_ARGUMENT org_id page_size page_token',
  );
});

test('one session is ended, whoever holds it; again ends none', async () => {
  const user = await stand.newUser();
  const [session, other] = [await stand.newSession(user), await stand.newSession(user)];
  const { sessionId } = await validate(stand.ports, session);
  const revoke = () => revokeSession(stand.ports, { orgId: user.orgId, sessionId });
  expect(await revoke()).toEqual({ endedSessions: 1 });
  expect(await revoke()).toEqual({ endedSessions: 0 });
  expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  expect(await outcomeOf(validate(stand.ports, other))).toBe('OK');
});

test('a session that the organization does not have is a fault of session_id', async () => {
  const session = await stand.newSession(await stand.newUser());
  const { sessionId } = await validate(stand.ports, session);
  const { orgId } = await stand.newTenant();
  const outcome = (input: { orgId: string; sessionId: string }) => outcomeOf(revokeSession(stand.ports, { ...input }));
  expect(await outcome({ orgId, sessionId })).toBe('INVALID_ARGUMENT session_id');
  expect(await outcome({ orgId, sessionId: NOBODY })).toBe('INVALID_ARGUMENT session_id');
  expect(await outcome({ orgId: 'x', sessionId: '' })).toBe('INVALID_ARGUMENT org_id session_id');
  expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
});

test("a user's live sessions are ended, and counted", async () => {
  const user = await stand.newUser();
  const neighbour = await stand.newSession(await stand.newUser(user));
  const sessions = [await stand.newSession(user), await stand.newSession(user), await stand.newSession(user)];
  await logout(stand.ports, sessions[0] ?? neighbour);
  const revoke = (name: string) => revokeUserSessions(stand.ports, { orgId: user.orgId, user: name });
  expect(await revoke(user.email)).toEqual({ endedSessions: 2 });
  expect(await revoke(user.userId)).toEqual({ endedSessions: 0 });
  expect(await outcomeOf(validate(stand.ports, neighbour))).toBe('OK');
  expect(await outcomeOf(revoke('nobody@example.com'))).toBe('USER_NOT_FOUND');
});

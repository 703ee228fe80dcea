import { describe, expect, test } from 'vitest';
import type { CallContext, Ports } from '../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import {
  changeEmail,
  changePassword,
  deleteAccount,
  endMySessions,
  listMySessions,
  login,
  logout,
  me,
  renewSession,
  updateProfile,
  validate,
} from '../support/asked.ts';
import { CALL, outcomeOf, PASSWORD, rulesStand, type SignedUp, sessionInput } from './rules.ts';

const stand = rulesStand();

/** A session that somebody opens in the place of a user, as administrators will. */
async function impersonated(user: SignedUp) {
  const { storage, clock, ids, sessionTokens } = stand.ports;
  const { orgId, userId, email } = user;
  const now = clock.now();
  const sessionId = ids.uuidV7(now);
  const kid = sessionTokens.currentKeyId(now);
  const issuedAtSeconds = Math.floor(now / 1000);
  const expiresAtSeconds = issuedAtSeconds + 3_600;
  const row = {
    sessionId,
    userId,
    credentialVersion: 1,
    rehash: null,
    createdAt: now,
    kid,
    attempt: null,
    challenge: null,
  };
  const bounds = { expiresAt: expiresAtSeconds * 1000, maxAgeSeconds: 3_600, maxLiveSessions: 100 };
  const tenant = { orgId, keyId: null };
  await storage.createSession({ ...row, ...bounds, tenant, actor: 'support', device: UNKNOWN_DEVICE });
  const claims = { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds, credentialVersion: 1 };
  const token = sessionTokens.sign(kid, { ...claims, actor: 'support', emailVerified: false, roles: [] }, null);
  return sessionInput(user, token);
}

function givesTo(userId: string): Promise<unknown> {
  return stand.query(
    `UPDATE users SET roles = 'billing admin', email_verified_at = 1, public_metadata = '{"plan":"pro"}',
       private_metadata = '{"note":"secret"}' WHERE user_id = '${userId}'`,
  );
}

describe('Me', () => {
  test('describes the user as stored, by the token alone or with its e-mail and organization', async () => {
    const user = await stand.newUser();
    await givesTo(user.userId);
    const session = await stand.newSession(user);
    const { sessionId, expiresAt } = await validate(stand.ports, session);
    expect(await me(stand.ports, session)).toEqual({
      email: user.email,
      fullname: 'Ada Lovelace',
      role: 'billing',
      roles: ['billing', 'admin'],
      userId: user.userId,
      orgId: user.orgId,
      sessionId,
      expiresAt,
      emailVerified: true,
      publicMetadata: '{"plan":"pro"}',
      createdAt: expect.any(Number),
    });
    expect(await me(stand.ports, { ...session, apiKey: '', orgId: user.orgId })).toMatchObject({ role: 'billing' });
  });

  test('tells who names no organization nothing that one decides', async () => {
    const user = await stand.newUser();
    await givesTo(user.userId);
    const { sessionToken } = await stand.newSession(user);
    const alone = { sessionToken, email: '', orgId: '', apiKey: '' };
    expect(await me(stand.ports, alone)).toMatchObject({
      email: user.email,
      role: 'user',
      roles: [],
      emailVerified: false,
      publicMetadata: '',
    });
    const open = { ...stand.ports, rules: { ...stand.ports.rules, openSignup: true } };
    expect(await outcomeOf(me(open, alone))).toBe('INVALID_ARGUMENT api_key');
    expect(await outcomeOf(me(stand.ports, { ...alone, email: stand.newEmail() }))).toBe('SESSION_INVALID');
    expect(await outcomeOf(me(stand.ports, { ...alone, email: 'x', sessionToken: '' }))).toBe(
      'INVALID_ARGUMENT sessionToken email',
    );
  });

  test('of who has no role says user', async () => {
    expect(await me(stand.ports, await stand.newSession(await stand.newUser()))).toMatchObject({
      role: 'user',
      roles: [],
      emailVerified: false,
    });
  });
});

describe('UpdateProfile', () => {
  test('changes the name, for every session, and describes the user', async () => {
    const user = await stand.newUser();
    const [session, other] = [await stand.newSession(user), await stand.newSession(user)];
    const changed = await updateProfile(stand.ports, { ...session, fullname: '  Ada King ' });
    expect(changed).toEqual({ ...(await me(stand.ports, session)), fullname: 'Ada King' });
    expect(await validate(stand.ports, other)).toMatchObject({ fullname: 'Ada King' });
  });

  test('refuses a name as SignUp does, and a session that has ended', async () => {
    const session = await stand.newSession(await stand.newUser());
    for (const fullname of ['', ' ', 'a\nb', 'x'.repeat(201)]) {
      expect(await outcomeOf(updateProfile(stand.ports, { ...session, fullname }))).toBe('INVALID_ARGUMENT fullname');
    }
    await logout(stand.ports, session);
    expect(await outcomeOf(updateProfile(stand.ports, { ...session, fullname: 'Ada' }))).toBe('SESSION_REVOKED');
  });
});

describe('the sessions of a user', () => {
  test('are listed with the device of their login, and end one by one or all but the one that asks', async () => {
    const user = await stand.newUser();
    const device = { clientIp: '203.0.113.9', userAgent: 'Firefox' };
    const call: CallContext = { ...CALL, device: () => device };
    const session = await stand.newSession(user);
    const { token } = await login(stand.ports, await stand.loginInput(user), call);
    const second = sessionInput(user, token);
    await stand.newSession(user);
    const listed = await listMySessions(stand.ports, session);
    expect(listed.map(({ isCurrent }) => isCurrent).filter(Boolean)).toHaveLength(1);
    const own = await validate(stand.ports, session);
    expect(listed.find(({ isCurrent }) => isCurrent)).toMatchObject({ sessionId: own.sessionId, clientIp: '' });
    const { sessionId } = await validate(stand.ports, second);
    expect(listed.find((each) => each.sessionId === sessionId)).toMatchObject(device);
    expect(await endMySessions(stand.ports, { ...session, sessionId: sessionId.toUpperCase() })).toEqual({
      endedSessions: 1,
    });
    expect(await outcomeOf(validate(stand.ports, second))).toBe('SESSION_REVOKED');
    expect(await endMySessions(stand.ports, session)).toEqual({ endedSessions: 1 });
    expect(await endMySessions(stand.ports, session)).toEqual({ endedSessions: 0 });
    expect(await listMySessions(stand.ports, session)).toHaveLength(1);
    expect(await outcomeOf(endMySessions(stand.ports, { ...session, sessionId: 'x' }))).toBe(
      'INVALID_ARGUMENT session_id',
    );
    expect(await endMySessions(stand.ports, { ...session, sessionId: own.sessionId })).toEqual({ endedSessions: 1 });
    expect(await outcomeOf(listMySessions(stand.ports, session))).toBe('SESSION_REVOKED');
  });

  test("never name another user's", async () => {
    const user = await stand.newUser();
    const [session, stranger] = [await stand.newSession(user), await stand.newSession(await stand.newUser(user))];
    const { sessionId } = await validate(stand.ports, stranger);
    expect(await endMySessions(stand.ports, { ...session, sessionId })).toEqual({ endedSessions: 0 });
    expect(await outcomeOf(validate(stand.ports, stranger))).toBe('OK');
    expect(await listMySessions(stand.ports, session)).toHaveLength(1);
  });
});

describe('a session that somebody opened in the place of a user', () => {
  test('opens Validate, Me and Logout alone, and is told so after every other reason', async () => {
    const user = await stand.newUser();
    const session = await impersonated(user);
    const refused: readonly ((input: typeof session) => Promise<unknown>)[] = [
      (input) => changePassword(stand.ports, { ...input, newPassword: 'Another-Horse-8', currentPassword: '' }, CALL),
      (input) => renewSession(stand.ports, input),
      (input) => listMySessions(stand.ports, input),
      (input) => endMySessions(stand.ports, input),
      (input) => updateProfile(stand.ports, { ...input, fullname: 'Ada King' }),
      (input) => changeEmail(stand.ports, { ...input, newEmail: 'ada@example.org', currentPassword: '' }, CALL),
      (input) => deleteAccount(stand.ports, { ...input, currentPassword: '' }, CALL),
    ];
    for (const call of refused) {
      expect(await outcomeOf(call(session))).toBe('ACCESS_DENIED');
    }
    expect(await validate(stand.ports, session)).toMatchObject({ actor: 'support', fullname: 'Ada Lovelace' });
    expect(await outcomeOf(me(stand.ports, session))).toBe('OK');
    expect(await listMySessions(stand.ports, await stand.newSession(user))).toHaveLength(1);
    await logout(stand.ports, session);
    for (const call of refused) {
      expect(await outcomeOf(call(session))).toBe('SESSION_REVOKED');
    }
  });

  test('ends with the others of the user, and is no sign of a known device', async () => {
    const user = await stand.newUser();
    const session = await impersonated(user);
    const claims = await stand.ports.sessionTokens.verify(session.sessionToken, stand.now);
    expect(claims).toMatchObject({ actor: 'support' });
    const seen: unknown[] = [];
    const { storage } = stand.ports;
    const ports: Ports = {
      ...stand.ports,
      storage: {
        ...storage,
        beginLogin(attempt) {
          seen.push(attempt.device);
          return storage.beginLogin(attempt);
        },
      },
    };
    const own = await stand.logIn(user);
    for (const sessionToken of [session.sessionToken, own.token]) {
      await login(ports, { ...(await stand.loginInput(user)), password: PASSWORD, sessionToken }, CALL);
    }
    expect(seen).toEqual([null, { userId: user.userId, credentialVersion: 1 }]);
    await endMySessions(stand.ports, sessionInput(user, own.token));
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  });
});

import { describe, expect, test } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import {
  changePassword,
  closeOrganization,
  deleteUser,
  disableUser,
  login,
  revokeApiKey,
  validate,
} from '../support/asked.ts';
import {
  ABANDONED,
  CALL,
  full,
  leftAfterHashing,
  NOBODY,
  outcomeOf,
  overloaded,
  PASSWORD,
  rulesStand,
  type SignedUp,
  sessionInput,
  whileHashing,
  withSlots,
} from './rules.ts';

const stand = rulesStand();

describe('a login', () => {
  test('gives a session that lives as long as the setting says, in whole seconds', async () => {
    const user = await stand.newUser();
    const { token, expiresAt, ...others } = await stand.logIn(user);
    const { email, userId, orgId } = user;
    expect(others).toEqual({ email, userId, orgId, fullname: 'Ada Lovelace' });
    expect(expiresAt % 1000).toBe(0);
    expect(expiresAt).toBeLessThanOrEqual(stand.now + stand.ports.rules.sessionTtlSeconds * 1000);
    expect(await validate(stand.ports, sessionInput(user, token))).toMatchObject({ userId, orgId, expiresAt });
  });

  test('names its organization by the key, by org_id, or by both, which must agree', async () => {
    const user = await stand.newUser();
    const { orgId, apiKey } = user;
    const { orgId: otherOrgId } = await stand.newTenant();
    const outcome = async (named: { orgId: string; apiKey: string }) =>
      outcomeOf(login(stand.ports, { ...(await stand.loginInput(user)), ...named }, CALL));
    expect(await outcome({ orgId: '', apiKey })).toBe('OK');
    expect(await outcome({ orgId, apiKey: '' })).toBe('OK');
    expect(await outcome({ orgId: orgId.toUpperCase(), apiKey })).toBe('OK');
    expect(await outcome({ orgId: otherOrgId, apiKey })).toBe('API_KEY_INVALID');
    expect(await outcome({ orgId: NOBODY, apiKey: '' })).toBe('ORGANIZATION_NOT_FOUND');
    expect(await outcome({ orgId: '', apiKey: '' })).toBe('INVALID_ARGUMENT api_key');
  });

  test('takes the e-mail and the password in any spelling that is the same', async () => {
    const user = await stand.newUser();
    const input = await stand.loginInput(user);
    const email = ` ${user.email.toUpperCase()} `;
    expect(await outcomeOf(login(stand.ports, { ...input, email }, CALL))).toBe('OK');
    const session = sessionInput(user, (await stand.logIn(user)).token);
    const newPassword = 'Analytical-\u00e9-1';
    await changePassword(stand.ports, { ...session, newPassword, currentPassword: '' }, CALL);
    expect(await outcomeOf(stand.logIn(user, newPassword.normalize('NFD')))).toBe('OK');
  });

  test('of one e-mail in two organizations is of two users', async () => {
    const first = await stand.newUser();
    const second = await stand.newUser(undefined, first.email);
    expect((await stand.logIn(first)).userId).toBe(first.userId);
    expect((await stand.logIn(second)).userId).toBe(second.userId);
    expect(first.userId).not.toBe(second.userId);
  });

  test('tells all faults of its parameters at once', async () => {
    const input = { foobar: '', email: 'ada', password: '', orgId: 'x', apiKey: 'af_x' };
    expect(await outcomeOf(login(stand.ports, input, CALL))).toBe('INVALID_ARGUMENT foobar email password org_id');
  });

  test('hashes no password of more than 1,024 bytes', async () => {
    const user = await stand.newUser();
    const before = stand.hashes;
    expect(await outcomeOf(stand.logIn(user, 'é'.repeat(513)))).toBe('INVALID_ARGUMENT password');
    expect(stand.hashes).toBe(before);
  });
});

describe('a login is refused', () => {
  test('with a wrong password, whatever its form', async () => {
    const user = await stand.newUser();
    for (const password of ['Analytical-1844', 'x', `${PASSWORD}\0`, 'é'.repeat(512)]) {
      expect(await outcomeOf(stand.logIn(user, password))).toBe('CREDENTIALS_INVALID');
    }
  });

  test('to a user whom the organization does not have, for no hash', async () => {
    const user = await stand.newUser();
    const before = stand.hashes;
    expect(await outcomeOf(stand.logIn({ ...user, email: stand.newEmail() }))).toBe('USER_NOT_FOUND');
    expect(stand.hashes).toBe(before);
  });

  test('to a disabled user after the right password alone', async () => {
    const user = await stand.newUser();
    await disableUser(stand.ports, { orgId: user.orgId, user: user.userId });
    expect(await outcomeOf(stand.logIn(user, 'Analytical-1844'))).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(stand.logIn(user))).toBe('USER_DISABLED');
  });

  test('without a place in the queue, and when nobody waits for it', async () => {
    const user = await stand.newUser();
    expect(await outcomeOf(login(overloaded(stand.ports), await stand.loginInput(user), CALL))).toBe('OVERLOADED');
    expect(await outcomeOf(login(stand.ports, await stand.loginInput(user), ABANDONED))).toBe('DEADLINE_EXCEEDED');
  });

  test('R6: where no place is left, at once: nothing is read for it', async () => {
    const { storage, ...ports } = full(stand.ports);
    const lookAtLogin = () => Promise.reject(new Error('The store is read.'));
    const input = await stand.loginInput(await stand.newUser());
    expect(await outcomeOf(login({ ...ports, storage: { ...storage, lookAtLogin } }, input, CALL))).toBe('OVERLOADED');
    expect(await outcomeOf(login(stand.ports, input, CALL))).toBe('OK');
  });
});

describe('the nonce of a login', () => {
  async function withNonce(user: SignedUp, foobar: string): Promise<string> {
    return outcomeOf(login(stand.ports, { ...(await stand.loginInput(user)), foobar }, CALL));
  }

  test('must be for this e-mail and this organization', async () => {
    const user = await stand.newUser();
    const other = await stand.newTenant();
    expect(await withNonce(user, await stand.nonce(stand.newEmail()))).toBe('NONCE_INVALID');
    expect(await withNonce(user, await stand.nonce(user.email, other.apiKey))).toBe('NONCE_INVALID');
    expect(await withNonce(user, await stand.nonce(user.email, user.apiKey))).toBe('OK');
    expect(await withNonce(user, 'forged')).toBe('NONCE_INVALID');
  });

  test('is no session token', async () => {
    const user = await stand.newUser();
    expect(await withNonce(user, (await stand.logIn(user)).token)).toBe('NONCE_INVALID');
  });

  test('is too old once its time is over', async () => {
    const user = await stand.newUser();
    const foobar = await stand.nonce(user.email);
    stand.pass(stand.ports.rules.nonceTtlSeconds * 1000);
    expect(await withNonce(user, foobar)).toBe('NONCE_EXPIRED');
  });

  test('is good once, and buys one hash', async () => {
    const user = await stand.newUser();
    const input = await stand.loginInput(user);
    const before = stand.hashes;
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => outcomeOf(login(stand.ports, input, CALL))));
    expect(outcomes.sort()).toEqual(['NONCE_USED', 'NONCE_USED', 'NONCE_USED', 'OK']);
    expect(stand.hashes - before).toBe(1);
  });

  test.each([
    ['a wrong password', { password: 'Analytical-1844' }, 'CREDENTIALS_INVALID'],
    ['an unknown user', {}, 'USER_NOT_FOUND'],
  ])('is spent by %s', async (name, change, reason) => {
    const user = await stand.newUser();
    const asked = name === 'an unknown user' ? { ...user, email: stand.newEmail() } : user;
    const input = await stand.loginInput(asked);
    expect(await outcomeOf(login(stand.ports, { ...input, ...change }, CALL))).toBe(reason);
    expect(await outcomeOf(login(stand.ports, input, CALL))).toBe('NONCE_USED');
  });

  test('is spent before the hash: by a call that nobody waits for, and by one whose hash thread goes away', async () => {
    const user = await stand.newUser();
    const abandoned = await stand.loginInput(user);
    const left = leftAfterHashing(stand.ports);
    expect(await outcomeOf(login(left.ports, abandoned, left.call))).toBe('DEADLINE_EXCEEDED');
    expect(await outcomeOf(login(stand.ports, abandoned, CALL))).toBe('NONCE_USED');

    const lost = await stand.loginInput(user);
    const dying = whileHashing(stand.ports, async () => {
      throw new AuthError('UNAVAILABLE');
    });
    // UNAVAILABLE promises that nothing was done: this is a fault of the server's own.
    await expect(login(dying, lost, CALL)).rejects.not.toBeInstanceOf(AuthError);
    expect(await outcomeOf(login(stand.ports, lost, CALL))).toBe('NONCE_USED');
  });

  test('is not spent by what is refused before the account is looked at', async () => {
    const user = await stand.newUser();
    const input = await stand.loginInput(user);
    expect(await outcomeOf(login(stand.ports, { ...input, password: '' }, CALL))).toBe('INVALID_ARGUMENT password');
    expect(await outcomeOf(login(stand.ports, { ...input, apiKey: 'af_wrong' }, CALL))).toBe('API_KEY_INVALID');
    expect(await outcomeOf(login(overloaded(stand.ports), input, CALL))).toBe('OVERLOADED');
    expect(await outcomeOf(login(stand.ports, input, ABANDONED))).toBe('DEADLINE_EXCEEDED');
    expect(await outcomeOf(login(stand.ports, input, CALL))).toBe('OK');
  });
});

describe('what was checked before the hash is checked again after it', () => {
  /** Logs in while something happens, and counts the sessions that come of it. */
  async function during(
    user: SignedUp,
    happens: (ports: Ports) => Promise<unknown>,
    named: { readonly orgId?: string; readonly apiKey?: string } = {},
  ): Promise<string> {
    const ports = whileHashing(stand.ports, () => happens(stand.ports));
    const outcome = await outcomeOf(login(ports, { ...(await stand.loginInput(user)), ...named }, CALL));
    const sessions = await stand.ports.storage.listSessions(user.orgId, user.userId, { limit: 10, after: null });
    expect(sessions.filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
    return outcome;
  }

  test('the user', async () => {
    const [disabled, deleted] = [await stand.newUser(), await stand.newUser()];
    const named = ({ orgId, userId }: SignedUp) => ({ orgId, user: userId });
    expect(await during(disabled, (ports) => disableUser(ports, named(disabled)))).toBe('USER_DISABLED');
    expect(await during(deleted, (ports) => deleteUser(ports, named(deleted)))).toBe('USER_NOT_FOUND');
  });

  test('the password', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const change = { ...session, newPassword: 'Difference-1822', currentPassword: '' };
    const outcome = await outcomeOf(
      login(
        whileHashing(stand.ports, () => changePassword(stand.ports, change, CALL)),
        await stand.loginInput(user),
        CALL,
      ),
    );
    expect(outcome).toBe('CREDENTIALS_INVALID');
    const sessions = await stand.ports.storage.listSessions(user.orgId, user.userId, { limit: 10, after: null });
    expect(sessions).toHaveLength(1);
  });

  test('the key', async () => {
    const user = await stand.newUser();
    const { keyId, apiKey } = await stand.newKey(user);
    const revocation = { orgId: user.orgId, keyId, endSessions: false };
    expect(await during(user, (ports) => revokeApiKey(ports, revocation), { apiKey })).toBe('API_KEY_INVALID');
  });

  test('the caller: no session is opened that nobody knows of', async () => {
    const user = await stand.newUser();
    const { ports, call } = leftAfterHashing(stand.ports);
    expect(await outcomeOf(login(ports, await stand.loginInput(user), call))).toBe('DEADLINE_EXCEEDED');
    expect(await stand.ports.storage.listSessions(user.orgId, null, { limit: 10, after: null })).toEqual([]);
  });

  test('the organization, told as to a fresh call', async () => {
    for (const byKey of [true, false]) {
      const user = await stand.newUser();
      const close = (ports: Ports) => closeOrganization(ports, { orgId: user.orgId });
      const named = byKey ? {} : { apiKey: '', orgId: user.orgId };
      expect(await during(user, close, named)).toBe(byKey ? 'API_KEY_INVALID' : 'ORGANIZATION_NOT_FOUND');
    }
  });
});

test('S2: a user has at most 100 live sessions: one more ends the oldest', async () => {
  const user = await stand.newUser();
  const oldest = await stand.newSession(user);
  const second = await stand.newSession(user);
  for (let sessions = 2; sessions < 100; sessions += 1) {
    stand.pass(1);
    await stand.logIn(user);
  }
  expect(await outcomeOf(validate(stand.ports, oldest))).toBe('OK');
  await stand.logIn(user);
  expect(await outcomeOf(validate(stand.ports, oldest))).toBe('SESSION_REVOKED');
  expect(await outcomeOf(validate(stand.ports, second))).toBe('OK');
});

describe('P4: a hash under outdated parameters', () => {
  const outdated = () =>
    withSlots(stand.ports, (slot) => ({
      ...slot,
      verify: async (...args) => ({ ...(await slot.verify(...args)), outdated: true }),
    }));
  const hashOf = async ({ orgId, userId }: SignedUp) =>
    (await stand.ports.storage.findUserCredentials(orgId, userId))?.passwordHash;

  test('is renewed by the right password, and sessions go on', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const before = await hashOf(user);
    expect(await outcomeOf(login(outdated(), await stand.loginInput(user), CALL))).toBe('OK');
    expect(await hashOf(user)).not.toBe(before);
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
  });

  test('is not rewritten by a wrong password, nor for a disabled user', async () => {
    const user = await stand.newUser();
    const before = await hashOf(user);
    const wrong = { ...(await stand.loginInput(user)), password: 'Analytical-1844' };
    expect(await outcomeOf(login(outdated(), wrong, CALL))).toBe('CREDENTIALS_INVALID');
    await disableUser(stand.ports, { orgId: user.orgId, user: user.userId });
    const hashes = stand.hashes;
    expect(await outcomeOf(login(outdated(), await stand.loginInput(user), CALL))).toBe('USER_DISABLED');
    expect(stand.hashes - hashes).toBe(1);
    expect(await hashOf(user)).toBe(before);
  });
});

import { describe, expect, test } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import { deleteUser, revokeApiKey, signUp } from '../support/asked.ts';
import { CALL, full, leftAfterHashing, outcomeOf, overloaded, PASSWORD, rulesStand, whileHashing } from './rules.ts';

const stand = rulesStand();

describe('a sign-up', () => {
  test("makes a user in the key's organization, e-mail normalized and name trimmed", async () => {
    const tenant = await stand.newTenant();
    const input = await stand.signUpInput(tenant);
    const email = ` ${input.email.toUpperCase()} `;
    const made = await signUp(stand.ports, { ...input, email, fullname: '  Ada Lovelace ' }, CALL);
    expect(made).toEqual({
      userId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: input.email,
      fullname: 'Ada Lovelace',
      orgId: tenant.orgId,
    });
    expect(await stand.ports.storage.findUserByEmail(tenant.orgId, input.email)).toMatchObject(made);
  });

  test('opens no session', async () => {
    const { orgId, userId } = await stand.newUser();
    expect(await stand.ports.storage.listSessions(orgId, userId, { limit: 10, after: null })).toEqual([]);
  });

  test('keeps no password as it is', async () => {
    const { orgId, userId } = await stand.newUser();
    const user = await stand.ports.storage.findUserCredentials(orgId, userId);
    expect(user?.passwordHash).toMatch(/^\$2b\$04\$/);
    expect(user?.passwordHash).not.toContain(PASSWORD);
  });

  test('of an e-mail that another organization has makes another user', async () => {
    const first = await stand.newUser();
    const second = await stand.newUser(undefined, first.email);
    expect(second.userId).not.toBe(first.userId);
  });

  test('of a user who was deleted makes somebody new', async () => {
    const user = await stand.newUser();
    await deleteUser(stand.ports, { orgId: user.orgId, user: user.userId });
    expect((await stand.newUser(user, user.email)).userId).not.toBe(user.userId);
  });
});

describe('the order of checks of a sign-up', () => {
  test('every fault of the parameters is told at once, and first', async () => {
    const input = { foobar: '', apiKey: '', email: 'ada', password: '', fullname: ' ', disclaimed: false };
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe(
      'INVALID_ARGUMENT foobar api_key email password fullname',
    );
    const long = { ...(await stand.signUpInput(await stand.newTenant())), password: 'weak', fullname: 'a'.repeat(201) };
    expect(await outcomeOf(signUp(stand.ports, long, CALL))).toBe('INVALID_ARGUMENT fullname');
  });

  test('each next one is told where all before it are right', async () => {
    const [tenant, other] = [await stand.newTenant(), await stand.newTenant()];
    const { email } = await stand.newUser(tenant);
    const wrong = {
      ...(await stand.signUpInput(tenant, email)),
      foobar: await stand.nonce(email, other.apiKey),
      apiKey: 'af_wrong',
      password: 'weak',
      disclaimed: false,
    };
    const steps = [
      ['PASSWORD_POLICY', { password: PASSWORD }],
      ['DISCLAIMER_REQUIRED', { disclaimed: true }],
      ['API_KEY_INVALID', { apiKey: tenant.apiKey }],
      ['NONCE_INVALID', { foobar: await stand.nonce(email) }],
      ['USER_EXISTS', {}],
    ] as const;
    let input = wrong;
    for (const [reason, mended] of steps) {
      expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe(reason);
      input = { ...input, ...mended };
    }
  });

  test('a nonce that is too old is NONCE_EXPIRED', async () => {
    const input = await stand.signUpInput(await stand.newTenant());
    stand.pass(stand.ports.rules.nonceTtlSeconds * 1000);
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('NONCE_EXPIRED');
  });
});

describe('the nonce of a sign-up', () => {
  test('is good once: of many at once one makes a user, for one hash', async () => {
    const input = await stand.signUpInput(await stand.newTenant());
    const before = stand.hashes;
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => outcomeOf(signUp(stand.ports, input, CALL))));
    expect(outcomes.sort()).toEqual(['NONCE_USED', 'NONCE_USED', 'NONCE_USED', 'OK']);
    expect(stand.hashes - before).toBe(1);
  });

  test('is spent by an e-mail that is taken, for no hash', async () => {
    const user = await stand.newUser();
    const input = await stand.signUpInput(user, user.email);
    const before = stand.hashes;
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('USER_EXISTS');
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('NONCE_USED');
    expect(stand.hashes).toBe(before);
  });

  test('is spent before the hash, by a call that nobody waits for too', async () => {
    const input = await stand.signUpInput(await stand.newTenant());
    const left = leftAfterHashing(stand.ports);
    expect(await outcomeOf(signUp(left.ports, input, left.call))).toBe('DEADLINE_EXCEEDED');
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('NONCE_USED');
  });

  test('is not spent by what is refused before', async () => {
    const input = await stand.signUpInput(await stand.newTenant());
    for (const [change, reason] of [
      [{ fullname: '' }, 'INVALID_ARGUMENT fullname'],
      [{ password: 'weak' }, 'PASSWORD_POLICY'],
      [{ disclaimed: false }, 'DISCLAIMER_REQUIRED'],
      [{ apiKey: 'af_wrong' }, 'API_KEY_INVALID'],
    ] as const) {
      expect(await outcomeOf(signUp(stand.ports, { ...input, ...change }, CALL))).toBe(reason);
    }
    expect(await outcomeOf(signUp(full(stand.ports), input, CALL))).toBe('OVERLOADED');
    expect(await outcomeOf(signUp(overloaded(stand.ports), input, CALL))).toBe('OVERLOADED');
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('OK');
  });
});

describe('while a sign-up hashes', () => {
  test('another one of the same e-mail wins: USER_EXISTS', async () => {
    const tenant = await stand.newTenant();
    const input = await stand.signUpInput(tenant);
    const ports = whileHashing(stand.ports, () => stand.newUser(tenant, input.email));
    expect(await outcomeOf(signUp(ports, input, CALL))).toBe('USER_EXISTS');
  });

  test('its key is revoked: API_KEY_INVALID, and no user is made', async () => {
    const tenant = await stand.newTenant();
    const { keyId, apiKey } = await stand.newKey(tenant);
    const input = await stand.signUpInput({ ...tenant, apiKey });
    const revocation = { orgId: tenant.orgId, keyId, endSessions: false };
    const ports = whileHashing(stand.ports, () => revokeApiKey(stand.ports, revocation));
    expect(await outcomeOf(signUp(ports, input, CALL))).toBe('API_KEY_INVALID');
    expect(await stand.ports.storage.findUserByEmail(tenant.orgId, input.email)).toBeNull();
  });

  test('the hash thread goes away: a fault of the server, because the nonce is spent', async () => {
    const input = await stand.signUpInput(await stand.newTenant());
    const ports = whileHashing(stand.ports, async () => {
      throw new AuthError('UNAVAILABLE');
    });
    await expect(signUp(ports, input, CALL)).rejects.not.toBeInstanceOf(AuthError);
  });

  test('its caller leaves: no user is made that nobody knows of', async () => {
    const tenant = await stand.newTenant();
    const input = await stand.signUpInput(tenant);
    const { ports, call } = leftAfterHashing(stand.ports);
    expect(await outcomeOf(signUp(ports, input, call))).toBe('DEADLINE_EXCEEDED');
    expect(await stand.ports.storage.findUserByEmail(tenant.orgId, input.email)).toBeNull();
  });
});

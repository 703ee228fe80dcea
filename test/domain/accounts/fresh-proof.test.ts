import { describe, expect, test } from 'vitest';
import { changePassword, deleteAccount, resetPassword } from '../../support/asked.ts';
import { CALL, outcomeOf, PASSWORD, rulesStand, type SignedUp, sessionInput } from '../rules.ts';

const stand = rulesStand();
const MINUTE = 60_000;
const DAYS_7 = 7 * 24 * 60 * MINUTE;
const NEW_PASSWORD = 'Difference-1822';

type Session = ReturnType<typeof sessionInput>;

/** Whether a session and what is given with it are a fresh proof: only then is the account deleted. */
const proof = (session: Session, currentPassword = '') =>
  outcomeOf(deleteAccount(stand.ports, { ...session, currentPassword }, CALL));

const change = (session: Session, newPassword: string, currentPassword = '') =>
  changePassword(stand.ports, { ...session, newPassword, currentPassword }, CALL);

async function logIn(user: SignedUp, password: string): Promise<Session> {
  return sessionInput(user, (await stand.logIn(user, password)).token);
}

describe('a fresh proof', () => {
  test('is a login of the last 15 minutes, and no older one', async () => {
    const [young, old] = [await stand.newUser(), await stand.newUser()];
    const [ofYoung, ofOld] = [await stand.newSession(young), await stand.newSession(old)];
    stand.pass(14 * MINUTE);
    expect(await proof(ofYoung)).toBe('OK');
    stand.pass(2 * MINUTE);
    expect(await proof(ofOld)).toBe('REAUTHENTICATION_REQUIRED');
  });

  test('is the present password, whenever the login was; a wrong one is none, however young that is', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    expect(await proof(session, 'Wrong-Password-1')).toBe('CREDENTIALS_INVALID');
    stand.pass(60 * MINUTE);
    expect(await proof(session, 'Wrong-Password-1')).toBe('CREDENTIALS_INVALID');
    expect(await proof(session, PASSWORD)).toBe('OK');
  });

  test('A1: ten wrong passwords in a row end the session, over all calls that take one', async () => {
    const session = await stand.newSession(await stand.newUser());
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await proof(session, 'Wrong-Password-1')).toBe('CREDENTIALS_INVALID');
      expect(await outcomeOf(change(session, NEW_PASSWORD, 'Wrong-Password-1'))).toBe('CREDENTIALS_INVALID');
    }
    expect(await proof(session, PASSWORD)).toBe('SESSION_REVOKED');
  });

  test('costs a hash where a password is given, and none otherwise', async () => {
    const session = await stand.newSession(await stand.newUser());
    stand.pass(60 * MINUTE);
    const before = stand.hashes;
    expect(await proof(session)).toBe('REAUTHENTICATION_REQUIRED');
    expect(stand.hashes - before).toBe(0);
    expect(await proof(session, PASSWORD)).toBe('OK');
    expect(stand.hashes - before).toBe(1);
  });

  test('is not a password that a stolen session set, nor a login with it, for 7 days', async () => {
    const user = await stand.newUser();
    const stolen = await stand.newSession(user);
    stand.pass(60 * MINUTE);
    await change(stolen, NEW_PASSWORD);
    expect(await proof(stolen, NEW_PASSWORD)).toBe('REAUTHENTICATION_REQUIRED');
    const login = await logIn(user, NEW_PASSWORD);
    expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
    expect(await proof(login, NEW_PASSWORD)).toBe('REAUTHENTICATION_REQUIRED');
    // Proving what proves nothing makes nothing of the next one.
    await change(login, 'Engine-No-2', NEW_PASSWORD);
    expect(await proof(await logIn(user, 'Engine-No-2'), 'Engine-No-2')).toBe('REAUTHENTICATION_REQUIRED');
    stand.pass(DAYS_7);
    expect(await proof(await logIn(user, 'Engine-No-2'))).toBe('OK');
  });

  test('is not a login with such a password either, once it has set another', async () => {
    const user = await stand.newUser();
    const stolen = await stand.newSession(user);
    stand.pass(60 * MINUTE);
    await change(stolen, NEW_PASSWORD);
    const login = await logIn(user, NEW_PASSWORD);
    stand.pass(MINUTE);
    await change(login, 'Engine-No-2');
    expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
    stand.pass(MINUTE);
    await change(login, 'Engine-No-3');
    expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
    expect(await proof(login, 'Engine-No-3')).toBe('REAUTHENTICATION_REQUIRED');
    // The one that was set last has its own seven days, but for minutes.
    stand.pass(DAYS_7 - 60 * MINUTE);
    expect(await proof(await logIn(user, 'Engine-No-3'), 'Engine-No-3')).toBe('REAUTHENTICATION_REQUIRED');
    stand.pass(60 * MINUTE);
    expect(await proof(await logIn(user, 'Engine-No-3'))).toBe('OK');
  });

  test.each(['', NEW_PASSWORD])(
    'is no such login at a node whose clock is behind, whatever it changes by %j',
    async (known) => {
      const user = await stand.newUser();
      const stolen = await stand.newSession(user);
      stand.pass(60 * MINUTE);
      await change(stolen, NEW_PASSWORD);
      stand.pass(-MINUTE / 2);
      const login = await logIn(user, NEW_PASSWORD);
      expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
      stand.pass(MINUTE);
      expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
      await change(login, 'Engine-No-2', known);
      expect(await proof(login)).toBe('REAUTHENTICATION_REQUIRED');
    },
  );

  test('is asked for without a look at a password that proves nothing, which counts none as wrong', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    stand.pass(60 * MINUTE);
    await change(session, NEW_PASSWORD);
    const before = stand.hashes;
    for (const password of [NEW_PASSWORD, 'Wrong-Password-1']) {
      for (let tries = 0; tries < 11; tries += 1) {
        expect(await proof(session, password)).toBe('REAUTHENTICATION_REQUIRED');
      }
    }
    expect(stand.hashes - before).toBe(0);
    expect(await outcomeOf(change(session, NEW_PASSWORD, NEW_PASSWORD))).toBe('OK');
  });

  test('is the login of a session that set a password since, while it is young', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    stand.pass(MINUTE);
    await change(session, NEW_PASSWORD);
    expect(await proof(session)).toBe('OK');
  });

  test('is again a password that a mail has set', async () => {
    const user = await stand.newUser();
    const stolen = await stand.newSession(user);
    stand.pass(60 * MINUTE);
    await change(stolen, NEW_PASSWORD);
    const { orgId, userId } = user;
    const known = await stand.ports.storage.findUserCredentials(orgId, userId);
    const { token } = stand.ports.mailTokens.sign('reset_password', known ?? { ...user, ...NEVER }, stand.now);
    await resetPassword(stand.ports, { token, newPassword: PASSWORD }, CALL);
    expect(await proof(await logIn(user, PASSWORD))).toBe('OK');
  });
});

const NEVER = { credentialVersion: 0, addressVersion: 0 };

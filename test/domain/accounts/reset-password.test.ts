import { describe, expect, test } from 'vitest';
import { MAIL_TOKEN_KINDS, type MailTokenKind } from '../../../src/domain/accounts/mail-token.ts';
import { closeOrganization, disableUser, resetPassword, validate, verifyEmail } from '../../support/asked.ts';
import { ABANDONED, CALL, outcomeOf, overloaded, PASSWORD, rulesStand, type SignedUp } from '../rules.ts';

const stand = rulesStand();
const NEW_PASSWORD = 'Difference-1822';

/** A token as a mail would bring it. */
async function tokenOf({ orgId, userId }: SignedUp, kind: MailTokenKind = 'reset_password'): Promise<string> {
  const user = await stand.ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return stand.ports.mailTokens.sign(kind, { ...user, newEmail: stand.newEmail() }, stand.now).token;
}

const reset = (token: string, newPassword = NEW_PASSWORD, call = CALL) =>
  outcomeOf(resetPassword(stand.ports, { token, newPassword }, call));

describe('a reset of the password', () => {
  test('lets in the new one alone, ends every session, proves the address, and logs nobody in', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const { orgId, email } = user;
    const done = await resetPassword(stand.ports, { token: await tokenOf(user), newPassword: NEW_PASSWORD }, CALL);
    expect(done).toEqual({ email, orgId, endedSessions: 1 });
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(stand.logIn(user))).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(stand.logIn(user, NEW_PASSWORD))).toBe('OK');
    const { emailVerifiedAt } = (await stand.ports.storage.findUser(orgId, user.userId)) ?? {};
    expect(emailVerifiedAt).not.toBeNull();
  });

  test('lifts the locks of failed logins', async () => {
    const user = await stand.newUser();
    for (let failures = 0; failures < 5; failures += 1) {
      await outcomeOf(stand.logIn(user, 'Wrong-Password-1'));
    }
    expect(await outcomeOf(stand.logIn(user))).toBe('ACCOUNT_LOCKED');
    expect(await reset(await tokenOf(user))).toBe('OK');
    expect(await outcomeOf(stand.logIn(user, NEW_PASSWORD))).toBe('OK');
  });

  test.each(MAIL_TOKEN_KINDS)('by the token of a mail of the kind %s', async (kind) => {
    const user = await stand.newUser();
    const isItsOwn = kind === 'reset_password' || kind === 'invite';
    expect(await reset(await tokenOf(user, kind))).toBe(isItsOwn ? 'OK' : 'TOKEN_INVALID');
  });

  test('M1: 64 at once with one token: one is a success, and few of the others cost a hash', async () => {
    const user = await stand.newUser();
    const token = await tokenOf(user);
    const before = stand.hashes;
    const outcomes = await Promise.all(Array.from({ length: 64 }, () => reset(token)));
    expect(outcomes.filter((outcome) => outcome === 'OK')).toHaveLength(1);
    // Those for whom the queue has no place may come again, and meet what the others met.
    expect(outcomes.filter((outcome) => !['OK', 'TOKEN_INVALID', 'OVERLOADED'].includes(outcome))).toEqual([]);
    expect(await reset(token)).toBe('TOKEN_INVALID');
    expect(stand.hashes - before).toBeLessThan(32);
  });

  test('by a token that is too old, or whose user is disabled or of a closed organization, is refused', async () => {
    const user = await stand.newUser();
    const token = await tokenOf(user);
    stand.pass(30 * 60_000);
    expect(await reset(token)).toBe('TOKEN_EXPIRED');
    const disabled = await stand.newUser();
    const ofDisabled = await tokenOf(disabled);
    await disableUser(stand.ports, { orgId: disabled.orgId, user: disabled.userId });
    expect(await reset(ofDisabled)).toBe('TOKEN_INVALID');
    const tenant = await stand.newTenant();
    const closed = await stand.newUser(tenant);
    const ofClosed = await tokenOf(closed);
    await closeOrganization(stand.ports, { orgId: tenant.orgId });
    expect(await reset(ofClosed)).toBe('TOKEN_INVALID');
  });

  test.each([
    ['Short-1', 'the policy'],
    ['Password-2024', 'what others guess first'],
  ])('to %s is refused by %s, and spends nothing', async (password) => {
    const user = await stand.newUser();
    const token = await tokenOf(user);
    expect(await reset(token, password)).toBe('PASSWORD_POLICY');
    expect(await reset(token)).toBe('OK');
  });

  test('to a password made of the own address is refused', async () => {
    const email = 'babbage.engine@example.com';
    const user = await stand.newUser(undefined, email);
    expect(await reset(await tokenOf(user), 'Babbage.Engine1')).toBe('PASSWORD_POLICY');
  });

  test('that nobody waits for, or for which there is no place, changes nothing', async () => {
    const user = await stand.newUser();
    const token = await tokenOf(user);
    expect(await reset(token, NEW_PASSWORD, ABANDONED)).toBe('DEADLINE_EXCEEDED');
    expect(await outcomeOf(resetPassword(overloaded(stand.ports), { token, newPassword: NEW_PASSWORD }, CALL))).toBe(
      'OVERLOADED',
    );
    expect(await outcomeOf(stand.logIn(user, PASSWORD))).toBe('OK');
    expect(await reset(token)).toBe('OK');
  });

  test('M1: after any change of the credentials no older token opens anything', async () => {
    const user = await stand.newUser();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => tokenOf(user)));
    const changes = await Promise.all(Array.from({ length: 100 }, () => tokenOf(user, 'change_email')));
    expect(await reset(await tokenOf(user), PASSWORD)).toBe('OK');
    for (const token of tokens) {
      expect(await reset(token)).toBe('TOKEN_INVALID');
    }
    for (const token of changes) {
      expect(await outcomeOf(verifyEmail(stand.ports, { token }))).toBe('TOKEN_INVALID');
    }
  });
});

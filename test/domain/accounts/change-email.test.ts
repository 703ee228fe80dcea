import { describe, expect, test } from 'vitest';
import type { MailTokenKind, MailTokenSubject } from '../../../src/domain/accounts/mail-token.ts';
import {
  changeEmail,
  changePassword,
  resetPassword,
  undoEmailChange,
  validate,
  verifyEmail,
} from '../../support/asked.ts';
import { CALL, outcomeOf, PASSWORD, rulesStand, type SignedUp } from '../rules.ts';

const stand = rulesStand();
const HOUR = 3_600_000;
const NEW_PASSWORD = 'Difference-1822';

/** A token as a mail would bring it that is sent now. */
async function tokenOf(
  { orgId, userId }: SignedUp,
  kind: MailTokenKind,
  changes: Partial<MailTokenSubject> = {},
): Promise<string> {
  const user = await stand.ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return stand.ports.mailTokens.sign(kind, { ...user, ...changes }, stand.now).token;
}

const verify = (token: string) => outcomeOf(verifyEmail(stand.ports, { token }));
const undo = (token: string) => outcomeOf(undoEmailChange(stand.ports, { token }));

describe('a verification', () => {
  test('is a success each time, until the address is another or the token too old', async () => {
    const user = await stand.newUser();
    const token = await tokenOf(user, 'verify_email');
    const { orgId, userId, email } = user;
    expect(await verifyEmail(stand.ports, { token })).toEqual({ orgId, userId, email });
    expect(await verify(token)).toBe('OK');
    const session = await stand.newSession(user);
    await changePassword(stand.ports, { ...session, newPassword: NEW_PASSWORD, currentPassword: '' }, CALL);
    expect(await verify(token)).toBe('OK');
    stand.pass(24 * HOUR);
    expect(await verify(token)).toBe('TOKEN_EXPIRED');
    const fresh = await tokenOf(user, 'verify_email');
    expect(await verify(await tokenOf(user, 'change_email', { newEmail: stand.newEmail() }))).toBe('OK');
    expect(await verify(fresh)).toBe('TOKEN_INVALID');
  });
});

describe('a change of the address', () => {
  test('needs another address, and tells and does the same whether that is taken', async () => {
    const user = await stand.newUser();
    const taken = await stand.newUser(user);
    const session = { ...(await stand.newSession(user)), currentPassword: '' };
    const ask = (newEmail: string) => outcomeOf(changeEmail(stand.ports, { ...session, newEmail }, CALL));
    expect(await ask(user.email.toUpperCase())).toBe('INVALID_ARGUMENT newEmail');
    expect(await ask('nobody')).toBe('INVALID_ARGUMENT newEmail');
    expect(await ask(taken.email)).toBe('OK');
    expect(await ask(stand.newEmail())).toBe('OK');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
  });

  test('is made by its token once, proves the address, and ends every session', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const newEmail = stand.newEmail();
    const token = await tokenOf(user, 'change_email', { newEmail });
    const { orgId, userId } = user;
    expect(await verifyEmail(stand.ports, { token })).toEqual({ email: newEmail, orgId, userId });
    expect(await verify(token)).toBe('TOKEN_INVALID');
    // Its token tells of an address that its user has no more.
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_INVALID');
    expect(await outcomeOf(validate(stand.ports, { ...session, email: newEmail }))).toBe('SESSION_INVALID');
    expect(await outcomeOf(stand.logIn(user))).toBe('USER_NOT_FOUND');
    expect(await outcomeOf(stand.logIn({ ...user, email: newEmail }))).toBe('OK');
    expect(await stand.ports.storage.findUser(orgId, userId)).toMatchObject({ emailVerifiedAt: expect.any(Number) });
  });

  test('is void after another password, and too old after an hour', async () => {
    const user = await stand.newUser();
    const newEmail = stand.newEmail();
    const before = await tokenOf(user, 'change_email', { newEmail });
    const session = await stand.newSession(user);
    await changePassword(stand.ports, { ...session, newPassword: PASSWORD, currentPassword: PASSWORD }, CALL);
    expect(await verify(before)).toBe('TOKEN_INVALID');
    const after = await tokenOf(user, 'change_email', { newEmail });
    stand.pass(HOUR);
    expect(await verify(after)).toBe('TOKEN_EXPIRED');
  });

  test('to an address that was taken meanwhile is refused, and can be made when it is free again', async () => {
    const user = await stand.newUser();
    const newEmail = stand.newEmail();
    const token = await tokenOf(user, 'change_email', { newEmail });
    await stand.newUser(user, newEmail);
    expect(await verify(token)).toBe('USER_EXISTS');
  });
});

describe('a warning', () => {
  test('gives the address back within 7 days, once, and ends what the intruder opened', async () => {
    const user = await stand.newUser();
    const warning = await tokenOf(user, 'email_change_warning');
    const stolen = stand.newEmail();
    await verifyEmail(stand.ports, { token: await tokenOf(user, 'change_email', { newEmail: stolen }) });
    const token = await tokenOf({ ...user, email: stolen }, 'reset_password');
    await resetPassword(stand.ports, { token, newPassword: NEW_PASSWORD }, CALL);
    const ofIntruder = { ...user, email: stolen };
    const { token: sessionToken } = await stand.logIn(ofIntruder, NEW_PASSWORD);
    const again = await tokenOf(ofIntruder, 'email_change_warning');
    stand.pass(6 * 24 * HOUR);
    const { orgId, userId, email } = user;
    expect(await undoEmailChange(stand.ports, { token: warning })).toEqual({ orgId, userId, email });
    expect(await outcomeOf(validate(stand.ports, { ...ofIntruder, sessionToken }))).toBe('SESSION_INVALID');
    expect(await stand.ports.storage.findUserByEmail(orgId, email)).toMatchObject({ userId });
    expect(await undo(warning)).toBe('TOKEN_INVALID');
    expect(await outcomeOf(stand.logIn(user, NEW_PASSWORD))).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(stand.logIn(user))).toBe('CREDENTIALS_INVALID');
    // What the intruder was warned of does not undo that.
    expect(await undo(again)).toBe('TOKEN_INVALID');
  });

  test('gives the first address back, however often an intruder went on from there and back', async () => {
    const user = await stand.newUser();
    const owners = await tokenOf(user, 'email_change_warning');
    const session = await stand.newSession(user);
    const [second, third] = [stand.newEmail(), stand.newEmail()];
    expect(await verify(await tokenOf(user, 'verify_email'))).toBe('OK');
    expect(await verify(await tokenOf(user, 'change_email', { newEmail: second }))).toBe('OK');
    const intruders = await tokenOf(user, 'email_change_warning');
    expect(await verify(await tokenOf(user, 'change_email', { newEmail: third }))).toBe('OK');
    // Nobody sits down at the address meanwhile, either.
    expect(await outcomeOf(stand.newUser(user, user.email))).toBe('USER_EXISTS');
    expect(await undo(intruders)).toBe('OK');
    const again = await tokenOf(user, 'email_change_warning');
    expect(await undo(owners)).toBe('OK');
    expect(await undo(again)).toBe('TOKEN_INVALID');
    expect(await undo(intruders)).toBe('TOKEN_INVALID');
    expect(await outcomeOf(validate(stand.ports, session))).toMatch(/^SESSION/);
    const { orgId, userId, email } = user;
    expect(await stand.ports.storage.findUserByEmail(orgId, email)).toMatchObject({ userId });
  });

  test('voids a change that was not made yet, and is too old after 7 days', async () => {
    const user = await stand.newUser();
    const change = await tokenOf(user, 'change_email', { newEmail: stand.newEmail() });
    const warning = await tokenOf(user, 'email_change_warning');
    const late = await tokenOf(await stand.newUser(), 'email_change_warning');
    expect(await undo(warning)).toBe('OK');
    expect(await verify(change)).toBe('TOKEN_INVALID');
    stand.pass(7 * 24 * HOUR);
    expect(await undo(late)).toBe('TOKEN_EXPIRED');
  });

  test('opens nothing but this', async () => {
    const user = await stand.newUser();
    const token = await tokenOf(user, 'email_change_warning');
    expect(await verify(token)).toBe('TOKEN_INVALID');
    expect(await outcomeOf(resetPassword(stand.ports, { token, newPassword: NEW_PASSWORD }, CALL))).toBe(
      'TOKEN_INVALID',
    );
    for (const kind of ['verify_email', 'reset_password', 'invite', 'change_email'] as const) {
      expect(await undo(await tokenOf(user, kind, { newEmail: stand.newEmail() }))).toBe('TOKEN_INVALID');
    }
  });
});

import { inspect } from 'node:util';
import type { AuthFlowError, Challenge, LoginStep, RecoveredSession, Session } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { newEmail, PASSWORD } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { totp } from './support/totp.ts';

const MINUTE_MS = 60_000;
const NEW_PASSWORD = 'Difference-1822';
const CODE_INVALID = { code: 'UNAUTHENTICATED', reason: 'CODE_INVALID', statusCode: 401 };
const CHALLENGE_INVALID = { code: 'UNAUTHENTICATED', reason: 'CHALLENGE_INVALID', statusCode: 401 };
const REAUTHENTICATION_REQUIRED = { reason: 'REAUTHENTICATION_REQUIRED', statusCode: 403 };
const ACCOUNT_LOCKED = { code: 'RESOURCE_EXHAUSTED', reason: 'ACCOUNT_LOCKED', statusCode: 429, retryAfterMs: null };

let fake: AuthFlowFake;
let email: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  fake = new AuthFlowFake();
  email = newEmail();
  await fake.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
});

// RFC 6238, appendix B: the last six of its eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the codes that the fake is tried with are those of RFC 6238, at %i', (seconds, code) => {
  expect(totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1_000)).toBe(code);
});

describe('an authenticator app', () => {
  test('is set up by its first code, which ends other sessions, and is asked for from then on', async () => {
    const other = await logIn();
    const { token: sessionToken } = await logIn();
    const setup = await fake.enableTotp({ sessionToken });
    expect(setup.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(setup.otpauthUrl).toContain(`secret=${setup.secret}`);
    expect(setup.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(setup.expiresAt.getTime()).toBe(Date.now() + 10 * MINUTE_MS);
    await logIn();

    const confirm = (code: string) => fake.confirmTotp({ sessionToken, code });
    expect(await rejection(confirm(notThe(setup.secret)))).toMatchObject(CODE_INVALID);
    const { recoveryCodes, session } = await confirm(totp(setup.secret, Date.now()));
    expect(session).toBeNull();
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    }
    expect(await rejection(fake.validate({ sessionToken: other.token }))).toMatchObject({ reason: 'SESSION_REVOKED' });
    expect(await fake.me({ sessionToken })).toMatchObject({ secondFactor: true, recoveryCodesLeft: 10 });

    const step = await challenged();
    expect(step).toEqual({
      reason: 'SECOND_FACTOR_REQUIRED',
      methods: ['totp', 'recovery'],
      expiresAt: new Date(Date.now() + 10 * MINUTE_MS),
    });
    expect(await rejection(fake.login({ email, password: PASSWORD }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'SECOND_FACTOR_REQUIRED',
      statusCode: 401,
      challenge: { reason: 'SECOND_FACTOR_REQUIRED', methods: ['totp', 'recovery'] },
    });
  });

  test('is not set up twice, nor where the organization takes none, nor by an old secret', async () => {
    const { token: sessionToken } = await logIn();
    const notEnabled = { code: 'FAILED_PRECONDITION', reason: 'SECOND_FACTOR_NOT_ENABLED', statusCode: 409 };
    expect(await rejection(fake.confirmTotp({ sessionToken, code: '000000' }))).toMatchObject(notEnabled);
    fake.settings.secondFactor = 'off';
    expect(await rejection(fake.enableTotp({ sessionToken }))).toMatchObject(notEnabled);
    fake.settings.secondFactor = 'optional';
    const first = await fake.enableTotp({ sessionToken });
    const second = await fake.enableTotp({ sessionToken });
    const confirm = (secret: string) => fake.confirmTotp({ sessionToken, code: totp(secret, Date.now()) });
    expect(await rejection(confirm(first.secret))).toMatchObject(CODE_INVALID);
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(await rejection(confirm(second.secret))).toMatchObject(notEnabled);
    const third = await fake.enableTotp({ sessionToken });
    await confirm(third.secret);
    const enabled = { code: 'ALREADY_EXISTS', reason: 'SECOND_FACTOR_ALREADY_ENABLED', statusCode: 409 };
    expect(await rejection(fake.enableTotp({ sessionToken }))).toMatchObject(enabled);
    expect(await rejection(confirm(third.secret))).toMatchObject(enabled);
  });

  test('is set up by a login of the last 15 minutes or the present password', async () => {
    const { token: sessionToken } = await logIn();
    vi.advanceTimersByTime(15 * MINUTE_MS + 1_000);
    expect(await rejection(fake.enableTotp({ sessionToken }))).toMatchObject(REAUTHENTICATION_REQUIRED);
    const wrong = fake.enableTotp({ sessionToken, currentPassword: NEW_PASSWORD });
    expect(await rejection(wrong)).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    await fake.enableTotp({ sessionToken, currentPassword: PASSWORD });
  });

  test('shows codes that are good once, a step early and a step late', async () => {
    const { secret } = await enable();
    const verify = async (atMs: number) =>
      fake.verifyTotp({ challenge: (await challenged()).challenge, code: totp(secret, atMs) });
    vi.advanceTimersByTime(5 * MINUTE_MS);
    for (const offMs of [-60_000, 60_000]) {
      expect(await rejection(verify(Date.now() + offMs))).toMatchObject(CODE_INVALID);
    }
    for (const offMs of [-30_000, 0, 30_000]) {
      expect(opened(await verify(Date.now() + offMs))).toMatchObject({ email });
      expect(await rejection(verify(Date.now() + offMs))).toMatchObject(CODE_INVALID);
    }
    expect(await rejection(verify(Date.now()))).toMatchObject(CODE_INVALID);
    vi.advanceTimersByTime(30_000);
    expect(opened(await verify(Date.now() + 30_000))).toMatchObject({ email });
  });

  test('lets one of many calls with one code through', async () => {
    const { secret } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const code = totp(secret, Date.now());
    const steps = await Promise.all(Array.from({ length: 8 }, challenged));
    const outcomes = await Promise.allSettled(steps.map(({ challenge }) => fake.verifyTotp({ challenge, code })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is read by a test, too', async () => {
    await expect(fake.totpCode(email)).rejects.toThrow('no second factor');
    const { token: sessionToken } = await logIn();
    await fake.enableTotp({ sessionToken });
    await fake.confirmTotp({ sessionToken, code: await fake.totpCode(email) });
    for (let logins = 0; logins < 2; logins += 1) {
      const { challenge } = await challenged();
      opened(await fake.verifyTotp({ challenge, code: await fake.totpCode(email) }));
    }
    await expect(fake.totpCode(email)).rejects.toThrow('used all codes');
    vi.advanceTimersByTime(30_000);
    const { challenge } = await challenged();
    opened(await fake.verifyTotp({ challenge, code: await fake.totpCode(email) }));
    await expect(fake.totpCode('nobody@example.com')).rejects.toThrow('nobody@example.com');
  });
});

describe('a challenge', () => {
  test('lives ten minutes and is spent by success', async () => {
    const { secret } = await enable();
    const { challenge } = await challenged();
    const again = () => fake.verifyTotp({ challenge, code: totp(secret, Date.now()) });
    vi.advanceTimersByTime(MINUTE_MS);
    opened(await again());
    vi.advanceTimersByTime(MINUTE_MS);
    expect(await rejection(again())).toMatchObject(CHALLENGE_INVALID);
    const late = await challenged();
    vi.advanceTimersByTime(10 * MINUTE_MS);
    const call = fake.verifyTotp({ challenge: late.challenge, code: totp(secret, Date.now()) });
    expect(await rejection(call)).toMatchObject(CHALLENGE_INVALID);
  });

  test('takes five tries over all methods, and a user has ten', async () => {
    const { secret, recoveryCodes } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const { challenge } = await challenged();
    for (let tries = 0; tries < 5; tries += 1) {
      const call =
        tries % 2 === 0
          ? fake.verifyTotp({ challenge, code: notThe(secret) })
          : fake.verifyRecoveryCode({ challenge, recoveryCode: 'AAAA-AAAA-AAAA-AAAA' });
      expect(await rejection(call)).toMatchObject(CODE_INVALID);
    }
    const right = { challenge, recoveryCode: recoveryCodes[0] ?? '' };
    expect(await rejection(fake.verifyRecoveryCode(right))).toMatchObject(CHALLENGE_INVALID);

    const steps: Challenge[] = [];
    for (let logins = 0; logins < 11; logins += 1) {
      steps.push(await challenged());
    }
    const code = totp(secret, Date.now());
    const [oldest, second] = steps.map((step) => ({ challenge: step.challenge, code }));
    expect(await rejection(fake.verifyTotp(oldest ?? { challenge: '', code }))).toMatchObject(CHALLENGE_INVALID);
    opened(await fake.verifyTotp(second ?? { challenge: '', code }));
  });

  test.each<readonly [string, (sessionToken: string, secret: string) => unknown]>([
    [
      'another password',
      (sessionToken, secret) =>
        fake.changePassword({ sessionToken, newPassword: PASSWORD, code: totp(secret, Date.now()) }),
    ],
    [
      'other recovery codes',
      (sessionToken, secret) => fake.regenerateRecoveryCodes({ sessionToken, code: totp(secret, Date.now()) }),
    ],
    ["a password of an administrator's", () => fake.setPassword(email, PASSWORD)],
    [
      'disabling and enabling',
      () => {
        fake.setDisabled(email, true);
        fake.setDisabled(email, false);
      },
    ],
  ])('is void with %s', async (_, change) => {
    const { secret, sessionToken, recoveryCodes } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const { challenge } = await challenged();
    await change(sessionToken, secret);
    const call = fake.verifyRecoveryCode({ challenge, recoveryCode: recoveryCodes[0] ?? '' });
    expect(await rejection(call)).toMatchObject(CHALLENGE_INVALID);
  });

  test('takes no other method, and is none that was made up', async () => {
    const { secret } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const { challenge } = await challenged();
    const code = totp(secret, Date.now());
    for (const call of [
      () => fake.sendEmailCode({ challenge }),
      () => fake.verifyEmailCode({ challenge, code }),
      () => fake.enableTotp({ challenge }),
      () => fake.confirmTotp({ challenge, code }),
      () => fake.resetPassword({ token: challenge, newPassword: NEW_PASSWORD, currentPassword: PASSWORD }),
      () => fake.verifyTotp({ challenge: 'made.up', code }),
    ]) {
      expect(await rejection(call())).toMatchObject(CHALLENGE_INVALID);
    }
    expect(await rejection(fake.verifyTotp({ challenge: '', code: '' }))).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      violations: [expect.objectContaining({ field: 'challenge' }), expect.objectContaining({ field: 'code' })],
    });
    opened(await fake.verifyTotp({ challenge, code }));
  });
});

describe('recovery codes', () => {
  test('are good once each, however they are spelled, and are told as they get fewer', async () => {
    const { recoveryCodes } = await enable();
    const [first = '', second = ''] = recoveryCodes;
    const verify = async (recoveryCode: string) =>
      fake.verifyRecoveryCode({ challenge: (await challenged()).challenge, recoveryCode });
    const session = opened<RecoveredSession>(await verify(first));
    expect(session.recoveryCodesLeft).toBe(9);
    expect(JSON.parse(JSON.stringify(session))).toMatchObject({ email, recovery_codes_left: 9 });
    expect(await fake.me({ sessionToken: session.token })).toMatchObject({ recoveryCodesLeft: 9 });
    expect(await rejection(verify(first))).toMatchObject(CODE_INVALID);
    const misread = second.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(opened<RecoveredSession>(await verify(misread)).recoveryCodesLeft).toBe(8);
  });

  test('are void once there are others', async () => {
    const { secret, sessionToken, recoveryCodes } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const proof = { sessionToken, code: totp(secret, Date.now()) };
    const { recoveryCodes: others } = await fake.regenerateRecoveryCodes(proof);
    expect(others.filter((code) => recoveryCodes.includes(code))).toEqual([]);
    const { challenge } = await challenged();
    const verify = (recoveryCode = '') => fake.verifyRecoveryCode({ challenge, recoveryCode });
    expect(await rejection(verify(recoveryCodes[0]))).toMatchObject(CODE_INVALID);
    opened(await verify(others[0]));
  });
});

describe('wrong codes', () => {
  test('lock an account that a recovery code opens', async () => {
    const { secret, recoveryCodes } = await enable();
    await tryWrong(50, secret);
    vi.advanceTimersByTime(MINUTE_MS);
    const code = totp(secret, Date.now());
    const { challenge } = await challenged();
    expect(await rejection(fake.verifyTotp({ challenge, code }))).toMatchObject(ACCOUNT_LOCKED);
    const { token } = opened(await fake.verifyRecoveryCode({ challenge, recoveryCode: recoveryCodes[0] ?? '' }));
    await fake.disableTotp({ sessionToken: token, code });
    await logIn();
  });

  test('lock an account that an administrator opens, and recovery codes after twenty', async () => {
    const { secret, recoveryCodes } = await enable();
    await tryWrong(50, secret);
    for (let tries = 0; tries < 20; tries += 1) {
      const { challenge } = await challenged();
      const call = fake.verifyRecoveryCode({ challenge, recoveryCode: 'AAAA-AAAA-AAAA-AAAA' });
      expect(await rejection(call)).toMatchObject(CODE_INVALID);
    }
    const right = async () => ({ challenge: (await challenged()).challenge, recoveryCode: recoveryCodes[0] ?? '' });
    expect(await rejection(fake.verifyRecoveryCode(await right()))).toMatchObject(ACCOUNT_LOCKED);
    fake.unlock(email);
    opened(await fake.verifyRecoveryCode(await right()));
  });

  test('are counted anew after a right one', async () => {
    const { secret } = await enable();
    for (let rounds = 0; rounds < 2; rounds += 1) {
      await tryWrong(49, secret);
      vi.advanceTimersByTime(MINUTE_MS);
      const { challenge } = await challenged();
      opened(await fake.verifyTotp({ challenge, code: totp(secret, Date.now()) }));
    }
  });
});

describe('what a second factor guards', () => {
  const CALLS: ReadonlyArray<readonly [string, (args: Proof) => Promise<unknown>]> = [
    ['changePassword', (args) => fake.changePassword({ ...args, newPassword: NEW_PASSWORD })],
    ['changeEmail', (args) => fake.changeEmail({ ...args, newEmail: newEmail() })],
    ['deleteAccount', (args) => fake.deleteAccount(args)],
    ['disableTotp', (args) => fake.disableTotp({ ...args, code: args.code ?? '' })],
    ['regenerateRecoveryCodes', (args) => fake.regenerateRecoveryCodes({ ...args, code: args.code ?? '' })],
  ];

  test.each(CALLS)('%s asks for a fresh login or the password, and a code', async (name, call) => {
    const { secret, sessionToken } = await enable();
    vi.advanceTimersByTime(15 * MINUTE_MS + 1_000);
    const code = () => totp(secret, Date.now());
    expect(await rejection(call({ sessionToken, code: code() }))).toMatchObject(REAUTHENTICATION_REQUIRED);
    const wrongPassword = call({ sessionToken, code: code(), currentPassword: NEW_PASSWORD });
    expect(await rejection(wrongPassword)).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    const withoutCode = await rejection(call({ sessionToken, currentPassword: PASSWORD }));
    const needsCode = name === 'disableTotp' || name === 'regenerateRecoveryCodes';
    expect(withoutCode).toMatchObject(needsCode ? { reason: 'INVALID_ARGUMENT' } : REAUTHENTICATION_REQUIRED);
    const wrongCode = call({ sessionToken, currentPassword: PASSWORD, code: notThe(secret) });
    expect(await rejection(wrongCode)).toMatchObject(CODE_INVALID);
    await call({ sessionToken, currentPassword: PASSWORD, code: code() });
  });

  test.each(CALLS)('%s takes a recovery code too', async (_, call) => {
    const { sessionToken, recoveryCodes } = await enable();
    await call({ sessionToken, code: recoveryCodes[3] });
  });

  test('a code that guarded one call guards no other', async () => {
    const { secret, sessionToken } = await enable();
    vi.advanceTimersByTime(MINUTE_MS);
    const code = totp(secret, Date.now());
    await fake.changePassword({ sessionToken, newPassword: NEW_PASSWORD, code });
    expect(await rejection(fake.disableTotp({ sessionToken, code }))).toMatchObject(CODE_INVALID);
  });

  test('whoever has none gives no code, and takes none off', async () => {
    const { token: sessionToken } = await logIn();
    vi.advanceTimersByTime(20 * MINUTE_MS);
    await fake.changePassword({ sessionToken, newPassword: PASSWORD });
    const off = fake.disableTotp({ sessionToken, code: '000000', currentPassword: PASSWORD });
    expect(await rejection(off)).toMatchObject({ reason: 'SECOND_FACTOR_NOT_ENABLED' });
  });

  interface Proof {
    readonly sessionToken: string;
    readonly currentPassword?: string;
    readonly code?: string | undefined;
  }
});

describe('codes of mails', () => {
  test('stand in for the app where the address is proven, the latest alone', async () => {
    await proveEmail();
    const { secret } = await enable();
    const step = await challenged();
    expect(step.methods).toEqual(['totp', 'email', 'recovery']);
    const { challenge } = step;
    expect(await rejection(fake.verifyEmailCode({ challenge, code: '000000' }))).toMatchObject(CODE_INVALID);
    const sent = await fake.sendEmailCode({ challenge });
    expect(sent.expiresAt.getTime()).toBe(Date.now() + 10 * MINUTE_MS);
    const first = mailedCode('second_factor_code');
    await fake.sendEmailCode({ challenge });
    const latest = mailedCode('second_factor_code');
    expect(latest).toMatch(/^\d{6}$/);
    if (first !== latest) {
      expect(await rejection(fake.verifyEmailCode({ challenge, code: first }))).toMatchObject(CODE_INVALID);
    }
    opened(await fake.verifyEmailCode({ challenge, code: latest }));
    expect(await rejection(fake.sendEmailCode({ challenge }))).toMatchObject(CHALLENGE_INVALID);
    expect(secret).toBeTruthy();
  });

  test('of one challenge void those of the others', async () => {
    await proveEmail();
    await enable();
    const [one, other] = [await challenged(), await challenged()];
    await fake.sendEmailCode(one);
    const code = mailedCode('second_factor_code');
    await fake.sendEmailCode(other);
    expect(await rejection(fake.verifyEmailCode({ challenge: one.challenge, code }))).toMatchObject(CODE_INVALID);
    opened(await fake.verifyEmailCode({ challenge: other.challenge, code: mailedCode('second_factor_code') }));
  });

  test('are no second factor after a reset by mail, until one was proven', async () => {
    await proveEmail();
    const { secret } = await enable();
    await fake.forgotPassword({ email });
    await fake.resetPassword({ token: mail('reset').token, newPassword: PASSWORD });
    const step = await challenged();
    expect(step.methods).toEqual(['totp', 'recovery']);
    vi.advanceTimersByTime(MINUTE_MS);
    opened(await fake.verifyTotp({ challenge: step.challenge, code: totp(secret, Date.now()) }));
    expect((await challenged()).methods).toEqual(['totp', 'email', 'recovery']);
  });

  test('log in where the organization lets them, prove the address, and tell nobody who exists', async () => {
    expect(await rejection(fake.sendLoginCode({ email }))).toMatchObject({ reason: 'ACCESS_DENIED', statusCode: 403 });
    fake.settings.loginByEmail = true;
    const first = await fake.sendLoginCode({ email });
    const firstCode = mailedCode('login_code');
    const { challenge, expiresAt } = await fake.sendLoginCode({ email });
    expect(expiresAt.getTime()).toBe(Date.now() + 10 * MINUTE_MS);
    const code = mailedCode('login_code');
    const stale = fake.verifyEmailCode({ challenge: first.challenge, code: firstCode });
    expect(await rejection(stale)).toMatchObject(CODE_INVALID);
    const { token } = opened(await fake.verifyEmailCode({ challenge, code }));
    expect(await rejection(fake.verifyEmailCode({ challenge, code }))).toMatchObject(CHALLENGE_INVALID);
    expect(await fake.validate({ sessionToken: token })).toMatchObject({ email, emailVerified: true });

    const mails = fake.mails.length;
    const nobody = await fake.sendLoginCode({ email: newEmail() });
    expect(fake.mails).toHaveLength(mails);
    for (let tries = 0; tries < 6; tries += 1) {
      const call = fake.verifyEmailCode({ challenge: nobody.challenge, code: '000000' });
      expect(await rejection(call)).toMatchObject(tries < 5 ? CODE_INVALID : CHALLENGE_INVALID);
    }
  });

  test('log in to a second step where there is a second factor, without the mail', async () => {
    await proveEmail();
    const { secret } = await enable();
    fake.settings.loginByEmail = true;
    const { challenge } = await fake.sendLoginCode({ email });
    const step = asked(await fake.verifyEmailCode({ challenge, code: mailedCode('login_code') }));
    expect(step).toMatchObject({ reason: 'SECOND_FACTOR_REQUIRED', methods: ['totp', 'recovery'] });
    vi.advanceTimersByTime(MINUTE_MS);
    opened(await fake.verifyTotp({ challenge: step.challenge, code: totp(secret, Date.now()) }));
  });
});

describe('after the right password', () => {
  test('comes first what keeps everybody out, then the factor, then the password', async () => {
    const { secret } = await enable();
    fake.setPassword(email, PASSWORD, { mustChange: true });
    fake.settings.requireVerifiedEmail = true;
    fake.setDisabled(email, true);
    const attempt = (password = PASSWORD) => fake.login({ email, password });
    expect(await rejection(attempt(NEW_PASSWORD))).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    expect(await rejection(attempt())).toMatchObject({ reason: 'USER_DISABLED', challenge: null });
    fake.setDisabled(email, false);
    const unverified = { code: 'PERMISSION_DENIED', reason: 'EMAIL_NOT_VERIFIED', statusCode: 403, challenge: null };
    expect(await rejection(attempt())).toMatchObject(unverified);
    expect(await rejection(fake.loginStep({ email, password: PASSWORD }))).toMatchObject(unverified);
    await proveEmail();
    const { challenge } = await challenged();
    vi.advanceTimersByTime(MINUTE_MS);
    const step = asked(await fake.verifyTotp({ challenge, code: totp(secret, Date.now()) }));
    expect(step).toMatchObject({ reason: 'PASSWORD_CHANGE_REQUIRED', methods: ['change_password'] });

    const reset = { token: step.challenge, newPassword: NEW_PASSWORD };
    expect(await rejection(fake.resetPassword(reset))).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      violations: [expect.objectContaining({ field: 'currentPassword' })],
    });
    const wrong = fake.resetPassword({ ...reset, currentPassword: 'Analytical-1844' });
    expect(await rejection(wrong)).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    await fake.resetPassword({ ...reset, currentPassword: PASSWORD });
    const spent = fake.resetPassword({ ...reset, currentPassword: PASSWORD });
    expect(await rejection(spent)).toMatchObject(CHALLENGE_INVALID);
    expect(await rejection(attempt(NEW_PASSWORD))).toMatchObject({ reason: 'SECOND_FACTOR_REQUIRED' });
  });

  test('the password is changed without a factor, too', async () => {
    fake.setPassword(email, PASSWORD, { mustChange: true });
    const error = await rejection(fake.login({ email, password: PASSWORD }));
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'PASSWORD_CHANGE_REQUIRED', statusCode: 403 });
    const token = (error as AuthFlowError).challenge?.challenge ?? '';
    await fake.resetPassword({ token, newPassword: NEW_PASSWORD, currentPassword: PASSWORD });
    opened(await fake.loginStep({ email, password: NEW_PASSWORD }));
  });

  test('a factor is set up where the organization demands one, behind a code of a mail', async () => {
    fake.settings.secondFactor = 'required';
    const straight = await challenged();
    expect(straight.methods).toEqual(['setup']);
    await proveEmail();
    const step = await challenged();
    expect(step.methods).toEqual(['email', 'setup']);
    expect(await rejection(fake.enableTotp({ challenge: step.challenge }))).toMatchObject(CHALLENGE_INVALID);
    await fake.sendEmailCode(step);
    const code = mailedCode('second_factor_code');
    const next = asked(await fake.verifyEmailCode({ challenge: step.challenge, code }));
    expect(next.methods).toEqual(['setup']);
    const { challenge } = next;
    const { secret } = await fake.enableTotp({ challenge });
    const { recoveryCodes, session } = await fake.confirmTotp({ challenge, code: totp(secret, Date.now()) });
    expect(recoveryCodes).toHaveLength(10);
    expect(await fake.validate({ sessionToken: session?.token ?? '' })).toMatchObject({ email });
    fake.settings.secondFactor = 'off';
    expect((await challenged()).methods).toEqual(['totp', 'email', 'recovery']);
  });

  test('a setup opens no session where the password must be changed first', async () => {
    fake.settings.secondFactor = 'required';
    fake.setPassword(email, PASSWORD, { mustChange: true });
    const { challenge } = await challenged();
    const { secret } = await fake.enableTotp({ challenge });
    const { session } = await fake.confirmTotp({ challenge, code: totp(secret, Date.now()) });
    expect(session).toBeNull();
  });

  test('the reset that first proves an address takes off what somebody set up before', async () => {
    await enable();
    await fake.forgotPassword({ email });
    await fake.resetPassword({ token: mail('reset').token, newPassword: NEW_PASSWORD });
    opened(await fake.loginStep({ email, password: NEW_PASSWORD }));
  });
});

test('nothing that is told shows a secret', async () => {
  await proveEmail();
  fake.settings.loginByEmail = true;
  const { token: sessionToken } = await logIn();
  const setup = await fake.enableTotp({ sessionToken });
  const confirmed = await fake.confirmTotp({ sessionToken, code: totp(setup.secret, Date.now()) });
  const step = await challenged();
  const error = (await rejection(fake.login({ email, password: PASSWORD }))) as AuthFlowError;
  const login = await fake.sendLoginCode({ email });
  await fake.sendEmailCode(step);
  const secrets = [setup.secret, setup.otpauthUrl, setup.qrCode, ...confirmed.recoveryCodes, step.challenge];
  secrets.push(
    error.challenge?.challenge ?? '',
    login.challenge,
    ...fake.mails.map(({ token, code }) => token || code),
  );
  expect(secrets.filter((secret) => secret.length < 6)).toEqual([]);
  const told = [setup, confirmed, step, error, login, fake.mails, fake, new Error('failed', { cause: error })];
  const printed = told
    .flatMap((each) => [
      inspect(each, { depth: null, showHidden: true, getters: false }),
      inspect({ ...each }, { depth: null }),
      String(each),
      JSON.stringify(each),
    ])
    .join('\n');
  expect(printed).toContain('SECOND_FACTOR_REQUIRED');
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  expect(JSON.parse(JSON.stringify({ step, setup, login, confirmed, error }))).toEqual({
    step: {
      reason: 'SECOND_FACTOR_REQUIRED',
      methods: ['totp', 'email', 'recovery'],
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    },
    setup: { expires_at: expect.any(String) },
    login: { expires_at: expect.any(String) },
    confirmed: { session: null },
    error: { statusCode: 401, error: 'SECOND_FACTOR_REQUIRED', message: expect.any(String) },
  });
});

async function logIn(): Promise<Session> {
  return fake.login({ email, password: PASSWORD });
}

async function challenged(): Promise<Challenge> {
  return asked(await fake.loginStep({ email, password: PASSWORD }));
}

function asked(step: LoginStep): Challenge {
  if ('challenge' in step) {
    return step;
  }
  throw new Error('it opened a session');
}

function opened<Opened extends Session>(step: LoginStep<Opened>): Opened {
  if ('challenge' in step) {
    throw new Error(`it asked for ${step.methods}`);
  }
  expect(step.token).toMatch(/^fake\./);
  return step;
}

/** Sets the user's authenticator app up, by a code of the step that is now. */
async function enable() {
  const { token: sessionToken } = await logIn();
  const { secret } = await fake.enableTotp({ sessionToken });
  const { recoveryCodes } = await fake.confirmTotp({ sessionToken, code: totp(secret, Date.now()) });
  return { secret, sessionToken, recoveryCodes };
}

async function proveEmail(): Promise<void> {
  await fake.sendVerificationEmail({ email });
  await fake.verifyEmail({ token: mail('verify').token });
}

function mail(kind: string) {
  const found = fake.mails.findLast((each) => each.kind === kind && each.to === email);
  expect(found).toBeDefined();
  return found ?? { token: '', code: '' };
}

function mailedCode(kind: 'login_code' | 'second_factor_code'): string {
  return mail(kind).code;
}

/** Six digits that no app shows now. */
function notThe(secret: string): string {
  const shown = [-30_000, 0, 30_000].map((offMs) => totp(secret, Date.now() + offMs));
  return ['000000', '000001', '000002', '000003'].find((code) => !shown.includes(code)) ?? '';
}

async function tryWrong(times: number, secret: string): Promise<void> {
  for (let tries = 0; tries < times; tries += 1) {
    const { challenge } = await challenged();
    expect(await rejection(fake.verifyTotp({ challenge, code: notThe(secret) }))).toMatchObject(CODE_INVALID);
  }
}

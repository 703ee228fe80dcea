import type { AuthFlow, AuthFlowError, Challenge, LoginStep, RecoveredSession, Session } from '@authflow/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { FACTOR_WORLDS, type FactorWorld } from './support/factor-worlds.ts';
import { newEmail, PASSWORD } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { totp } from './support/totp.ts';

const NEW_PASSWORD = 'Difference-1822';
const CODE_INVALID = { code: 'UNAUTHENTICATED', reason: 'CODE_INVALID', statusCode: 401, challenge: null };
const CHALLENGE_INVALID = { code: 'UNAUTHENTICATED', reason: 'CHALLENGE_INVALID', statusCode: 401, challenge: null };
const REAUTHENTICATION_REQUIRED = { code: 'PERMISSION_DENIED', reason: 'REAUTHENTICATION_REQUIRED', statusCode: 403 };
const NOT_ENABLED = { code: 'FAILED_PRECONDITION', reason: 'SECOND_FACTOR_NOT_ENABLED', statusCode: 409 };
const WRONG_RECOVERY_CODE = 'AAAA-AAAA-AAAA-AAAA';

describe.each(FACTOR_WORLDS)('%s', (_, make) => {
  let world: FactorWorld;
  let client: AuthFlow;
  let email: string;

  beforeEach(async () => {
    world = await make();
    ({ client } = world);
    email = newEmail();
    await client.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
  });

  test('sets an app up, asks for its codes, and takes it off', async () => {
    const other = opened(await login());
    const { token: sessionToken } = opened(await login());
    const setup = await client.enableTotp({ sessionToken });
    expect(setup.otpauthUrl).toMatch(/^otpauth:\/\/totp\//);
    expect(setup.otpauthUrl).toContain(setup.secret);
    expect(setup.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(setup.expiresAt.getTime() - (await world.now())).toBeGreaterThan(9 * 60_000);
    const { recoveryCodes, session } = await client.confirmTotp({ sessionToken, code: await next(setup.secret) });
    expect(session).toBeNull();
    expect(recoveryCodes).toHaveLength(10);
    expect(recoveryCodes.filter((code) => !/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/.test(code))).toEqual([]);
    expect(await client.me({ sessionToken })).toMatchObject({ secondFactor: true, recoveryCodesLeft: 10 });
    const revoked = { reason: 'SESSION_REVOKED' };
    expect(await rejection(client.validate({ sessionToken: other.token }))).toMatchObject(revoked);
    expect(await rejection(client.enableTotp({ sessionToken }))).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'SECOND_FACTOR_ALREADY_ENABLED',
      statusCode: 409,
    });

    expect(await rejection(client.login({ email, password: PASSWORD }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'SECOND_FACTOR_REQUIRED',
      statusCode: 401,
      challenge: { reason: 'SECOND_FACTOR_REQUIRED', methods: ['totp', 'recovery'] },
    });
    const { challenge, methods, expiresAt } = asked(await login());
    expect(methods).toEqual(['totp', 'recovery']);
    expect(expiresAt.getTime() - (await world.now())).toBeGreaterThan(9 * 60_000);
    const code = await next(setup.secret);
    const second = opened(await client.verifyTotp({ challenge, code }));
    expect(await client.validate({ sessionToken: second.token })).toMatchObject({ email });
    expect(await rejection(client.verifyTotp({ challenge, code }))).toMatchObject(CHALLENGE_INVALID);
    const used = client.verifyTotp({ challenge: asked(await login()).challenge, code });
    expect(await rejection(used)).toMatchObject(CODE_INVALID);

    await client.disableTotp({ sessionToken, code: await next(setup.secret) });
    expect(await client.me({ sessionToken })).toMatchObject({ secondFactor: false, recoveryCodesLeft: 0 });
    expect(await rejection(client.validate({ sessionToken: second.token }))).toMatchObject(revoked);
    opened(await login());
    const twice = client.disableTotp({ sessionToken, code: '123456' });
    expect(await rejection(twice)).toMatchObject(NOT_ENABLED);
  });

  test('takes recovery codes, once each, until there are others', async () => {
    const { secret, sessionToken, recoveryCodes } = await enable();
    const verify = async (recoveryCode = '') =>
      client.verifyRecoveryCode({ challenge: asked(await login()).challenge, recoveryCode });
    const spelled = recoveryCodes[0]?.toLowerCase().replaceAll('-', '').replaceAll('0', 'o');
    expect(opened<RecoveredSession>(await verify(spelled)).recoveryCodesLeft).toBe(9);
    expect(await rejection(verify(recoveryCodes[0]))).toMatchObject(CODE_INVALID);
    const regenerated = await client.regenerateRecoveryCodes({ sessionToken, code: await next(secret) });
    expect(regenerated.recoveryCodes).toHaveLength(10);
    expect(await rejection(verify(recoveryCodes[1]))).toMatchObject(CODE_INVALID);
    expect(opened<RecoveredSession>(await verify(regenerated.recoveryCodes[1])).recoveryCodesLeft).toBe(9);
  });

  test('ends a challenge after five wrong codes, and tells faults of parameters', async () => {
    const { secret, sessionToken, recoveryCodes } = await enable();
    const { challenge } = asked(await login());
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = client.verifyRecoveryCode({ challenge, recoveryCode: WRONG_RECOVERY_CODE });
      expect(await rejection(wrong)).toMatchObject(CODE_INVALID);
    }
    const late = client.verifyRecoveryCode({ challenge, recoveryCode: recoveryCodes[0] ?? '' });
    expect(await rejection(late)).toMatchObject(CHALLENGE_INVALID);
    const made = client.verifyTotp({ challenge: 'made-up', code: await next(secret) });
    expect(await rejection(made)).toMatchObject(CHALLENGE_INVALID);
    for (const [call, ...fields] of [
      [() => client.verifyTotp({ challenge: '', code: '' }), 'challenge', 'code'],
      [() => client.verifyTotp({ challenge, code: '12345' }), 'code'],
      [() => client.verifyEmailCode({ challenge, code: 'ABCDEF' }), 'code'],
      [() => client.verifyRecoveryCode({ challenge, recoveryCode: '123456' }), 'recovery_code'],
      [() => client.confirmTotp({ challenge, code: '1234567' }), 'code'],
      [() => client.sendEmailCode({ challenge: '' }), 'challenge'],
      [() => client.disableTotp({ sessionToken, code: 'U'.repeat(16) }), 'code'],
      [() => client.changePassword({ sessionToken, newPassword: NEW_PASSWORD, code: '12345' }), 'code'],
    ] as const) {
      const faulty = await rejection(call());
      expect(faulty).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT' });
      expect((faulty as AuthFlowError).violations.map(({ field }) => field)).toEqual(fields);
    }
    const other = asked(await login());
    for (const make of [
      () => client.sendEmailCode(other),
      () => client.enableTotp({ challenge: other.challenge }),
      () => client.verifyEmailCode({ challenge: other.challenge, code: '123456' }),
      () => client.resetPassword({ token: other.challenge, newPassword: NEW_PASSWORD, currentPassword: PASSWORD }),
    ]) {
      expect(await rejection(make())).toMatchObject(CHALLENGE_INVALID);
    }
  });

  test('asks for a fresh login and a code before what a thief would do', async () => {
    const { secret, sessionToken } = await enable();
    const change = { sessionToken, newPassword: NEW_PASSWORD };
    const move = { sessionToken, newEmail: newEmail() };
    const off = { sessionToken, code: '' };
    expect(await rejection(client.changePassword(change))).toMatchObject(REAUTHENTICATION_REQUIRED);
    expect(await rejection(client.changeEmail(move))).toMatchObject(REAUTHENTICATION_REQUIRED);
    expect(await rejection(client.deleteAccount({ sessionToken }))).toMatchObject(REAUTHENTICATION_REQUIRED);
    expect(await rejection(client.disableTotp(off))).toMatchObject({ reason: 'INVALID_ARGUMENT' });
    const wrong = client.changePassword({ ...change, code: WRONG_RECOVERY_CODE });
    expect(await rejection(wrong)).toMatchObject(CODE_INVALID);
    await client.changeEmail({ ...move, code: await next(secret) });
    await world.later(15 * 60);
    const stale = client.disableTotp({ ...off, code: await next(secret) });
    expect(await rejection(stale)).toMatchObject(REAUTHENTICATION_REQUIRED);
    await client.changePassword({ ...change, currentPassword: PASSWORD, code: await next(secret) });
    const code = await next(secret);
    expect(await client.deleteAccount({ sessionToken, currentPassword: NEW_PASSWORD, code })).toEqual({
      endedSessions: 1,
    });
  });

  test('leads to the setup where the organization demands a factor, and sets none up where it takes none', async () => {
    await world.set({ secondFactor: 'off' });
    const { token: sessionToken } = opened(await login());
    expect(await rejection(client.enableTotp({ sessionToken }))).toMatchObject(NOT_ENABLED);
    await world.set({ secondFactor: 'required' });
    const { challenge, methods } = asked(await login());
    expect(methods).toEqual(['setup']);
    expect(await rejection(client.confirmTotp({ challenge, code: '123456' }))).toMatchObject(NOT_ENABLED);
    const { secret } = await client.enableTotp({ challenge });
    const { recoveryCodes, session } = await client.confirmTotp({ challenge, code: await next(secret) });
    expect(recoveryCodes).toHaveLength(10);
    expect(await client.validate({ sessionToken: session?.token ?? '' })).toMatchObject({ email });
    expect(await rejection(client.enableTotp({ challenge }))).toMatchObject(CHALLENGE_INVALID);

    email = newEmail();
    await client.signUp({ email, password: PASSWORD, fullname: 'Grace Hopper', disclaimed: true });
    await client.verifyEmail({ token: await world.verifyToken(email) });
    const mailFirst = asked(await login());
    expect(mailFirst.methods).toEqual(['email', 'setup']);
    expect(await rejection(client.enableTotp({ challenge: mailFirst.challenge }))).toMatchObject(CHALLENGE_INVALID);
  });

  test('lets no login through before the password is changed', async () => {
    const { secret } = await enable();
    await world.setPassword(email, PASSWORD, true);
    const { challenge } = asked(await login());
    const step = asked(await client.verifyTotp({ challenge, code: await next(secret) }));
    expect(step).toMatchObject({ reason: 'PASSWORD_CHANGE_REQUIRED', methods: ['change_password'] });
    const reset = { token: step.challenge, newPassword: NEW_PASSWORD };
    expect(await rejection(client.resetPassword(reset))).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      violations: [{ field: 'currentPassword', message: expect.any(String) }],
    });
    const same = client.resetPassword({ ...reset, newPassword: PASSWORD, currentPassword: PASSWORD });
    expect(await rejection(same)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PASSWORD_POLICY' });
    const wrong = client.resetPassword({ ...reset, currentPassword: 'Analytical-1844' });
    expect(await rejection(wrong)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'CREDENTIALS_INVALID' });
    const right = { ...reset, currentPassword: PASSWORD };
    expect(await client.resetPassword(right)).toMatchObject({ email, endedSessions: 0 });
    expect(await rejection(client.resetPassword(right))).toMatchObject(CHALLENGE_INVALID);
    const again = asked(await client.loginStep({ email, password: NEW_PASSWORD }));
    opened(await client.verifyTotp({ challenge: again.challenge, code: await next(secret) }));
  });

  test('opens no session by a setup before the password is changed', async () => {
    await world.set({ secondFactor: 'required' });
    await world.setPassword(email, PASSWORD, true);
    const { challenge } = asked(await login());
    const { secret } = await client.enableTotp({ challenge });
    const { session } = await client.confirmTotp({ challenge, code: await next(secret) });
    expect(session).toBeNull();
  });

  test('lets in whose address is proven alone, where the organization says so', async () => {
    await world.set({ requireVerifiedEmail: true });
    for (const make of [() => login(), () => client.login({ email, password: PASSWORD })]) {
      expect(await rejection(make())).toMatchObject({
        code: 'PERMISSION_DENIED',
        reason: 'EMAIL_NOT_VERIFIED',
        statusCode: 403,
        challenge: null,
      });
    }
    await client.verifyEmail({ token: await world.verifyToken(email) });
    opened(await login());
  });

  test('mails codes where the address is proven', async () => {
    await client.verifyEmail({ token: await world.verifyToken(email) });
    await enable();
    const { challenge, methods } = asked(await login());
    expect(methods).toEqual(['totp', 'email', 'recovery']);
    const { expiresAt } = await client.sendEmailCode({ challenge });
    expect(expiresAt.getTime() - (await world.now())).toBeGreaterThan(9 * 60_000);
    expect(await rejection(client.verifyEmailCode({ challenge, code: '000000' }))).toMatchObject(CODE_INVALID);
  });

  test('mails codes that log in where the organization says so, and tells nobody who exists', async () => {
    const denied = { code: 'PERMISSION_DENIED', reason: 'ACCESS_DENIED', statusCode: 403 };
    expect(await rejection(client.sendLoginCode({ email }))).toMatchObject(denied);
    await world.set({ loginByEmail: true });
    for (const address of [email, newEmail()]) {
      const { challenge, expiresAt } = await client.sendLoginCode({ email: address });
      expect(expiresAt.getTime() - (await world.now())).toBeGreaterThan(9 * 60_000);
      for (let tries = 0; tries < 6; tries += 1) {
        const wrong = client.verifyEmailCode({ challenge, code: '000000' });
        expect(await rejection(wrong)).toMatchObject(tries < 5 ? CODE_INVALID : CHALLENGE_INVALID);
      }
    }
  });

  function login(): Promise<LoginStep> {
    return client.loginStep({ email, password: PASSWORD });
  }

  /** A code of a step that was not used yet: each is good once. */
  async function next(secret: string): Promise<string> {
    await world.later(30);
    return totp(secret, await world.now());
  }

  async function enable() {
    const { token: sessionToken } = opened(await login());
    const { secret } = await client.enableTotp({ sessionToken });
    const { recoveryCodes } = await client.confirmTotp({ sessionToken, code: await next(secret) });
    return { secret, sessionToken, recoveryCodes };
  }
});

function asked(step: LoginStep): Challenge {
  return 'challenge' in step ? step : expect.fail('it opened a session');
}

function opened<Opened extends Session>(step: LoginStep<Opened>): Opened {
  return 'challenge' in step ? expect.fail(`it asked for ${step.methods}`) : step;
}

import { describe, expect, test } from 'vitest';
import { changeUser } from '../../src/domain/users/manage-user.ts';
import { MailedCodes } from '../support/mailed-codes.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD, type Reply, serverOfTest } from './backend.ts';
import { challengeOf, enrol, enrolledUser, mailTokenOf, proveAddress } from './factor-user.ts';

const EMAIL = 'ada@example.com';
const WRONG = 'Correct-Horse-8';
const TRIES = 5;

async function scene() {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  await server.ports.storage.updateOrganization(orgId, { settings: { login_by_email: 'true' } }, null);
  return { server, orgId, backend: new Backend(server.httpAddress, apiKey) };
}

/** Failed logins that are counted of an e-mail, over all classes of callers. */
async function failuresOf({ testStore }: TestServer, email: string): Promise<number> {
  const sum = `SELECT CAST(coalesce(sum(failures), 0) AS DOUBLE PRECISION) AS failures FROM login_tries WHERE email = '${email}'`;
  const [row] = await testStore.query<{ failures: number }>(sum);
  return row?.failures ?? Number.NaN;
}

/** Wrong codes in a row that are counted of a user. */
async function codesOf({ testStore }: TestServer, userId: string): Promise<number> {
  const sum = `SELECT CAST(wrong_codes AS DOUBLE PRECISION) AS codes FROM second_factors WHERE user_id = '${userId}'`;
  const [row] = await testStore.query<{ codes: number }>(sum);
  return row?.codes ?? Number.NaN;
}

describe('A1: beside a second factor', () => {
  test('a challenged login gives its reservation back and resets nothing; the completed one begins the count anew', async () => {
    const { server, backend } = await scene();
    const { app, recoveryCodes } = await enrolledUser(backend, EMAIL);
    for (let failures = 1; failures <= 3; failures += 1) {
      expect((await backend.login(EMAIL, WRONG)).outcome).toBe('CREDENTIALS_INVALID');
      expect(await failuresOf(server, EMAIL)).toBe(failures);
    }
    const challenges = [await challengeOf(backend, EMAIL), await challengeOf(backend, EMAIL)];
    expect(await failuresOf(server, EMAIL)).toBe(3);
    expect((await backend.login(EMAIL, WRONG)).outcome).toBe('CREDENTIALS_INVALID');
    const [first = '', second = ''] = challenges;
    expect((await backend.call('2fa/verify-2fa', { challenge: first, code: app.wrong() })).outcome).toBe(
      'CODE_INVALID',
    );
    expect(await failuresOf(server, EMAIL)).toBe(4);
    expect((await backend.call('2fa/verify-2fa', { challenge: first, code: app.next() })).outcome).toBe('OK');
    expect(await failuresOf(server, EMAIL)).toBe(0);

    expect((await backend.login(EMAIL, WRONG)).outcome).toBe('CREDENTIALS_INVALID');
    const recovery = { challenge: second, recovery_code: recoveryCodes[0] ?? '' };
    expect((await backend.call('2fa/verify-recovery', recovery)).outcome).toBe('OK');
    expect(await failuresOf(server, EMAIL)).toBe(0);
  });

  test('wrong codes count against no password: neither their user nor anybody else waits for a login', async () => {
    const { server, orgId, backend } = await scene();
    const userId = (await backend.signUp(EMAIL, PASSWORD)).field('user_id');
    await proveAddress(server, orgId, userId);
    const session = (await backend.login(EMAIL, PASSWORD)).field('token');
    const ada = await enrol(backend, { email: EMAIL, userId, session });
    const bob = await enrolledUser(backend, 'bob@example.com');
    for (let challenges = 1; challenges <= 3; challenges += 1) {
      const challenge = await challengeOf(backend, EMAIL);
      for (let tries = 0; tries < TRIES; tries += 1) {
        expect((await backend.call('2fa/verify-2fa', { challenge, code: ada.app.wrong() })).outcome).toBe(
          'CODE_INVALID',
        );
      }
      expect((await backend.call('2fa/verify-2fa', { challenge, code: ada.app.wrong() })).outcome).toBe(
        'CHALLENGE_INVALID',
      );
      expect(await codesOf(server, ada.userId)).toBe(challenges * TRIES);
      expect(await failuresOf(server, EMAIL)).toBe(0);
    }
    expect(await codesOf(server, bob.userId)).toBe(0);
    const bobs = await challengeOf(backend, bob.email);
    expect((await backend.call('2fa/verify-2fa', { challenge: bobs, code: bob.app.next() })).outcome).toBe('OK');

    // No login, no new challenge and no reset of the password opens it: a right code does.
    const token = await mailTokenOf(server, { orgId, userId: ada.userId }, 'reset_password');
    expect((await backend.call('reset-password', { token, newPassword: WRONG })).outcome).toBe('OK');
    expect(await codesOf(server, ada.userId)).toBe(3 * TRIES);
    const challenge = await challengeOf(backend, EMAIL, WRONG);
    expect((await backend.call('2fa/verify-2fa', { challenge, code: ada.app.next() })).outcome).toBe('OK');
    expect(await codesOf(server, ada.userId)).toBe(0);
  });

  test('at fifty wrong codes a right one is ACCOUNT_LOCKED wherever it comes; a recovery code opens it, or an administrator', async () => {
    const { server, orgId, backend } = await scene();
    const ada = await enrolledUser(backend, EMAIL);
    const session = { email: EMAIL, sessionToken: ada.session };
    const { apiKey } = await server.createOrganization();
    const elsewhere = await enrolledUser(new Backend(server.httpAddress, apiKey), EMAIL);
    const fail = (times: number) =>
      server.testStore.query(`UPDATE second_factors SET wrong_codes = ${times} WHERE user_id = '${ada.userId}'`);
    await fail(49);
    const challenge = await challengeOf(backend, EMAIL);
    const answer = (code: string) => backend.call('2fa/verify-2fa', { challenge, code });
    expect((await answer(ada.app.wrong())).outcome).toBe('CODE_INVALID');
    const right = ada.app.next();
    expect((await answer(right)).outcome).toBe('ACCOUNT_LOCKED');
    expect((await backend.call('2fa/disable', { ...session, code: right })).outcome).toBe('ACCOUNT_LOCKED');
    // The password is as good as before, and another organization's user of the same e-mail is another.
    expect((await backend.login(EMAIL)).outcome).toBe('SECOND_FACTOR_REQUIRED');
    expect(await codesOf(server, elsewhere.userId)).toBe(0);

    const recovery = { challenge: await challengeOf(backend, EMAIL), recovery_code: ada.recoveryCodes[0] ?? '' };
    expect((await backend.call('2fa/verify-recovery', recovery)).outcome).toBe('OK');
    expect((await answer(right)).outcome).toBe('OK');

    await fail(50);
    await changeUser(server.ports, null, { orgId, userId: ada.userId }, { kind: 'unlock' });
    expect(await codesOf(server, ada.userId)).toBe(0);
  });

  test('a wrong code of a login by mail counts nowhere else, and a stranger who asks for many locks nobody out', async () => {
    const { server, orgId, backend } = await scene();
    const userId = (await backend.signUp(EMAIL)).field('user_id');
    const session = (await backend.login(EMAIL)).field('token');
    const { app } = await enrol(backend, { email: EMAIL, userId, session });
    await proveAddress(server, orgId, userId);
    const mails = await MailedCodes.of(server.testStore);
    const challenge = (await backend.call('login-code', { email: EMAIL })).field('challenge');
    const code = await mails.latest(userId);
    await mails.close();
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect((await backend.call('2fa/verify-email-otp', { challenge, code: wrong })).outcome).toBe('CODE_INVALID');
    expect([await codesOf(server, userId), await failuresOf(server, EMAIL)]).toEqual([0, 0]);
    const login = await backend.call('2fa/verify-email-otp', { challenge, code });
    expect(login.outcome).toBe('SECOND_FACTOR_REQUIRED');
    // One mailbox is not two factors.
    expect(JSON.parse(login.text)).toMatchObject({ methods: ['totp', 'recovery'] });
    const next = { challenge: login.field('challenge'), code: app.next() };
    expect((await backend.call('2fa/verify-2fa', next)).outcome).toBe('OK');
  });
});

describe('A2: a login by mail', () => {
  /** What differs each time, by what it is. */
  const masked = ({ status, text }: Reply) => ({
    status,
    text: text.replaceAll(/[\w-]{96}/g, '<challenge>').replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<instant>'),
  });

  test('answers alike for a user, a verified one, a disabled one and nobody, and counts their tries alike, before the mail and after it', async () => {
    const { server, orgId, backend } = await scene();
    const emails = [
      'user@example.com',
      'verified@example.com',
      'disabled@example.com',
      'factor@example.com',
      'nobody@example.com',
    ];
    for (const email of emails.slice(0, 3)) {
      const userId = (await backend.signUp(email)).field('user_id');
      if (email === 'verified@example.com') {
        await proveAddress(server, orgId, userId);
      }
      if (email === 'disabled@example.com') {
        await changeUser(server.ports, null, { orgId, userId }, { kind: 'disable' });
      }
    }
    await enrolledUser(backend, 'factor@example.com');

    const stories = await Promise.all(
      emails.map(async (email) => {
        const asked = await backend.call('login-code', { email });
        const challenge = asked.field('challenge');
        const told = [asked];
        const guess = async () => told.push(await backend.call('2fa/verify-email-otp', { challenge, code: '000000' }));
        await guess();
        await guess();
        // The sender has looked for whom each was asked for.
        await expect.poll(() => server.testStore.query('SELECT 1 FROM mail_requests')).toEqual([]);
        for (let tries = 2; tries < TRIES + 2; tries += 1) {
          await guess();
        }
        return told.map(masked);
      }),
    );
    const [first, ...others] = stories;
    expect(first?.map(({ status }) => status)).toEqual([200, ...Array.from({ length: TRIES + 2 }, () => 401)]);
    expect(first?.slice(1).map(({ text }) => JSON.parse(text).error)).toEqual([
      ...Array.from({ length: TRIES }, () => 'CODE_INVALID'),
      ...['CHALLENGE_INVALID', 'CHALLENGE_INVALID'],
    ]);
    for (const other of others) {
      expect(other).toEqual(first);
    }
    const rows = await server.testStore.query<{ tries: number | string }>(
      `SELECT tries FROM login_challenges WHERE kind = 'login_code'`,
    );
    expect(rows.map(({ tries }) => Number(tries))).toEqual(emails.map(() => TRIES));
  });
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { codeAt, codeMailedTo, factorScene, Person, STEP_MS, served, setUp } from './authenticator.ts';

const EMAIL = 'ada@example.com';

test('R12: a restored backup demands the factors that it holds, takes no code that was spent before it, and no challenge of before', async () => {
  const before = await factorScene();
  await setUp(before, { login_by_email: true });
  const ada = await new Person(before, EMAIL).signUp();
  await ada.proveAddress();
  await ada.enrol();
  expect((await ada.loginWithCode()).outcome).toBe('OK');
  const spent = codeAt(ada.secret, before.now());
  const [usedBefore] = ada.recoveryCodes;
  const used = { challenge: await ada.challenge(), recovery_code: usedBefore };
  expect((await ada.call('2fa/verify-recovery', used)).outcome).toBe('OK');
  const challenge = await ada.challenge();
  const since = before.mails.mails.length;
  expect((await ada.call('2fa/backup/email', { challenge })).outcome).toBe('OK');
  const mailed = await codeMailedTo(before, EMAIL, since);
  const byMail = (await ada.call('login-code', { email: EMAIL })).field('challenge');

  const file = join(temporaryFolder(), 'backup.db');
  const env = { ...before.store.environment };
  expect((await runHere(['backup', file], env)).code).toBe(0);
  // What is undone: the factor was taken off since.
  expect((await ada.loginWithCode()).outcome).toBe('OK');
  expect((await ada.own('2fa/disable', { code: ada.code() })).outcome).toBe('OK');
  await before.server.stop();
  const restored = await runHere(['restore', file, '--json'], env);
  expect(restored.code).toBe(0);
  expect(restored.stdout).toContain(EMAIL);

  const after = await served(before, {});
  const there = ada.at(after);
  for (const [call, answer] of [
    ['2fa/verify-2fa', { challenge, code: codeAt(ada.secret, after.now()) }],
    ['2fa/verify-email-otp', { challenge, code: mailed }],
    ['2fa/verify-email-otp', { challenge: byMail, code: '000000' }],
    ['2fa/verify-recovery', { challenge, recovery_code: ada.recoveryCodes[1] }],
  ] as const) {
    expect({ call, outcome: (await there.call(call, answer)).outcome }).toEqual({ call, outcome: 'CHALLENGE_INVALID' });
  }
  expect((await there.own('validate')).outcome).toBe('SESSION_INVALID');
  const next = await there.challenge();
  expect((await there.call('2fa/verify-2fa', { challenge: next, code: spent })).outcome).toBe('CODE_INVALID');
  const again = { challenge: next, recovery_code: usedBefore };
  expect((await there.call('2fa/verify-recovery', again)).outcome).toBe('CODE_INVALID');
  after.pass(STEP_MS);
  expect((await there.loginWithCode()).outcome).toBe('OK');
});

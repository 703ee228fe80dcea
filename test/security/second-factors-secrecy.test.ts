import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from 'otpauth';
import { expect, test } from 'vitest';
import { encodeParts } from '../../src/crypto/derive-key.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { ON_POSTGRES } from '../support/stores.ts';
import { type FactorScene, factorScene, Person, setUp } from './authenticator.ts';
import { filesUnder, leakSearch } from './leak-search.ts';

const EMAIL = 'ada@example.com';
const EVERY_CODE = 1_000_000;

const TABLES = [
  ...['second_factors', 'recovery_codes', 'login_challenges', 'login_code_tries', 'users', 'mails', 'mail_requests'],
  ...['audit_events', 'sessions', ...(ON_POSTGRES ? ['recent_writes'] : [])],
];

/** A user with a factor, one that is being set up, and codes in mails that nobody has sent. */
async function secretScene() {
  const scene = await factorScene({ keepsMails: true });
  await setUp(scene, { login_by_email: true });
  const ada = await new Person(scene, EMAIL).signUp();
  await ada.proveAddress();
  await ada.enrol();
  const challenge = await ada.challenge();
  expect((await ada.call('2fa/backup/email', { challenge })).outcome).toBe('OK');
  const bob = await new Person(scene, 'bob@example.com').signUp();
  await bob.login();
  const pending = (await bob.own('2fa/enable')).field('secret');
  const byMail = await bob.call('login-code', { email: bob.email });
  expect(byMail.outcome).toBe('OK');
  const codes = await codesOf(scene, ['second_factor_code', 'login_code']);
  return { scene, ada, bob, challenge, byMail: byMail.field('challenge'), pending, codes };
}

/** The codes of mails of these kinds, as an operator reads them. */
async function codesOf({ store }: FactorScene, kinds: readonly string[]): Promise<readonly string[]> {
  const env = { ...store.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  const listed = async (): Promise<readonly { readonly kind: string; readonly mail_id: string }[]> =>
    JSON.parse((await runHere(['mail', 'list', '--json'], env)).stdout);
  await expect
    .poll(async () => (await listed()).map(({ kind }) => kind), { timeout: 30_000 })
    .toEqual(expect.arrayContaining([...kinds]));
  const rows = await listed();
  return Promise.all(
    kinds.map(async (kind) => {
      const mailId = rows.find((row) => row.kind === kind)?.mail_id ?? '';
      const { text } = JSON.parse((await runHere(['mail', 'show', mailId, '--json'], env)).stdout);
      return /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? '';
    }),
  );
}

/** A secret in every form in which it might lie about. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes);
  return [secret, secret.toLowerCase(), bytes.toString('latin1'), bytes.toString('hex'), bytes.toString('base64')];
}

test('F3: no secret of a factor, recovery code, code of a mail nor its text is in the store, nor in a backup', async () => {
  const { scene, ada, bob, challenge, byMail, pending, codes } = await secretScene();
  const recovery = ada.recoveryCodes.flatMap((code) => [code, code.replaceAll('-', '')]);
  const given = [...formsOf(ada.secret), ...formsOf(pending), ...recovery, challenge, byMail];
  const search = leakSearch([...given, 'Your code for', 'completes the login', 'otpauth:', ada.password, bob.password]);
  const rows = Object.fromEntries(
    await Promise.all(TABLES.map(async (table) => [table, await scene.store.query(`SELECT * FROM ${table}`)] as const)),
  );
  expect(rows.second_factors).toHaveLength(2);
  expect(rows.recovery_codes).toHaveLength(10);
  expect(rows.login_challenges).toHaveLength(2);
  const text = JSON.stringify(rows, bytesAsText);
  expect(search.in(text)).toEqual([]);
  expect(codes.map((code) => code.length)).toEqual([6, 6]);
  for (const code of codes) {
    // As a text of its own: any six digits may be part of an instant.
    expect(text).not.toMatch(new RegExp(`(?<![0-9a-f])${code}(?![0-9a-f])`));
  }
  if (ON_POSTGRES) {
    return;
  }
  const env = { ...scene.store.environment };
  const backup = join(temporaryFolder(), 'backup.db');
  expect((await runHere(['backup', backup], env)).code).toBe(0);
  expect(search.in(readFileSync(backup))).toEqual([]);
  for (const [name, bytes] of filesUnder(env.AUTHFLOW_DATA_DIR ?? '')) {
    expect({ name, found: search.in(bytes) }).toEqual({ name, found: [] });
  }
});

test('F3: of who stole the row of a mailed code, and has no secret, none of all codes is the one', async () => {
  const { scene, ada, challenge, codes } = await secretScene();
  const [row] = await scene.store.query<{ orgId: string; challengeId: string; digest: Uint8Array; userId: string }>(
    `SELECT org_id AS "orgId", challenge_id AS "challengeId", user_id AS "userId", code_digest AS digest
     FROM login_challenges WHERE kind = 'second_factor'`,
  );
  const [store] = await scene.store.query<{ storeId: string; epoch: string; secretCheck: Uint8Array }>(
    'SELECT store_id AS "storeId", epoch, secret_check AS "secretCheck" FROM store',
  );
  if (row === undefined || store === undefined) {
    throw new Error('There is no such row.');
  }
  const { orgId, challengeId, userId } = row;
  const digest = Buffer.from(row.digest).toString('hex');
  const guesses: readonly ((code: string) => string)[] = [
    (code) => createHash('sha256').update(code).digest('hex'),
    (code) => createHash('sha256').update(`${orgId}${challengeId}${code}`).digest('hex'),
    (code) =>
      createHash('sha256')
        .update(encodeParts(['login code', orgId, challengeId, code]))
        .digest('hex'),
    (code) =>
      createHmac('sha256', '')
        .update(encodeParts(['login code', orgId, challengeId, code]))
        .digest('hex'),
    ...[store.storeId, store.epoch, store.secretCheck, userId].map(
      (key) => (code: string) =>
        createHmac('sha256', key)
          .update(encodeParts(['login code', orgId, challengeId, code]))
          .digest('hex'),
    ),
  ];
  // The right one is among those that are tried.
  const [right = ''] = codes;
  expect(guesses.map((guess) => guess(right) === digest)).toEqual(guesses.map(() => false));
  const [plain, , ownForm] = guesses;
  for (let number = 0; number < EVERY_CODE; number += 1) {
    const code = String(number).padStart(6, '0');
    if (plain?.(code) === digest || ownForm?.(code) === digest) {
      expect(code).toBe('no guess');
    }
  }
  expect((await ada.call('2fa/verify-email-otp', { challenge, code: right })).outcome).toBe('OK');
});

function bytesAsText(_: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: readonly number[] };
  return type === 'Buffer' && data !== undefined ? Buffer.from(data).toString('latin1') : value;
}

import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/app/doctor.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { startTestServer } from '../support/running-server.ts';
import { storeOfTest } from '../support/stores.ts';
import { Backend, inParallel, PASSWORD, send, serverOfTest, tally } from './backend.ts';
import { startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
const BREACHED = 'Kestrel-Onyx-41';
const OTHER = 'Marigold-Fjord-7';

const hashOf = (password: string): string => createHash('sha1').update(password).digest('hex').toUpperCase();

/** As Have I Been Pwned gives them. */
function write(path: string, passwords: readonly string[]): void {
  const others = Array.from({ length: 5_000 }, (_, index) => `stolen ${index}`);
  const lines = [...others, ...passwords].map((password, index) => `${hashOf(password)}:${index + 1}`).sort();
  writeFileSync(path, lines.join('\r\n'));
}

async function backendWith(breachedPasswords: string): Promise<Backend> {
  const server = await serverOfTest({ settings: { breachedPasswords } });
  const { apiKey } = await server.createOrganization();
  return new Backend(server.httpAddress, apiKey);
}

test('P3: a new password that is on the list is refused with the reason, at a sign-up and at a change', async () => {
  const file = join(temporaryFolder(), 'breached.txt');
  write(file, [BREACHED, 'Ünique-Örigin-3'.normalize('NFC')]);
  const backend = await backendWith(file);
  for (const password of [BREACHED, 'Ünique-Örigin-3'.normalize('NFD')]) {
    const refused = await backend.signUp(EMAIL, password);
    expect(refused).toMatchObject({ status: 400, outcome: 'PASSWORD_POLICY' });
    expect(refused.field('message')).toContain('stolen');
  }
  expect((await backend.signUp(EMAIL)).outcome).toBe('OK');
  const sessionToken = (await backend.login(EMAIL)).field('token');
  const change = async (newPassword: string) =>
    (await backend.call('changePassword', { sessionToken, email: EMAIL, newPassword })).outcome;
  expect(await change(BREACHED)).toBe('PASSWORD_POLICY');
  expect(await change(OTHER)).toBe('OK');
});

test('P3: a newer list in its place counts from the next call on, and whoever has a password of it logs in', async () => {
  const folder = temporaryFolder();
  const [file, newer] = [join(folder, 'breached.txt'), join(folder, 'newer.txt')];
  write(file, []);
  const backend = await backendWith(file);
  expect((await backend.signUp(EMAIL, BREACHED)).outcome).toBe('OK');
  write(newer, [BREACHED]);
  renameSync(newer, file);
  expect((await backend.signUp('b@example.com', BREACHED)).outcome).toBe('PASSWORD_POLICY');
  expect((await backend.login(EMAIL, BREACHED)).outcome).toBe('OK');
});

test('P3: while the list cannot be read, a new password is UNAVAILABLE, no nonce is spent, and logins go on', async () => {
  const file = join(temporaryFolder(), 'breached.txt');
  write(file, [BREACHED]);
  const backend = await backendWith(file);
  await backend.signUp(EMAIL);
  rmSync(file);
  const foobar = await backend.nonce('b@example.com');
  const user = { foobar, email: 'b@example.com', password: PASSWORD, fullname: 'Ada', disclaimed: 'true' };
  expect(await backend.call('signUp', user)).toMatchObject({ status: 503, outcome: 'UNAVAILABLE' });
  writeFileSync(file, 'no list\n');
  expect(await backend.call('signUp', user)).toMatchObject({ status: 503, outcome: 'UNAVAILABLE' });
  expect((await backend.login(EMAIL)).outcome).toBe('OK');
  write(file, [BREACHED]);
  expect((await backend.call('signUp', user)).outcome).toBe('OK');
});

test('P3: 200 sign-ups at once are each judged', async () => {
  const file = join(temporaryFolder(), 'breached.txt');
  write(file, [BREACHED]);
  const { ports, stop } = await serverOfTest({ settings: { breachedPasswords: file } });
  const passwords = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? BREACHED : `${OTHER}${index}`));
  const found = await Promise.all(passwords.map((password) => ports.breachedPasswords?.has(password)));
  expect(found).toEqual(passwords.map((password) => password === BREACHED));
  await stop();
});

test('P3: every one of several processes judges by the list', async () => {
  const file = join(temporaryFolder(), 'breached.txt');
  write(file, [BREACHED]);
  const store = await storeOfTest();
  const environment = { ...store.environment, AUTHFLOW_BREACHED_PASSWORDS: file };
  const { httpAddress } = await startServerProcess({ ...store, environment }, { workers: 2 });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const backend = new Backend(httpAddress, made.field('api_key'));
  const signUps = await inParallel(40, 10, (index) =>
    backend.signUp(`${index}@example.com`, index < 30 ? BREACHED : OTHER),
  );
  expect(tally(signUps.map(({ outcome }) => outcome))).toEqual({ PASSWORD_POLICY: 30, OK: 10 });
});

describe('a list that cannot be used', () => {
  /** What lies at the path, and what is told of it. */
  const FAULTS: readonly (readonly [string, (path: string) => void, string])[] = [
    ['missing', () => {}, 'ENOENT'],
    ['a folder', (path) => mkdirSync(path), 'EISDIR|is no file'],
    ['of another form', (path) => writeFileSync(path, 'password\n'), 'other lines'],
    [
      'out of order',
      (path) => writeFileSync(path, ['a', 'b', 'c'].map(hashOf).sort().reverse().join('\n')),
      'not ordered',
    ],
    ['empty', (path) => writeFileSync(path, ''), 'is empty'],
  ];

  test.each(FAULTS)('%s: stops the start, by the name of the setting', async (_, make, fault) => {
    const path = join(temporaryFolder(), 'breached.txt');
    make(path);
    const testStore = await storeOfTest();
    const start = startTestServer({ testStore, settings: { breachedPasswords: path } });
    await expect(start).rejects.toMatchObject({
      name: 'SettingsError',
      faults: [{ name: 'AUTHFLOW_BREACHED_PASSWORDS', message: expect.stringMatching(fault) }],
    });
  });

  test('doctor tells of it, and of one that can', async () => {
    const testStore = await storeOfTest();
    const server = await startTestServer({ testStore });
    await server.stop();
    const settings = readSettings({ ...testStore.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
    const told = async (breachedPasswords: Settings['breachedPasswords']) =>
      (await diagnose({ ...settings, breachedPasswords })).find(({ check }) => check === 'breached passwords');
    expect(await told(null)).toBeUndefined();
    for (const [, make, fault] of FAULTS) {
      const path = join(temporaryFolder(), 'breached.txt');
      make(path);
      expect(await told(path)).toMatchObject({ ok: false, detail: expect.stringMatching(fault) });
    }
    const good = join(temporaryFolder(), 'breached.txt');
    write(good, []);
    expect(await told(good)).toMatchObject({ ok: true, detail: expect.stringContaining(good) });
  });
});

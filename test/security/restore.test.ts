import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { restoreStore } from '../../src/app/restore.ts';
import { run } from '../../src/cli/run.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import { connect } from '../../src/storage/sqlite/driver.ts';
import { CapturedStream, runHere } from '../cli/captured-terminal.ts';
import { MAIN } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { createApiKey, disableUser, revokeApiKey } from '../support/asked.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';
import { Backend, PASSWORD, send } from './backend.ts';

const [ADA, BOB, CAROL, DAVE] = ['ada', 'bob', 'carol', 'dave'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
  string,
];
/** Of util-linux. */
const PRLIMIT = '/usr/bin/prlimit';
const NEW_PASSWORD = 'Another-Horse-8';

interface Change {
  readonly kind: string;
  readonly change: string;
  readonly name: string;
}

test('R12: a restored backup opens nothing that was handed out before, and names what it undoes', async () => {
  const dataDir = temporaryFolder();
  const env = { AUTHFLOW_DATA_DIR: dataDir };
  const file = join(dataDir, 'backup.db');
  const restore = () => runHere(['restore', file, '--json'], env);

  const before = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const { orgId, apiKey } = await before.createOrganization('Acme');
  const closed = await before.createOrganization('Closed');
  const second = await createApiKey(before.ports, { orgId, label: 'second', inTokens: false });
  const backend = new Backend(before.httpAddress, apiKey);
  for (const email of [ADA, BOB, CAROL]) {
    await backend.signUp(email);
  }
  const oldToken = (await backend.login(ADA)).field('token');
  const oldNonce = await backend.nonce(ADA);
  expect((await runHere(['backup', file], env)).code).toBe(0);

  await before.ports.storage.closeOrganization(closed.orgId, before.ports.clock.now());
  await before.createOrganization('Globex');
  await revokeApiKey(before.ports, { orgId, keyId: second.key.keyId, endSessions: false });
  expect((await backend.changePassword(ADA, oldToken, NEW_PASSWORD)).outcome).toBe('OK');
  await disableUser(before.ports, { orgId, user: BOB });
  const carol = await before.ports.storage.findUserByEmail(orgId, CAROL);
  await before.ports.storage.deleteUser(orgId, carol?.userId ?? '', before.ports.clock.now());
  await backend.signUp(DAVE);
  const newToken = (await backend.login(DAVE)).field('token');

  const inUse = await restore();
  expect(inUse).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('in use') });
  expect((await backend.validate(ADA, oldToken)).outcome).toBe('OK');
  await before[Symbol.asyncDispose]();

  const { code, stdout, stderr } = await restore();
  expect(code).toBe(0);
  const changes: Change[] = JSON.parse(stdout);
  expect(changes.map(({ kind, change, name }) => `${kind} ${name} ${change}`).toSorted()).toEqual([
    'api_key second revoked_since',
    'organization Closed closed_since',
    'organization Globex made_since',
    `user ${ADA} credentials_changed_since`,
    `user ${BOB} credentials_changed_since`,
    `user ${BOB} disabled_since`,
    `user ${CAROL} deleted_since`,
    `user ${DAVE} made_since`,
  ]);
  // The settings gave the admin token: the commands, without them, have none.
  expect(stderr).toContain('admin-token rotate');

  await using after = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const restored = new Backend(after.httpAddress, apiKey);
  expect((await restored.validate(ADA, oldToken)).outcome).toBe('SESSION_INVALID');
  expect((await restored.validate(DAVE, newToken)).outcome).toBe('SESSION_INVALID');
  const login = await restored.call('login', { foobar: oldNonce, email: ADA, password: PASSWORD });
  expect(login.outcome).toBe('NONCE_INVALID');
  const sessions = await after.ports.storage.listSessions(orgId, null, { limit: 100, after: null });
  expect(sessions.map(({ revokedAt }) => revokedAt === null)).toEqual([false]);
  expect((await restored.login(ADA)).outcome).toBe('OK');
  expect((await restored.login(DAVE)).outcome).toBe('USER_NOT_FOUND');
  expect((await new Backend(after.httpAddress, second.apiKey).login(BOB)).outcome).toBe('OK');
  const jwks = await send(after.httpAddress, '/.well-known/jwks.json', { method: 'GET' });
  expect(JSON.parse(jwks.text).keys).toHaveLength(1);

  const kept = readdirSync(dataDir).find((name) => name.includes('.replaced-')) ?? '';
  expect(stderr).toContain(kept);
  const users = await runHere(['user', 'list', 'Acme', '--json'], {
    ...env,
    AUTHFLOW_DATABASE_URL: `sqlite:${join(dataDir, kept)}`,
  });
  expect(users.stdout).toContain(DAVE);
  expect(readdirSync(dataDir).filter((name) => name.includes('.restoring-'))).toEqual([]);
});

test('M1: after a restore no token of a mail of before opens anything, spent or not', async () => {
  const dataDir = temporaryFolder();
  const env = { AUTHFLOW_DATA_DIR: dataDir };
  const file = join(dataDir, 'backup.db');
  const before = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const { orgId, apiKey } = await before.createOrganization('Acme');
  const userId = (await new Backend(before.httpAddress, apiKey).signUp(ADA)).field('user_id');
  const use = async ({ httpAddress }: TestServer, kind: MailTokenKind, token: string) => {
    const isReset = kind === 'reset_password' || kind === 'invite';
    const path = isReset ? '/auth/reset-password' : '/auth/verify-email';
    return (await send(httpAddress, path, { body: { token, newPassword: NEW_PASSWORD } })).outcome;
  };
  const tokens = async ({ ports }: TestServer) => {
    const user = await ports.storage.findUserCredentials(orgId, userId);
    if (user === null) {
      throw new Error('There is no such user.');
    }
    const kinds = ['reset_password', 'invite', 'verify_email', 'change_email'] as const;
    const signed = (kind: MailTokenKind) =>
      ports.mailTokens.sign(kind, { ...user, newEmail: BOB }, ports.clock.now()).token;
    return kinds.map((kind) => ({ kind, token: signed(kind) }));
  };
  const older = await tokens(before);
  expect((await runHere(['backup', file], env)).code).toBe(0);
  // The backup does not know that this one is spent, nor that the others are void.
  const [spent] = older;
  expect(await use(before, 'reset_password', spent?.token ?? '')).toBe('OK');
  const newer = await tokens(before);
  await before[Symbol.asyncDispose]();
  expect((await runHere(['restore', file, '--json'], env)).code).toBe(0);

  await using after = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const restored = new Backend(after.httpAddress, apiKey);
  for (const { kind, token } of [...older, ...newer]) {
    expect({ kind, outcome: await use(after, kind, token) }).toEqual({ kind, outcome: 'TOKEN_INVALID' });
  }
  expect((await restored.login(ADA)).outcome).toBe('OK');
  expect((await after.ports.storage.findUser(orgId, userId))?.emailVerifiedAt).toBeNull();
  const [reset] = await tokens(after);
  expect(await use(after, 'reset_password', reset?.token ?? '')).toBe('OK');
});

test('R12: a backup is restored where there is no store, under its own secret alone', async () => {
  const dataDir = temporaryFolder();
  const secret = 's'.repeat(32);
  const file = join(dataDir, 'backup.db');
  await using server = await startTestServer({
    settings: { secret: Buffer.from(secret) },
    testStore: sqliteStoreIn(dataDir),
  });
  const { orgId } = await server.createOrganization('Acme');
  expect((await runHere(['backup', file], { AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_SECRET: secret })).code).toBe(0);

  const elsewhere = join(dataDir, 'elsewhere');
  const restore = (env: Record<string, string>) =>
    runHere(['restore', file, '--json'], { AUTHFLOW_DATA_DIR: elsewhere, ...env });
  expect(await restore({})).toMatchObject({ code: 3, stderr: expect.stringContaining('AUTHFLOW_SECRET') });
  const other = await restore({ AUTHFLOW_SECRET: 'x'.repeat(32) });
  expect(other).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('another secret') });
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(await restore({ AUTHFLOW_SECRET: secret })).toMatchObject({ code: 0, stdout: '[]\n' });
  const env = { AUTHFLOW_DATA_DIR: elsewhere, AUTHFLOW_SECRET: secret };
  expect((await runHere(['org', 'list', '--json'], env)).stdout).toContain(orgId);
});

/** A store with a backup, of which a key was revoked since: no server is left. */
async function revokedSince() {
  const dataDir = temporaryFolder();
  const env = { AUTHFLOW_DATA_DIR: dataDir };
  const backup = join(dataDir, 'backup.db');
  await using server = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const { orgId } = await server.createOrganization('Acme');
  const second = await createApiKey(server.ports, { orgId, label: 'second', inTokens: false });
  expect((await runHere(['backup', backup], env)).code).toBe(0);
  await revokeApiKey(server.ports, { orgId, keyId: second.key.keyId, endSessions: false });
  const liveKeys = async () =>
    (await runHere(['key', 'list', 'Acme', '--json'], env)).stdout.match(/"revoked_at":null/g);
  return { dataDir, env, backup, file: join(dataDir, 'authflow.db'), liveKeys };
}

test.each([[[]], [['--json']]])('R12: a restore goes on when nobody reads its list any more: %j', async (flags) => {
  const { env, backup, liveKeys } = await revokedSince();
  expect(await liveKeys()).toHaveLength(1);
  const stderr = new CapturedStream();
  const gone = {
    write(_text: string, done: (error?: Error | null) => void) {
      done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    },
  };
  const code = await run(['restore', backup, ...flags], { env, stdin: () => Readable.from([]), stdout: gone, stderr });
  expect(code).toBe(0);
  expect(stderr.text).toContain('is restored');
  expect(stderr.text).toContain('could not be written whole');
  expect(await liveKeys()).toHaveLength(2);
});

test.each(['store', 'organizations', 'api_keys', 'schema_migrations'])(
  'R12: of a store whose table %s is damaged it is said that revoked keys are good again',
  async (table) => {
    const { env, backup, file, liveKeys } = await revokedSince();
    damage(file, table);
    const { code, stderr } = await runHere(['restore', backup], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('revoked and users disabled') });
    expect(await liveKeys()).toHaveLength(2);
  },
);

/** Overwrites a table's root page. */
function damage(file: string, table: string): void {
  const connection = connect(file, 0);
  const page = connection.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck();
  const [number = 0, size] = [page.get(table), Number(connection.pragma('page_size', { simple: true }))];
  connection.close();
  expect(number).toBeGreaterThan(0);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill('damage', (number - 1) * size, number * size));
}

test('R12: a restore that has nothing to undo says so', async () => {
  const { env, backup } = await revokedSince();
  expect((await runHere(['restore', backup], env)).code).toBe(0);
  const again = await runHere(['restore', backup], env);
  expect(again).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Nothing has changed since') });
});

test('R12: a restore that is stopped leaves the store as it was, and nothing else', async () => {
  const { dataDir, backup, liveKeys } = await revokedSince();
  const settings = readSettings({ AUTHFLOW_DATA_DIR: dataDir });
  for (const steps of [0, 1, 2, 3]) {
    const controller = new AbortController();
    const restoring = restoreStore(settings, backup, controller.signal);
    let isLeft = steps;
    const count = () => (isLeft-- === 0 ? controller.abort() : setImmediate(count));
    count();
    await expect(restoring).rejects.toThrow('The restore was stopped: the store is as it was.');
    expect(readdirSync(dataDir).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
  }
  expect(await liveKeys()).toHaveLength(1);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('R12: %s stops a restore with a sentence', async (signal) => {
  const { dataDir, env, backup, liveKeys } = await revokedSince();
  const before = process.listeners(signal);
  const added = () => process.listeners(signal).filter((listener) => !before.includes(listener));
  const restoring = runHere(['restore', backup], env);
  await expect.poll(added, { interval: 0 }).toHaveLength(1);
  added()[0]?.(signal);
  expect(await restoring).toEqual({
    code: 1,
    stdout: '',
    stderr: 'authflow: The restore was stopped: the store is as it was.\n',
  });
  expect(added()).toEqual([]);
  expect(readdirSync(dataDir).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
  expect(await liveKeys()).toHaveLength(1);
});

test('R12: a disk without room for the backup is told with its cause, and the store is as it was', async ({ skip }) => {
  skip(!existsSync(PRLIMIT), `needs ${PRLIMIT} of util-linux`);
  const { dataDir, env, backup, liveKeys } = await revokedSince();
  // To the system's calls a file that may not grow is a full disk.
  const limited = [`--fsize=${statSync(backup).size / 2}`, process.execPath, MAIN, 'restore', backup];
  const { status, stdout, stderr } = spawnSync(PRLIMIT, limited, { env: { ...process.env, ...env }, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/the store is as it was: .*\(EFBIG\)/);
  expect(readdirSync(dataDir).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
  expect(await liveKeys()).toHaveLength(1);
});

test('R12: what is wrong with a backup names the backup', async () => {
  const { env, backup } = await revokedSince();
  const other = await runHere(['restore', backup], { ...env, AUTHFLOW_SECRET: 'x'.repeat(32) });
  expect(other.stderr).toContain(`The backup ${backup} was made under another secret`);
  const none = await runHere(['restore', backup], { AUTHFLOW_DATA_DIR: join(env.AUTHFLOW_DATA_DIR, 'elsewhere') });
  expect(none.stderr).toContain(`There is no secret for the backup ${backup}`);
  expect(other.stderr + none.stderr).not.toContain('restoring-');
});

test('R12: doctor names what a killed restore left', async () => {
  const { env, file } = await revokedSince();
  writeFileSync(`${file}.restoring-0a1b2c3d`, '', { mode: 0o600 });
  const { code, stdout } = await runHere(['doctor'], env);
  expect(code).toBe(1);
  expect(stdout).toContain(`${file}.restoring-0a1b2c3d`);
  rmSync(file);
  expect((await runHere(['doctor'], env)).stdout).toContain(`${file}.restoring-0a1b2c3d`);
});

test('R12: an empty file in the place of the store is no store that could tell', async () => {
  const { env, backup, file } = await revokedSince();
  writeFileSync(file, '');
  expect(await runHere(['restore', backup], env)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('There was no store'),
  });
});

test('R12: what lies beside a file that is no database is kept with it', async () => {
  const { dataDir, env, backup, file } = await revokedSince();
  writeFileSync(file, Buffer.alloc(8_192, 'no database '));
  writeFileSync(`${file}-wal`, 'left behind');
  const { code, stderr } = await runHere(['restore', backup], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('revoked and users disabled') });
  const kept = readdirSync(dataDir).find((name) => /replaced-.*-wal$/.test(name)) ?? '';
  expect(readFileSync(join(dataDir, kept), 'utf8')).toBe('left behind');
});

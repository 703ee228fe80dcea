import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import type { CallerClass } from '../../src/domain/caller.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { storeOfTest } from '../support/stores.ts';
import { runHere } from './captured-terminal.ts';
import { type CliPlace, jsonOf, MAIN, runCli } from './spawned-cli.ts';

/** Of util-linux: runs a command in a terminal of its own. */
const SCRIPT = '/usr/bin/script';
const API_KEY = /af_[A-Za-z0-9_-]{43}/;

interface CreatedOrganization {
  readonly org_id: string;
  readonly name: string;
  readonly api_key: string;
}

interface KeyRow {
  readonly key_id: string;
  readonly label: string;
  readonly in_tokens: boolean;
  readonly class: string;
  readonly revoked_at: string | null;
}

interface UserRow {
  readonly user_id: string;
  readonly email: string;
  readonly disabled_at: string | null;
}

interface SessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly revoked_at: string | null;
}

describe('org', () => {
  test('create --json prints one object with org_id, name and api_key, and nothing else anywhere', async () => {
    const place = await migrated();
    const { code, stdout, stderr } = await runCli(['org', 'create', 'Acme, Inc.', '--json'], place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const created: CreatedOrganization = JSON.parse(stdout);
    expect(Object.keys(created)).toEqual(['org_id', 'name', 'api_key']);
    expect(created).toMatchObject({ name: 'Acme, Inc.', api_key: expect.stringMatching(API_KEY) });
    expect(stdout.split('\n')).toHaveLength(2);
  });

  test('create prints the key to standard output, once, and refuses a taken or impossible name', async () => {
    const place = await migrated();
    const { stdout, stderr } = await runCli(['org', 'create', 'Acme'], place);
    expect(stdout.match(new RegExp(API_KEY, 'g'))).toHaveLength(1);
    expect(stderr).not.toMatch(API_KEY);
    for (const [name, reason] of [
      ['ACME', 'ORGANIZATION_EXISTS'],
      [' ', 'INVALID_ARGUMENT'],
      ['a\nb', 'INVALID_ARGUMENT'],
      ['x'.repeat(101), 'INVALID_ARGUMENT'],
    ] as const) {
      const refused = await runCli(['org', 'create', name], place);
      expect({ name, code: refused.code, stdout: refused.stdout }).toEqual({ name, code: 1, stdout: '' });
      expect(refused.stderr).toContain(reason);
    }
    expect((await runCli(['org', 'list'], place)).stdout).not.toMatch(API_KEY);
  });

  test('close and reopen take the org_id or the exact name', async () => {
    const place = await migrated();
    const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
    const closed = await jsonOf<{ closed_at: string }>(['org', 'close', 'Acme'], place);
    expect(closed).toMatchObject({ org_id, name: 'Acme', ended_sessions: 0, closed_at: expect.stringMatching(/Z$/) });
    expect(await jsonOf(['org', 'close', org_id.toUpperCase()], place)).toMatchObject({ closed_at: closed.closed_at });
    expect(await jsonOf(['org', 'reopen', org_id], place)).toMatchObject({ org_id, closed_at: null });
    for (const name of ['acme', 'Other', '', '00000000-0000-4000-8000-000000000000']) {
      const refused = await runCli(['org', 'close', name], place);
      expect({ name, code: refused.code }).toEqual({ name, code: 1 });
      expect(refused.stderr).toContain('ORGANIZATION_NOT_FOUND');
    }
    expect(await jsonOf(['org', 'list'], place)).toMatchObject([{ org_id, closed_at: null }]);
  });
});

test('key: add prints its key once, list never, revoke refuses it', async () => {
  const place = await migrated();
  await jsonOf(['org', 'create', 'Acme'], place);
  const added = await jsonOf<KeyRow & { api_key: string }>(
    ['key', 'add', 'Acme', '--label', 'second', '--in-tokens'],
    place,
  );
  expect(added).toMatchObject({ label: 'second', in_tokens: true, api_key: expect.stringMatching(API_KEY) });

  // Of those who may have read a key in a token, or not: as the log and the audit log name them.
  expect(added).toMatchObject({ class: 'token_key' });
  expect(await jsonOf(['key', 'add', 'Acme'], place)).toMatchObject({ in_tokens: false, class: 'private_key' });

  const listed = await runCli(['key', 'list', 'Acme', '--json'], place);
  expect(listed.stdout + listed.stderr).not.toMatch(API_KEY);
  const keys: KeyRow[] = JSON.parse(listed.stdout);
  expect(keys.map(({ in_tokens, class: of, revoked_at }) => [in_tokens, of, revoked_at])).toEqual([
    [false, 'token_key', null],
    [true, 'token_key', null],
    [false, 'private_key', null],
  ]);

  const [first] = keys;
  const revoked = await jsonOf<KeyRow>(['key', 'revoke', 'Acme', first?.key_id ?? '', '--end-sessions'], place);
  expect(revoked).toMatchObject({ key_id: first?.key_id, ended_sessions: 0, revoked_at: expect.stringMatching(/Z$/) });
  expect(await jsonOf(['key', 'revoke', 'Acme', first?.key_id ?? ''], place)).toMatchObject({
    revoked_at: revoked.revoked_at,
  });
  const unknown = await runCli(['key', 'revoke', 'Acme', '00000000-0000-7000-8000-000000000000'], place);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('API_KEY_NOT_FOUND')]);
});

test('user and session: lists hold every page, and what is disabled, revoked or deleted ends sessions', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 450);

  const users = await jsonOf<UserRow[]>(['user', 'list', 'Acme'], place);
  expect(users.map(({ email }) => email)).toEqual(Array.from({ length: 450 }, (_, n) => `user${n}@example.com`));
  expect((await runCli(['user', 'list', 'Acme'], place)).stdout.trimEnd().split('\n')).toHaveLength(451);
  const sessions = await jsonOf<SessionRow[]>(['session', 'list', 'Acme'], place);
  expect(sessions).toHaveLength(450);

  const email = 'USER0@example.com';
  expect(await jsonOf(['user', 'disable', 'Acme', email], place)).toMatchObject({
    email: 'user0@example.com',
    disabled_at: expect.stringMatching(/Z$/),
    ended_sessions: 1,
  });
  expect(await jsonOf(['session', 'list', 'Acme', '--user', email], place)).toMatchObject([
    { user_id: users[0]?.user_id, revoked_at: expect.stringMatching(/Z$/) },
  ]);
  expect(await jsonOf(['user', 'enable', 'Acme', users[0]?.user_id ?? ''], place)).toMatchObject({ disabled_at: null });

  expect(await jsonOf(['session', 'revoke', 'Acme', sessions[1]?.session_id ?? ''], place)).toEqual({
    ended_sessions: 1,
  });
  expect(await jsonOf(['session', 'revoke', 'Acme', sessions[1]?.session_id ?? ''], place)).toEqual({
    ended_sessions: 0,
  });
  expect(await jsonOf(['session', 'revoke', 'Acme', '--user', 'user2@example.com'], place)).toEqual({
    ended_sessions: 1,
  });
  expect(await jsonOf(['user', 'delete', 'Acme', 'user3@example.com'], place)).toMatchObject({ ended_sessions: 1 });
  const unknown = await runCli(['session', 'revoke', 'Acme', '00000000-0000-7000-8000-000000000000'], place);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/session_id .*\(INVALID_ARGUMENT\)/)]);
  for (const args of [
    ['user', 'disable', 'Acme', 'user3@example.com'],
    ['session', 'revoke', 'Acme', '--user', 'nobody@example.com'],
  ]) {
    const refused = await runCli(args, place);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('USER_NOT_FOUND')]);
  }
});

test('user: shows one, and exports all that is kept of them but the hash of the password', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 2);
  const email = 'user1@example.com';
  const shown = {
    email,
    disabled_at: null,
    email_verified_at: null,
    has_password: true,
    must_change_password: false,
    live_sessions: 1,
    failed_logins: null,
    locked: null,
  };
  expect(await jsonOf(['user', 'show', 'Acme', email], place)).toMatchObject(shown);
  const { code, stdout } = await runCli(['user', 'export', 'Acme', email], place);
  const [session] = await jsonOf<SessionRow[]>(['session', 'list', 'Acme', '--user', email], place);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      user_id: session?.user_id,
      email,
      fullname: 'A',
      created_at: expect.stringMatching(/Z$/),
      disabled_at: null,
      org_id,
      email_verified_at: null,
      has_password: true,
      must_change_password: false,
      roles: [],
      public_metadata: '',
      private_metadata: '',
      second_factor: false,
      recovery_codes_left: 0,
      wrong_codes: 0,
      credential_changes: 0,
      failed_logins: [],
      sessions: [expect.objectContaining({ session_id: session?.session_id, revoked_at: null })],
    },
  ]);
  expect(stdout).not.toContain('$2b$');
  expect((await runCli(['user', 'export', 'Acme', 'nobody@example.com'], place)).code).toBe(1);
});

test('user unlock: forgets failed logins and opens every lock, which user show tells', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 1);
  const email = 'user0@example.com';
  await withFailures(place, org_id, email, { private_key: 6, no_key: HARD_LOCK_AT.no_key });
  const wait = expect.stringMatching(/^no_key until it is unlocked, private_key until 20\d\d-[-\d]+T[:\d]+Z$/);
  const shown = { failed_logins: 'no_key 20, private_key 6', locked: wait };
  expect(await jsonOf(['user', 'show', 'Acme', email], place)).toMatchObject(shown);
  const unlock = ['user', 'unlock', 'Acme', email];
  expect(await jsonOf(unlock, place)).toMatchObject({ email, opened: 'no_key 20, private_key 6' });
  expect(await jsonOf(unlock, place)).toMatchObject({ email, opened: null });
  expect(await jsonOf(['user', 'show', 'Acme', email], place)).toMatchObject({ failed_logins: null, locked: null });
  expect((await runCli(['user', 'unlock', 'Acme', 'nobody@example.com'], place)).code).toBe(1);
});

test('user set-password: the password comes from standard input, or is made and printed once', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 1);
  const args = ['user', 'set-password', 'Acme', 'user0@example.com'];
  const piped = (text: string) => runHere([...args, '--json'], { ...place.env }, text);
  const credentials = async () => {
    const administration = await openAdministration(readSettings({ ...place.env }));
    const { ports, close } = administration;
    const user = await ports.storage.findUserByEmail(org_id, 'user0@example.com');
    const found = await ports.storage.findUserCredentials(org_id, user?.userId ?? '');
    const matches = async (password: string) => {
      const slot = await ports.passwords.acquire(
        { orgId: org_id, callerClass: 'private_key' },
        { isAbandoned: () => false },
      );
      return (await slot.verify(password, found?.passwordHash ?? '').finally(() => slot.release())).matches;
    };
    return { matches, close };
  };

  const set = await piped('Difference-1822\n');
  expect(set).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(set.stdout)).toMatchObject({ email: 'user0@example.com', ended_sessions: 1 });
  expect(set.stdout).not.toContain('Difference');
  const first = await credentials();
  expect(await first.matches('Difference-1822')).toBe(true);
  await first.close();

  const made = await jsonOf<{ password: string }>([...args, '--generate'], place);
  expect(made.password).toMatch(/^[A-Za-z0-9_-]{20}-Aa1$/);
  const second = await credentials();
  expect(await second.matches(made.password)).toBe(true);
  expect(await second.matches('Difference-1822')).toBe(false);
  await second.close();

  expect(await piped('short\n')).toMatchObject({ code: 1, stderr: expect.stringContaining('PASSWORD_POLICY') });
  for (const guessable of ['Password-2024', 'User0-12345!', 'Acme-2024!!']) {
    expect(await piped(guessable)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/must not.*PASSWORD_POLICY/),
    });
  }
  expect(await piped('Two-lines-1\nof-it')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('PASSWORD_POLICY'),
  });
  expect(await piped('')).toMatchObject({ code: 2, stderr: expect.stringContaining('--generate') });
});

test('user set-password at a terminal asks twice, says that it is done, and shows nothing of what is typed', async ({
  skip,
}) => {
  skip(!existsSync(SCRIPT), 'needs script of util-linux');
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 1);
  const set = async (first: string, second: string) => {
    const command = `'${process.execPath}' '${MAIN}' user set-password Acme user0@example.com`;
    const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
      cwd: place.folder,
      env: { PATH: process.env.PATH, ...place.env },
    });
    let shown = '';
    const answers = new Map([
      ['nothing is shown', first],
      ['password again', second],
    ]);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      shown += text;
      for (const [question, answer] of answers) {
        if (shown.includes(question)) {
          answers.delete(question);
          child.stdin.write(`${answer}\r`);
        }
      }
    });
    const [code] = await once(child, 'close');
    expect(shown).not.toContain('Difference');
    return { code, shown };
  };
  const differing = await set('Difference-1822', 'Difference-1823');
  expect(differing).toEqual({ code: 2, shown: expect.stringContaining('The two passwords differ') });
  const same = await set('Difference-1822', 'Difference-1822');
  expect(same).toEqual({ code: 0, shown: expect.stringContaining('ended_sessions') });
  expect(same.shown).toContain('The password is set.');
});

test('user export prints the same JSON with --json', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  await withUsers(place, org_id, 1);
  const args = ['user', 'export', 'Acme', 'user0@example.com'];
  const plain = await runCli(args, place);
  expect(await jsonOf(args, place)).toEqual(JSON.parse(plain.stdout));
});

test('signing-key: rotate makes the next key, --compromised retires the others', async () => {
  const place = await migrated();
  const states = async () =>
    (await jsonOf<{ kid: string; state: string }[]>(['signing-key', 'list'], place)).map(({ state }) => state);
  expect(await states()).toEqual(['current']);
  const rotated = await jsonOf<{ kid: string; activates_at: string }>(['signing-key', 'rotate'], place);
  expect(Date.parse(rotated.activates_at)).toBeGreaterThan(Date.now());
  expect((await states()).sort()).toEqual(['current', 'next']);
  const { kid } = await jsonOf<{ kid: string }>(['signing-key', 'rotate', '--compromised'], place);
  const keys = await jsonOf<{ kid: string; state: string }[]>(['signing-key', 'list'], place);
  expect(keys.filter(({ state }) => state !== 'retired')).toMatchObject([{ kid, state: 'current' }]);
});

async function migrated(): Promise<CliPlace> {
  const place = { folder: temporaryFolder(), env: (await storeOfTest()).environment };
  await jsonOf(['migrate'], place);
  return place;
}

/** Puts users with a session each into the store, as sign-ups and logins would. */
async function withUsers(place: CliPlace, orgId: string, count: number): Promise<void> {
  const administration = await openAdministration(readSettings({ ...place.env }));
  const [key] = await administration.ports.storage.listApiKeys(orgId, { limit: 1, after: null });
  for (let n = 0; n < count; n += 1) {
    await putUser(administration.ports, { orgId, keyId: key?.keyId ?? '', email: `user${n}@example.com` });
  }
  await administration.close();
}

async function putUser(
  { storage, clock, ids, sessionTokens }: Ports,
  { orgId, keyId, email }: { readonly orgId: string; readonly keyId: string; readonly email: string },
): Promise<void> {
  const createdAt = clock.now();
  const userId = ids.uuidV7(createdAt);
  await storage.createUser({ userId, orgId, keyId, email, fullname: 'A', passwordHash: '$2b$04$', createdAt });
  await storage.createSession({
    tenant: { orgId, keyId },
    sessionId: ids.uuidV7(createdAt),
    userId,
    credentialVersion: (await storage.findUserCredentials(orgId, userId))?.credentialVersion ?? 0,
    rehash: null,
    createdAt,
    expiresAt: createdAt + 3_600_000,
    maxAgeSeconds: 2_592_000,
    actor: null,
    device: UNKNOWN_DEVICE,
    maxLiveSessions: 100,
    kid: sessionTokens.currentKeyId(createdAt),
    attempt: null,
    challenge: null,
  });
}

/** Lets so many logins fail at this instant, by the class of who tries. */
async function withFailures(
  place: CliPlace,
  orgId: string,
  email: string,
  failures: Readonly<Partial<Record<CallerClass, number>>>,
): Promise<void> {
  const administration = await openAdministration(readSettings({ ...place.env }));
  const { storage, rules, clock, ids } = administration.ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const userId = (await storage.findUserByEmail(orgId, email))?.userId ?? null;
  for (const [name, count] of Object.entries(failures)) {
    const callerClass = name as CallerClass;
    for (let failed = 0; failed < count; failed += 1) {
      const at = clock.now();
      // Nobody waits until they are counted; the last one says for how long.
      const lock = { ...rules.lock, lockMaxMs: failed === count - 1 ? rules.lock.lockMaxMs : 0 };
      const nonce = { nonceId: ids.uuidV4(), keepUntil: at, epoch };
      const tenant = { orgId, keyId: null };
      await storage.beginLogin({
        tenant,
        email,
        nonce,
        callerClass,
        device: null,
        hidesUsers: false,
        part: 0,
        lock,
        at,
      });
      await storage.endTry({
        orgId,
        email,
        countedAs: callerClass,
        userId,
        lock,
        endId: ids.uuidV4(),
        sessionId: null,
        end: 'failed',
        at,
      });
    }
  }
  await administration.close();
}

test('user: creates one with roles, changes them, and opens a session in their place, which the audit log tells', async () => {
  const place = await migrated();
  await jsonOf(['org', 'create', 'Acme'], place);
  const email = 'grace@example.com';
  const created = await jsonOf<{ readonly user_id: string; readonly password: string }>(
    ['user', 'create', 'Acme', email, 'Grace Hopper', '--generate', '--verified', '--roles', 'editor, admin'],
    place,
  );
  expect(created).toMatchObject({ email, fullname: 'Grace Hopper', roles: 'editor,admin' });
  expect(created.password.length).toBeGreaterThan(20);
  expect(await jsonOf(['user', 'roles', 'Acme', email, 'admin'], place)).toMatchObject({ roles: 'admin' });
  const changes = ['--fullname', 'Grace Murray', '--public-metadata', '{"plan":"pro"}', '--no-verified'];
  expect(await jsonOf(['user', 'update', 'Acme', email, ...changes], place)).toMatchObject({
    fullname: 'Grace Murray',
    email_verified_at: null,
    ended_sessions: 0,
  });
  expect(await jsonOf(['user', 'show', 'Acme', email], place)).toMatchObject({
    roles: 'admin',
    public_metadata: '{"plan":"pro"}',
  });
  const opened = await jsonOf<{ readonly token: string }>(
    ['user', 'impersonate', 'Acme', email, '--reason', 'ticket 4711', '--seconds', '60'],
    place,
  );
  expect(opened.token.split('.')).toHaveLength(3);
  const { stdout } = await runCli(['audit', 'Acme', '--type', 'user.impersonated', '--json'], place);
  expect(stdout).toContain('ticket 4711');
  expect(stdout).not.toContain(opened.token);
  for (const wrong of [
    ['user', 'update', 'Acme', email],
    ['user', 'roles', 'Acme', email, 'No Role'],
    ['user', 'impersonate', 'Acme', email, '--reason', 'x', '--seconds', '3601'],
    ['user', 'create', 'Acme', email, 'Somebody else'],
  ]) {
    expect((await runCli(wrong, place)).code).not.toBe(0);
  }
});

test('org update and key add --kind: settings are changed, and management keys are made', async () => {
  const place = await migrated();
  await jsonOf(['org', 'create', 'Acme'], place);
  const update = ['org', 'update', 'Acme', 'locale=de', 'session_ttl_seconds=60', 'name=Acme GmbH'];
  expect(await jsonOf(update, place)).toMatchObject({ name: 'Acme GmbH', locale: 'de', session_ttl_seconds: 60 });
  const key = await jsonOf(['key', 'add', 'Acme GmbH', '--kind', 'management', '--impersonate'], place);
  expect(key).toMatchObject({
    api_key: expect.stringMatching(/^afm_/),
    kind: 'management',
    impersonate: true,
    class: null,
  });
  for (const wrong of [
    ['org', 'update', 'Acme GmbH', 'colour=red'],
    ['org', 'update', 'Acme GmbH', 'session_ttl_seconds=long'],
    ['key', 'add', 'Acme GmbH', '--kind', 'admin'],
  ]) {
    expect((await runCli(wrong, place)).code).not.toBe(0);
  }
});

import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { folderOf, mayActAsUsers, NEEDS_USERS, runAs, SERVICE_USER, startAs } from './other-users.ts';

async function storeOf(user: number): Promise<string> {
  const data = folderOf(user);
  expect((await runAs(user, data, 'migrate')).code).toBe(0);
  return data;
}

test('a secret that this user may not read is not called missing', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  const secret = join(data, 'secret');
  chownSync(secret, 0, 0);
  for (const args of [['serve'], ['org', 'list'], ['migrate']]) {
    const { code, stderr } = await runAs(SERVICE_USER, data, ...args);
    expect([args, code]).toEqual([args, 3]);
    for (const word of [secret, 'EACCES', String(SERVICE_USER)]) {
      expect(stderr).toContain(word);
    }
    expect(stderr).not.toContain('missing');
  }
  expect(await failedChecks(data)).toContain('secret');
});

test('a folder that this user may not look into is not told to hold no store', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  chownSync(data, 0, 0);
  for (const args of [['serve'], ['org', 'list'], ['migrate', '--dry-run']]) {
    const { code, stderr } = await runAs(SERVICE_USER, data, ...args);
    expect([args, code]).toEqual([args, 3]);
    expect(stderr).toContain('EACCES');
    expect(stderr).not.toMatch(/no store|missing|does not exist/);
  }
  expect(await failedChecks(data)).toEqual(['store']);
});

test('a database that this user may only read stops the start and fails a check', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  chmodSync(join(data, 'authflow.db'), 0o400);
  const { code, stderr } = await runAs(SERVICE_USER, data, 'serve');
  expect([code, stderr]).toEqual([3, expect.stringContaining(join(data, 'authflow.db'))]);
  expect(await failedChecks(data)).toEqual(['writing']);
});

test('a folder in which SQLite could make no files fails a check, which leaves nothing', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  const before = readdirSync(data);
  expect(await failedChecks(data)).toEqual([]);
  expect(readdirSync(data)).toEqual(before);
  chmodSync(data, 0o500);
  expect(await failedChecks(data)).toContain('writing');
  expect(readdirSync(dirname(data))).toEqual(['data']);
});

test('a server that cannot read its admin token says so as it starts, and serves the calls', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  const file = join(data, 'admin-token');
  chownSync(file, 0, 0);
  const server = startAs(SERVICE_USER, data, ['serve']);
  const lines: Record<string, unknown>[] = [];
  const log = createInterface(server.stderr);
  log.on('line', (line) => lines.push(JSON.parse(line)));
  const closed = once(log, 'close');
  let address = '';
  for await (const line of createInterface(server.stdout)) {
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
    if (address !== '') {
      break;
    }
  }
  expect((await fetch(`${address}/readyz`)).status).toBe(200);
  expect((await fetch(`${address}/auth/fooBar?identity=ada@example.com`)).status).toBe(200);
  server.kill('SIGTERM');
  await closed;
  const told = lines.filter(({ level }) => level === 'error');
  expect(told).toEqual([expect.objectContaining({ event: 'admin_token_unusable' })]);
  expect(String(told[0]?.fault)).toContain(file);
  expect(await failedChecks(data)).toEqual(['admin token file', 'admin token']);
});

test('a backup in a folder that this user may only read is restored; one that they may not read is named', async ({
  skip,
}) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = await storeOf(SERVICE_USER);
  const backup = join(folderOf(0, 0o755), 'backup.db');
  expect((await runAs(0, data, 'backup', backup)).code).toBe(0);
  chmodSync(backup, 0o400);
  expect(await runAs(SERVICE_USER, data, 'restore', backup)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`The backup ${backup} cannot be read (EACCES)`),
  });
  chmodSync(backup, 0o444);
  expect(await runAs(SERVICE_USER, data, 'restore', backup)).toMatchObject({ code: 0 });
  expect(await failedChecks(data)).toEqual([]);
  expect(readdirSync(dirname(backup))).toEqual(['backup.db']);
});

/** The checks of `doctor` that fail for the service's user. */
async function failedChecks(data: string): Promise<readonly string[]> {
  const { stdout } = await runAs(SERVICE_USER, data, 'doctor', '--json');
  const rows: { check: string; ok: boolean }[] = JSON.parse(stdout);
  return rows.filter(({ ok }) => !ok).map(({ check }) => check);
}

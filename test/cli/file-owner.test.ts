import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import {
  folderOf,
  mayActAsUsers,
  NEEDS_USERS,
  OTHER_USER,
  ownersIn,
  runAs,
  SERVICE_USER,
  startAs,
} from './other-users.ts';

const ROOT = 0;

test('what root makes or replaces in the data folder belongs to whom the folder does', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = folderOf(SERVICE_USER);
  for (const args of [
    ['migrate'],
    ['org', 'create', 'Acme'],
    ['admin-token', 'rotate'],
    ['signing-key', 'rotate'],
    ['backup', join(data, 'copy.db')],
    ['doctor'],
  ]) {
    expect([args, (await runAs(ROOT, data, ...args)).code]).toEqual([args, 0]);
    expect([args, ownersIn(data)]).toEqual([args, [SERVICE_USER]]);
  }
});

test('a server that root starts in the folder of another user leaves nothing of its own there', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = folderOf(SERVICE_USER);
  const server = startAs(ROOT, data, ['serve', '--org', 'Acme']);
  await greeting(server);
  // The write-ahead log and its index are there while it runs.
  expect(readdirSync(data).length).toBeGreaterThan(3);
  expect(ownersIn(data)).toEqual([SERVICE_USER]);
  server.kill('SIGKILL');
  await once(server, 'exit');
  expect(ownersIn(data)).toEqual([SERVICE_USER]);
  expect((await runAs(SERVICE_USER, data, 'org', 'list')).code).toBe(0);
});

test('a server keeps taking the admin token that root rotated', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = folderOf(SERVICE_USER);
  const server = startAs(SERVICE_USER, data, ['serve']);
  const address = await greeting(server);
  expect((await runAs(ROOT, data, 'admin-token', 'rotate')).code).toBe(0);
  const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
  const reply = await fetch(`${address}/organizations`, { headers: { authorization: `Bearer ${token}` } });
  expect(reply.status).toBe(200);
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});

test('the owner of the database counts where the folder is root’s and open to a group', async ({ skip }) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = folderOf(ROOT, 0o777);
  expect((await runAs(SERVICE_USER, data, 'migrate')).code).toBe(0);
  expect((await runAs(ROOT, data, 'admin-token', 'rotate')).code).toBe(0);
  expect(ownersIn(data)).toEqual([SERVICE_USER]);
});

test('who may not give a file to the store’s owner is refused with a sentence, and leaves nothing', async ({
  skip,
}) => {
  skip(!mayActAsUsers, NEEDS_USERS);
  const data = folderOf(SERVICE_USER, 0o777);
  // A first start that was interrupted: the file is there, and is no store yet.
  writeFileSync(join(data, 'authflow.db'), '', { mode: 0o666 });
  chownSync(join(data, 'authflow.db'), SERVICE_USER, SERVICE_USER);
  const { code, stderr } = await runAs(OTHER_USER, data, 'migrate');
  expect([code, stderr]).toEqual([3, expect.stringContaining(`user ${SERVICE_USER}`)]);
  expect(stderr.split('\n').filter((line) => line !== '')).toHaveLength(1);
  expect(readdirSync(data)).toEqual(['authflow.db']);
});

/** Where the HTTP port of a starting server answers. */
async function greeting(server: ReturnType<typeof startAs>): Promise<string> {
  server.stderr.resume();
  for await (const line of createInterface(server.stdout)) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address !== undefined) {
      return address;
    }
  }
  throw new Error('The server ended before it listened.');
}

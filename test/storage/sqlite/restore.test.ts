import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import { StoreError } from '../../../src/storage/store-error.ts';
import { startChild } from '../child-process.ts';
import { addUser, type Org, page, populate } from '../fixtures.ts';
import { databaseFile, engineAt, openMigrated } from '../sqlite-files.ts';

/** A store of one user with a backup of it, and of a second user since. */
async function storeWithBackup() {
  const file = databaseFile();
  const backup = `${file}.backup`;
  const storage = await openMigrated(file);
  const { org } = await populate(storage);
  await engineAt(file).backUp(backup);
  await addUser(storage, org);
  await storage.close();
  return { file, backup, org, users: async () => usersOf(await engineAt(file).open(), org) };
}

async function usersOf(storage: Storage, org: Org): Promise<number> {
  onTestFinished(() => storage.close());
  return (await storage.listUsers(org.orgId, page())).length;
}

const namesBeside = (file: string) => readdirSync(dirname(file)).map((name) => name.replace(basename(file), 'store'));

test('a store is replaced in one step, and kept under another name', async () => {
  const { file, backup, org, users } = await storeWithBackup();
  const before = readFileSync(backup);
  const restoration = await engineAt(file).beginRestore(backup);
  const kept = await restoration.finish();
  restoration.discard();
  expect(await users()).toBe(1);
  expect(await usersOf(await engineAt(kept ?? '').open(), org)).toBe(2);
  expect(readFileSync(backup).equals(before)).toBe(true);
});

test('a store is as it was after a restore that was given up', async () => {
  const { file, backup, users } = await storeWithBackup();
  const restoration = await engineAt(file).beginRestore(backup);
  restoration.discard();
  expect(await users()).toBe(2);
  expect(namesBeside(file).filter((name) => name.includes('restoring'))).toEqual([]);
});

test('a store that another process has open is not replaced, neither at the beginning nor at the end', async () => {
  const { file, backup, users } = await storeWithBackup();
  const restoration = await engineAt(file).beginRestore(backup);
  // It has only looked at the store, as a server that nobody calls.
  const child = startChild('answer-calls.js', [`sqlite:${file}`]);
  expect(await child.next()).toBe('ready');
  await expect(restoration.finish()).rejects.toThrow(StoreError);
  restoration.discard();
  await expect(engineAt(file).beginRestore(backup)).rejects.toThrow('is in use');
  child.kill();
  await child.ended;
  expect(await users()).toBe(2);
});

test('a store that nobody closed is replaced, and its write-ahead log is none of the new one', async () => {
  const { file, backup, users } = await storeWithBackup();
  const child = startChild('leave-open.js', [`sqlite:${file}`]);
  await child.next();
  child.kill();
  await child.ended;
  expect(existsSync(`${file}-wal`)).toBe(true);
  const restoration = await engineAt(file).beginRestore(backup);
  await restoration.finish();
  expect(await users()).toBe(1);
});

test('a store that is damaged is replaced, and kept with what lies beside it', async () => {
  const { file, backup, users } = await storeWithBackup();
  writeFileSync(file, Buffer.alloc(8_192, 'no database '));
  writeFileSync(`${file}-wal`, 'left behind');
  const restoration = await engineAt(file).beginRestore(backup);
  const kept = await restoration.finish();
  expect(await users()).toBe(1);
  expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('left behind');
});

test('a backup is restored where there is no store', async () => {
  const { file, backup, org } = await storeWithBackup();
  const elsewhere = join(dirname(file), 'elsewhere', 'authflow.db');
  mkdirSync(dirname(elsewhere));
  const restoration = await engineAt(elsewhere).beginRestore(backup);
  expect(await restoration.finish()).toBeNull();
  expect(await usersOf(await engineAt(elsewhere).open(), org)).toBe(1);
});

test('what is no backup is refused with a sentence, and leaves nothing', async () => {
  const { file, backup } = await storeWithBackup();
  const garbage = `${file}.garbage`;
  writeFileSync(garbage, Buffer.alloc(8_192, 'no database '));
  const empty = `${file}.empty`;
  writeFileSync(empty, '');
  const before = namesBeside(file);
  for (const source of [`${file}.missing`, garbage, empty, file, dirname(file)]) {
    await expect(engineAt(file).beginRestore(source)).rejects.toThrow(StoreError);
  }
  const cut = `${file}.cut`;
  copyFileSync(backup, cut);
  writeFileSync(cut, readFileSync(backup).subarray(0, 20_000));
  const restoration = await engineAt(file)
    .beginRestore(cut)
    .catch(() => null);
  const faults = restoration === null ? ['refused'] : (await restoration.engine.inspect()).faults;
  restoration?.discard();
  expect(faults).not.toEqual([]);
  expect(namesBeside(file).toSorted()).toEqual([...before, 'store.cut'].toSorted());
});

import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AuthError } from '../../../src/domain/errors.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { explainFailure } from '../../../src/storage/sqlite/connection.ts';
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
  const child = startChild('leave-open.js', [`sqlite:${file}`, 'stay']);
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

test('a backup in a folder that nobody can write is restored, and none that was not closed', async () => {
  const { file, backup, users } = await storeWithBackup();
  const medium = join(dirname(file), 'medium');
  mkdirSync(medium);
  const source = join(medium, 'backup.db');
  copyFileSync(backup, source);
  chmodSync(source, 0o400);
  chmodSync(medium, 0o500);
  const restoration = await engineAt(file).beginRestore(source);
  await restoration.finish();
  expect(await users()).toBe(1);
  expect(readdirSync(medium)).toEqual(['backup.db']);
  chmodSync(medium, 0o700);
  writeFileSync(`${source}-wal`, 'changes');
  await expect(engineAt(file).beginRestore(source)).rejects.toThrow(`The backup ${source} was not closed`);
});

test('what is said of a backup names it, and neither its copy nor another backup to restore', async () => {
  const { file, backup } = await storeWithBackup();
  const garbage = `${file}.garbage`;
  writeFileSync(garbage, Buffer.alloc(8_192, 'no database '));
  const header = `${file}.header`;
  writeFileSync(header, Buffer.concat([readFileSync(backup).subarray(0, 100), Buffer.alloc(20_000, 'garbage ')]));
  for (const source of [garbage, header]) {
    await expect(engineAt(file).beginRestore(source)).rejects.toThrow(
      new RegExp(`^The backup ${source} is damaged, or is none \\(SQLITE_[A-Z]+\\): use another\\.$`),
    );
  }
  await expect(engineAt(file).beginRestore(dirname(file))).rejects.toThrow(
    `The backup ${dirname(file)} cannot be read (it is a folder).`,
  );
});

test('a full disk is told with its cause, and that the store is as it was', async () => {
  const { file, backup, users } = await storeWithBackup();
  const restoration = await engineAt(file).beginRestore(backup);
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  for (const error of [full, new AuthError('UNAVAILABLE', { cause: full })]) {
    const explained = restoration.explain(error);
    expect(explained).toBeInstanceOf(StoreError);
    expect(String(explained)).toMatch(/the store is as it was: .*SQLITE_FULL/);
    expect(String(explained)).not.toContain('restoring-');
  }
  restoration.discard();
  expect(await users()).toBe(2);
});

test('what a killed restore left is named, and removed by the next one', async () => {
  const { file, backup } = await storeWithBackup();
  const left = ['', '-wal', '-shm'].map((part) => `${file}.restoring-0a1b2c3d${part}`);
  copyFileSync(backup, left[0] ?? '');
  writeFileSync(left[1] ?? '', '');
  writeFileSync(left[2] ?? '', '');
  const foreign = `${file}.restoring-of-mine`;
  writeFileSync(foreign, '');
  expect(engineAt(file).restoreLeftovers().toSorted()).toEqual(left.toSorted());
  const restoration = await engineAt(file).beginRestore(backup);
  expect(left.filter((each) => existsSync(each))).toEqual([]);
  restoration.discard();
  expect(engineAt(file).restoreLeftovers()).toEqual([]);
  expect(existsSync(foreign)).toBe(true);
});

test('a copy that is asked to stop leaves nothing', async () => {
  const { file, backup, users } = await storeWithBackup();
  await expect(engineAt(file).beginRestore(backup, AbortSignal.abort())).rejects.toThrow('aborted');
  expect(engineAt(file).restoreLeftovers()).toEqual([]);
  expect(await users()).toBe(2);
});

test('a store that is replaced while it is opened is told to be tried again', () => {
  const moved = Object.assign(new Error('attempt to write a readonly database'), { code: 'SQLITE_READONLY_DBMOVED' });
  expect(String(explainFailure(moved, '/srv/authflow.db'))).toMatch(/\/srv\/authflow\.db was replaced .* Try again\./);
});

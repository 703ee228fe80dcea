import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import { MIGRATIONS } from '../../src/storage/migrations.ts';
import { Database } from '../../src/storage/sqlite/driver.ts';
import { StoreError } from '../../src/storage/store-error.ts';
import { addUser, populate } from './fixtures.ts';
import { databaseFile, engineAt, openMigrated } from './sqlite-files.ts';

async function open(file: string, migrate: boolean): Promise<Storage> {
  const storage = await (migrate ? openMigrated(file) : engineAt(file).open());
  onTestFinished(() => storage.close());
  return storage;
}

/** A store whose ledger says something else than this release. */
async function storeWithLedger(change: string): Promise<string> {
  const file = databaseFile();
  await engineAt(file).migrate();
  const connection = new Database(file);
  connection.exec(change);
  connection.close();
  return file;
}

function modesOf(file: string): string[] {
  return [file, `${file}-wal`, `${file}-shm`].map((each) => (statSync(each).mode & 0o777).toString(8));
}

describe('opening a store', () => {
  test('makes it with files of mode 0600, whatever the umask', async () => {
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    const file = databaseFile();
    await populate(await open(file, true));
    expect(modesOf(file)).toEqual(['600', '600', '600']);
  });

  test('narrows files that others could read', async () => {
    const file = databaseFile();
    await populate(await open(file, true));
    for (const each of [file, `${file}-wal`, `${file}-shm`]) {
      chmodSync(each, 0o644);
    }
    await open(file, false);
    expect(modesOf(file)).toEqual(['600', '600', '600']);
  });

  test('of a missing file without leave to make it names the path and makes nothing', async () => {
    const file = databaseFile();
    await expect(open(file, false)).rejects.toBeInstanceOf(StoreError);
    await expect(open(file, false)).rejects.toThrow(file);
    await expect(engineAt(file).inspect()).rejects.toThrow(file);
    expect(readdirSync(dirname(file))).toEqual([]);
  });

  test('in a missing folder names the folder', async () => {
    const file = join(databaseFile(), 'below', 'authflow.db');
    await expect(open(file, true)).rejects.toThrow(dirname(file));
    await expect(open(file, true)).rejects.toBeInstanceOf(StoreError);
  });

  test.each([true, false])('leaves a database of another program as it is (migrate: %s)', async (migrate) => {
    const file = databaseFile();
    const foreign = new Database(file);
    foreign.exec('CREATE TABLE schema_migrations (version TEXT)');
    foreign.close();
    chmodSync(file, 0o644);
    const before = readFileSync(file);
    await expect(open(file, migrate)).rejects.toBeInstanceOf(StoreError);
    expect(readFileSync(file)).toEqual(before);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test('refuses a file that is no database', async () => {
    const file = databaseFile();
    writeFileSync(file, 'something else entirely, and long enough to be looked at as a header'.repeat(20));
    await expect(open(file, true)).rejects.toBeInstanceOf(StoreError);
    mkdirSync(`${file}.folder`);
    await expect(open(`${file}.folder`, true)).rejects.toBeInstanceOf(StoreError);
  });

  test('refuses a store of a newer release', async () => {
    const file = await storeWithLedger("INSERT INTO schema_migrations VALUES (9999, 'from tomorrow', '', 0, '9.0.0')");
    await expect(open(file, true)).rejects.toThrow(/9999/);
    await expect(open(file, false)).rejects.toBeInstanceOf(StoreError);
    await expect(engineAt(file).planMigrations()).rejects.toBeInstanceOf(StoreError);
  });

  test('refuses a store whose migrations read differently', async () => {
    const file = await storeWithLedger("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");
    await expect(open(file, true)).rejects.toBeInstanceOf(StoreError);
    await expect(open(file, false)).rejects.toBeInstanceOf(StoreError);
  });

  test('refuses pending migrations unless it may apply them, and lists them', async () => {
    const file = databaseFile();
    writeFileSync(file, '');
    await expect(open(file, false)).rejects.toThrow(/authflow migrate/);
    const planned = await engineAt(file).planMigrations();
    expect(planned[0]).toMatchObject({ version: 1, name: 'first schema' });
    expect(statSync(file).size).toBe(0);
    await open(file, true);
    expect(await engineAt(file).planMigrations()).toEqual([]);
    await open(file, false);
  });

  test('a list of what a missing store would need makes nothing', async () => {
    const file = databaseFile();
    expect(await engineAt(file).planMigrations()).not.toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  test('tells whether there is a store', async () => {
    const file = databaseFile();
    expect(await engineAt(file).exists()).toBe(false);
    await open(file, true);
    expect(await engineAt(file).exists()).toBe(true);
  });
});

describe('inspecting a store', () => {
  test('gives its versions, size, mode and no faults', async () => {
    const file = databaseFile();
    await populate(await open(file, true));
    const inspection = await engineAt(file).inspect();
    expect(inspection).toMatchObject({
      faults: [],
      sqlite: { file, journalMode: 'wal', fileMode: 0o600 },
      schemaVersion: MIGRATIONS.length,
      latestSchemaVersion: MIGRATIONS.length,
      pendingMigrations: [],
    });
    expect(inspection.sqlite?.sqliteVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect((inspection.sqlite?.fileBytes ?? 0) + (inspection.sqlite?.walBytes ?? 0)).toBeGreaterThan(50_000);
  });

  test('changes nothing: neither the mode of the files, which it tells, nor the journal', async () => {
    const file = databaseFile();
    await (await open(file, true)).close();
    const connection = new Database(file);
    connection.pragma('journal_mode = DELETE');
    connection.close();
    chmodSync(file, 0o644);
    const before = readFileSync(file);

    expect(await engineAt(file).inspect()).toMatchObject({ sqlite: { fileMode: 0o644, journalMode: 'delete' } });
    expect(await engineAt(file).planMigrations()).toEqual([]);
    const storage = await engineAt(file).openAsIs();
    expect(await storage.listSigningKeys()).toEqual([]);
    await storage.close();

    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(dirname(file))).toEqual(['authflow.db']);
  });

  test('finds rows that name what is not there', async () => {
    const file = databaseFile();
    const storage = await open(file, true);
    const { org } = await populate(storage);
    await addUser(storage, org);
    await storage.close();
    const connection = new Database(file);
    connection.pragma('foreign_keys = OFF');
    connection.exec('DELETE FROM organizations');
    connection.close();
    expect((await engineAt(file).inspect()).faults.length).toBeGreaterThan(0);
  });
});

describe('a backup of SQLite', () => {
  test('has mode 0600 and is sound', async () => {
    const file = databaseFile();
    const storage = await open(file, true);
    await populate(storage);
    await engineAt(file).backUp(`${file}.copy`);
    expect(statSync(`${file}.copy`).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file)).filter((name) => name.includes('copy'))).toEqual(['authflow.db.copy']);
    expect(await engineAt(`${file}.copy`).inspect()).toMatchObject({ faults: [], pendingMigrations: [] });
  });

  test('that is aborted leaves nothing', async () => {
    const file = databaseFile();
    const storage = await open(file, true);
    const { org } = await populate(storage);
    await Promise.all(Array.from({ length: 3_000 }, () => addUser(storage, org)));
    const aborting = new AbortController();
    const backup = engineAt(file).backUp(`${file}.copy`, aborting.signal);
    const failed = expect(backup).rejects.toBe('no longer wanted');
    aborting.abort('no longer wanted');
    await failed;
    expect(existsSync(`${file}.copy`)).toBe(false);
  });

  test('into a missing folder names the folder', async () => {
    const file = databaseFile();
    await engineAt(file).migrate();
    const copy = join(dirname(file), 'none', 'copy.db');
    await expect(engineAt(file).backUp(copy)).rejects.toBeInstanceOf(StoreError);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { readPackageVersion } from '../../src/app/package-version.ts';
import { migrationsOf } from '../../src/storage/migrations.ts';
import { checksumOf, type Migration, migrate, planMigrations, planScripts } from '../../src/storage/migrator.ts';
import { isSince } from '../../src/storage/release.ts';
import { createFile, openConnection } from '../../src/storage/sqlite/connection.ts';
import { Database } from '../../src/storage/sqlite/driver.ts';
import { sqliteMigrationStore } from '../../src/storage/sqlite/migration-store.ts';
import { StoreError } from '../../src/storage/store-error.ts';
import { SLOW_MIGRATIONS } from '../support/storage/slow-migrations.js';
import { startChild } from './child-process.ts';
import { databaseFile } from './sqlite-files.ts';

const MIGRATIONS = migrationsOf('sqlite');
const RELEASE = '0.1.0';

const FIRST: Migration = {
  version: 1,
  name: 'first',
  oldestRelease: RELEASE,
  sql: 'CREATE TABLE first (x INTEGER) STRICT',
};
const SECOND: Migration = {
  version: 2,
  name: 'second',
  oldestRelease: RELEASE,
  sql: 'CREATE TABLE second (x INTEGER) STRICT',
};
const BROKEN: Migration = {
  version: 2,
  name: 'broken',
  oldestRelease: RELEASE,
  sql: 'CREATE TABLE second (x INTEGER) STRICT; SELECT nothing',
};

/** The migrator's view of a file, by a connection of its own. */
async function migrationStore(file: string, lockWaitMs = 10_000) {
  createFile(file);
  const connection = await openConnection(file, lockWaitMs);
  onTestFinished(() => {
    connection.close();
  });
  return sqliteMigrationStore(connection, lockWaitMs);
}

function execute(file: string, sql: string): void {
  const connection = new Database(file);
  connection.exec(sql);
  connection.close();
}

function schemaOf(file: string): unknown[] {
  const connection = new Database(file, { readonly: true });
  const schema = connection.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all();
  connection.close();
  return schema;
}

function tablesOf(file: string): unknown[] {
  const connection = new Database(file, { readonly: true });
  const names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
  connection.close();
  return names;
}

describe('the migrator', () => {
  test('applies what is missing, in order and once', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    expect(await planMigrations(store, [FIRST, SECOND], RELEASE)).toEqual([FIRST, SECOND]);
    expect(tablesOf(file)).toEqual([]);
    expect(await migrate(store, [FIRST], RELEASE)).toEqual([FIRST]);
    expect(await planMigrations(store, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([]);
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations', 'second']);
    expect(await store.readApplied()).toEqual(
      [FIRST, SECOND].map((each) => ({
        version: each.version,
        name: each.name,
        checksum: checksumOf(each),
        oldestRelease: RELEASE,
      })),
    );
  });

  test('leaves a store as it was when a migration fails, and completes the next time', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await expect(migrate(store, [FIRST, BROKEN], RELEASE)).rejects.toThrow();
    expect(tablesOf(file)).toEqual([]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([FIRST, SECOND]);
  });

  test('killed in the middle, ten times, leaves a store as it was, and completes the next time (R13)', async () => {
    const file = databaseFile();
    createFile(file);
    for (let round = 0; round < 10; round += 1) {
      const child = startChild('migrate-slowly.js', [file]);
      expect(await child.next()).toEqual({ applied: 1 });
      child.kill();
      expect(await child.rest()).toEqual([]);
      expect(await child.ended).toBe('SIGKILL');
    }
    expect(tablesOf(file)).toEqual([]);
    const store = await migrationStore(file);
    expect(await migrate(store, SLOW_MIGRATIONS, RELEASE)).toHaveLength(2);
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations', 'second']);
  });

  test('of two starts at once one migrates; the other waits and finds it done', async () => {
    const file = databaseFile();
    const stores = [await migrationStore(file), await migrationStore(file)] as const;
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      ...stores[0],
      async apply(migration: Migration, checksum: string) {
        await stores[0].apply(migration, checksum);
        order.push('applied by the first');
        await held;
      },
    };
    const first = migrate(slow, [FIRST], RELEASE);
    await expect.poll(() => order).toEqual(['applied by the first']);
    const second = migrate(stores[1], [FIRST], RELEASE);
    release();
    expect(await first).toEqual([FIRST]);
    expect(await second).toEqual([]);
  });

  test.each([
    ['0.1.9', false],
    ['0.2.0-rc.1', true],
    ['0.2.0', true],
    ['0.10.0', true],
    ['1.0.0', true],
  ])('R13: a migration names the oldest release that may run on it: %s runs: %s', async (release, runs) => {
    const file = databaseFile();
    const store = await migrationStore(file);
    const fixture: Migration = { ...SECOND, name: 'of a later release', oldestRelease: '0.2.0' };
    await migrate(store, [FIRST, fixture], '0.3.0');
    const outcome = migrate(store, [FIRST], release);
    if (runs) {
      expect(await outcome).toEqual([]);
    } else {
      await expect(outcome).rejects.toBeInstanceOf(StoreError);
      await expect(outcome).rejects.toThrow(
        `${file} is of a newer release: it has schema version 2 ("of a later release"), which 0.2.0 or later can open, and this is 0.1.9.`,
      );
    }
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations', 'second']);
  });

  test('R13: every migration of a newer release is asked, and one that names no release lets no older one run', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    const third: Migration = { version: 3, name: 'third', oldestRelease: RELEASE, sql: '' };
    await migrate(store, [FIRST, { ...SECOND, oldestRelease: '0.2.0' }, third], '0.2.0');
    await expect(migrate(store, [FIRST], RELEASE)).rejects.toThrow('0.2.0 or later');
    execute(file, "UPDATE schema_migrations SET oldest_release = '0.1.0'");
    expect(await migrate(store, [FIRST], RELEASE)).toEqual([]);
    execute(file, 'UPDATE schema_migrations SET oldest_release = NULL WHERE version = 3');
    await expect(migrate(store, [FIRST], RELEASE)).rejects.toThrow(StoreError);
  });

  test('R13: a ledger that was made before releases were kept is read, and keeps them from the next migration on', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await migrate(store, [FIRST], RELEASE);
    execute(file, 'ALTER TABLE schema_migrations DROP COLUMN oldest_release');
    expect(await store.readApplied()).toMatchObject([{ version: 1, oldestRelease: null }]);
    expect(await migrate(store, [FIRST], RELEASE)).toEqual([]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
    expect(await store.readApplied()).toMatchObject([
      { version: 1, oldestRelease: null },
      { version: 2, oldestRelease: RELEASE },
    ]);
  });

  test('refuses a store that lacks a migration before one that it has', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await migrate(store, [FIRST, SECOND], RELEASE);
    execute(file, 'DELETE FROM schema_migrations WHERE version = 1');
    await expect(migrate(store, [FIRST, SECOND], RELEASE)).rejects.toThrow('lacks version 1 ("first")');
  });

  test('shows the SQL that it would run, which by hand makes the same store', async () => {
    const [file, byHand] = [databaseFile(), databaseFile()];
    const store = await migrationStore(file);
    const planned = await planScripts(store, MIGRATIONS, RELEASE);
    expect(tablesOf(file)).toEqual([]);
    createFile(byHand);
    execute(byHand, planned.map(({ sql }) => sql).join(''));
    await migrate(store, MIGRATIONS, RELEASE);
    const other = await migrationStore(byHand);
    expect(await migrate(other, MIGRATIONS, RELEASE)).toEqual([]);
    expect(await other.readApplied()).toEqual(await store.readApplied());
    expect(schemaOf(byHand)).toEqual(schemaOf(file));
    expect(await planScripts(store, MIGRATIONS, RELEASE)).toEqual([]);
  });

  test('refuses a migration that was edited after it was applied', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await migrate(store, [FIRST], RELEASE);
    const edited = { ...FIRST, sql: `${FIRST.sql} ` };
    await expect(migrate(store, [edited, SECOND], RELEASE)).rejects.toBeInstanceOf(StoreError);
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations']);
  });
});

describe('the migrations of SQLite', () => {
  test('are numbered in order', () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  test('R13: each names an oldest release, and this one is no older', () => {
    expect(MIGRATIONS.filter(({ oldestRelease }) => !isSince(readPackageVersion(), oldestRelease))).toEqual([]);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { migrationsOf } from '../../src/storage/migrations.ts';
import { checksumOf, type Migration, migrate, planMigrations } from '../../src/storage/migrator.ts';
import { createFile, openConnection } from '../../src/storage/sqlite/connection.ts';
import { Database } from '../../src/storage/sqlite/driver.ts';
import { sqliteMigrationStore } from '../../src/storage/sqlite/migration-store.ts';
import { StoreError } from '../../src/storage/store-error.ts';
import { SLOW_MIGRATIONS } from '../support/storage/slow-migrations.js';
import { startChild } from './child-process.ts';
import { databaseFile } from './sqlite-files.ts';

const MIGRATIONS = migrationsOf('sqlite');

const FIRST: Migration = { version: 1, name: 'first', sql: 'CREATE TABLE first (x INTEGER) STRICT' };
const SECOND: Migration = { version: 2, name: 'second', sql: 'CREATE TABLE second (x INTEGER) STRICT' };
const BROKEN: Migration = { version: 2, name: 'broken', sql: 'CREATE TABLE second (x INTEGER) STRICT; SELECT nothing' };

/** The migrator's view of a file, by a connection of its own. */
async function migrationStore(file: string, lockWaitMs = 10_000) {
  createFile(file);
  const connection = await openConnection(file, lockWaitMs);
  onTestFinished(() => {
    connection.close();
  });
  return sqliteMigrationStore(connection, lockWaitMs);
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
    expect(await planMigrations(store, [FIRST, SECOND])).toEqual([FIRST, SECOND]);
    expect(tablesOf(file)).toEqual([]);
    expect(await migrate(store, [FIRST])).toEqual([FIRST]);
    expect(await planMigrations(store, [FIRST, SECOND])).toEqual([SECOND]);
    expect(await migrate(store, [FIRST, SECOND])).toEqual([SECOND]);
    expect(await migrate(store, [FIRST, SECOND])).toEqual([]);
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations', 'second']);
    expect(await store.readApplied()).toEqual(
      [FIRST, SECOND].map((each) => ({ version: each.version, name: each.name, checksum: checksumOf(each) })),
    );
  });

  test('leaves a store as it was when a migration fails, and completes the next time', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await expect(migrate(store, [FIRST, BROKEN])).rejects.toThrow();
    expect(tablesOf(file)).toEqual([]);
    expect(await migrate(store, [FIRST, SECOND])).toEqual([FIRST, SECOND]);
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
    expect(await migrate(store, SLOW_MIGRATIONS)).toHaveLength(2);
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
    const first = migrate(slow, [FIRST]);
    await expect.poll(() => order).toEqual(['applied by the first']);
    const second = migrate(stores[1], [FIRST]);
    release();
    expect(await first).toEqual([FIRST]);
    expect(await second).toEqual([]);
  });

  test('refuses a store of a newer release and says what to do', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await migrate(store, [FIRST, SECOND]);
    const refusal = migrate(store, [FIRST]);
    await expect(refusal).rejects.toBeInstanceOf(StoreError);
    await expect(refusal).rejects.toThrow(file);
    expect(tablesOf(file)).toContain('second');
  });

  test('refuses a migration that was edited after it was applied', async () => {
    const file = databaseFile();
    const store = await migrationStore(file);
    await migrate(store, [FIRST]);
    const edited = { ...FIRST, sql: `${FIRST.sql} ` };
    await expect(migrate(store, [edited, SECOND])).rejects.toBeInstanceOf(StoreError);
    expect(tablesOf(file)).toEqual(['first', 'schema_migrations']);
  });
});

describe('the migrations of SQLite', () => {
  test('are numbered in order', () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });
});

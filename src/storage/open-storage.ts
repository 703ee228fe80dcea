import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Storage } from '../domain/storage.ts';
import { type Migration, migrate, planMigrations } from './migrator.ts';
import { createFile, explainFailure, isMissing, openConnection, openConnectionAsIs } from './sqlite/connection.ts';
import type { Connection } from './sqlite/driver.ts';
import { inspectFile, type SqliteFacts } from './sqlite/inspection.ts';
import { outlastLocks } from './sqlite/lock-wait.ts';
import { sqliteMigrationStore } from './sqlite/migration-store.ts';
import { MIGRATIONS } from './sqlite/schema.ts';
import { SqliteStorage } from './sqlite/sqlite-storage.ts';
import { StoreError } from './store-error.ts';

/** How long a write waits for another process's lock before it is UNAVAILABLE: half of the longest deadline. */
const LOCK_WAIT_MS = 5_000;

/** How long a start waits for another start that migrates. */
const MIGRATION_WAIT_MS = 60_000;

export interface OpenStorageOptions {
  /** `sqlite:` and the path of a file. */
  readonly databaseUrl: string;
  /** Whether to make a missing store and bring an older one to the newest schema. */
  readonly migrate: boolean;
}

/** A migration as it is shown to an operator. */
export type PlannedMigration = Pick<Migration, 'version' | 'name'>;

export interface StorageInspection extends SqliteFacts {
  /** 0 before the first migration. */
  readonly schemaVersion: number;
  readonly latestSchemaVersion: number;
  readonly pendingMigrations: readonly PlannedMigration[];
}

/**
 * Opens a store. Throws StoreError with a sentence for the operator: for a URL of an engine that this release does
 * not have, a file that is missing (nothing is made then, unless `migrate` asks for it), locked, damaged, foreign or
 * of a newer release, for pending migrations without `migrate`, and with it for one that cannot be written.
 */
export async function openStorage({ databaseUrl, migrate: mayMigrate }: OpenStorageOptions): Promise<Storage> {
  const file = sqliteFileOf(databaseUrl);
  if (mayMigrate) {
    await migrateFile(file);
  }
  const connection = await openConnection(file, LOCK_WAIT_MS);
  if (mayMigrate) {
    await beginWriting(connection);
  }
  return storageOver(connection);
}

/**
 * Throws StoreError where no write can begin, such as for a file that this user may only read. Writes nothing, and leaves
 * the file's mode and journal as they are.
 */
export async function tryWriting(databaseUrl: string): Promise<void> {
  const connection = await openConnectionAsIs(sqliteFileOf(databaseUrl), LOCK_WAIT_MS);
  await beginWriting(connection);
  connection.close();
}

/** Like {@link openStorage} without `migrate`, but opening it changes nothing: neither the file's mode nor its journal. */
export async function openStorageAsIs(databaseUrl: string): Promise<Storage> {
  return storageOver(await openConnectionAsIs(sqliteFileOf(databaseUrl), LOCK_WAIT_MS));
}

/** The migrations that {@link openStorage} with `migrate` would apply. Changes and makes nothing. */
export async function planStorageMigrations(databaseUrl: string): Promise<readonly PlannedMigration[]> {
  const file = sqliteFileOf(databaseUrl);
  if (isMissing(file)) {
    return MIGRATIONS.map(toPlanned);
  }
  const connecting = openConnectionAsIs(file, MIGRATION_WAIT_MS);
  return withConnection(connecting, async (connection) => (await planFile(connection)).map(toPlanned));
}

/**
 * Facts about a store; reads all of it and changes nothing. Throws StoreError as {@link openStorage} does, but not for
 * pending migrations.
 */
export async function inspectStorage(databaseUrl: string): Promise<StorageInspection> {
  const connecting = openConnectionAsIs(sqliteFileOf(databaseUrl), MIGRATION_WAIT_MS);
  return withConnection(connecting, async (connection) => {
    const pending = await planFile(connection);
    const latest = MIGRATIONS.at(-1)?.version ?? 0;
    return {
      ...(await outlastLocks(() => inspectFile(connection), LOCK_WAIT_MS)),
      schemaVersion: (pending[0]?.version ?? latest + 1) - 1,
      latestSchemaVersion: latest,
      pendingMigrations: pending.map(toPlanned),
    };
  });
}

/** Whether there is a store at this URL, of whatever schema. Throws StoreError where that cannot be looked at. */
export async function storageExists(databaseUrl: string): Promise<boolean> {
  const file = sqliteFileOf(databaseUrl);
  return !isMissing(file) && statSync(file).size > 0;
}

/** The path in a `sqlite:` URL. Never quotes the URL: one of another engine may hold a password. */
function sqliteFileOf(databaseUrl: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(databaseUrl)?.[0].toLowerCase();
  if (scheme !== 'sqlite:') {
    const named = scheme === undefined ? 'has no scheme' : `begins with "${scheme}"`;
    throw new StoreError(`The database URL ${named}. This release opens SQLite files alone: write "sqlite:PATH".`);
  }
  const path = databaseUrl.slice(scheme.length).trim();
  if (path === '' || path === ':memory:') {
    throw new StoreError('The database URL names no file. Write "sqlite:PATH": a store lives in a file.');
  }
  return resolve(path);
}

async function migrateFile(file: string): Promise<void> {
  createFile(file);
  await withConnection(openConnection(file, MIGRATION_WAIT_MS), (connection) =>
    migrate(sqliteMigrationStore(connection, MIGRATION_WAIT_MS), MIGRATIONS),
  );
}

/** Takes over the connection, to a file that lacks no migration. */
async function storageOver(connection: Connection): Promise<Storage> {
  try {
    await refusePending(connection);
    // Preparing a statement reads the schema, which another process may hold for a moment.
    return await outlastLocks(() => new SqliteStorage(connection, LOCK_WAIT_MS), LOCK_WAIT_MS);
  } catch (error) {
    connection.close();
    throw explainFailure(error, connection.name);
  }
}

/**
 * SQLite opens a file that it may not write for reading alone, and says so with the first change and not before: there
 * even BEGIN IMMEDIATE only begins to read.
 */
async function beginWriting(connection: Connection): Promise<void> {
  try {
    await outlastLocks(() => connection.exec('BEGIN IMMEDIATE'), LOCK_WAIT_MS);
    connection.exec('CREATE TABLE no_table_of_ours (n INTEGER); ROLLBACK');
  } catch (error) {
    connection.close();
    throw explainFailure(error, connection.name);
  }
}

function planFile(connection: Connection): Promise<readonly Migration[]> {
  return planMigrations(sqliteMigrationStore(connection, LOCK_WAIT_MS), MIGRATIONS);
}

async function refusePending(connection: Connection): Promise<void> {
  const pending = await planFile(connection);
  if (pending.length === 0) {
    return;
  }
  throw new StoreError(
    `${connection.name} lacks ${pending.length} migration(s) of this release. Run "authflow migrate", ` +
      'or "authflow serve", which migrates as it starts.',
  );
}

async function withConnection<T>(
  connecting: Promise<Connection>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connecting;
  try {
    return await work(connection);
  } catch (error) {
    throw explainFailure(error, connection.name);
  } finally {
    connection.close();
  }
}

function toPlanned({ version, name }: Migration): PlannedMigration {
  return { version, name };
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Storage } from '../../domain/storage.ts';
import type { FileEngine, PlannedMigration } from '../engine.ts';
import { migrationsOf } from '../migrations.ts';
import { type Migration, migrate, planMigrations } from '../migrator.ts';
import { type Runner, storageOver } from '../operations.ts';
import { StoreError } from '../store-error.ts';
import { backupFile } from './backup.ts';
import { createFile, explainFailure, isMissing, openConnection, openConnectionAsIs } from './connection.ts';
import type { Connection } from './driver.ts';
import { findFaults, inspectFile } from './inspection.ts';
import { outlastLocks } from './lock-wait.ts';
import { sqliteMigrationStore } from './migration-store.ts';
import { RememberedReads } from './remembered-reads.ts';
import { beginRestore, hasHeader } from './restore.ts';
import { leftoversOf } from './restore-draft.ts';
import { SqliteRunner } from './runner.ts';
import { StoreVersion } from './store-version.ts';
import { WriteThread } from './write-thread.ts';

const MIGRATIONS = migrationsOf('sqlite');

/** How long a write waits for another process's lock before it is UNAVAILABLE: half of the longest deadline. */
const LOCK_WAIT_MS = 5_000;

/** How long a start waits for another start that migrates. */
const MIGRATION_WAIT_MS = 60_000;

/** A store in one SQLite file, which several processes may hold. Throws StoreError for a path that names none. */
export function sqliteEngine(path: string): FileEngine {
  const file = resolveFile(path);
  const lookAt = () => openConnectionAsIs(file, MIGRATION_WAIT_MS);
  return {
    place: file,

    exists: async () => !isMissing(file) && statSync(file).size > 0,

    async migrate() {
      createFile(file);
      await withConnection(openConnection(file, MIGRATION_WAIT_MS), async (connection) => {
        await migrate(sqliteMigrationStore(connection, MIGRATION_WAIT_MS), MIGRATIONS);
        await beginWriting(connection);
      });
    },

    async planMigrations() {
      return isMissing(file) ? MIGRATIONS.map(toPlanned) : withConnection(lookAt(), planFile);
    },

    async open(options) {
      const thread = options?.writesInThread ? new WriteThread({ file, lockWaitMs: LOCK_WAIT_MS }) : null;
      return storageOf(await openConnection(file, LOCK_WAIT_MS), thread);
    },

    openAsIs: async () => storageOf(await openConnectionAsIs(file, LOCK_WAIT_MS)),

    tryWriting: () => withConnection(openConnectionAsIs(file, LOCK_WAIT_MS), beginWriting),

    inspect: () =>
      withConnection(lookAt(), async (connection) => {
        const pendingMigrations = await planFile(connection);
        const latest = MIGRATIONS.at(-1)?.version ?? 0;
        return {
          postgres: null,
          sqlite: await outlastLocks(() => inspectFile(connection), LOCK_WAIT_MS),
          faults: await outlastLocks(() => findFaults(connection), LOCK_WAIT_MS),
          schemaVersion: (pendingMigrations[0]?.version ?? latest + 1) - 1,
          latestSchemaVersion: latest,
          pendingMigrations,
        };
      }),

    backUp: (to, signal) => backupFile({ from: file, to, lockWaitMs: LOCK_WAIT_MS, signal }),

    async beginRestore(backup, signal) {
      const { file: draft, ...restoration } = await beginRestore({ file, backup, lockWaitMs: LOCK_WAIT_MS, signal });
      return { engine: sqliteEngine(draft), ...restoration };
    },

    isDatabase: () => hasHeader(file),

    restoreLeftovers: () => leftoversOf(file),
  };
}

function resolveFile(path: string): string {
  const name = path.trim();
  if (name === '' || name === ':memory:') {
    throw new StoreError('The database URL names no file. Write "sqlite:PATH": a store lives in a file.');
  }
  return resolve(name);
}

/** Takes over the connection, to a file that lacks no migration. */
async function storageOf(connection: Connection, thread: WriteThread | null = null): Promise<Storage> {
  try {
    await refusePending(connection);
    // Preparing a statement reads the schema, which another process may hold for a moment.
    const remembered = rememberedReads(connection.name);
    const runner = await outlastLocks(() => new SqliteRunner(connection, LOCK_WAIT_MS, remembered), LOCK_WAIT_MS);
    return storageOver(forgettingIn(remembered, thread === null ? runner : writingIn(thread, runner)));
  } catch (error) {
    connection.close();
    throw explainFailure(error, connection.name);
  }
}

/** Here alone, and not in the thread that writes: its descriptors are closed when it ends ({@link StoreVersion}). */
function rememberedReads(file: string): RememberedReads | null {
  const version = StoreVersion.open(file);
  return version && new RememberedReads(version);
}

/** What this process has written itself is never missed, whatever the file system. */
function forgettingIn(remembered: RememberedReads | null, runner: Runner): Runner {
  return {
    read: (name, args) => runner.read(name, args),
    async write(name, args) {
      try {
        return await runner.write(name, args);
      } finally {
        remembered?.forget();
      }
    },
    close: () => runner.close(),
  };
}

/** Reads stay where they are; what was committed in the thread is seen by the next one. */
function writingIn(thread: WriteThread, reader: SqliteRunner): Runner {
  return {
    read: (name, args) => reader.read(name, args),
    write: (name, args) => thread.write(name, args),
    // One after the other, reads being refused at once: of two connections that close at one time each sees the other, and
    // SQLite leaves its log beside the file.
    close: () => reader.close(thread.close()),
  };
}

/**
 * SQLite opens a file that it may not write for reading alone, and says so with the first change and not before: there
 * even BEGIN IMMEDIATE only begins to read.
 */
async function beginWriting(connection: Connection): Promise<void> {
  await outlastLocks(() => connection.exec('BEGIN IMMEDIATE'), LOCK_WAIT_MS);
  connection.exec('CREATE TABLE no_table_of_ours (n INTEGER); ROLLBACK');
}

async function planFile(connection: Connection): Promise<readonly PlannedMigration[]> {
  return (await planMigrations(sqliteMigrationStore(connection, LOCK_WAIT_MS), MIGRATIONS)).map(toPlanned);
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

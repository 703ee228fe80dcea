import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileEngine, MigrationTitle, OpenStore } from '../engine.ts';
import { migrationsOf } from '../migrations.ts';
import { type KnownSchema, migrate, planMigrations, planScripts } from '../migrator.ts';
import { refuseMarked } from '../move-mark.ts';
import { openStore } from '../open-store.ts';
import type { Runner } from '../operations.ts';
import { StoreError } from '../store-error.ts';
import type { Writer } from '../write-requests.ts';
import { backupFile } from './backup.ts';
import { createFile, explainFailure, isMissing, openConnection, openConnectionAsIs } from './connection.ts';
import { type Connection, connect } from './driver.ts';
import { findFaults, inspectFile } from './inspection.ts';
import { outlastLocks } from './lock-wait.ts';
import { sqliteMigrationStore } from './migration-store.ts';
import { readMoveMark } from './move-mark.ts';
import { hasHeader } from './open-alone.ts';
import { RememberedReads } from './remembered-reads.ts';
import { beginRestore } from './restore.ts';
import { leftoversOf } from './restore-draft.ts';
import { SqliteRunner } from './runner.ts';
import { StoreVersion } from './store-version.ts';
import { WriteThread } from './write-thread.ts';

const MIGRATIONS = migrationsOf('sqlite');

/** How long a write waits for another process's lock before it is UNAVAILABLE: half of the longest deadline. */
const LOCK_WAIT_MS = 5_000;

/** How long a start waits for another start that migrates. */
const MIGRATION_WAIT_MS = 60_000;

/**
 * A store in one SQLite file, which several processes may hold, as a release (such as `0.1.0`) opens it. Throws StoreError for a
 * path that names none.
 */
export function sqliteEngine(path: string, release: string): FileEngine {
  const file = resolveFile(path);
  const known: KnownSchema = { migrations: MIGRATIONS, release };
  const lookAt = () => openConnectionAsIs(file, MIGRATION_WAIT_MS);
  return {
    place: file,

    exists: async () => !isMissing(file) && statSync(file).size > 0,

    readIdentity: () =>
      withConnection(lookAt(), (connection) => sqliteMigrationStore(connection, LOCK_WAIT_MS).readIdentity()),

    async migrate() {
      createFile(file);
      return withConnection(openConnection(file, MIGRATION_WAIT_MS), async (connection) => {
        await refuseMoved(connection);
        const store = sqliteMigrationStore(connection, MIGRATION_WAIT_MS);
        const applied = await migrate(store, MIGRATIONS, release);
        await beginWriting(connection);
        return applied.map(toTitle);
      });
    },

    planMigrations: () =>
      withConnection(isMissing(file) ? emptyStore() : lookAt(), (connection) =>
        planScripts(sqliteMigrationStore(connection, LOCK_WAIT_MS), MIGRATIONS, release),
      ),

    async open(options) {
      const inThread = () => (options?.writesInThread ? new WriteThread({ file, lockWaitMs: LOCK_WAIT_MS }) : null);
      return storeOf(await openConnection(file, LOCK_WAIT_MS), known, options?.writer ?? inThread());
    },

    openAsIs: async () => storeOf(await openConnectionAsIs(file, LOCK_WAIT_MS), known),

    tryWriting: () => withConnection(openConnectionAsIs(file, LOCK_WAIT_MS), beginWriting),

    makingFault: async () => null,

    inspect: () =>
      withConnection(lookAt(), async (connection) => {
        const pendingMigrations = await planFile(connection, known);
        const latest = MIGRATIONS.at(-1)?.version ?? 0;
        return {
          postgres: null,
          sqlite: await outlastLocks(() => inspectFile(connection), LOCK_WAIT_MS),
          faults: await outlastLocks(() => findFaults(connection), LOCK_WAIT_MS),
          schemaVersion: (pendingMigrations[0]?.version ?? latest + 1) - 1,
          latestSchemaVersion: latest,
          pendingMigrations,
          moveMark: await outlastLocks(() => readMoveMark(connection), LOCK_WAIT_MS),
        };
      }),

    backUp: (to, signal) => backupFile({ from: file, to, lockWaitMs: LOCK_WAIT_MS, signal }),

    async beginRestore(backup, signal) {
      const { file: draft, ...restoration } = await beginRestore({ file, backup, lockWaitMs: LOCK_WAIT_MS, signal });
      return { engine: sqliteEngine(draft, release), ...restoration };
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
async function storeOf(connection: Connection, known: KnownSchema, writer: Writer | null = null): Promise<OpenStore> {
  try {
    await refuseMoved(connection);
    await refusePending(connection, known);
    // Preparing a statement reads the schema, which another process may hold for a moment.
    const remembered = rememberedReads(connection.name);
    const runner = await outlastLocks(() => new SqliteRunner(connection, LOCK_WAIT_MS, remembered), LOCK_WAIT_MS);
    const both = writer === null ? runner : writingBy(writer, runner);
    return openStore(forgettingIn(remembered, both), connection.name, known);
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
    async write(name, args, origin) {
      try {
        return await runner.write(name, args, origin);
      } finally {
        remembered?.forget();
      }
    },
    close: () => runner.close(),
  };
}

/** Reads stay where they are; what was committed elsewhere is seen by the next one. */
function writingBy(writer: Writer, reader: SqliteRunner): Runner {
  return {
    read: (name, args) => reader.read(name, args),
    write: (name, args, origin) => writer.write(name, args, origin),
    // One after the other, reads being refused at once: of two connections that close at one time each sees the other, and
    // SQLite leaves its log beside the file.
    close: () => reader.close(writer.close()),
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

/** What is planned for a file that is not there. */
async function emptyStore(): Promise<Connection> {
  return connect(':memory:', 0);
}

async function planFile(
  connection: Connection,
  { migrations, release }: KnownSchema,
): Promise<readonly MigrationTitle[]> {
  return (await planMigrations(sqliteMigrationStore(connection, LOCK_WAIT_MS), migrations, release)).map(toTitle);
}

async function refuseMoved(connection: Connection): Promise<void> {
  refuseMarked(connection.name, await outlastLocks(() => readMoveMark(connection), LOCK_WAIT_MS));
}

async function refusePending(connection: Connection, known: KnownSchema): Promise<void> {
  const pending = await planFile(connection, known);
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

function toTitle({ version, name }: MigrationTitle): MigrationTitle {
  return { version, name };
}

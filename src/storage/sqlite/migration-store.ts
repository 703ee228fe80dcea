import type { AppliedMigration, Migration, MigrationStore } from '../migrator.ts';
import { APPLICATION_ID } from './connection.ts';
import type { Connection } from './driver.ts';
import { outlastLocks } from './lock-wait.ts';

/**
 * A SQLite file as the migrator sees it. The write lock of the file is the lock of migrations, and one transaction
 * holds them all: SQLite's schema changes are rolled back like any write.
 */
export function sqliteMigrationStore(connection: Connection, lockWaitMs: number): MigrationStore {
  const isEmpty = () =>
    connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").get() === undefined;

  const readApplied = (): readonly AppliedMigration[] => {
    if (isEmpty()) {
      return [];
    }
    return connection
      .prepare<[], AppliedMigration>('SELECT version, name, checksum FROM schema_migrations ORDER BY version')
      .all();
  };

  return {
    place: connection.name,

    readApplied: () => outlastLocks(readApplied, lockWaitMs),

    async exclusively(work) {
      // Kept in the file's header; cannot be changed inside a transaction.
      await outlastLocks(() => connection.pragma('journal_mode = WAL'), lockWaitMs);
      await outlastLocks(() => connection.exec('BEGIN IMMEDIATE'), lockWaitMs);
      try {
        const outcome = await work();
        connection.exec('COMMIT');
        return outcome;
      } catch (error) {
        if (connection.inTransaction) {
          connection.exec('ROLLBACK');
        }
        throw error;
      }
    },

    async apply(migration: Migration, checksum: string) {
      if (isEmpty()) {
        createLedger(connection);
      }
      connection.exec(migration.sql);
      connection
        .prepare('INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
        .run(migration.version, migration.name, checksum, Date.now());
    },
  };
}

function createLedger(connection: Connection): void {
  connection.pragma(`application_id = ${APPLICATION_ID}`);
  connection.exec(`CREATE TABLE schema_migrations (
  version    INTEGER NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  checksum   TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`);
}

import { type AppliedMigration, followedBy, type Migration, type MigrationStore } from '../migrator.ts';
import { APPLICATION_ID } from './connection.ts';
import type { Connection } from './driver.ts';
import { outlastLocks } from './lock-wait.ts';
import { appliedMigrationsOf } from './rows/applied-migrations.ts';
import { identityRows } from './rows/store-identity.ts';

/**
 * A SQLite file as the migrator sees it. The write lock of the file is the lock of migrations, and one transaction
 * holds them all: SQLite's schema changes are rolled back like any write. A row with an owner and an expiry would be weaker: the
 * system lets go of the file's lock when its process dies, and not before.
 */
export function sqliteMigrationStore(connection: Connection, lockWaitMs: number): MigrationStore {
  const hasTable = (name: string) =>
    connection.prepare<[string]>('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;

  const readApplied = (): readonly AppliedMigration[] =>
    hasTable('schema_migrations') ? appliedMigrationsOf(connection)() : [];

  const readIdentity = () => (hasTable('store') ? identityRows(connection).find() : null);

  const ledgerScript = (): string => {
    if (!hasTable('schema_migrations')) {
      return CREATE_LEDGER;
    }
    const column = "SELECT 1 FROM pragma_table_info('schema_migrations') WHERE name = 'oldest_release'";
    return connection.prepare(column).get() === undefined ? ADD_OLDEST_RELEASE : '';
  };

  return {
    place: connection.name,

    readApplied: () => outlastLocks(readApplied, lockWaitMs),

    readIdentity: async () => outlastLocks(readIdentity, lockWaitMs),

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
      connection.exec(ledgerScript() + scriptOf(migration, checksum));
    },

    scriptOf,

    ledgerScript: () => outlastLocks(ledgerScript, lockWaitMs),
  };
}

const CREATE_LEDGER = `PRAGMA application_id = ${APPLICATION_ID};
CREATE TABLE schema_migrations (
  version        INTEGER NOT NULL PRIMARY KEY,
  name           TEXT NOT NULL,
  checksum       TEXT NOT NULL,
  applied_at     INTEGER NOT NULL,
  oldest_release TEXT
) STRICT;
`;

/** Until here a release knew all migrations of every store that it could open. */
const ADD_OLDEST_RELEASE = 'ALTER TABLE schema_migrations ADD COLUMN oldest_release TEXT;\n';

function scriptOf({ version, name, oldestRelease, sql }: Migration, checksum: string): string {
  const values = [version, quoted(name), quoted(checksum), NOW_MS, quoted(oldestRelease)].join(', ');
  const columns = 'version, name, checksum, applied_at, oldest_release';
  return followedBy(sql, `INSERT INTO schema_migrations (${columns})\n  VALUES (${values})`);
}

const NOW_MS = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

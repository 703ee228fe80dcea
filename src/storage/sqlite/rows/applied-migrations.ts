import type { AppliedMigration } from '../../migrator.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

interface LedgerRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  /** Missing in a ledger that was made before releases were kept in it. */
  readonly oldest_release?: string | null;
}

/** The ledger of migrations. */
export function appliedMigrationRows(connection: Connection): Rows['appliedMigrations'] {
  return { list: appliedMigrationsOf(connection) };
}

/** Prepares the read of a ledger, which may gain columns meanwhile: by the migration of a newer release. */
export function appliedMigrationsOf(connection: Connection): () => readonly AppliedMigration[] {
  const select = connection.prepare<[], LedgerRow>('SELECT * FROM schema_migrations ORDER BY version');
  return () =>
    select.all().map(({ version, name, checksum, oldest_release: oldestRelease = null }) => ({
      version,
      name,
      checksum,
      oldestRelease,
    }));
}

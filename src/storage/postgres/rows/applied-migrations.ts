import type { AppliedMigration } from '../../migrator.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';

const SELECT = statement(
  'SELECT version, name, checksum, oldest_release AS "oldestRelease" FROM {schema}.schema_migrations ORDER BY version',
);

/** The ledger of migrations. */
export function appliedMigrationRows(queries: Queries): Rows['appliedMigrations'] {
  return { list: () => queries.all<AppliedMigration>(SELECT) };
}

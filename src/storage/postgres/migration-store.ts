import type { AppliedMigration, Migration, MigrationStore } from '../migrator.ts';
import type { Session } from './session.ts';
import { inSchema, statement } from './statement.ts';

const HAS_LEDGER = statement(
  `SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'schema_migrations'`,
);
const APPLIED = statement('SELECT version, name, checksum FROM {schema}.schema_migrations ORDER BY version');
const INSERT = statement(
  'INSERT INTO {schema}.schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)',
);
const LEDGER = `CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.schema_migrations (
  version bigint NOT NULL PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at bigint NOT NULL)`;

/** A schema as the migrator sees it. */
export function postgresMigrationStore(
  session: Session,
  { schema, place }: { readonly schema: string; readonly place: string },
): MigrationStore {
  return {
    place,
    async readApplied() {
      const has = await session.all(HAS_LEDGER, [schema]);
      return has.length === 0 ? [] : session.all<AppliedMigration>(APPLIED);
    },
    async exclusively(work) {
      await session.command(inSchema(LEDGER, schema));
      return work();
    },
    async apply(migration: Migration, checksum: string) {
      await session.command('BEGIN');
      try {
        await session.command(inSchema(migration.sql, schema) || 'SELECT 1');
        await session.all(INSERT, [migration.version, migration.name, checksum, Date.now()]);
        await session.command('COMMIT');
      } catch (error) {
        await session.command('ROLLBACK');
        throw error;
      }
    },
  };
}

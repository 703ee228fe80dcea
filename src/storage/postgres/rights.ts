import { escapeIdentifier } from 'pg';
import { COPIED_TABLES } from '../copy/tables.ts';
import { type PostgresDatabase, placeOf } from '../database.ts';
import { StoreError } from '../store-error.ts';
import { sqlState } from './errors.ts';
import { type Queries, statement } from './statement.ts';

/** What a server reads alone: others write it. */
const READ = ['schema_migrations', 'moves'];
const WRITTEN = [...COPIED_TABLES.map(({ name }) => name), 'recent_writes'];
const NEEDED = 'SELECT, INSERT, UPDATE, DELETE';

// Of several rights in one question PostgreSQL tells whether there is any of them.
const MISSING = statement(
  `SELECT c.relname AS "table", p.name AS "right"
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
     AND (c.relname = ANY($2::text[]) OR (c.relname = ANY($3::text[]) AND p.name = 'SELECT'))
     AND NOT has_table_privilege(c.oid, p.name)
   ORDER BY 1, 2`,
);

const MAY_CREATE = statement(
  `SELECT CASE
     WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE')
   END AS may, n.oid IS NOT NULL AS "hasSchema"
   FROM (VALUES ($1::text)) AS s (name) LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = s.name`,
);

interface MissingRight {
  readonly table: string;
  readonly right: string;
}

/**
 * Throws StoreError, with what is missing and the command that grants it, where the user may not work with every table of the store. A
 * server would take nonces and then fail.
 */
export async function refuseUngranted(queries: Queries, database: PostgresDatabase): Promise<void> {
  const missing = await unlessUnknown(() => queries.all<MissingRight>(MISSING, [database.schema, WRITTEN, READ]));
  if (missing === null || missing.length === 0) {
    return;
  }
  const tables = Map.groupBy(missing, ({ table }) => table);
  const lacks = Map.groupBy(tables, ([, rights]) => rights.map(({ right }) => right).join(', '));
  const list = [...lacks].map(([rights, of]) => `${rights} on ${of.map(([table]) => table).join(', ')}`).join('; ');
  throw new StoreError(
    `${placeOf(database)} does not let the user "${database.user}" work in the schema "${database.schema}": it lacks ${list}. Let ` +
      `the owner of the tables run: ${grantOfTables(database)}`,
  );
}

/** What gives the user of a database all that it needs in tables that are there. */
export function grantOfTables({ user, schema }: Pick<PostgresDatabase, 'user' | 'schema'>): string {
  return `GRANT ${NEEDED} ON ALL TABLES IN SCHEMA ${escapeIdentifier(schema)} TO ${escapeIdentifier(user)};`;
}

/** Why the user could not make a store, with what to do; null where it could, or that cannot be asked. */
export async function makingFault(queries: Queries, database: PostgresDatabase): Promise<string | null> {
  const rows = await unlessUnknown(() =>
    queries.all<{ readonly may: boolean; readonly hasSchema: boolean }>(MAY_CREATE, [database.schema]),
  );
  const [found] = rows ?? [];
  if (found === undefined || found.may) {
    return null;
  }
  const { user, schema } = database;
  const where = found.hasSchema
    ? { words: `schema "${schema}"`, sql: `SCHEMA ${escapeIdentifier(schema)}` }
    : { words: `database "${database.database}"`, sql: `DATABASE ${escapeIdentifier(database.database)}` };
  return (
    `the user "${user}" lacks CREATE on the ${where.words}: GRANT CREATE ON ${where.sql} TO ${escapeIdentifier(user)}; or let a role ` +
    'that has it run "authflow migrate"'
  );
}

/** Null for an engine that only speaks PostgreSQL's protocol and has no such function, or no such syntax. */
async function unlessUnknown<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (['42883', '42601', '0A000'].includes(sqlState(error) ?? '')) {
      return null;
    }
    throw error;
  }
}

import { onTestFinished } from 'vitest';
import { isPooledUnderTest, versionUnderTest } from '../../storage/postgres/lab.ts';
import type { PostgresOptions } from '../../support/postgres/initialize.ts';
import { startPgBouncer } from '../../support/postgres/pgbouncer.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { postgresStoreAt, type TestStore } from '../../support/stores.ts';

/**
 * A PostgreSQL of a test's own, of the version that this project is for, and the store in it, through PgBouncer where the project
 * is for that. It ends with the test.
 */
export async function ownPostgres(
  options: Pick<PostgresOptions, 'settings'> = {},
): Promise<{ readonly postgres: PostgresServer; readonly store: TestStore }> {
  const postgres = await startPostgres({ ...options, version: versionUnderTest() });
  onTestFinished(() => postgres[Symbol.asyncDispose]());
  const { url } = await (isPooledUnderTest() ? pooled(postgres) : { url: postgres.url() });
  // It ends with its server.
  return { postgres, store: postgresStoreAt({ url, schema: 'authflow', remove: async () => {} }) };
}

async function pooled(postgres: PostgresServer): Promise<{ readonly url: string }> {
  const bouncer = await startPgBouncer(postgres);
  onTestFinished(() => bouncer[Symbol.asyncDispose]());
  return { url: bouncer.url() };
}

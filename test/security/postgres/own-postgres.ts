import { onTestFinished } from 'vitest';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { postgresUnderTest } from '../../support/postgres/shared.ts';
import { postgresStoreAt, type TestStore } from '../../support/stores.ts';

/** A PostgreSQL of a test's own, of the version that this project is for, and the store in it. It ends with the test. */
export async function ownPostgres(): Promise<{ readonly postgres: PostgresServer; readonly store: TestStore }> {
  const version = postgresUnderTest().name.startsWith('PostgreSQL 15') ? 'debian' : 'embedded';
  const postgres = await startPostgres({ version });
  onTestFinished(() => postgres[Symbol.asyncDispose]());
  // It ends with its server.
  return { postgres, store: postgresStoreAt({ url: postgres.url(), schema: 'authflow', remove: async () => {} }) };
}

import { readSettings } from '../../src/config/settings.ts';
import type { Database } from '../../src/storage/database.ts';
import { engineOf } from '../../src/storage/engine.ts';
import { postgresUnderTest, sharedPostgres } from '../support/postgres/shared.ts';
import { describeStorageContract } from './contract.ts';

const { name, namedStatements } = postgresUnderTest();

describeStorageContract(name, {
  // SQLite has 250.
  races: 50,
  async createStore() {
    const { url, schema, remove } = (await sharedPostgres()).freshSchema();
    const engine = await engineOf(databaseAt(url, schema), '0.1.0');
    await engine.migrate();
    return { open: () => engine.open(), remove };
  },
});

function databaseAt(url: string, schema: string): Database {
  return readSettings({
    AUTHFLOW_DATABASE_URL: url,
    AUTHFLOW_DATABASE_SCHEMA: schema,
    // A thousand writes of one organization at once wait for one another: none is to wait in vain on a busy machine.
    AUTHFLOW_DATABASE_POOL: '40',
    AUTHFLOW_DATABASE_STATEMENT_TIMEOUT: '10s',
    AUTHFLOW_DATABASE_LOCK_TIMEOUT: '10s',
    AUTHFLOW_DATABASE_NAMED_STATEMENTS: String(namedStatements),
    AUTHFLOW_SECRET: 's'.repeat(32),
    AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}`,
  }).database;
}

// node migrate-postgres.js URL SCHEMA [hold]: migrates when a line arrives on standard input, and tells of each migration that it has
// applied; `hold`: after the first it waits to be killed.
import { once } from 'node:events';
import pg from 'pg';
import { migrationsOf } from '../../../src/storage/migrations.ts';
import { migrate } from '../../../src/storage/migrator.ts';
import { postgresMigrationStore } from '../../../src/storage/postgres/migration-store.ts';
import { acknowledge } from './acknowledge.js';

const [url = '', schema = '', hold = ''] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
acknowledge('ready');
await once(process.stdin, 'data');
const store = postgresMigrationStore(client, { schema, place: schema, user: schema, waitMs: 60_000 });
await migrate(
  {
    ...store,
    async apply(migration, checksum) {
      await store.apply(migration, checksum);
      acknowledge({ applied: migration.version });
      if (hold === 'hold') {
        await new Promise(() => undefined);
      }
    },
  },
  migrationsOf('postgres'),
  '0.1.0',
);
acknowledge({ done: (await store.readApplied()).length });
await client.end();
process.stdin.destroy();

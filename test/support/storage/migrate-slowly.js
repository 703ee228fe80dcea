// node migrate-slowly.js FILE: two migrations, of which the second takes longer than anybody waits; tells when the first is done.
import { migrate } from '../../../src/storage/migrator.ts';
import { openConnection } from '../../../src/storage/sqlite/connection.ts';
import { sqliteMigrationStore } from '../../../src/storage/sqlite/migration-store.ts';
import { acknowledge } from './acknowledge.js';
import { ENDLESS_MIGRATIONS } from './slow-migrations.js';

const [file = ''] = process.argv.slice(2);

const store = sqliteMigrationStore(await openConnection(file, 1_000), 1_000);
await migrate(
  {
    ...store,
    async apply(migration, checksum) {
      await store.apply(migration, checksum);
      acknowledge({ applied: migration.version });
    },
  },
  ENDLESS_MIGRATIONS,
);

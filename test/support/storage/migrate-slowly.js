// node migrate-slowly.js FILE [released]: two migrations, or those of this release and one more, of which the last takes longer than
// anybody waits; tells of each that is done.
import { migrationsOf } from '../../../src/storage/migrations.ts';
import { migrate } from '../../../src/storage/migrator.ts';
import { openConnection } from '../../../src/storage/sqlite/connection.ts';
import { sqliteMigrationStore } from '../../../src/storage/sqlite/migration-store.ts';
import { acknowledge } from './acknowledge.js';
import { ENDLESS_MIGRATIONS, endlessAfter } from './slow-migrations.js';

const [file = '', which = ''] = process.argv.slice(2);

const store = sqliteMigrationStore(await openConnection(file, 1_000), 1_000);
await migrate(
  {
    ...store,
    async apply(migration, checksum) {
      await store.apply(migration, checksum);
      acknowledge({ applied: migration.version });
    },
  },
  which === 'released' ? endlessAfter(migrationsOf('sqlite')) : ENDLESS_MIGRATIONS,
  '0.1.0',
);

// node migrate-slowly.js FILE: two migrations, of which the second takes long; tells when the first is done.
import { acknowledge } from './acknowledge.js';
import { importDist } from './dist.js';
import { SLOW_MIGRATIONS } from './slow-migrations.js';

const [file] = process.argv.slice(2);
const { migrate } = await importDist('storage/migrator.js');
const { openConnection } = await importDist('storage/sqlite/connection.js');
const { sqliteMigrationStore } = await importDist('storage/sqlite/migration-store.js');

const store = sqliteMigrationStore(await openConnection(file, 1_000), 1_000);
await migrate(
  {
    ...store,
    /** @param {{ version: number }} migration @param {string} checksum */
    async apply(migration, checksum) {
      await store.apply(migration, checksum);
      acknowledge({ applied: migration.version });
    },
  },
  SLOW_MIGRATIONS,
);
